//! Events about drivers, told through the functions that map and apply them.

mod couriers;
mod fleets;
mod moves;

use courier_domain::inbound::InboundEvent;
use serde_json::json;

use crate::queue::Verdict;
use crate::testing::events::{captain, shift};
use crate::testing::{ANN, Bridge, Fault, at};

/// One event with a position of each of so many drivers at `second`; every driver's id follows from its number.
fn positions(second: i64, drivers: usize) -> InboundEvent {
    let agents: Vec<_> = (0..drivers)
        .map(|n| {
            let recorded_at = at(second).to_string();
            let point = json!({ "latitude": 53.3, "longitude": -6.2, "recorded_at": recorded_at });
            json!({ "agent_uuid": format!("agent-{n:04}"), "locations": [point] })
        })
        .collect();
    captain("agent_radar_locations_created", second, &json!({ "agent_locations": agents }))
}

#[tokio::test]
async fn a_shift_clocks_a_driver_in_and_out_once_each() {
    let bridge = Bridge::default();
    let (opened, closed) = (shift(1, ANN, true), shift(2, ANN, false));
    bridge.tell_all(std::slice::from_ref(&opened)).await;
    assert!(bridge.memory.state().drivers[&ANN.parse().unwrap()].value.clocked_in());
    bridge.tell_all(&[closed]).await;
    assert!(!bridge.memory.state().drivers[&ANN.parse().unwrap()].value.clocked_in());
    assert_eq!(bridge.event_names(), ["driver_clocked_in", "driver_clocked_out"]);
    let before = bridge.bus.items();
    bridge.tell_all(&[opened]).await;
    assert_eq!(bridge.bus.items().last(), before.first(), "a repetition hands on the same event again");
    assert!(!bridge.memory.state().drivers[&ANN.parse().unwrap()].value.clocked_in());
}

#[tokio::test]
async fn an_event_about_one_driver_costs_one_read_and_one_transaction() {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    assert_eq!(bridge.memory.requests(), (1, 1));
}

#[tokio::test]
async fn two_hundred_and_fifty_drivers_are_written_in_as_few_transactions_as_they_fit() {
    let bridge = Bridge::default();
    bridge.tell_all(&[positions(1, 250)]).await;
    assert_eq!(bridge.memory.requests(), (6, 3), "three of them add drivers to a minute");
    let state = bridge.memory.state();
    assert_eq!((state.driver_writes.as_slice(), state.drivers.len()), (&[99, 99, 52][..], 250));
}

#[tokio::test]
async fn drivers_of_whom_the_event_tells_nothing_new_are_not_written() {
    let bridge = Bridge::default();
    bridge.tell_all(&[positions(10, 250), positions(5, 250), positions(11, 3)]).await;
    let state = bridge.memory.state();
    assert_eq!(state.driver_writes, [99, 99, 52, 0, 0, 0, 3]);
    let applied = state.driver_events.values().filter(|entry| entry.applied).count();
    assert_eq!((applied, state.driver_events.len()), (4, 7));
}

#[tokio::test]
async fn a_large_event_that_failed_half_way_is_finished_by_its_redelivery() {
    let bridge = Bridge::default();
    bridge.memory.state().faults = [None, Some(Fault::Lost)].into();
    assert!(bridge.tell(&positions(1, 250)).await.is_err());
    assert_eq!(bridge.memory.state().driver_writes, [99]);
    bridge.tell_all(&[positions(1, 250)]).await;
    assert_eq!(bridge.memory.state().driver_writes, [99, 99, 52]);
}

#[tokio::test]
async fn whoever_loses_a_race_reads_again_and_gives_up_for_now_after_six_times() {
    let bridge = Bridge::default();
    bridge.memory.state().faults = [Some(Fault::Conflict); 5].into();
    assert_eq!(bridge.tell(&shift(1, ANN, true)).await.unwrap(), Verdict::Done);
    assert_eq!(bridge.memory.requests(), (6, 6));
    bridge.memory.state().faults = [Some(Fault::Conflict); 6].into();
    assert!(bridge.tell(&shift(2, ANN, false)).await.is_err());
}

#[tokio::test]
async fn an_event_that_could_not_be_published_is_published_by_the_redelivery() {
    let bridge = Bridge::default();
    bridge.bus.sent().to_fail = 1;
    assert!(bridge.tell(&shift(1, ANN, true)).await.is_err());
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    assert_eq!(bridge.event_names(), ["driver_clocked_in"]);
}

#[tokio::test]
async fn an_event_that_names_no_driver_is_done_with() {
    let bridge = Bridge::default();
    bridge.tell_all(&[positions(1, 0)]).await;
    assert_eq!(bridge.memory.requests(), (0, 0));
}
