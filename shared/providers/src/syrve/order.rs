//! What a `DeliveryOrderUpdate` or `DeliveryOrderError` says of an order.
//!
//! Only a successful event carries the order. One in progress says nothing yet, and neither does a state of creation that
//! this build does not know: both stay in the timeline. The version is `eventInfo.timestamp`, never the envelope's time.

use courier_domain::account::{Account, MatchOrdersBy};
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

/// Maps an order event. The account's time zone is the one in which Syrve writes an order's times; and the order is given
/// the names by which the account's fleets know it.
pub fn map(event: &InboundEvent, account: &Account) -> Result<OrderReport, MapError> {
    let info = event_info(event)?;
    let id = uuid(info, "id").ok_or_else(|| MapError::field("eventInfo.id", "must be a UUID"))?;
    let at = millis(info).ok_or_else(|| {
        MapError::field("eventInfo.timestamp", "must be a time in Unix milliseconds, an integer")
    })?;
    let (change, said) = change(event, info, &account.zone())?;
    Ok(OrderReport {
        order_id: Some(OrderId::from(id)),
        refs: names_for_fleets(info, account),
        stamp: Stamp::new(at, event.key.clone()),
        source: "syrve".to_owned(),
        event: format!("{} {}", word(&event.kind), word(&said)),
        change,
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

fn names_for_fleets(info: Fields, account: &Account) -> Vec<OrderRef> {
    let name = |by, kind, text: Option<String>| {
        text.filter(|_| account.has_fleets_that_match_by(by)).map(|text| OrderRef::new(kind, text))
    };
    let external = name(MatchOrdersBy::ExternalNumber, "external_number", info.name("externalNumber"));
    let number = name(MatchOrdersBy::Number, "number", info.object("order").name("number"));
    external.into_iter().chain(number).collect()
}

#[cfg(test)]
mod tests;
