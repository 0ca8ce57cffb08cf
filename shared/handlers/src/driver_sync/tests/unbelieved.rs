//! Lists that are more likely a broken answer than a broken restaurant.

use courier_domain::sync::SyncState;

use super::{Desk, List, actives, courier, id};
use crate::testing::{API_LOGIN, ORGANIZATION, held_back};

/// Ten couriers, one with a shift, and Syrve's list from now on.
async fn ten_and_then(list: List) -> Desk {
    let desk = Desk::dispatching();
    desk.list(actives(1..=10)).run().await;
    desk.shift(7, 1, true).await;
    desk.forget();
    desk.list(list);
    desk
}

#[tokio::test]
async fn an_empty_or_halved_list_changes_nothing_and_is_an_error() {
    let renamed =
        |list: List| -> List { list.into_iter().map(|(id, _)| (id, courier("Anna", true))).collect() };
    let others = [actives(5..=8), actives(11..=20)].concat();
    for (list, words) in [
        (List::new(), "Syrve lists no couriers; nothing was changed"),
        (actives(1..=4), "Syrve's list has lost 6 of 10 active couriers; nothing was changed"),
        (renamed(actives(1..=4)), "Syrve's list has lost 6 of 10 active couriers; nothing was changed"),
        (others, "Syrve's list has lost 6 of 10 active couriers; nothing was changed"),
    ] {
        let desk = ten_and_then(list).await;
        let good = desk.stored().unwrap();
        let before = desk.bridge.memory.state().drivers.clone();
        for _ in 0..2 {
            desk.run().await;
            assert_eq!(desk.error().as_deref(), Some(words));
        }
        let sync = desk.stored().unwrap();
        assert_eq!((sync.state, desk.counts()), (SyncState::Failed, [0; 4]));
        assert_eq!(sync.succeeded_at, good.succeeded_at, "when it last went well is still known");
        assert_eq!((desk.driver_writes(), desk.asked(), desk.told()), (vec![], vec![], vec![]));
        assert_eq!(desk.bridge.memory.state().drivers, before);
    }
}

#[tokio::test]
async fn an_implausible_list_is_not_asked_for_again_before_the_next_run() {
    let desk = ten_and_then(List::new()).await;
    desk.bridge.clock.advance(super::INTERVAL);
    let message = desk.message();
    desk.lists.calls();
    assert_eq!(desk.receive(&message).await.unwrap(), crate::queue::Verdict::Done);
    assert_eq!(desk.lists.calls().len(), 2);
}

#[tokio::test]
async fn the_error_is_gone_with_the_next_plausible_list() {
    let desk = ten_and_then(List::new()).await;
    desk.run().await;
    desk.list(actives(1..=10)).run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 0, 10]));
    assert_eq!(desk.stored().unwrap().state, SyncState::Succeeded);
}

#[tokio::test]
async fn half_of_the_drivers_may_leave_at_once_but_none_of_a_single_one() {
    let desk = ten_and_then(actives(1..=5)).await;
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 5, 5]));
    desk.list(actives(1..=2)).run().await;
    assert_eq!(desk.counts(), [0; 4], "those who left before count no more");
    let desk = Desk::new();
    desk.list(actives([1])).run().await;
    desk.list(actives([2])).run().await;
    assert!(desk.error().is_some() && desk.driver(1).active());
}

#[tokio::test]
async fn drivers_that_are_marked_as_deleted_are_believed_however_many() {
    let deleted = (1..=10).map(|number| (id(number), courier("Ann", false))).collect();
    let desk = ten_and_then(deleted).await;
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 10, 0]));
    assert_eq!(desk.asked().len(), 21);
}

#[tokio::test]
async fn the_first_list_of_a_restaurant_without_couriers_is_not_believed_either() {
    let desk = Desk::new();
    desk.list(List::new()).run().await;
    assert_eq!(desk.error().as_deref(), Some("Syrve lists no couriers; nothing was changed"));
    assert_eq!(desk.stored().unwrap().succeeded_at, None);
}

/// The next run, of which a person said that its list is right.
async fn run_and_accept(desk: &Desk) {
    desk.bridge.clock.advance(super::INTERVAL);
    let mut message = desk.message();
    message.accept_losses = true;
    desk.work(&message).await;
}

