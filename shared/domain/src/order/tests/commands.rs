//! Which commands follow: what Syrve is asked for and when, and which of them become pointless.

use super::story::{COURIER, OTHER, assigned, at, pos_status, stamp, status, syrve, tell, unassigned};
use crate::command::{CommandKind, CommandState};
use crate::delivery::DeliveryStatus::{
    AssignedAndAcceptedByDriver as Accepted, AutoClosed, Cancelled, Collected, DroppedOff, Failed,
    ReturningToPickupWithDelivery,
};
use crate::delivery::PosStatus::{Delivered, OnWay, Waiting};
use crate::order::SupersededBy;

#[test]
fn a_delivery_asks_syrve_for_waiting_on_way_and_delivered_in_order() {
    let told = tell(&[
        syrve(0, COURIER, "Unconfirmed"),
        assigned(1, "ann"),
        status(2, Accepted),
        status(3, Collected),
        status(4, DroppedOff),
    ]);
    assert_eq!(told.asked(), [Waiting, OnWay, Delivered]);
    assert!(told.commands.iter().all(|command| command.state == CommandState::Queued));
    let delivered: Vec<_> = told
        .commands
        .iter()
        .map(|command| {
            let CommandKind::UpdateOrderDeliveryStatus { delivered_at, .. } = &command.kind else {
                panic!("not a status: {:?}", command.kind);
            };
            *delivered_at
        })
        .collect();
    assert_eq!(delivered, [None, None, Some(at(4))]);
}

#[test]
fn an_order_that_is_not_announced_asks_for_nothing_until_it_is() {
    let mut told = tell(&[status(2, Accepted), status(3, Collected)]);
    assert_eq!(told.asked(), []);
    told.then(&syrve(1, COURIER, "Unconfirmed"));
    assert_eq!(told.asked(), [OnWay]);
}

#[test]
fn an_order_that_is_over_or_off_delivery_asks_for_nothing() {
    for last in [syrve(1, COURIER, "Closed"), syrve(1, COURIER, "Cancelled"), syrve(1, OTHER, "Waiting")] {
        let told = tell(&[syrve(0, COURIER, "Waiting"), last, status(2, Collected)]);
        assert_eq!(told.asked(), []);
    }
}

#[test]
fn statuses_that_syrve_has_no_word_for_ask_for_nothing() {
    let mut told = tell(&[syrve(0, COURIER, "Waiting"), assigned(1, "ann"), unassigned(2)]);
    for (second, word) in (3..).zip([ReturningToPickupWithDelivery, Failed, Cancelled, AutoClosed]) {
        told.then(&status(second, word));
    }
    assert_eq!(told.asked(), []);
}

#[test]
fn the_same_status_is_asked_for_once() {
    let told = tell(&[syrve(0, COURIER, "Waiting"), status(1, Collected), status(2, Collected)]);
    assert_eq!(told.asked(), [OnWay]);
}

#[test]
fn a_status_that_went_back_on_newer_evidence_is_asked_for_again() {
    let told =
        tell(&[syrve(0, COURIER, "Waiting"), status(1, Accepted), status(2, Collected), status(3, Accepted)]);
    assert_eq!(told.asked(), [Waiting, OnWay, Waiting]);
}

#[test]
fn a_late_status_asks_for_nothing() {
    let told = tell(&[syrve(0, COURIER, "Waiting"), status(3, DroppedOff), status(2, Collected)]);
    assert_eq!(told.asked(), [Delivered]);
}

#[test]
fn an_order_back_on_delivery_asks_again_because_what_waited_was_dropped() {
    let mut told = tell(&[syrve(0, COURIER, "CookingCompleted"), status(1, Collected)]);
    let first = told.commands[0].stamp.clone();
    told.then(&syrve(2, OTHER, "CookingCompleted"));
    assert_eq!(told.order.superseded(&first), Some(SupersededBy::OffDelivery));
    told.then(&syrve(3, COURIER, "CookingCompleted"));
    assert_eq!(told.asked(), [OnWay, OnWay]);
    assert_ne!(told.commands[0].id, told.commands[1].id);
    assert_eq!(told.order.superseded(&told.commands[1].stamp), None);
}

#[test]
fn an_order_that_comes_back_where_syrve_wanted_it_asks_for_nothing_again() {
    for (over, back) in [("Closed", "Delivered"), ("Cancelled", "OnWay")] {
        let told = tell(&[
            syrve(0, COURIER, "Waiting"),
            status(1, Collected),
            syrve(2, COURIER, over),
            syrve(3, COURIER, back),
        ]);
        assert_eq!(told.asked(), [OnWay]);
    }
}

#[test]
fn a_command_is_superseded_by_a_newer_status() {
    let told = tell(&[syrve(0, COURIER, "Waiting"), status(1, Accepted), status(2, Collected)]);
    assert_eq!(told.order.superseded(&told.commands[0].stamp), Some(SupersededBy::NewerStatus));
    assert_eq!(told.order.superseded(&told.commands[1].stamp), None);
}

#[test]
fn a_command_is_superseded_when_the_order_is_over_or_off_delivery() {
    let mut told = tell(&[syrve(0, COURIER, "Waiting"), status(1, Accepted)]);
    let asked = told.commands[0].stamp.clone();
    told.then(&syrve(2, OTHER, "Waiting"));
    assert_eq!(told.order.superseded(&asked), Some(SupersededBy::OffDelivery));
    told.then(&syrve(3, COURIER, "Closed"));
    assert_eq!(told.order.superseded(&asked), Some(SupersededBy::OrderOver));
    assert_eq!(told.order.superseded(&stamp(0, "older")), Some(SupersededBy::NewerStatus));
}

#[test]
fn the_same_cause_makes_the_same_command_and_events() {
    let story = [syrve(0, COURIER, "Waiting"), status(1, Accepted)];
    let (one, two) = (tell(&story), tell(&story));
    assert_eq!((&one.commands, &one.events), (&two.commands, &two.events));
    assert_eq!(pos_status(&one.commands[0]), Waiting);
    assert!(one.commands[0].id.as_str().ends_with(story[1].stamp.key.as_str()));
}

#[test]
fn a_delayed_event_does_not_push_back_an_order_that_the_restaurant_moved_on() {
    let late =
        tell(&[syrve(1, COURIER, "CookingCompleted"), syrve(5, COURIER, "Delivered"), status(4, Collected)]);
    assert_eq!(late.asked(), []);
    let queued =
        tell(&[syrve(1, COURIER, "CookingCompleted"), status(4, Collected), syrve(5, COURIER, "Delivered")]);
    assert_eq!(queued.order.superseded(&queued.commands[0].stamp), Some(SupersededBy::SyrveAhead));
    let newer =
        tell(&[syrve(1, COURIER, "CookingCompleted"), syrve(5, COURIER, "Delivered"), status(6, Collected)]);
    assert_eq!(newer.asked(), [OnWay]);
}
