//! Events of an order and of who carries it.

use courier_domain::delivery::Position;
use serde_json::{Value, json};

use super::{Told, driver_of, drivers, employee, items, written};

/// `order_assigned`, and `order_unassigned` of the driver who had it.
pub(super) fn assignment(told: Told) -> Value {
    let driver = driver_of(told.event);
    json!({
        "order_uuid": told.order_id(),
        "partners_unique_internal_order_id": told.order_id(),
        "account_uuid": told.account_uuid(),
        "agent_uuid": driver,
        "agent_partners_external_identifier": employee(driver.as_ref()),
        "agent_partner_data": drivers::partner_data(told),
        "order_account_partners_external_identifier": told.store(),
        "order_account_business_partners_external_identifier": "",
        "order_custom_fields": told.order_custom_fields(),
        "published_at": told.published_at(),
    })
}

/// `job_delivery_status_updated`, with where the driver was last seen.
pub(super) fn job_status(told: Told) -> Value {
    let position = told.facts.driver.and_then(|driver| driver.position.get());
    json!({
        "job_uuid": told.order_id(),
        "job_delivery_status": told.detail.text("job_delivery_status"),
        "job_delivery_status_agent_uuid": driver_of(told.event),
        "job_delivery_status_agent_location": position.map(location),
        "order_uuid": told.order_id(),
        "order_description": told.order_description(),
        "account_uuid": told.account_uuid(),
        "partners_unique_internal_order_id": told.order_id(),
        "order_account_partners_external_identifier": told.store(),
        "order_account_business_partners_external_identifier": "",
        "order_custom_fields": told.order_custom_fields(),
        "published_at": told.published_at(),
    })
}

fn location(position: &Position) -> Value {
    json!({
        "latitude": written::measure(position.latitude),
        "longitude": written::measure(position.longitude),
        "recorded_at": written::with_offset(position.recorded_at),
    })
}

/// `order_status_updated`, with the lines of the order.
pub(super) fn order_status(told: Told) -> Value {
    json!({
        "order_uuid": told.order_id(),
        "order_description": told.order_description(),
        "order_custom_fields": told.order_custom_fields(),
        "order_status": told.detail.text("order_status"),
        "account_uuid": told.account_uuid(),
        "partners_unique_internal_order_id": told.order_id(),
        "order_account_partners_external_identifier": told.store(),
        "order_account_business_partners_external_identifier": "",
        "published_at": told.published_at(),
        "items": told.details().map(items::lines).unwrap_or_default(),
    })
}
