//! Orders of restaurants that are written to a fleet: what it is asked is written with the order, and sent in order.

use courier_domain::command::Command;
use courier_domain::ports::TimelineEntry;

use crate::testing::events::{announced, job, syrve_order, syrve_order_with};
use crate::testing::{Bridge, Fault, ORDER};

/// The kitchen has begun, and the guest has changed the comment.
fn more(second: i64) -> courier_domain::inbound::InboundEvent {
    syrve_order_with(second, "CookingStarted", |order| order["comment"] = "Ring twice".into())
}

const FIRST: [&str; 1] = ["create_order"];
const MORE: [&str; 2] = ["update_order", "update_order_status being_prepared"];

/// The commands that are stored, and those that the order's events say follow from them, each by id.
fn stored(bridge: &Bridge) -> (Vec<Command>, Vec<Command>) {
    let state = bridge.memory.state();
    let mut commands: Vec<_> = state.commands.values().map(|stored| stored.value.clone()).collect();
    let entries: Vec<&TimelineEntry> = state.timeline(ORDER.parse().unwrap());
    let mut followed: Vec<_> = entries.iter().flat_map(|entry| entry.follow_up.commands.clone()).collect();
    commands.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
    followed.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
    (commands, followed)
}

#[tokio::test]
async fn what_a_fleet_is_asked_is_written_with_the_order_in_one_transaction_and_sent_in_order() {
    let bridge = Bridge::dispatching();
    for (event, labels) in [(announced(0), &FIRST[..]), (more(1), &MORE[..])] {
        let (before, sent) = (bridge.memory.requests(), bridge.labels().len());
        bridge.tell_all(&[event]).await;
        let after = bridge.memory.requests();
        assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1));
        assert_eq!(bridge.labels()[sent..], *labels);
    }
    assert_eq!(bridge.commands.sent().calls, 2, "all that one event asks for is one send");
    let (commands, followed) = stored(&bridge);
    assert_eq!((commands.len(), &commands), (3, &followed));
}

#[tokio::test]
async fn a_write_that_fails_writes_neither_the_order_nor_what_was_to_be_asked() {
    let bridge = Bridge::dispatching();
    bridge.memory.state().faults = [Some(Fault::Lost)].into();
    assert!(bridge.tell(&announced(0)).await.is_err());
    assert!(bridge.memory.state().orders.is_empty() && bridge.memory.state().commands.is_empty());
    assert_eq!(bridge.labels(), [""; 0]);
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(bridge.labels(), FIRST);
}

#[tokio::test]
async fn a_redelivered_event_sends_the_same_again_and_writes_nothing() {
    let bridge = Bridge::dispatching();
    bridge.tell_all(&[announced(0), more(1)]).await;
    let (order, stored_once, sent) = (bridge.order(), stored(&bridge), bridge.commands.items());
    bridge.tell_all(&[more(1)]).await;
    assert_eq!((bridge.order(), stored(&bridge)), (order, stored_once));
    assert_eq!(bridge.commands.items().split_off(sent.len()), sent[1..]);
}

#[tokio::test]
async fn what_was_written_and_not_sent_is_sent_by_the_redelivery() {
    for fault in [Fault::Lost, Fault::Unheard] {
        let unheard = Bridge::dispatching();
        unheard.tell_all(&[announced(0)]).await;
        unheard.memory.state().faults =
            (fault == Fault::Unheard).then_some(Some(fault)).into_iter().collect();
        unheard.commands.sent().to_fail = u32::from(fault == Fault::Lost);
        assert!(unheard.tell(&more(1)).await.is_err());
        assert_eq!(unheard.labels(), FIRST, "{fault:?}");
        unheard.tell_all(&[more(1)]).await;
        assert_eq!(unheard.labels()[1..], MORE);
        let (commands, followed) = stored(&unheard);
        assert_eq!((commands.len(), &commands), (3, &followed));
    }
}

#[tokio::test]
async fn whoever_loses_a_race_asks_only_for_what_the_winner_did_not() {
    let bridge = Bridge::dispatching();
    bridge.tell_all(&[announced(0)]).await;
    let (winner, rival) = (Bridge::dispatching(), bridge.clone());
    winner.tell_all(&[announced(0), more(1)]).await;
    // Another function applies the same word of Syrve's, from an event of its own, just before this one writes.
    let order = winner.memory.state().orders[&ORDER.parse().unwrap()].clone();
    rival.memory.state().rival = Some(Box::new(move |state| {
        state.orders.insert(order.value.order_id, order);
    }));
    let again = syrve_order_with(2, "CookingCompleted", |order| order["comment"] = "Ring twice".into());
    bridge.tell_all(&[again]).await;
    assert_eq!(bridge.labels()[1..], ["update_order_status prepared"]);
}

#[tokio::test]
async fn an_order_that_was_carried_before_it_was_announced_asks_both_systems() {
    let bridge = Bridge::dispatching();
    bridge.tell_all(&[job(5, "assigned_and_accepted_by_driver"), announced(0)]).await;
    assert_eq!(bridge.labels(), ["update_order_delivery_status Waiting", "create_order"]);
    assert_eq!(bridge.commands.sent().calls, 1);
}

#[tokio::test]
async fn what_the_fleet_reports_is_not_told_to_it() {
    let bridge = Bridge::dispatching();
    bridge.tell_all(&[announced(0), job(1, "collected"), job(2, "dropped_off")]).await;
    let statuses = ["update_order_delivery_status OnWay", "update_order_delivery_status Delivered"];
    assert_eq!(bridge.labels()[1..], statuses);
}

#[tokio::test]
async fn a_restaurant_that_writes_to_no_fleet_asks_none() {
    let bridge = Bridge::default();
    let cancelled = syrve_order(2, "Cancelled", "DeliveryByCourier");
    bridge.tell_all(&[announced(0), more(1), cancelled]).await;
    assert_eq!(bridge.labels(), [""; 0]);
    assert_eq!(bridge.order().dispatch, None);
}
