//! What a fleet says of a delivery: the newest by its own clock, then by lifecycle; and the driver and items likewise.

use std::collections::BTreeMap;

use super::story::{
    COURIER, assigned, assigned_employee, at, driver, item, order_status, status, status_by, syrve, tell,
    unassigned,
};
use crate::delivery::DeliveryStatus::{
    AssignedAndAcceptedByDriver, AssignedToDriver, Cancelled, Collected, DroppedOff, Failed,
    UnassignedToDriver,
};
use crate::order::Order;

#[test]
fn the_newest_status_by_the_senders_time_wins() {
    let told = tell(&[status(2, Collected), status(1, AssignedAndAcceptedByDriver)]);
    assert_eq!(told.order.delivery().current(), Some(Collected));
    let told = tell(&[status(1, Collected), status(2, AssignedAndAcceptedByDriver)]);
    assert_eq!(told.order.delivery().current(), Some(AssignedAndAcceptedByDriver));
}

#[test]
fn of_the_same_second_the_later_stage_of_the_lifecycle_wins() {
    for events in
        [[Collected, DroppedOff], [DroppedOff, Collected], [Failed, DroppedOff], [Failed, Cancelled]]
    {
        let told = tell(&events.map(|event| status(7, event)));
        assert_eq!(told.order.delivery().current(), events.into_iter().max());
    }
}

#[test]
fn a_terminal_status_moves_on_newer_evidence_only() {
    let mut told = tell(&[status(5, Cancelled)]);
    assert!(!told.then(&status(4, DroppedOff)));
    assert!(told.then(&status(6, DroppedOff)));
    assert_eq!(told.order.delivery().current(), Some(DroppedOff));
}

#[test]
fn a_driver_is_put_on_and_taken_off() {
    let mut told = tell(&[assigned(1, "ann")]);
    assert_eq!(told.order.delivery().current(), Some(AssignedToDriver));
    assert_eq!(told.order.delivery().driver.get(), Some(&Some(driver("ann"))));
    told.then(&unassigned(2));
    assert_eq!(told.order.delivery().current(), Some(UnassignedToDriver));
    assert_eq!(told.order.delivery().driver.get(), Some(&None));
    assert!(told.order.delivery().is_known());
    assert!(!told.then(&assigned(1, "bob")));
}

#[test]
fn a_driver_taken_off_and_another_put_on_in_one_second_leave_the_other() {
    for name in ["ann", "bob", "cid", "dee"] {
        for story in [[unassigned(1), assigned(1, name)], [assigned(1, name), unassigned(1)]] {
            let delivery = tell(&story).order.delivery().clone();
            assert_eq!(delivery.current(), Some(AssignedToDriver));
            assert_eq!(delivery.driver.get(), Some(&Some(driver(name))));
        }
    }
}

#[test]
fn the_fleets_own_order_status_is_kept_and_moves_no_delivery() {
    let delivery = tell(&[order_status(1, "preparing", "ann")]).order.delivery().clone();
    assert_eq!(delivery.current(), None);
    assert_eq!(delivery.order_status.get().map(String::as_str), Some("preparing"));
    assert_eq!(delivery.driver.get(), Some(&Some(driver("ann"))));
}

#[test]
fn delivered_at_is_the_fleets_own_time_and_only_while_the_order_counts_as_dropped_off() {
    let mut told = tell(&[status(3, DroppedOff)]);
    assert_eq!(told.order.delivery().delivered_at(), Some(at(3)));
    told.then(&status(4, Collected));
    assert_eq!(told.order.delivery().delivered_at(), None);
}

#[test]
fn each_item_keeps_its_own_newest_status() {
    let mut told = tell(&[item(2, "pizza", "prepared"), item(1, "cola", "being_prepared")]);
    assert!(!told.then(&item(1, "pizza", "being_prepared")));
    assert!(told.then(&item(3, "cola", "prepared")));
    let states: Vec<_> = told.order.items.values().map(|item| item.get().unwrap().status.as_str()).collect();
    assert_eq!(states, ["prepared", "prepared"]);
}

#[test]
fn a_driver_keeps_the_employee_id_when_later_events_name_only_the_fleets() {
    let employee = "ffc60000-0000-4000-8000-000000000017";
    let (assigned, collected) = (assigned_employee(1, employee, "7183"), status_by(2, Collected, "7183"));
    for story in [[&assigned, &collected], [&collected, &assigned]] {
        let told = tell(story);
        assert_eq!(told.order.delivery().current_driver().unwrap().driver_id.as_str(), employee);
    }
    let other = tell(&[assigned, status_by(2, Collected, "9999")]);
    assert_eq!(other.order.delivery().current_driver().unwrap().driver_id.as_str(), "captain:9999");
}

#[test]
fn an_order_stored_with_one_delivery_for_all_fleets_is_read_without_it() {
    let order = tell(&[syrve(0, COURIER, "Waiting"), status(1, Collected)]).order;
    let mut stored = serde_json::to_value(&order).unwrap();
    stored.as_object_mut().unwrap().remove("deliveries");
    stored["delivery"] = serde_json::json!({ "status": { "held": null } });
    assert!(stored["requested"].get("since").is_none());
    let read: Order = serde_json::from_value(stored).unwrap();
    assert_eq!(read, Order { deliveries: BTreeMap::new(), ..order });
}
