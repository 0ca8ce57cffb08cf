//! What a `DeliveryOrderUpdate` or `DeliveryOrderError` says of an order.
//!
//! Only a successful event carries the order. One in progress says nothing yet, and neither does a state of creation that
//! this build does not know: both stay in the timeline. The version is `eventInfo.timestamp`, never the envelope's time.

use courier_domain::account::MatchOrdersBy;
use courier_domain::ids::OrderId;
use courier_domain::inbound::InboundEvent;
use courier_domain::order::{CreationError, OrderRef, ServiceType};
use courier_domain::register::Stamp;
use courier_domain::report::{OrderChange, OrderReport};
use jiff::tz::TimeZone;
use serde_json::Value;

use super::{ORDER_ERROR, details, event_info, millis, uuid};
use crate::error::MapError;
use crate::lenient::{Fields, word};

/// Maps an order event. `zone` is the restaurant's, in which Syrve writes an order's times; `match_by` says which of the
/// order's names a fleet uses, so that it can be found by that name.
pub fn map(event: &InboundEvent, zone: &TimeZone, match_by: MatchOrdersBy) -> Result<OrderReport, MapError> {
    let info = event_info(event)?;
    let id = uuid(info, "id").ok_or_else(|| MapError::field("eventInfo.id", "must be a UUID"))?;
    let at = millis(info).ok_or_else(|| {
        MapError::field("eventInfo.timestamp", "must be a time in Unix milliseconds, an integer")
    })?;
    let (change, said) = change(event, info, zone)?;
    Ok(OrderReport {
        order_id: Some(OrderId::from(id)),
        refs: name_for_fleets(info, match_by).into_iter().collect(),
        stamp: Stamp::new(at, event.key.clone()),
        source: "syrve".to_owned(),
        event: format!("{} {}", word(&event.kind), word(&said)),
        change,
        tracking_url: None,
    })
}

/// The change, and the word for it in the timeline.
fn change(event: &InboundEvent, info: Fields, zone: &TimeZone) -> Result<(OrderChange, String), MapError> {
    let creation = info.value("creationStatus").and_then(Value::as_str);
    if event.kind == ORDER_ERROR || creation == Some("Error") {
        let error = error(info.object("errorInfo"));
        let said = error.code.clone();
        return Ok((OrderChange::SyrveError(error), said));
    }
    let creation = creation.ok_or_else(|| MapError::field("eventInfo.creationStatus", "must be a text"))?;
    match info.value("order") {
        Some(order) if creation == "Success" && order.is_object() => {
            let order = Fields::of(order);
            let details = Box::new(details::read(info, order, zone)?);
            let said = details.status.as_str().to_owned();
            Ok((OrderChange::Syrve { service: service(order), details }, said))
        }
        Some(_) if creation == "Success" => {
            Err(MapError::field("eventInfo.order", "must be an object or null"))
        }
        _ => Ok((OrderChange::Nothing, creation.to_owned())),
    }
}

/// Syrve's words for the failure. An error without a code is Syrve's own `UnknownError`.
fn error(info: Fields) -> CreationError {
    CreationError {
        code: info.text("code").unwrap_or_else(|| "UnknownError".to_owned()),
        message: info.first_text(["message", "description", "errorReason"]),
    }
}

/// `None` where Syrve does not say: that neither creates an order nor takes it off delivery.
fn service(order: Fields) -> Option<ServiceType> {
    match order.object("orderType").text("orderServiceType")?.as_str() {
        "DeliveryByCourier" => Some(ServiceType::DeliveryByCourier),
        _ => Some(ServiceType::Other),
    }
}

fn name_for_fleets(info: Fields, match_by: MatchOrdersBy) -> Option<OrderRef> {
    match match_by {
        MatchOrdersBy::OrderId => None,
        MatchOrdersBy::Number => Some(OrderRef::new("number", info.object("order").name("number")?)),
        MatchOrdersBy::ExternalNumber => Some(OrderRef::new("external_number", info.name("externalNumber")?)),
    }
}

#[cfg(test)]
mod tests;
