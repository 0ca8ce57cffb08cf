//! What a Captain.AI event means.
//!
//! One report carries one change, so an event that tells several things tells the one that moves a delivery. A status
//! without a place in the lifecycle moves nothing, but stays visible in the timeline.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{ItemReport, OrderChange, OrderReport, Report};
use jiff::Timestamp;

use super::names::{OrderNames, agent, driver};
use super::{
    ASSIGNED, ETA, ITEM_STATUS, JOB_STATUS, KITCHEN_PRINT, LOCATIONS, ORDER_STATUS, REPORT_READY, UNASSIGNED,
    agents, time,
};
use crate::error::MapError;
use crate::lenient::{Fields, word};

/// Maps an event that [`is_known`](super::webhook::is_known) knows; of any other it is an error.
pub fn map(event: &InboundEvent, match_by: MatchOrdersBy) -> Result<Report, MapError> {
    let envelope = Fields::of(&event.body);
    if !envelope.value("data").is_some_and(serde_json::Value::is_object) {
        return Err(MapError::field("data", "must be an object"));
    }
    let data = envelope.object("data");
    let (change, said) = match event.kind.as_str() {
        LOCATIONS => return Ok(Report::Drivers(agents::positions(event, data))),
        ETA => return agents::eta(event, envelope, data).map(|report| Report::Drivers(vec![report])),
        REPORT_READY => return report_ready(event, envelope, data),
        ASSIGNED => (assigned(data), None),
        UNASSIGNED => (OrderChange::Unassigned(Provider::Captain), None),
        JOB_STATUS => job_status(data),
        ORDER_STATUS => order_status(data),
        ITEM_STATUS => item_status(data)?,
        KITCHEN_PRINT => kitchen_print(data),
        _ => return Err(MapError::field("event_name", "is not an event that is handled")),
    };
    let stamp = Stamp::new(occurred_at(envelope, data)?, event.key.clone());
    let (order_id, refs) = OrderNames::read(data).matched(match_by);
    if order_id.is_none() && refs.is_empty() {
        let problem = "names no order that this account can match, and no other field does";
        return Err(MapError::field("data.partners_unique_internal_order_id", problem));
    }
    let source = Provider::Captain.as_str().to_owned();
    let event = said.map_or_else(|| event.kind.clone(), |said| format!("{} {}", event.kind, word(&said)));
    let tracking_url = data.text("tracking_link").filter(|url| url.starts_with("https://"));
    Ok(Report::Order(Box::new(OrderReport { order_id, refs, stamp, source, event, change, tracking_url })))
}

/// When it happened; when Captain.AI made the event of it, where it does not say.
pub(super) fn occurred_at(envelope: Fields, data: Fields) -> Result<Timestamp, MapError> {
    let at = time::at(data, "published_at").or_else(|| time::at(envelope, "created_at"));
    at.ok_or_else(|| MapError::field("data.published_at", "must be a Unix time"))
}

/// An assignment that does not say to whom still is one.
fn assigned(data: Fields) -> OrderChange {
    let status = Some(DeliveryStatus::AssignedToDriver);
    let provider = Provider::Captain;
    agent(data).map_or(OrderChange::Status { provider, status, driver: None, order_status: None }, |driver| {
        OrderChange::Assigned(provider, driver)
    })
}

fn job_status(data: Fields) -> (OrderChange, Option<String>) {
    let said = data.text("job_delivery_status");
    let change = OrderChange::Status {
        provider: Provider::Captain,
        status: said.as_deref().and_then(DeliveryStatus::parse),
        driver: driver(data, "agent_partners_external_identifier", "job_delivery_status_agent_uuid"),
        order_status: None,
    };
    (change, said)
}

/// The order's status in the words of `order_status_updated`; the same field means the kitchen's elsewhere.
fn order_status(data: Fields) -> (OrderChange, Option<String>) {
    let said = data.text("order_status");
    let status = match said.as_deref() {
        Some("in_progress") => Some(DeliveryStatus::Collected),
        Some("completed") => Some(DeliveryStatus::DroppedOff),
        Some("failed") => Some(DeliveryStatus::Failed),
        Some("cancelled") => Some(DeliveryStatus::Cancelled),
        Some("auto_closed") => Some(DeliveryStatus::AutoClosed),
        _ => None,
    };
    let order_status = said.clone();
    (OrderChange::Status { provider: Provider::Captain, status, driver: None, order_status }, said)
}

fn item_status(data: Fields) -> Result<(OrderChange, Option<String>), MapError> {
    let item = data.text("item_uuid").ok_or_else(|| MapError::field("data.item_uuid", "must be a text"))?;
    let Some(status) = data.text("item_status") else { return Ok((OrderChange::Nothing, None)) };
    let report = ItemReport { item, name: data.text("item_name"), status: status.clone() };
    Ok((OrderChange::Items(vec![report]), Some(status)))
}

/// A ticket printed in the kitchen: its `order_status` is the kitchen's, and is each item's that has none of its own.
fn kitchen_print(data: Fields) -> (OrderChange, Option<String>) {
    let of_order = data.text("order_status");
    let items = data.list("items").iter().map(Fields::of).filter_map(|item| {
        Some(ItemReport {
            item: item.first_text(["uuid", "item_uuid"])?,
            name: item.first_text(["name", "item_name"]),
            status: item.first_text(["status", "item_status"]).or_else(|| of_order.clone())?,
        })
    });
    let items: Vec<_> = items.collect();
    let change = if items.is_empty() { OrderChange::Nothing } else { OrderChange::Items(items) };
    (change, of_order)
}

/// Captain.AI publishes no example of this event; its API calls the report's id `uuid`.
fn report_ready(event: &InboundEvent, envelope: Fields, data: Fields) -> Result<Report, MapError> {
    let report = data.first_text(["uuid", "report_uuid", "analytics_report_uuid"]);
    let report = report.ok_or_else(|| MapError::field("data.uuid", "must be a text"))?;
    let url = data.first_text(["url", "file_url", "download_url", "report_url"]);
    let url = url.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    Ok(Report::AnalyticsReady {
        stamp: Stamp::new(occurred_at(envelope, data)?, event.key.clone()),
        report,
        url,
    })
}

#[cfg(test)]
mod tests;
