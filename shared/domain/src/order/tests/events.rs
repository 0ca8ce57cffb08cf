//! Which domain events follow: each once, when something changed, and none of an order that nobody has heard of.

use super::story::{COURIER, OTHER, assigned, at, driver, item, news, status, syrve, tell, unassigned};
use crate::delivery::DeliveryStatus::{AssignedToDriver, Collected, DroppedOff};
use crate::delivery::{FleetDriver, Provider};
use crate::report::FleetNews;

#[test]
fn an_order_that_is_not_announced_has_no_events() {
    let told = tell(&[syrve(0, OTHER, "Waiting"), assigned(1, "ann"), status(2, Collected)]);
    assert_eq!(told.event_names(), Vec::<&str>::new());
}

#[test]
fn an_order_that_is_announced_tells_all_that_was_known_of_it() {
    let told = tell(&[assigned(1, "ann"), item(1, "pizza", "prepared"), syrve(0, COURIER, "Waiting")]);
    assert_eq!(
        told.event_names(),
        [
            "order_created",
            "syrve_order_status_updated",
            "order_assigned",
            "job_delivery_status_updated",
            "item_status_updated"
        ]
    );
}

#[test]
fn an_order_whose_courier_event_came_late_is_told_and_taken_off_at_once() {
    let told = tell(&[syrve(2, OTHER, "Waiting"), syrve(1, COURIER, "Waiting")]);
    assert_eq!(
        told.event_names(),
        ["order_created", "syrve_order_status_updated", "order_taken_off_delivery"]
    );
}

#[test]
fn each_change_is_told_at_the_senders_time_and_once() {
    let story = [syrve(0, COURIER, "Waiting"), assigned(1, "ann"), status(2, Collected), unassigned(3)];
    let mut told = tell(&story);
    let names: Vec<_> = told.events.iter().map(|e| (e.name.clone(), e.occurred_at)).collect();
    assert_eq!(
        names[2..],
        [
            ("order_assigned".into(), at(1)),
            ("job_delivery_status_updated".into(), at(1)),
            ("job_delivery_status_updated".into(), at(2)),
            ("order_status_updated".into(), at(2)),
            ("order_unassigned".into(), at(3)),
            ("job_delivery_status_updated".into(), at(3)),
        ]
    );
    let count = told.events.len();
    for report in &story {
        told.then(report);
    }
    assert_eq!(told.events.len(), count);
}

#[test]
fn newer_evidence_of_the_same_thing_is_not_told_again() {
    let mut told = tell(&[syrve(0, COURIER, "Waiting"), status(1, DroppedOff), item(1, "pizza", "prepared")]);
    let count = told.events.len();
    assert!(told.then(&syrve(2, COURIER, "Waiting")));
    assert!(told.then(&status(2, DroppedOff)));
    assert!(told.then(&item(2, "pizza", "prepared")));
    assert_eq!(told.events.len(), count);
}

#[test]
fn the_same_driver_by_a_name_more_is_not_told_again() {
    let mut told = tell(&[syrve(0, COURIER, "Waiting"), assigned(1, "ann")]);
    let named = FleetDriver { fleet_id: Some("17".into()), ..driver("ann") };
    let again = FleetNews { driver: Some(Some(named)), ..FleetNews::status(AssignedToDriver) };
    let count = told.events.len();
    assert!(told.then(&news(Provider::Captain, 2, again)));
    assert_eq!(told.events.len(), count);
}

#[test]
fn taking_off_is_told_and_events_name_no_person() {
    let told = tell(&[syrve(0, COURIER, "Waiting"), syrve(1, OTHER, "Waiting")]);
    assert_eq!(told.event_names().last(), Some(&"order_taken_off_delivery"));
    let text = serde_json::to_string(&told.events).unwrap();
    assert!(!text.contains("Ann") && !text.contains("+353"), "{text}");
}
