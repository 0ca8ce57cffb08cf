//! What a Captain.AI event means.
//!
//! A status without a place in the lifecycle moves nothing, but stays visible in the timeline.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{FleetNews, ItemReport, OrderChange, OrderReport, Report};
use jiff::Timestamp;

use super::names::{OrderNames, agent, driver};
use super::{
    ASSIGNED, ETA, ITEM_STATUS, JOB_STATUS, KITCHEN_PRINT, LOCATIONS, ORDER_STATUS, REPORT_READY, UNASSIGNED,
    agents, time,
};
use crate::error::MapError;
use crate::lenient::{Fields, word};
use crate::lifecycle::meaning;

/// Maps an event that [`is_known`](super::webhook::is_known) knows; of any other it is an error.
pub(super) fn map(event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
    let envelope = Fields::of(&event.body);
    if !envelope.value("data").is_some_and(serde_json::Value::is_object) {
        return Err(MapError::field("data", "must be an object"));
    }
    let data = envelope.object("data");
    match event.kind.as_str() {
        LOCATIONS => return Ok(Report::Drivers(agents::positions(event, data))),
        ETA => return agents::eta(event, envelope, data).map(|report| Report::Drivers(vec![report])),
        REPORT_READY => return report_ready(event, envelope, data),
        _ => {}
    }
    let (news, said) = news(&event.kind, data)?;
    let stamp = Stamp::new(occurred_at(envelope, data)?, event.key.clone());
    let (order_id, refs) = OrderNames::read(data).matched(account.matches_by(Provider::Captain));
    if order_id.is_none() && refs.is_empty() {
        let problem = "names no order that this account can match, and no other field does";
        return Err(MapError::field("data.partners_unique_internal_order_id", problem));
    }
    let source = Provider::Captain.as_str().to_owned();
    let event = said.map_or_else(|| event.kind.clone(), |said| format!("{} {}", event.kind, word(&said)));
    let change = OrderChange::Fleet(Provider::Captain, Box::new(news));
    Ok(Report::Order(Box::new(OrderReport { order_id, refs, stamp, source, event, change })))
}

/// When it happened; when Captain.AI made the event of it, where it does not say.
pub(super) fn occurred_at(envelope: Fields, data: Fields) -> Result<Timestamp, MapError> {
    let at = time::at(data, "published_at").or_else(|| time::at(envelope, "created_at"));
    at.ok_or_else(|| MapError::field("data.published_at", "must be a Unix time"))
}

/// How the delivery goes, and the status's word for the timeline. The order's status is in the words of
/// `order_status_updated`; the same field means the kitchen's elsewhere.
fn news(kind: &str, data: Fields) -> Result<(FleetNews, Option<String>), MapError> {
    let (of_job, of_order) = (data.text("job_delivery_status"), data.text("order_status"));
    let (news, said) = match kind {
        // An assignment that does not say to whom still is one.
        ASSIGNED => (FleetNews { driver: agent(data).map(Some), ..FleetNews::default() }, None),
        UNASSIGNED => (FleetNews { driver: Some(None), ..FleetNews::default() }, None),
        JOB_STATUS => {
            let driver = driver(data, "agent_partners_external_identifier", "job_delivery_status_agent_uuid");
            (FleetNews { driver: driver.map(Some), ..FleetNews::default() }, of_job)
        }
        ORDER_STATUS => (FleetNews { order_status: of_order.clone(), ..FleetNews::default() }, of_order),
        ITEM_STATUS => {
            let item = item(data)?;
            let said = item.as_ref().map(|item| item.status.clone());
            (FleetNews { items: item.into_iter().collect(), ..FleetNews::default() }, said)
        }
        KITCHEN_PRINT => {
            (FleetNews { items: printed(data, of_order.as_deref()), ..FleetNews::default() }, of_order)
        }
        _ => return Err(MapError::field("event_name", "is not an event that is handled")),
    };
    let (status, implied) = meaning(Provider::Captain, kind, said.as_deref().unwrap_or_default());
    let tracking_url = data.link("tracking_link");
    Ok((FleetNews { status, implied, tracking_url, ..news }, said))
}

fn item(data: Fields) -> Result<Option<ItemReport>, MapError> {
    let item = data.text("item_uuid").ok_or_else(|| MapError::field("data.item_uuid", "must be a text"))?;
    let report = |status| ItemReport {
        name: data.text("item_name"),
        quantity: data.decimal("quantity"),
        sequence: data.parsed("sequence"),
        ..ItemReport::new(item, status)
    };
    Ok(data.text("item_status").map(report))
}

/// A ticket printed in the kitchen: its `order_status` is the kitchen's, and is each item's that has none of its own.
fn printed(data: Fields, of_order: Option<&str>) -> Vec<ItemReport> {
    let items = data.list("items").iter().map(Fields::of).filter_map(|item| {
        let status = item.first_text(["status", "item_status"]).or_else(|| of_order.map(str::to_owned))?;
        Some(ItemReport {
            name: item.first_text(["name", "item_name"]),
            quantity: item.decimal("quantity"),
            sequence: item.parsed("sequence"),
            ..ItemReport::new(item.first_text(["uuid", "item_uuid"])?, status)
        })
    });
    items.collect()
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
