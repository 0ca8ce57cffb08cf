//! What lists make of drivers, and what Syrve and the fleet hear of it.

use std::time::Duration;

use courier_domain::sync::SyncState;

use super::{Desk, actives, courier, id, shift_of};
use crate::testing::events::captain;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_first_list_makes_drivers_and_the_same_list_again_writes_none() {
    let desk = Desk::new();
    desk.list(actives(1..=5)).run().await;
    assert_eq!((desk.counts(), desk.driver_writes()), ([5, 0, 0, 0], vec![5]));
    let ann = desk.driver(3);
    assert_eq!((ann.name(), ann.active(), ann.clocked_in()), (Some("Ann"), true, false));
    let writes = desk.bridge.memory.requests().1;
    let before = desk.bridge.memory.state().drivers.clone();
    for _ in 0..3 {
        desk.run().await;
        assert_eq!((desk.counts(), desk.driver_writes()), ([0, 0, 0, 5], vec![]));
    }
    assert_eq!(desk.bridge.memory.state().drivers, before);
    let writes = desk.bridge.memory.requests().1 - writes;
    assert_eq!(writes, 6, "the claim of each run and its end");
    assert_eq!((desk.asked(), desk.told()), (vec![], vec![]));
}

#[tokio::test]
async fn the_result_of_a_run_says_when_and_how_it_ended() {
    let desk = Desk::new();
    let clock = desk.bridge.clock.clone();
    desk.list(actives(1..=2)).lists.script().meanwhile =
        Some(Box::new(move || clock.advance(Duration::from_secs(3))));
    let (started, message) = (desk.now(), desk.message());
    desk.work(&message).await;
    let sync = desk.stored().unwrap();
    assert_eq!((sync.state, sync.run_at, sync.error), (SyncState::Succeeded, started, None));
    assert_eq!((sync.started_at, sync.finished_at), (started, Some(started + Duration::from_secs(3))));
    assert_eq!(sync.succeeded_at, sync.finished_at);
}

#[tokio::test]
async fn a_renamed_driver_is_the_only_one_written() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=5)).run().await;
    desk.forget();
    let mut list = actives(1..=5);
    list[2].1 = courier("Anna", true);
    desk.list(list).run().await;
    assert_eq!((desk.counts(), desk.driver_writes()), ([0, 1, 0, 4], vec![1]));
    assert_eq!((desk.driver(3).name(), desk.asked()), (Some("Anna"), vec!["upsert_driver 3".to_owned()]));
}

/// Two couriers, of whom the second has a shift in two places.
async fn on_duty(desk: &Desk) {
    desk.list(actives(1..=2)).run().await;
    desk.shift(2, 1, true).await;
    desk.shift(2, 7, true).await;
    assert!(desk.driver(2).clocked_in());
    desk.forget();
}

fn one_deleted() -> super::List {
    vec![(id(1), courier("Ann", true)), (id(2), courier("Ann", false))]
}

#[tokio::test]
async fn a_deleted_driver_is_inactive_and_clocked_out_here_in_syrve_and_at_the_fleet() {
    let desk = Desk::dispatching();
    on_duty(&desk).await;
    desk.list(one_deleted()).run().await;
    assert_eq!(desk.counts(), [0, 0, 1, 1]);
    assert!(!desk.driver(2).active() && !desk.driver(2).clocked_in());
    assert_eq!(desk.asked(), ["clockout 2 at 1", "clockout 2 at 7", "clock_out_driver 2", "upsert_driver 2"]);
    assert_eq!(desk.told(), ["driver_deactivated", "driver_clocked_out"]);
    assert!(desk.driver(1).active());
    desk.run().await;
    assert_eq!((desk.counts(), desk.asked(), desk.told()), ([0, 0, 0, 2], vec![], vec![]));
}

#[tokio::test]
async fn without_a_fleet_to_write_to_only_syrve_is_told() {
    let desk = Desk::new();
    on_duty(&desk).await;
    desk.list(one_deleted()).run().await;
    assert_eq!(desk.asked(), ["clockout 2 at 1", "clockout 2 at 7"]);
}

#[tokio::test]
async fn a_driver_who_moved_to_another_terminal_group_is_clocked_out_there_only() {
    let desk = Desk::new();
    on_duty(&desk).await;
    desk.bridge.clock.advance(Duration::from_secs(1));
    desk.shift(2, 1, false).await;
    desk.list(one_deleted()).run().await;
    assert_eq!(desk.asked(), ["clockout 2 at 7"]);
}

#[tokio::test]
async fn of_a_deleted_driver_without_a_known_shift_syrve_is_asked_once() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=2)).run().await;
    desk.asked();
    desk.list(one_deleted()).run().await;
    assert_eq!(desk.asked(), ["clockout 2", "upsert_driver 2"]);
    desk.run().await;
    assert_eq!(desk.asked(), [""; 0]);
}

#[tokio::test]
async fn of_drivers_who_never_worked_here_or_left_all_at_once_syrve_is_not_asked() {
    let deleted = |count| (1..=count).map(|number| (id(number), courier("Ann", false))).collect();
    let new = Desk::new();
    new.list(deleted(10)).run().await;
    assert_eq!((new.counts(), new.asked()), ([10, 0, 0, 0], vec![]));
    for (count, asked) in [(50, 50), (51, 0)] {
        let desk = Desk::new();
        desk.list(actives(1..=count)).run().await;
        desk.list(deleted(count)).run().await;
        assert_eq!((desk.error(), desk.asked().len()), (None, asked));
    }
}

