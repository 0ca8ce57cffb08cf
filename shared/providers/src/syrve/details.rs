//! All that the bridge keeps of a Syrve order. The status must be there; whatever else is missing or unreadable is unknown,
//! because a restaurant's older POS or a newer contract must not stop its orders.

use courier_domain::order::{Address, Customer, MovedOrder, OrderDetails, Problem, SyrveStatus};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{items, payments, time, uuid};
use crate::error::MapError;
use crate::lenient::Fields;

pub(super) fn read(info: Fields, order: Fields, zone: &TimeZone) -> Result<OrderDetails, MapError> {
    let status = order.value("status").and_then(Value::as_str).filter(|status| !status.trim().is_empty());
    let status = status
        .ok_or_else(|| MapError::field("eventInfo.order.status", "must be a text that is not empty"))?;
    let status = SyrveStatus::from(status.trim().to_owned());
    let local = |fields: Fields, name: &str| at(fields, name, zone);
    let cancel = order.object("cancelInfo");
    let payments = payments::read(order);
    let total = order.decimal("sum");
    let to_collect = payments::to_collect(&status, total, order.decimal("processedPaymentsSum"), &payments);
    Ok(OrderDetails {
        number: order.parsed("number"),
        external_number: info.text("externalNumber"),
        terminal_group_id: uuid(order, "terminalGroupId").map(Into::into),
        customer: customer(order.object("customer")),
        phone: order.text("phone"),
        address: address(order.object("deliveryPoint")),
        comment: order.text("comment"),
        items: items::read(order),
        total,
        payments,
        to_collect,
        created_at: local(order, "whenCreated"),
        promised_at: local(order, "completeBefore"),
        asap: order.flag("isAsap"),
        cooked_at: local(order, "whenCookingCompleted"),
        sent_at: local(order, "whenSended"),
        delivered_at: local(order, "whenDelivered"),
        closed_at: local(order, "whenClosed"),
        cancelled_at: local(cancel, "whenCancelled"),
        cancel_reason: cancel.object("cause").text("name").or_else(|| cancel.text("comment")),
        problem: problem(order.object("problem")),
        courier_id: courier(order.object("courierInfo").object("courier")),
        moved_from: moved(
            order,
            ["movedFromDeliveryId", "movedFromTerminalGroupId", "movedFromOrganizationId"],
        ),
        moved_to: moved(order, ["movedToDeliveryId", "movedToTerminalGroupId", "movedToOrganizationId"]),
        status,
    })
}

fn at(fields: Fields, name: &str, zone: &TimeZone) -> Option<Timestamp> {
    time::parse_local(fields.value(name)?.as_str()?, zone)
}

/// A regular guest has a surname of its own; a one-time guest's `name` is the whole name.
fn customer(customer: Fields) -> Option<Customer> {
    let (name, surname) = (customer.text("name"), customer.text("surname"));
    (name.is_some() || surname.is_some()).then_some(Customer { name, surname })
}

/// An address without any part is none.
fn address(point: Fields) -> Option<Address> {
    let address = point.object("address");
    let street = address.object("street");
    let (latitude, longitude) = point.object("coordinates").point("latitude", "longitude").unzip();
    let address = Address {
        latitude,
        longitude,
        line1: address.text("line1"),
        street: street.text("name"),
        house: address.text("house"),
        building: address.text("building"),
        flat: address.text("flat"),
        entrance: address.text("entrance"),
        floor: address.text("floor"),
        doorphone: address.text("doorphone"),
        city: street.object("city").text("name"),
        region: address.object("region").text("name"),
        postcode: address.text("index"),
        comment: point.text("comment"),
    };
    (address != Address::default()).then_some(address)
}

/// Syrve sends the object always; only the flag says that there is a problem.
fn problem(problem: Fields) -> Option<Problem> {
    (problem.flag("hasProblem")?).then(|| Problem { description: problem.text("description") })
}

/// In the spelling in which drivers are known, where it is a UUID.
fn courier(courier: Fields) -> Option<String> {
    uuid(courier, "id").map(|id| id.to_string()).or_else(|| courier.text("id"))
}

fn moved(order: Fields, [order_id, terminal_group_id, organization_id]: [&str; 3]) -> Option<MovedOrder> {
    let moved = MovedOrder {
        order_id: uuid(order, order_id).map(Into::into),
        terminal_group_id: uuid(order, terminal_group_id).map(Into::into),
        organization_id: uuid(order, organization_id).map(Into::into),
    };
    let known =
        moved.order_id.is_some() || moved.terminal_group_id.is_some() || moved.organization_id.is_some();
    known.then_some(moved)
}
