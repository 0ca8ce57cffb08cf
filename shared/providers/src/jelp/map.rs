//! What a Jelp event means. A status without a place in the lifecycle moves nothing, but stays visible as the fleet's own
//! status of the order and in the timeline.
//!
//! What a fact contradicts is not believed: an order must not count as delivered because a call came to another event's
//! URL. Such an event lies among the dead letters, to be looked at.

use courier_domain::account::Account;
use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{FleetNews, OrderChange, OrderReport, Report};

use super::event::{CANCEL_ORDER, COMMENT, COMPLETE_ORDER, Ending, OPEN, TRACKING};
use super::location::DRIVER_LOCATION;
use super::names::OrderNames;
use super::{driver, event, location, time};
use crate::error::MapError;
use crate::lenient::{Fields, word};
use crate::lifecycle::meaning;

/// Maps an event.
pub(super) fn map(inbound: &InboundEvent, account: &Account) -> Result<Report, MapError> {
    let body = Fields::of(&inbound.body);
    let kind = match inbound.kind.as_str() {
        DRIVER_LOCATION => return location::map(inbound, body),
        OPEN => {
            let problem = "the body leaves open which event of Jelp it is; register the URL that ends in the event's name";
            return Err(MapError::field("event", problem));
        }
        kind => event::known(kind).ok_or_else(|| MapError::field("event", "is not an event of Jelp"))?,
    };
    let news = news(kind, body)?;
    // The time of a full order is that of its last change, whatever that was: its ending has a time of its own.
    let ends = event::is_full(kind) && news.status == Some(DeliveryStatus::DroppedOff);
    let ended_at = time::ended_at(body, inbound.received_at).filter(|_| ends);
    let at = ended_at.or_else(|| time::occurred_at(body, kind, inbound.received_at));
    let reference = account.fleets.get(&Provider::Jelp).map(|jelp| jelp.order_reference).unwrap_or_default();
    let (order_id, refs) = OrderNames::read(body).matched(reference, account.matches_by(Provider::Jelp));
    if order_id.is_none() && refs.is_empty() {
        return Err(MapError::field("folio", "names no order, and neither does publicId or _id"));
    }
    let said = event::status(body).map(|status| status.replace(' ', "_"));
    let event = said.map_or_else(|| kind.to_owned(), |said| format!("{kind} {}", word(&said)));
    // Without a time of its own an event cannot tell that it is newer than another.
    let implied = news.implied || at.is_none() || (ends && ended_at.is_none());
    let news = FleetNews { implied, ..news };
    Ok(Report::Order(Box::new(OrderReport {
        order_id,
        refs,
        stamp: Stamp::new(at.unwrap_or(inbound.received_at), inbound.key.clone()),
        source: Provider::Jelp.as_str().to_owned(),
        event,
        change: OrderChange::Fleet(Provider::Jelp, Box::new(news)),
    })))
}

/// What the event says of the delivery. A comment is taken from its own event only: full orders repeat all of theirs.
fn news(kind: &str, body: Fields) -> Result<FleetNews, MapError> {
    let said = event::status(body);
    let (status, implied) = meaning(Provider::Jelp, kind, said.as_deref().unwrap_or_default());
    agrees(kind, status, body)?;
    Ok(FleetNews {
        status,
        implied,
        driver: driver::read(body).map(Some),
        order_status: body.first_text(["orderStep", "status"]),
        tracking_url: body.link("trackingUrl").filter(|_| kind == TRACKING),
        end_reason: end_reason(body, status),
        note: body.text("comment").filter(|_| kind == COMMENT),
        ..FleetNews::default()
    })
}

/// Whether the body may be one of this event. The one published sample of how an order ends is for both endings and has the
/// `queueName` of a completed one, so a cancelled order may have that as well.
fn agrees(kind: &str, status: Option<DeliveryStatus>, body: Fields) -> Result<(), MapError> {
    let named = event::queue_name(body).unwrap_or(kind);
    if named != kind && (kind, named) != (CANCEL_ORDER, COMPLETE_ORDER) {
        return Err(MapError::field("queueName", "names another event than the URL that was called"));
    }
    let cancelled = event::status(body).is_some_and(|status| status.starts_with("CANCEL"));
    match (status, event::ending(body)) {
        (Some(DeliveryStatus::DroppedOff), Some(Ending::Cancelled)) => {
            Err(MapError::field("endedReason", "is of a cancelled order, and the rest of a completed one"))
        }
        (Some(DeliveryStatus::DroppedOff), _) if cancelled => {
            Err(MapError::field("status", "is of a cancelled order, and the event of a completed one"))
        }
        (Some(DeliveryStatus::Cancelled), Some(Ending::Completed)) => {
            Err(MapError::field("endedReason", "is of a completed order, and the event of a cancelled one"))
        }
        _ => Ok(()),
    }
}

/// Why it ended. A full order has a field for each ending, and keeps the reason of a cancellation that was only asked for:
/// it counts once the order has ended, and not as completed.
fn end_reason(body: Fields, status: Option<DeliveryStatus>) -> Option<String> {
    let reason =
        |name: &str| body.object(name).first_text(["description", "code"]).or_else(|| body.text(name));
    let of_order = || {
        body.text("endedAt")?;
        let completed = status == Some(DeliveryStatus::DroppedOff);
        reason(if completed { "completedReason" } else { "cancelationReason" })
    };
    reason("endedReason").or_else(of_order)
}

#[cfg(test)]
mod tests;