#[tokio::test]
async fn a_person_who_says_that_the_list_is_right_is_believed_once() {
    for (list, gone) in [(actives(1..=4), 6), (List::new(), 10)] {
        let desk = ten_and_then(list).await;
        desk.run().await;
        assert!(desk.error().is_some());
        run_and_accept(&desk).await;
        assert_eq!((desk.error(), desk.counts()), (None, [0, 0, gone, 10 - gone]));
        assert!(desk.asked().contains(&"clockout 7 at 1".to_owned()), "who is gone is clocked out");
    }
    let desk = ten_and_then(actives(1..=4)).await;
    run_and_accept(&desk).await;
    desk.list(actives([1])).run().await;
    assert!(desk.error().unwrap().contains("lost 3 of 4"), "the next run is careful again");
}

#[tokio::test]
async fn what_a_person_said_counts_also_after_the_call_was_held_back() {
    let desk = ten_and_then(actives(1..=4)).await;
    desk.lists.fail([Some(held_back(40))]);
    run_and_accept(&desk).await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 6, 4]));
}

#[tokio::test]
async fn what_a_person_said_counts_also_where_a_newer_run_was_faster() {
    let desk = ten_and_then(actives(1..=4)).await;
    desk.bridge.clock.advance(super::INTERVAL);
    let mut said = desk.message();
    said.accept_losses = true;
    desk.bridge.clock.advance(std::time::Duration::from_secs(5));
    let newer = desk.message();
    desk.work(&newer).await;
    assert!(desk.error().is_some());
    desk.work(&said).await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 6, 4]));
    desk.lists.calls();
    desk.list(actives([1]));
    for copy in [&said, &newer] {
        desk.work(copy).await;
    }
    assert_eq!(desk.lists.calls(), [""; 0], "what is done is done");
    desk.run().await;
    assert!(desk.error().unwrap().contains("lost 3 of 4"), "the next run is careful again");
}

#[tokio::test]
async fn what_a_person_said_waits_for_a_list_longer_than_its_message() {
    let desk = ten_and_then(actives(1..=4)).await;
    desk.bridge.clock.advance(super::INTERVAL);
    let mut said = desk.message();
    said.accept_losses = true;
    desk.lists.fail([Some(held_back(40))]);
    desk.receive(&said).await.unwrap();
    desk.bridge.clock.advance(super::INTERVAL);
    assert_eq!(desk.receive(&said).await.unwrap(), crate::queue::Verdict::Done, "too late");
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 6, 4]));
}

#[tokio::test]
async fn a_message_that_does_not_say_so_is_careful() {
    let desk = ten_and_then(actives(1..=4)).await;
    let (run_at, good_until) = (desk.now() + super::INTERVAL, desk.now() + 2 * super::INTERVAL);
    let text = format!(r#"{{"run_at":"{run_at}","good_until":"{good_until}","accounts":["demo"]}}"#);
    assert_eq!(desk.sync.handle(&text).await.unwrap(), crate::queue::Verdict::Done);
    assert!(desk.error().unwrap().contains("lost 6 of 10"));
}

#[tokio::test]
async fn the_drivers_of_another_organization_take_the_place_of_those_before_however_many() {
    let desk = ten_and_then(actives(1..=10)).await;
    let other = ORGANIZATION.replace("7bc", "8bc").parse().unwrap();
    desk.bridge.memory.edit_account(|account| account.syrve.as_mut().unwrap().organization_id = other);
    desk.run().await;
    assert!(desk.error().unwrap().contains("may see"));
    assert!(desk.driver(1).active(), "not before its list was seen");
    desk.lists.sees(API_LOGIN, &[super::organization(), other]);
    desk.lists.list(other, actives(21..=22));
    desk.forget();
    desk.run().await;
    assert_eq!((desk.error(), desk.counts()), (None, [2, 0, 10, 0]));
    assert!(!desk.driver(7).clocked_in(), "here nobody of them is at work");
    let asked = desk.asked();
    assert!(asked.contains(&"clock_out_driver 7".to_owned()), "{asked:?}");
    assert!(!asked.iter().any(|command| command.starts_with("clockout ")), "the shift is not this one's");
    desk.lists.list(other, List::new());
    desk.run().await;
    assert!(desk.error().is_some(), "and from then on its own are kept");
    assert!(desk.driver(21).active());
}
