//! Drivers that change between the moment they were read and the moment they are written.

use courier_domain::report::DriverReport;

use super::{Desk, INTERVAL, actives, courier, id, shift_of, write};
use crate::queue::Verdict;
use crate::testing::Fault;

/// What a webhook tells is applied just before the sync writes for the first time.
fn told_in_between(desk: &Desk, reports: Vec<DriverReport>) {
    let (memory, account) = (desk.bridge.memory.clone(), desk.bridge.account());
    desk.lists.script().meanwhile = Some(Box::new(move || {
        memory.state().rival = Some(Box::new(move |state| {
            for report in reports {
                write(state.drivers.get_mut(&report.driver_id).unwrap(), &report, &account);
            }
        }));
    }));
}

/// The next run, which needs no second try.
async fn run_at_once(desk: &Desk) {
    desk.bridge.clock.advance(INTERVAL);
    assert_eq!(desk.receive(&desk.message()).await.unwrap(), Verdict::Done);
}

async fn desk() -> Desk {
    let desk = Desk::dispatching();
    desk.list(actives(1..=5)).run().await;
    desk.forget();
    desk
}

#[tokio::test]
async fn a_shift_that_was_opened_in_between_and_the_new_name_are_both_kept() {
    let desk = desk().await;
    told_in_between(&desk, vec![shift_of(3, 1, true, desk.now())]);
    let mut list = actives(1..=5);
    list[2].1 = courier("Anna", true);
    run_at_once(desk.list(list)).await;
    assert_eq!((desk.driver(3).name(), desk.driver(3).clocked_in()), (Some("Anna"), true));
    assert_eq!((desk.counts(), desk.asked()), ([0, 1, 0, 4], vec!["upsert_driver 3".to_owned()]));
}

#[tokio::test]
async fn a_shift_of_a_deleted_driver_that_comes_to_light_in_between_is_closed_too() {
    let desk = desk().await;
    desk.shift(3, 1, true).await;
    desk.asked();
    told_in_between(&desk, vec![shift_of(3, 7, true, desk.now())]);
    let mut list = actives(1..=5);
    list[2].1 = courier("Ann", false);
    run_at_once(desk.list(list)).await;
    assert!(!desk.driver(3).clocked_in());
    assert_eq!(desk.asked(), ["clockout 3 at 1", "clockout 3 at 7", "clock_out_driver 3", "upsert_driver 3"]);
}

#[tokio::test]
async fn a_shift_that_was_opened_after_the_list_was_asked_for_stays_open_until_the_next() {
    let desk = desk().await;
    told_in_between(&desk, vec![shift_of(3, 1, true, desk.now() + INTERVAL + INTERVAL / 2)]);
    let mut list = actives(1..=5);
    list[2].1 = courier("Ann", false);
    run_at_once(desk.list(list)).await;
    assert!(desk.driver(3).clocked_in() && !desk.driver(3).active());
    assert_eq!(desk.asked(), ["clock_out_driver 3", "upsert_driver 3"]);
    run_at_once(&desk).await;
    assert_eq!((desk.driver(3).clocked_in(), desk.asked()), (false, vec!["clockout 3 at 1".to_owned()]));
}

#[tokio::test]
async fn a_driver_that_became_known_in_between_is_not_made_twice() {
    let desk = Desk::dispatching();
    let memory = desk.bridge.memory.clone();
    let shift = shift_of(1, 1, true, desk.now());
    desk.lists.script().meanwhile = Some(Box::new(move || {
        memory.state().rival = Some(Box::new(move |state| {
            let mut value = courier_domain::driver::Driver::new(id(1));
            value.apply(&shift);
            state.drivers.insert(id(1), courier_domain::ports::Versioned { value, version: 1 });
        }));
    }));
    run_at_once(desk.list(actives(1..=2))).await;
    assert_eq!((desk.driver(1).name(), desk.driver(1).clocked_in()), (Some("Ann"), true));
    assert_eq!(desk.asked(), ["upsert_driver 1", "clock_in_driver 1", "upsert_driver 2"]);
}

#[tokio::test]
async fn a_race_that_is_lost_again_and_again_is_left_to_the_queue_after_six_times() {
    let desk = desk().await;
    desk.list(actives(1..=6)).bridge.clock.advance(INTERVAL);
    let conflicts =
        |count| std::iter::once(None).chain(std::iter::repeat_n(Some(Fault::Conflict), count)).collect();
    desk.bridge.memory.state().faults = conflicts(5);
    let message = desk.message();
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    assert_eq!(desk.asked(), ["upsert_driver 6"]);
    desk.list(actives(1..=7)).bridge.clock.advance(INTERVAL);
    desk.bridge.memory.state().faults = conflicts(6);
    let message = desk.message();
    assert!(desk.receive(&message).await.is_err());
    desk.work(&message).await;
    assert_eq!((desk.counts(), desk.asked()), ([1, 0, 0, 6], vec!["upsert_driver 7".to_owned()]));
}
