//! Where a driver is, as an event about an order says in passing. It is an event of its own here, since it is about the
//! driver: it goes by the driver's own order of events, and an order's event that cannot be mapped does not hold it up.
//!
//! Jelp does not say when a place was measured, so it counts as measured when the event happened, and without a time of
//! the event it is not kept. The `location` of a short event that ends an order names no driver and is not kept either.

use courier_domain::delivery::{Position, Provider};
use courier_domain::ids::EventKey;
use courier_domain::inbound::{InboundEvent, canonical};
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport, Report};
use jiff::Timestamp;
use serde_json::json;

use super::driver::{self, Located};
use super::time;
use crate::body::RawEvent;
use crate::error::MapError;
use crate::lenient::Fields;

/// Our name of the event.
pub(super) const DRIVER_LOCATION: &str = "driver_location";

/// The event of where the driver was at that time, if the body says so.
pub(super) fn told(body: Fields, at: Timestamp) -> Option<RawEvent> {
    let Located { field, name, point: (latitude, longitude) } = driver::located(body)?;
    let driver = driver::read(body)?.driver_id;
    let at = at.to_string();
    let place = json!({ "lat": latitude, "lon": longitude });
    let body = json!({ "timestamp": at, "driver": { field: name, "location": place } });
    let key =
        EventKey::hashed([Provider::Jelp.as_str(), DRIVER_LOCATION, driver.as_str(), &at, &canonical(&body)]);
    Some(RawEvent { kind: DRIVER_LOCATION.to_owned(), key, subject: format!("driver:{driver}"), body })
}

/// What such an event means.
pub(super) fn map(event: &InboundEvent, body: Fields) -> Result<Report, MapError> {
    let driver =
        driver::read(body).ok_or_else(|| MapError::field("driver.employeeCode", "must name a driver"))?;
    let located =
        driver::located(body).ok_or_else(|| MapError::field("driver.location", "must be a point"))?;
    let (latitude, longitude) = located.point;
    let recorded_at = time::occurred_at(body, DRIVER_LOCATION, event.received_at)
        .ok_or_else(|| MapError::field("timestamp", "must be a time"))?;
    let position = Position { latitude, longitude, speed_kmh: None, course: None, recorded_at };
    Ok(Report::Drivers(vec![DriverReport {
        driver_id: driver.driver_id,
        stamp: Stamp::new(recorded_at, event.key.clone()),
        change: DriverChange::Position(position),
    }]))
}
