//! The status of the whole order in Captain.AI's words: whose word it is, and when it is told.

use super::story::{
    COURIER, OTHER, Told, assigned, at, by, news, order_status, status, syrve, tell, unassigned,
};
use crate::delivery::{DeliveryStatus, Provider};
use crate::order::OrderStatus;
use crate::report::FleetNews;
use DeliveryStatus::{
    AssignedAndAcceptedByDriver, AssignedToDriver, AutoClosed, Cancelled, Collected, DroppedOff, Failed,
    ReturningToPickupWithDelivery, UnassignedToDriver,
};

/// What was told of the order's status, and when each was true.
fn statuses(told: &Told) -> Vec<(&str, i64)> {
    let of_status = told.events.iter().filter(|event| event.name == "order_status_updated");
    of_status
        .map(|event| {
            assert_eq!(event.detail.as_object().unwrap().len(), 1);
            let second = event.occurred_at.duration_since(at(0)).as_secs();
            (event.detail["order_status"].as_str().unwrap(), second)
        })
        .collect()
}

#[test]
fn the_fleet_in_charge_says_how_far_the_order_is() {
    for (delivery, order) in [
        (UnassignedToDriver, None),
        (AssignedToDriver, None),
        (AssignedAndAcceptedByDriver, None),
        (Collected, Some("in_progress")),
        (ReturningToPickupWithDelivery, Some("in_progress")),
        (DroppedOff, Some("completed")),
        (Failed, Some("failed")),
        (Cancelled, Some("cancelled")),
        (AutoClosed, Some("auto_closed")),
    ] {
        let told = tell(&[syrve(0, COURIER, "Waiting"), status(1, delivery)]);
        assert_eq!(told.order.status().map(OrderStatus::as_str), order, "{delivery:?}");
        assert_eq!(statuses(&told), order.map(|word| (word, 1)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn syrves_end_counts_whatever_the_fleet_says() {
    for (word, order) in [("Cancelled", "cancelled"), ("Closed", "completed")] {
        let told = tell(&[syrve(0, COURIER, "Waiting"), status(1, Failed), syrve(2, COURIER, word)]);
        assert_eq!(statuses(&told), [("failed", 1), (order, 2)]);
    }
    let told = tell(&[syrve(0, COURIER, "Waiting"), status(1, Collected), syrve(2, COURIER, "Delivered")]);
    assert_eq!(statuses(&told), [("in_progress", 1)], "a courier of the fleet has it");
}

#[test]
fn an_order_that_no_fleet_has_goes_by_the_restaurants_own_words() {
    let mut told = tell(&[syrve(0, COURIER, "CookingCompleted"), status(1, UnassignedToDriver)]);
    for word in ["Waiting", "OnWay", "OnWay", "Delivered"] {
        let second = told.order.details.stamp().unwrap().at.duration_since(at(0)).as_secs() + 2;
        told.then(&syrve(second, COURIER, word));
    }
    assert_eq!(statuses(&told), [("in_progress", 4), ("completed", 8)]);
    let taken = tell(&[syrve(0, COURIER, "OnWay"), assigned(1, "ann")]);
    assert_eq!(taken.order.status(), None);
}

#[test]
fn an_order_that_the_fleet_gave_to_nobody_is_not_dispatched_until_somebody_has_it() {
    let word = |second: i64, word: &str| {
        let said = FleetNews { order_status: Some(word.into()), ..FleetNews::default() };
        news(Provider::Captain, second, said)
    };
    let mut told = tell(&[syrve(0, COURIER, "Waiting"), word(1, "created"), word(2, "not_dispatched")]);
    assert_eq!(statuses(&told), [("not_dispatched", 2)]);
    told.then(&assigned(3, "ann"));
    assert_eq!(told.order.status(), None);
    told.then(&unassigned(4));
    assert_eq!(told.order.status(), None, "it was given to somebody since");
    told.then(&word(5, "not_dispatched"));
    assert_eq!(statuses(&told)[1..], [("not_dispatched", 5)]);
    assert_eq!(tell(&[order_status(1, "not_dispatched", "ann"), assigned(1, "ann")]).order.status(), None);
}

#[test]
fn a_second_pickup_is_told_again_and_newer_evidence_of_the_same_is_not() {
    let told = tell(&[
        syrve(0, COURIER, "Waiting"),
        status(1, Collected),
        status(2, ReturningToPickupWithDelivery),
        unassigned(3),
        assigned(4, "bob"),
        status(5, Collected),
        status(6, Collected),
    ]);
    assert_eq!(statuses(&told), [("in_progress", 1), ("in_progress", 5)]);
}

#[test]
fn of_an_order_that_goes_to_another_fleet_the_end_at_the_first_is_not_the_orders() {
    let told = tell(&[
        syrve(0, COURIER, "Waiting"),
        by(Provider::Jelp, 1, AssignedToDriver),
        by(Provider::Radaro, 2, UnassignedToDriver),
        by(Provider::Jelp, 3, Failed),
        by(Provider::Radaro, 4, Collected),
    ]);
    assert_eq!(statuses(&told), [("in_progress", 4)]);
}

#[test]
fn syrves_own_words_are_an_event_of_their_own() {
    let told = tell(&[syrve(0, COURIER, "WaitCooking"), syrve(1, OTHER, "AwaitingRobot")]);
    let words: Vec<_> =
        told.events.iter().filter(|event| event.name == "syrve_order_status_updated").collect();
    let words: Vec<_> = words.iter().map(|event| event.detail["syrve_status"].as_str().unwrap()).collect();
    assert_eq!(words, ["WaitCooking", "AwaitingRobot"]);
}
