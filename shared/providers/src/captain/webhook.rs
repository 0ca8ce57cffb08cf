//! Checks the envelope of a Captain.AI call: one event, with its name, its id and its data. All else is read later.

use courier_domain::ids::EventKey;
use serde_json::Value;

use super::names::{OrderNames, agent};
use super::{
    ASSIGNED, ETA, ITEM_STATUS, JOB_STATUS, KITCHEN_PRINT, LOCATIONS, ORDER_STATUS, REPORT_READY, UNASSIGNED,
};
use crate::body::{RawEvent, parse};
use crate::error::BodyError;
use crate::lenient::Fields;

/// The events that are handled: all that are published.
pub(super) const HANDLED: [&str; 9] = [
    ASSIGNED,
    UNASSIGNED,
    JOB_STATUS,
    ORDER_STATUS,
    ITEM_STATUS,
    KITCHEN_PRINT,
    LOCATIONS,
    ETA,
    REPORT_READY,
];

/// Whether an event of that name is handled; any other is counted and not kept.
pub(super) fn is_known(name: &str) -> bool {
    HANDLED.contains(&name)
}

/// Reads the body of a call. The key is `event_uuid`, the same each time Captain.AI sends an event again.
pub(super) fn read(body: &[u8]) -> Result<RawEvent, BodyError> {
    let event = parse(body)?;
    if !event.is_object() {
        return Err(BodyError::shape("body", "must be one event, an object"));
    }
    let fields = Fields::of(&event);
    let kind = text(fields, "event_name").ok_or_else(|| BodyError::shape("event_name", NOT_TEXT))?.to_owned();
    let uuid = text(fields, "event_uuid").ok_or_else(|| BodyError::shape("event_uuid", NOT_TEXT))?;
    let key = uuid.parse::<EventKey>().map_err(|error| BodyError::shape("event_uuid", error.to_string()))?;
    if !fields.value("data").is_some_and(Value::is_object) {
        return Err(BodyError::shape("data", "must be an object"));
    }
    let subject = subject(&kind, fields.object("data"));
    Ok(RawEvent { kind, key, subject, body: event })
}

const NOT_TEXT: &str = "must be a text that is not empty";

fn text<'a>(fields: Fields<'a>, name: &str) -> Option<&'a str> {
    fields.value(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// What an event is about. Where it does not say, all events of its sort are one subject.
fn subject(kind: &str, data: Fields) -> String {
    let of = |sort: &str, name: Option<String>, else_: &str| {
        name.map_or_else(|| else_.to_owned(), |name| format!("{sort}:{name}"))
    };
    match kind {
        LOCATIONS => "locations".to_owned(),
        REPORT_READY => "reports".to_owned(),
        ETA => of("driver", agent(data).map(|driver| driver.driver_id.into()), "drivers"),
        ITEM_STATUS => of("order", OrderNames::read(data).subject(), "items"),
        _ if is_known(kind) => of("order", OrderNames::read(data).subject(), "orders"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
