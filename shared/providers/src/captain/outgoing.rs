//! Our own events, as subscribers receive them: in the format of Captain.AI's webhooks, whichever fleet they come from, so
//! that a receiver made for Captain.AI reads them, this bridge's own among them.
//!
//! The members are exactly those of Captain.AI's examples, of the same types; what is not known is null. The ids are ours:
//! an order's and a job's is Syrve's order id, the account's is its name in this bridge, a driver's is Syrve's employee id,
//! or the fleet's own where Syrve has none. Nothing says who the guest is or where they live.

mod drivers;
mod items;
mod orders;
#[cfg(test)]
mod tests;
mod written;

use courier_domain::account::Account;
use courier_domain::driver::Driver;
use courier_domain::event::{DomainEvent, EventName};
use courier_domain::ids::{DriverId, OrderId};
use courier_domain::notification::Notification;
use courier_domain::order::{Order, OrderDetails};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::order as sent;
use crate::lenient::Fields;

/// The only kind of report that Captain.AI publishes.
const REPORT_KIND: &str = "delivery_data";

/// What is known where an event happened. Rows that are not there leave their members without a value.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The account of the event.
    pub account: &'a Account,
    /// The order of the event.
    pub order: Option<&'a Order>,
    /// The driver whom [`driver_of`] names.
    pub driver: Option<&'a Driver>,
}

/// The driver of an event: the one to whom it happened, or who carries the order to which it happened.
pub fn driver_of(event: &DomainEvent) -> Option<DriverId> {
    driver_in(Fields::of(&event.detail)).or_else(|| event.driver_id.clone())
}

/// The members of an event's `data`. It never fails: whatever the event does not say, or says in another type, is null.
pub fn data(event: &DomainEvent, name: EventName, facts: &Facts<'_>) -> Value {
    let told = Told { event, detail: Fields::of(&event.detail), facts };
    match name {
        EventName::OrderAssigned | EventName::OrderUnassigned => orders::assignment(told),
        EventName::JobDeliveryStatusUpdated => orders::job_status(told),
        EventName::OrderStatusUpdated => orders::order_status(told),
        EventName::ItemStatusUpdated => items::item_status(told),
        EventName::AgentRadarLocationsCreated => drivers::locations(told),
        EventName::AgentEtaUpdated => drivers::eta(told),
        EventName::AnalyticsReportReady => json!({
            "uuid": told.detail.text("report"),
            "kind": REPORT_KIND,
            "status": "ready",
            "account_uuid": told.account_uuid(),
            "published_at": told.published_at(),
        }),
    }
}

/// The body of a call. The same notification, attempt and time make the same bytes, wherever the notification was kept in
/// between.
pub fn body(notification: &Notification, environment: &str, sent_at: Timestamp) -> Vec<u8> {
    let mut data = Value::clone(&notification.data);
    if let Some(at) = data.get_mut("published_at") {
        // A store that knows one type of number gives a whole one back as an integer.
        *at = at.as_f64().map_or(Value::Null, Value::from);
    }
    let mut metadata = Map::new();
    metadata.insert("sent_at".to_owned(), json!(written::iso(sent_at)));
    metadata.insert("delivery_attempt".to_owned(), json!(notification.attempts));
    if notification.key.replay_id.is_some() {
        metadata.insert("replay".to_owned(), json!(true));
    }
    let body = json!({
        "data": data,
        "environment": environment,
        "event_name": notification.event.as_str(),
        "created_at": written::iso(notification.created_at),
        "event_uuid": notification.key.event_uuid,
        "metadata": metadata,
    });
    body.to_string().into_bytes()
}

/// An event with all that is known of it.
#[derive(Debug, Clone, Copy)]
struct Told<'a> {
    event: &'a DomainEvent,
    detail: Fields<'a>,
    facts: &'a Facts<'a>,
}

impl<'a> Told<'a> {
    fn account_uuid(self) -> &'a str {
        self.facts.account.account_id.as_str()
    }

    /// What the restaurant's own systems know it by: Syrve's id, else ours.
    fn store(self) -> String {
        let account = self.facts.account;
        let syrve = account.syrve.as_ref().map(|syrve| syrve.organization_id.to_string());
        syrve.unwrap_or_else(|| account.account_id.to_string())
    }

    fn published_at(self) -> f64 {
        written::unix(self.event.occurred_at)
    }

    fn order_id(self) -> Option<OrderId> {
        self.event.order_id
    }

    fn details(self) -> Option<&'a OrderDetails> {
        self.facts.order.and_then(|order| order.details.get())
    }

    /// What people call the order: the number on the bill, else another system's.
    fn order_description(self) -> Option<String> {
        let details = self.details()?;
        details.number.map(|number| number.to_string()).or_else(|| details.external_number.clone())
    }

    /// The fleet that the event is of, else the one that carries the order.
    fn provider(self) -> Option<String> {
        let carrier = || self.facts.order.and_then(Order::carrier);
        self.detail.text("provider").or_else(|| carrier().map(|fleet| fleet.as_str().to_owned()))
    }

    /// The custom fields that a fleet is given with the order, and the fleet.
    fn order_custom_fields(self) -> Option<Value> {
        let mut fields = sent::custom_fields(self.order_id()?, self.details(), self.facts.account);
        if let Some(provider) = self.provider() {
            fields.insert("provider".to_owned(), json!(provider));
        }
        Some(Value::Object(fields))
    }
}

fn driver_in(fields: Fields) -> Option<DriverId> {
    fields.text("driver_id")?.parse().ok()
}

/// Syrve's id of a driver who works there.
fn employee(driver: Option<&DriverId>) -> Option<String> {
    driver?.employee().map(|employee| employee.to_string())
}
