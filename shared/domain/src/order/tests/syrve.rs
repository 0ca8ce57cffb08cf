//! What Syrve says of an order: announcing, changing service, going back, and whose data is kept.

use super::story::{COURIER, OTHER, assigned, failed, syrve, tell};
use crate::order::{OrderRef, SyrveStatus};

#[test]
fn a_courier_order_is_announced() {
    let order = tell(&[syrve(1, COURIER, "Unconfirmed")]).order;
    assert!(order.announced && order.on_delivery() && !order.is_over());
    assert_eq!(order.details.get().unwrap().phone.as_deref(), Some("+353 1 000"));
}

#[test]
fn an_order_for_another_service_is_not_announced_and_keeps_no_persons_data() {
    let order = tell(&[syrve(1, OTHER, "Unconfirmed")]).order;
    assert!(!order.announced && !order.on_delivery());
    assert_no_people(&order);
}

#[test]
fn a_courier_order_that_changes_service_is_taken_off_delivery_and_keeps_no_persons_data() {
    let order = tell(&[syrve(1, COURIER, "Unconfirmed"), syrve(2, OTHER, "Unconfirmed")]).order;
    assert!(order.announced && !order.on_delivery());
    assert_no_people(&order);
}

#[test]
fn a_null_order_type_neither_creates_an_order_nor_takes_one_off() {
    let order = tell(&[syrve(1, None, "Unconfirmed")]).order;
    assert!(!order.announced && !order.on_delivery());
    let order = tell(&[syrve(1, COURIER, "Unconfirmed"), syrve(2, None, "Waiting")]).order;
    assert!(order.announced && order.on_delivery());
    assert_eq!(order.details.get().unwrap().status, SyrveStatus::Waiting);
    assert_eq!(order.details.get().unwrap().phone.as_deref(), Some("+353 1 000"));
}

#[test]
fn a_null_order_type_brings_no_persons_data_to_an_order_that_no_courier_brings() {
    assert_no_people(&tell(&[syrve(1, None, "Waiting")]).order);
    assert_no_people(
        &tell(&[syrve(1, COURIER, "Waiting"), syrve(2, OTHER, "Waiting"), syrve(3, None, "OnWay")]).order,
    );
    assert_no_people(
        &tell(&[syrve(3, None, "OnWay"), syrve(1, COURIER, "Waiting"), syrve(2, OTHER, "Waiting")]).order,
    );
}

#[test]
fn a_late_courier_event_gives_the_customer_back_to_a_newer_event_without_a_type() {
    let order =
        tell(&[syrve(3, None, "OnWay"), syrve(1, OTHER, "Waiting"), syrve(2, COURIER, "Waiting")]).order;
    let details = order.details.get().unwrap();
    assert_eq!(details.status, SyrveStatus::OnWay);
    assert_eq!(details.customer.as_ref().unwrap().name.as_deref(), Some("Ann 2"));
}

#[test]
fn late_syrve_events_change_nothing() {
    let mut told = tell(&[syrve(5, COURIER, "OnWay"), failed(5, "Common")]);
    let before = told.order.clone();
    for late in [syrve(4, COURIER, "Waiting"), syrve(3, OTHER, "Waiting"), syrve(2, None, "Waiting")] {
        assert!(!told.then(&late));
    }
    assert!(!told.then(&failed(4, "OrderNotFound")));
    assert_eq!(told.order, before);
}

#[test]
fn the_same_event_again_changes_nothing() {
    let event = syrve(1, COURIER, "Waiting");
    let mut told = tell([&event]);
    assert!(!told.then(&event));
}

#[test]
fn a_closed_order_goes_back_to_delivered_on_a_newer_timestamp_only() {
    let mut told = tell(&[syrve(1, COURIER, "Closed")]);
    assert!(told.order.is_over());
    assert!(!told.then(&syrve(0, COURIER, "Delivered")));
    assert!(told.order.is_over());
    assert!(told.then(&syrve(2, COURIER, "Delivered")));
    assert!(!told.order.is_over());
}

#[test]
fn the_newest_failure_is_kept_beside_the_order() {
    let order = tell(&[failed(2, "OrderNotFound"), failed(1, "Common"), syrve(3, COURIER, "Waiting")]).order;
    assert_eq!(order.error.get().unwrap().code, "OrderNotFound");
    assert_eq!(order.details.get().unwrap().status, SyrveStatus::Waiting);
}

#[test]
fn every_name_is_kept_even_from_an_event_that_is_late() {
    let mut late = assigned(1, "late");
    late.refs.push(OrderRef::new("number", "577"));
    let mut told = tell(&[assigned(2, "ann")]);
    assert!(told.then(&late));
    assert!(!told.then(&late));
    assert!(told.order.refs.contains(&OrderRef::new("number", "577")));
}

fn assert_no_people(order: &crate::order::Order) {
    let text = serde_json::to_string(order).unwrap();
    for personal in ["Ann", "+353", "Main St", "Blue door"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
    assert_eq!(order.details.get().unwrap().number, Some(577));
}
