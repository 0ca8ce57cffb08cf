//! A function may die at any write, before it or after. Wherever it does, the redelivery ends in the same state, and the order
//! is made once.

use std::collections::BTreeSet;

use courier_domain::command::CommandState;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use serde_json::json;

use super::{Desk, desk, with_comment};
use crate::testing::events::{announced, job_of, shift, syrve_order};
use crate::testing::{ANN, Fault};

/// Everything that a command can do, with an event that waited for the order's id there.
async fn desk_with_everything() -> Desk {
    let desk = desk();
    desk.bridge.list(0, "Testa Example", true).await.unwrap();
    let waiting = job_of(5, "assigned_and_accepted_by_driver", &json!({ "order_uuid": "o-1" }));
    desk.bridge
        .tell_all(&[
            waiting,
            announced(0),
            with_comment(6, "CookingStarted", "Ring twice"),
            shift(7, ANN, true),
        ])
        .await;
    desk
}

/// What came of it: here and at the fleet, without the times at which things were tried.
fn end(desk: &Desk) -> impl PartialEq + std::fmt::Debug {
    let (order, driver) = (desk.bridge.order(), desk.bridge.driver());
    let state = desk.bridge.memory.state();
    let commands: Vec<_> =
        state.commands.iter().map(|(key, stored)| (key.clone(), stored.value.state)).collect();
    let links: Vec<_> = state.links.iter().map(|(name, link)| (name.clone(), link.value.order_id)).collect();
    let mut timeline: Vec<_> = state
        .timeline(order.order_id)
        .into_iter()
        .map(|entry| (entry.event.clone(), entry.applied))
        .collect();
    timeline.sort();
    let statuses = order.delivery().statuses.clone();
    let tracking_url = order.delivery().tracking_url.get().cloned();
    let script = desk.fleet.script();
    let mut orders = script.orders.clone();
    // A status may be told twice where nobody knows whether it was told.
    for order in orders.values_mut() {
        order.statuses.dedup();
    }
    let fleet = (script.made, orders, script.drivers.clone());
    ((order.dispatch, order.refs, tracking_url, statuses), driver.fleet_ids, commands, links, timeline, fleet)
}

/// An event is told until it is done with.
async fn tell(desk: &Desk, event: InboundEvent) {
    while desk.bridge.tell(&event).await.is_err() {}
}

async fn work_and_say_more(desk: &Desk) {
    assert_eq!(desk.work().await, [""; 0]);
    tell(desk, syrve_order(8, "Cancelled", "DeliveryByCourier")).await;
    tell(desk, shift(9, ANN, false)).await;
    assert_eq!(desk.work().await, [""; 0]);
}

#[tokio::test]
async fn a_crash_at_any_write_ends_in_the_same_state_and_the_order_is_made_once() {
    let plain = desk_with_everything().await;
    let before = plain.bridge.memory.requests().1;
    work_and_say_more(&plain).await;
    let writes = plain.bridge.memory.requests().1 - before;
    assert!(writes > 15, "{writes}");
    assert!(plain.is_made_once());
    let labels = plain.bridge.labels();
    assert!(
        labels.contains(&"update_order_delivery_status Waiting".to_owned()),
        "what waited joined: {labels:?}"
    );
    for fault in [Fault::Lost, Fault::Unheard, Fault::Conflict] {
        for position in 0..writes {
            let desk = desk_with_everything().await;
            desk.bridge.memory.state().faults =
                std::iter::repeat_n(None, position).chain([Some(fault)]).collect();
            work_and_say_more(&desk).await;
            assert!(desk.bridge.memory.state().faults.is_empty());
            assert_eq!(end(&desk), end(&plain), "{fault:?} at write {position} of {writes}");
            assert!(desk.is_made_once());
        }
    }
}

#[tokio::test]
async fn a_crash_before_every_single_write_ends_in_the_same_state_too() {
    let plain = desk_with_everything().await;
    work_and_say_more(&plain).await;
    for fault in [Fault::Lost, Fault::Unheard] {
        let desk = desk_with_everything().await;
        // Each write fails the first time, and is done when it is tried again.
        desk.bridge.memory.state().faults = [Some(fault), None].into_iter().cycle().take(200).collect();
        work_and_say_more(&desk).await;
        assert_eq!(end(&desk), end(&plain), "{fault:?}");
        assert!(desk.is_made_once());
    }
}

#[tokio::test]
async fn a_queue_or_bus_that_fails_at_any_send_ends_in_the_same_state_and_everything_is_sent() {
    let plain = desk_with_everything().await;
    let [queued, published] = [plain.bridge.commands.sent().calls, plain.bridge.bus.sent().calls];
    work_and_say_more(&plain).await;
    let sends = (plain.bridge.commands.sent().calls - queued).max(plain.bridge.bus.sent().calls - published);
    assert!(sends >= 3, "{sends}");
    for fault in [Fault::Lost, Fault::Unheard] {
        for position in 0..sends {
            let desk = desk_with_everything().await;
            let faults = std::iter::repeat_n(None, position).chain([Some(fault)]);
            desk.bridge.commands.sent().faults = faults.clone().collect();
            desk.bridge.bus.sent().faults = faults.collect();
            work_and_say_more(&desk).await;
            assert_eq!(end(&desk), end(&plain), "{fault:?} at send {position} of {sends}");
            assert_eq!(sent(&desk), sent(&plain), "{fault:?} at send {position} of {sends}");
        }
    }
}

/// Commands and events that were sent, without repetitions.
fn sent(desk: &Desk) -> (BTreeSet<String>, BTreeSet<String>) {
    let commands = desk.bridge.commands.items().into_iter().map(|command| command.id.to_string());
    let events =
        desk.bridge.bus.items().into_iter().map(|event| format!("{} {}", event.name, event.event_uuid));
    (commands.collect(), events.collect())
}

#[tokio::test]
async fn a_crash_right_after_the_call_is_an_unknown_outcome() {
    for fault in [Fault::Lost, Fault::Unheard] {
        let desk = desk();
        desk.bridge.tell_all(&[announced(0)]).await;
        desk.bridge.memory.state().faults = [None, Some(fault)].into();
        assert!(desk.receive("create_order").await.is_err());
        assert_eq!(desk.state("create_order"), CommandState::Sending);
        assert_eq!(desk.work().await, [""; 0]);
        assert_eq!(desk.fleet.calls(), ["create", "find"]);
        assert_eq!(desk.bridge.order().fleet_order_id(Provider::Captain), Some("o-1"));
    }
}
