//! When an event happened. Bringg has no field for that: each event has its own, and which fields a body has is the
//! restaurant's choice. A time that cannot be right is as good as none.
//!
//! Bringg says of all its times that they are UTC, so one without a zone is. The one time that is a number, a position's,
//! has eleven digits in the published sample, which is no year of ours in seconds nor in milliseconds.

use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use super::event::{
    ARRIVED, CHECKED_IN, DONE, LEFT, NOTE_CREATED, ON_THE_WAY, ORDER_ACCEPTED, ORDER_ASSIGNED,
    ORDER_CANCELLED, ORDER_CREATED, TASK,
};
use super::parts::Parts;
use super::place::{self, Place};
use super::status::{Status, is_ahead};
use crate::lenient::{Fields, decimal};
use crate::time::{is_past, is_set, utc};

/// Above this a number of seconds would be in the year 5138, so it is milliseconds.
const MOST_SECONDS: i64 = 100_000_000_000;

/// The time in a field.
pub(super) fn at(fields: Fields, name: &str) -> Option<Timestamp> {
    instant(fields.value(name)?)
}

/// A time of the past that can be right, of an event received then.
pub(super) fn past(fields: Fields, name: &str, received_at: Timestamp) -> Option<Timestamp> {
    at(fields, name).filter(|at| is_past(*at, received_at))
}

/// A time of the future, such as that of an arrival: only one long ago cannot be right.
pub(super) fn planned(fields: Fields, name: &str) -> Option<Timestamp> {
    at(fields, name).filter(|at| is_set(*at))
}

/// The time that a value is.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    decimal(value).map_or_else(|| utc(value.as_str()?), from_unix)
}

fn from_unix(number: Decimal) -> Option<Timestamp> {
    let is_millis = number > Decimal::from(MOST_SECONDS);
    let millis = if is_millis { number } else { number.checked_mul(Decimal::ONE_THOUSAND)? };
    Timestamp::from_millisecond(millis.trunc().to_i64()?).ok()
}

/// When an event about an order happened, as far as its body says so.
pub(super) fn of_order(
    kind: &str,
    parts: &Parts,
    place: Place,
    point: Option<Fields>,
    status: Option<&Status>,
    received_at: Timestamp,
) -> Option<Timestamp> {
    let past = |fields: Fields, name: &str| past(fields, name, received_at);
    let task = |name: &str| parts.of_task().into_iter().find_map(|task| past(task, name));
    let point = |name: &str| point.and_then(|point| past(point, name));
    // Of a task that is further than the event, that is the time of something later.
    let updated = || task("updated_at").filter(|_| !is_ahead(kind, status));
    let finished = || {
        let checkout = || place::dropoff(parts).and_then(|point| past(point, "checkout_time"));
        task("ended_time").or_else(checkout).or_else(updated)
    };
    match kind {
        ORDER_CREATED => task("created_at").or_else(updated),
        ORDER_ASSIGNED => updated().or_else(|| task("last_assigned_time")),
        ORDER_ACCEPTED => updated().or_else(|| task("accept_time")),
        // The task was started when the driver set out for the first of its way points.
        ON_THE_WAY => {
            let is_first = place != Place::Dropoff || parts.way_points().len() < 2;
            updated().or_else(|| task("started_time").filter(|_| is_first))
        }
        // Of a way point, its own last change is nearer than that of its task.
        ARRIVED => point("checkin_time").or_else(|| point("updated_at")).or_else(updated),
        LEFT => point("checkout_time").or_else(|| point("updated_at")).or_else(updated),
        CHECKED_IN => point("checkin_time").or_else(updated).or_else(|| point("updated_at")),
        DONE => finished(),
        TASK if status.is_some_and(|status| status.known == Some("done")) => finished(),
        ORDER_CANCELLED => task("cancelled_at").or_else(updated),
        NOTE_CREATED => {
            ["happened_at", "created_at", "updated_at"].into_iter().find_map(|name| past(parts.note, name))
        }
        _ => point("updated_at").or_else(updated),
    }
}

#[cfg(test)]
mod tests;
