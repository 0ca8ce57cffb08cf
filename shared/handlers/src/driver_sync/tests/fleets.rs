//! What the fleet that a restaurant writes to hears of its drivers.

use courier_domain::delivery::Provider;
use courier_domain::report::DriverChange;

use super::{Desk, actives, courier, id, shift_of};

#[tokio::test]
async fn a_fleet_is_told_of_each_new_driver_once() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=3)).run().await;
    assert_eq!(desk.asked(), ["upsert_driver 1", "upsert_driver 2", "upsert_driver 3"]);
    desk.run().await;
    assert_eq!(desk.asked(), [""; 0]);
}

#[tokio::test]
async fn a_fleet_that_is_new_to_the_restaurant_is_told_once_of_all_who_work_there() {
    let desk = Desk::new();
    let mut list = actives(1..=50);
    list[3].1 = courier("Ann", false);
    desk.list(list).run().await;
    desk.shift(2, 1, true).await;
    desk.forget();
    desk.dispatch();
    desk.run().await;
    assert_eq!((desk.counts(), desk.error()), ([0, 0, 0, 50], None));
    let asked = desk.asked();
    assert_eq!(
        (asked.len(), &asked[1..3]),
        (50, &["upsert_driver 2".into(), "clock_in_driver 2".into()][..])
    );
    assert!(!asked.contains(&"upsert_driver 4".to_owned()), "but not of those who left before");
    assert_eq!(desk.driver_writes().iter().sum::<usize>(), 49);
    desk.run().await;
    assert_eq!((desk.asked(), desk.driver_writes()), (vec![], vec![]));
}

#[tokio::test]
async fn those_who_left_before_anybody_here_knew_them_are_no_news_to_a_fleet() {
    let desk = Desk::dispatching();
    desk.list(vec![(id(1), courier("Ann", true)), (id(2), courier("Bob", false))]).run().await;
    assert_eq!((desk.counts(), desk.asked()), ([2, 0, 0, 0], vec!["upsert_driver 1".to_owned()]));
    assert!(!desk.driver(2).active());
    desk.run().await;
    assert_eq!(desk.counts(), [0, 0, 0, 2]);
}

#[tokio::test]
async fn an_employee_whose_shift_is_known_becomes_a_courier_on_duty() {
    let desk = Desk::dispatching();
    desk.shift(1, 1, true).await;
    desk.list(actives([1])).run().await;
    assert_eq!((desk.counts(), desk.driver(1).clocked_in()), ([1, 0, 0, 0], true));
    assert_eq!(desk.asked(), ["upsert_driver 1", "clock_in_driver 1"]);
}

#[tokio::test]
async fn a_fleet_that_could_not_be_told_of_a_driver_is_told_by_the_next_run() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=3)).run().await;
    could_not_be_told(&desk, 2).await;
    desk.run().await;
    assert_eq!((desk.counts(), desk.asked()), ([0, 0, 0, 3], vec!["upsert_driver 2".to_owned()]));
    desk.run().await;
    assert_eq!((desk.driver_writes(), desk.asked()), (vec![1], vec![]));
}

#[tokio::test]
async fn shifts_while_nothing_was_written_to_the_fleet_are_told_by_the_next_run() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=3)).run().await;
    desk.shift(1, 1, true).await;
    desk.shift(3, 1, true).await;
    desk.bridge.memory.edit_account(|account| account.dispatch_to = None);
    desk.forget();
    desk.shift(1, 1, false).await;
    desk.shift(2, 1, true).await;
    desk.run().await;
    assert_eq!(desk.asked(), [""; 0]);
    desk.dispatch();
    desk.run().await;
    assert_eq!(desk.asked(), ["clock_out_driver 1", "clock_in_driver 2"]);
    desk.forget();
    desk.run().await;
    assert_eq!((desk.driver_writes(), desk.asked()), (vec![], vec![]));
}

#[tokio::test]
async fn a_driver_of_whom_a_fleet_could_not_be_told_goes_off_duty_there_all_the_same() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=2)).run().await;
    desk.shift(2, 1, true).await;
    could_not_be_told(&desk, 2).await;
    desk.forget();
    desk.shift(2, 1, false).await;
    assert_eq!(desk.asked(), ["clock_out_driver 2", "upsert_driver 2"]);
    desk.run().await;
    assert_eq!(desk.asked(), [""; 0]);
}

#[tokio::test]
async fn a_driver_of_whom_a_fleet_could_not_be_told_is_put_on_duty_again() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=2)).run().await;
    desk.shift(2, 1, true).await;
    could_not_be_told(&desk, 2).await;
    desk.run().await;
    assert_eq!(desk.asked(), ["upsert_driver 2", "clock_in_driver 2"]);
}

#[tokio::test]
async fn a_fleet_that_could_not_be_told_of_one_who_vanished_is_told_by_the_next_run() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=3)).run().await;
    desk.list(actives(1..=2)).run().await;
    could_not_be_told(&desk, 3).await;
    desk.run().await;
    assert_eq!((desk.counts(), desk.asked()), ([0, 0, 0, 2], vec!["upsert_driver 3".to_owned()]));
    assert!(!desk.driver(3).active());
    desk.run().await;
    assert_eq!((desk.driver_writes(), desk.asked()), (vec![1], vec![]));
}

#[tokio::test]
async fn a_courier_who_left_and_works_as_something_else_keeps_the_shift() {
    for is_told in [true, false] {
        let desk = Desk::dispatching();
        desk.list(actives(1..=3)).run().await;
        desk.list(actives(1..=2)).run().await;
        desk.shift(3, 1, true).await;
        if !is_told {
            could_not_be_told(&desk, 3).await;
        }
        desk.forget();
        desk.run().await;
        assert!(desk.driver(3).clocked_in());
        assert!(!desk.asked().contains(&"clockout 3 at 1".to_owned()));
    }
}

/// The command that tells the fleet of a driver came to nothing.
async fn could_not_be_told(desk: &Desk, driver: usize) {
    let mut failed = shift_of(driver, 1, true, desk.now());
    failed.change = DriverChange::NotTold(Provider::Captain);
    let account = desk.bridge.account();
    let (key, reports) = ("failed".parse().unwrap(), [failed]);
    desk.bridge.drivers().apply(&account, &key, "captain", "driver_not_told", &reports).await.unwrap();
    desk.forget();
}
