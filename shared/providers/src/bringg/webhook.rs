//! Reads a call: one event, an object. Which event it is, the body says, or the URL, or else the body's shape; what must
//! not be kept is taken out.
//!
//! A `webhook_type` that is known counts before all else. One that is not known may be the literal of an event for which
//! Bringg publishes none: where the URL was registered for an event, that event it is.

use courier_domain::delivery::Provider;
use courier_domain::ids::EventKey;
use courier_domain::inbound::canonical;
use jiff::Timestamp;
use serde_json::Value;

use super::clean::{readable, strip};
use super::event::{
    ACCEPTED_BY_FLEET, AVAILABILITY, DRIVER, Named, SHIFT_ENDED, SHIFT_STARTED, TASK, WAY_POINT,
    is_about_driver, named,
};
use super::names::{TaskNames, driver};
use super::parts::{Parts, has_list, has_object};
use super::{driver as drivers, status};
use crate::body::{RawEvent, parse};
use crate::contract::{Call, Split};
use crate::error::BodyError;
use crate::lenient::Fields;

/// The event of a call; one of no use is counted and not kept. The key of an event about an order has no time of ours in
/// it, so that the three attempts of an event are one event, whatever its body lacks.
pub(super) fn split(call: &Call) -> Result<Split, BodyError> {
    let mut body = parse(call.body)?;
    if !body.is_object() {
        return Err(BodyError::shape("body", "must be one event, an object"));
    }
    strip(&mut body);
    let read = readable(&body);
    let Some(kind) = kind(Fields::of(&read), call.rest)? else { return Ok(Split::ignored()) };
    let subject = subject(kind, &read);
    let received_at = arrival(kind, Fields::of(&read), call.received_at).unwrap_or_default();
    let key = EventKey::hashed([Provider::Bringg.as_str(), kind, &subject, &received_at, &canonical(&body)]);
    Ok(Split::one(RawEvent { kind: kind.to_owned(), key, subject, body }))
}

/// When an event about a driver arrived, where it has no time of its own: a driver who takes orders, then none, then
/// takes them again sends the first body twice, and both count. To apply one attempt and then another does no harm.
fn arrival(kind: &str, top: Fields, received_at: Timestamp) -> Option<String> {
    let has_none = is_about_driver(kind) && drivers::occurred_at(kind, top, received_at).is_none();
    has_none.then(|| received_at.to_string())
}

/// Which event it is; `None` of one that there is no use for. A URL that none of Bringg's events has is a mistake of
/// whoever registered it, and said to be.
fn kind(top: Fields, rest: &[&str]) -> Result<Option<&'static str>, BodyError> {
    let by_url = match rest {
        [] | [""] => None,
        [name] => Some(named(name)),
        _ => Some(Named::Unknown),
    };
    match (top.text("webhook_type").map(|name| named(&name)), by_url) {
        (Some(Named::Handled(kind)), _) | (None | Some(Named::Unknown), Some(Named::Handled(kind))) => {
            Ok(Some(kind))
        }
        (Some(Named::Useless), _) | (_, Some(Named::Useless)) => Ok(None),
        (_, Some(Named::Unknown)) => {
            Err(BodyError::shape("event", "is not an event of Bringg that has a URL here"))
        }
        (Some(Named::Unknown), None) => Ok(shape(top).ok().flatten().filter(|kind| is_clear(kind, top))),
        (None, None) => shape(top),
    }
}

/// Whether a shape alone shows what happened, so that an unknown name takes nothing from it.
fn is_clear(kind: &str, top: Fields) -> bool {
    match kind {
        TASK => status::of(&[top.object("task"), top]).is_some(),
        WAY_POINT | DRIVER => false,
        _ => true,
    }
}

/// The event that a body's shape shows. A task shows its status; a way point, a note or a driver shows nothing.
fn shape(top: Fields) -> Result<Option<&'static str>, BodyError> {
    let there = |name: &str| top.value(name).is_some();
    if let Some(shift) = drivers::places(top).into_iter().find(|place| place.value("start_shift").is_some()) {
        let ended = shift.value("end_shift").is_some();
        return Ok(Some(if ended { SHIFT_ENDED } else { SHIFT_STARTED }));
    }
    if has_object(top, "user") && there("user_available") {
        return Ok(Some(AVAILABILITY));
    }
    if has_object(top, "way_point") {
        return Ok(Some(WAY_POINT));
    }
    if has_object(top, "task_fleet_mapping") {
        return Ok(Some(ACCEPTED_BY_FLEET));
    }
    if has_object(top, "task") || has_list(top, "way_points") {
        return Ok(Some(TASK));
    }
    if there("task_id") {
        return Ok(Some(WAY_POINT));
    }
    if there("id") && status::of(&[top]).is_some_and(|status| status.known.is_some()) {
        return Ok(Some(TASK));
    }
    if has_object(top, "run") {
        return Ok(None);
    }
    if there("user_id") || has_object(top, "user") {
        return Ok(Some(DRIVER));
    }
    Err(BodyError::shape("webhook_type", "must say which event this is, or the URL must"))
}

/// What an event is about, by the name that all events of a task or a driver have.
fn subject(kind: &str, read: &Value) -> String {
    if is_about_driver(kind) {
        let driver = driver(&drivers::places(Fields::of(read)));
        let name = driver.map(|driver| driver.fleet_id.unwrap_or_else(|| driver.driver_id.into()));
        return name.map_or_else(|| "drivers".to_owned(), |name| format!("driver:{name}"));
    }
    let name = TaskNames::read(&Parts::of(kind, read)).best();
    name.map_or_else(|| "orders".to_owned(), |name| format!("order:{name}"))
}

#[cfg(test)]
mod tests;