#[tokio::test]
async fn a_driver_who_vanished_is_treated_as_deleted_and_keeps_the_name() {
    let desk = Desk::dispatching();
    on_duty(&desk).await;
    desk.list(actives([1])).run().await;
    assert_eq!(desk.counts(), [0, 0, 1, 1]);
    let gone = desk.driver(2);
    assert_eq!((gone.name(), gone.active(), gone.clocked_in()), (Some("Ann"), false, false));
    assert_eq!(desk.asked(), ["clockout 2 at 1", "clockout 2 at 7", "clock_out_driver 2", "upsert_driver 2"]);
    desk.run().await;
    assert_eq!((desk.counts(), desk.asked()), ([0, 0, 0, 1], vec![]), "and is not looked at again");
}

#[tokio::test]
async fn a_driver_who_returns_is_active_again_and_not_clocked_in() {
    for left in [one_deleted(), actives([1])] {
        let desk = Desk::dispatching();
        on_duty(&desk).await;
        desk.list(left).run().await;
        desk.forget();
        desk.list(vec![(id(1), courier("Ann", true)), (id(2), courier("Anna", true))]).run().await;
        assert_eq!(desk.counts(), [0, 1, 0, 1]);
        let back = desk.driver(2);
        assert_eq!((back.name(), back.active(), back.clocked_in()), (Some("Anna"), true, false));
        assert_eq!(
            (desk.asked(), desk.told()),
            (vec!["upsert_driver 2".into()], vec!["driver_activated".into()])
        );
    }
}

#[tokio::test]
async fn employees_who_are_no_couriers_and_a_fleets_own_drivers_are_left_alone() {
    let desk = Desk::dispatching();
    desk.shift(9, 1, true).await;
    desk.bridge
        .tell_all(&[captain(
            "agent_eta_updated",
            1,
            &serde_json::json!({ "agent_partners_external_identifier": null, "agent_uuid": "7183" }),
        )])
        .await;
    desk.driver_writes();
    desk.list(actives([1])).run().await;
    desk.run().await;
    assert_eq!((desk.counts(), desk.driver_writes()), ([0, 0, 0, 1], vec![1]));
    assert!(desk.driver(9).clocked_in() && desk.driver(9).courier.get().is_none());
}

#[tokio::test]
async fn a_shift_that_was_opened_while_the_list_was_made_is_closed_by_the_next_one() {
    let desk = Desk::new();
    desk.list(actives(1..=2)).run().await;
    let (clock, memory) = (desk.bridge.clock.clone(), desk.bridge.memory.clone());
    let opened = shift_of(2, 1, true, desk.now() + super::INTERVAL + Duration::from_secs(1));
    desk.list(one_deleted()).lists.script().meanwhile = Some(Box::new(move || {
        clock.advance(Duration::from_secs(2));
        let mut state = memory.state();
        let driver = state.drivers.get_mut(&id(2)).unwrap();
        driver.value.apply(&opened);
        driver.version += 1;
    }));
    desk.run().await;
    assert!(!desk.driver(2).active() && desk.driver(2).clocked_in());
    assert_eq!(desk.asked(), [""; 0]);
    desk.run().await;
    assert!(!desk.driver(2).clocked_in());
    assert_eq!(desk.asked(), ["clockout 2 at 1"]);
}

#[tokio::test]
async fn a_driver_listed_twice_is_one_driver() {
    let desk = Desk::dispatching();
    let twice =
        vec![(id(1), courier("Old", false)), (id(1), courier("Ann", true)), (id(1), courier("Ann", true))];
    desk.list(twice).run().await;
    assert_eq!((desk.counts(), desk.asked()), ([1, 0, 0, 0], vec!["upsert_driver 1".to_owned()]));
    assert_eq!((desk.driver(1).name(), desk.driver(1).active()), (Some("Ann"), true));
    desk.run().await;
    assert_eq!(desk.counts(), [0, 0, 0, 1]);
}

#[tokio::test]
async fn a_driver_without_a_name_is_a_driver() {
    let desk = Desk::new();
    let nameless = courier_domain::driver::Courier { name: None, active: true };
    desk.list(vec![(id(1), nameless)]).run().await;
    assert_eq!((desk.counts(), desk.driver(1).name()), ([1, 0, 0, 0], None));
    desk.run().await;
    assert_eq!(desk.counts(), [0, 0, 0, 1]);
}

#[tokio::test]
async fn drivers_that_nothing_was_written_of_for_long_are_written_again_unchanged() {
    let desk = Desk::dispatching();
    desk.list(actives(1..=40)).run().await;
    desk.forget();
    desk.bridge.clock.advance(44 * DAY);
    let mut list = actives(1..=40);
    list[6].1 = courier("Anna", true);
    desk.list(list).run().await;
    desk.driver_writes();
    desk.bridge.clock.advance(2 * DAY);
    desk.run().await;
    assert_eq!(desk.counts(), [0, 0, 0, 40]);
    assert_eq!(desk.driver_writes().iter().sum::<usize>(), 39, "all but the one that was written lately");
    desk.run().await;
    assert_eq!(desk.driver_writes(), [0; 0]);
    assert_eq!(desk.asked(), ["upsert_driver 7"]);
    assert_eq!(desk.told(), [""; 0]);
}
