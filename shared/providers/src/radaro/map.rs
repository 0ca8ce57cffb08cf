//! What a Radaro event means: what is in `new_values`, or in the whole of a new job. All else in `order_info` is how the
//! job stood by then and is read only to complete that: who the driver of a status is, and what a review says.
//!
//! What nothing here keeps is not read, such as `location` (a text, "latitude,longitude") and the times of geofences;
//! that it changed is in the timeline.

use courier_domain::account::Account;
use courier_domain::delivery::{Confirmation, DeliveryStatus, Provider};
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{FleetNews, OrderChange, OrderReport, Report};
use serde_json::Value;

use super::names::{JobNames, driver};
use super::{CREATED, UPDATED, time};
use crate::error::MapError;
use crate::lenient::{Fields, word};
use crate::lifecycle::meaning;

/// The fields by which a change is called in the timeline where several changed at once, best first.
const TELLING: [&str; 6] =
    ["is_confirmed_by_customer", "rating", "customer_comment", "driver", "deliver_before", "description"];

/// The status of the customer's confirmation.
const CONFIRMED: &str = "confirmed";

/// Maps an event as [`split`](super::webhook::split) made it.
pub(super) fn map(event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
    let body = Fields::of(&event.body);
    let job = body.object("order_info");
    let values = match event.kind.as_str() {
        CREATED => job,
        UPDATED if body.value("new_values").is_some_and(Value::is_object) => body.object("new_values"),
        UPDATED => return Err(MapError::field("new_values", "must say what changed, in an object")),
        _ => return Err(MapError::field("event_type", "is not an event that is handled")),
    };
    let (order_id, refs) = JobNames::read(job).matched(account.matches_by(Provider::Radaro));
    if order_id.is_none() && refs.is_empty() {
        let problem = "names no order that this account can match, and order_id names no job";
        return Err(MapError::field("order_info.external_id", problem));
    }
    let status = values.text("status").map(|status| status.to_lowercase());
    let mut news = news(&event.kind, status.as_deref(), values, job);
    let at = time::occurred_at(&event.kind, job, event.received_at);
    news.implied |= at.is_none() && news.status.is_some();
    let said = status.as_deref().or_else(|| changed_field(&event.kind, values));
    Ok(Report::Order(Box::new(OrderReport {
        order_id,
        refs,
        stamp: Stamp::new(at.unwrap_or(event.received_at), event.key.clone()),
        source: Provider::Radaro.as_str().to_owned(),
        event: said.map_or_else(|| event.kind.clone(), |said| format!("{} {}", event.kind, word(said))),
        change: OrderChange::Fleet(Provider::Radaro, Box::new(news)),
    })))
}

fn news(kind: &str, said: Option<&str>, values: Fields, job: Fields) -> FleetNews {
    let (status, implied) = meaning(Provider::Radaro, kind, said.unwrap_or_default());
    let description =
        values.text("description").or_else(|| values.object("deliver_address").text("description"));
    let news = FleetNews {
        status,
        implied,
        deliver_before: time::at(values, "deliver_before"),
        description,
        ..driver_news(status, values, job)
    };
    // A new job has not been rated yet, and the remarks on it are the restaurant's own.
    if kind == CREATED {
        return news;
    }
    FleetNews { confirmation: confirmation(said, values, job), note: note(said, values, job), ..news }
}

/// The driver, where they changed. A change of the status names nobody, so the job's driver counts for one that needs a
/// driver, in each such event, because Radaro may not repeat one that was lost; and one without a driver ends that.
fn driver_news(status: Option<DeliveryStatus>, values: Fields, job: Fields) -> FleetNews {
    let is_taken_off = values.members().any(|(name, value)| name == "driver" && value.is_null())
        || status == Some(DeliveryStatus::UnassignedToDriver);
    let of_job = || driver(job).filter(|_| status.is_some_and(DeliveryStatus::is_progress));
    let driver = match driver(values) {
        None if is_taken_off => Some(None),
        None => of_job().map(Some),
        named => Some(named),
    };
    FleetNews { driver, ..FleetNews::default() }
}

/// The customer's review. Radaro tells of it by any of its fields, and the job has the others by then; to leave one is to
/// confirm the delivery.
fn confirmation(said: Option<&str>, values: Fields, job: Fields) -> Option<Confirmation> {
    let flag = values.yes_or_no("is_confirmed_by_customer");
    let (rating, comment) = (values.decimal("rating"), values.text("customer_comment"));
    let is_status = said == Some(CONFIRMED);
    let is_told = is_status || flag.is_some() || rating.is_some() || comment.is_some();
    is_told.then(|| Confirmation {
        confirmed: is_status || flag.unwrap_or(true),
        rating: rating.or_else(|| job.decimal("rating")),
        comment: comment.or_else(|| job.text("customer_comment")),
    })
}

/// What people at the fleet wrote. The driver writes the last of these when the job ends, and the change of the status
/// that ends it does not repeat it.
fn note(said: Option<&str>, values: Fields, job: Fields) -> Option<String> {
    let ends = matches!(said, Some("delivered" | "failed"));
    let of_driver = || job.text("confirmation_comment").filter(|_| ends);
    let notes = [
        values.text("comment"),
        values.text("pending_comment"),
        values.text("confirmation_comment").or_else(of_driver),
    ];
    let notes: Vec<_> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join("\n"))
}

/// The name of a field that changed.
fn changed_field<'a>(kind: &str, values: Fields<'a>) -> Option<&'a str> {
    let mut names = values.members().map(|(name, _)| name.as_str());
    let telling = TELLING.into_iter().find(|name| values.members().any(|(changed, _)| changed == name));
    telling.or_else(|| names.next()).filter(|_| kind == UPDATED)
}

#[cfg(test)]
mod tests;
