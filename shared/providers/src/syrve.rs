//! Syrve's webhooks. One URL receives every type of event of an organization, several in one array.
//!
//! Facts that the format does not show: `eventTime` is UTC while all times of an order are local to the restaurant's
//! terminal; `timestamp` is Unix milliseconds and the only version an order has; the `correlationId` is not known to be
//! the same when an event is sent again; a shift has no time of its own but the envelope's.

mod details;
mod items;
pub mod order;
mod payments;
pub mod shift;
pub mod time;
pub mod webhook;

use courier_domain::inbound::InboundEvent;
use jiff::Timestamp;
use uuid::Uuid;

use crate::error::MapError;
use crate::lenient::Fields;

/// An order was created or changed.
const ORDER_UPDATE: &str = "DeliveryOrderUpdate";
/// An order could not be created or changed.
const ORDER_ERROR: &str = "DeliveryOrderError";
/// An employee's shift was opened or closed.
const SHIFT: &str = "PersonalShift";

/// A UUID, from a string only.
fn uuid(fields: Fields, name: &str) -> Option<Uuid> {
    Uuid::try_parse(fields.value(name)?.as_str()?.trim()).ok()
}

/// The version of an order: Unix milliseconds.
fn millis(info: Fields) -> Option<Timestamp> {
    Timestamp::from_millisecond(info.value("timestamp")?.as_i64()?).ok()
}

fn event_info(event: &InboundEvent) -> Result<Fields<'_>, MapError> {
    let info = Fields::of(&event.body).value("eventInfo").filter(|info| info.is_object());
    info.map(Fields::of).ok_or_else(|| MapError::field("eventInfo", "must be an object"))
}
