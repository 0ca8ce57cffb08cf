//! Events about drivers, without any order: where they are, whether they take orders, whether they are on duty.

use courier_domain::delivery::{Position, Provider};
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use jiff::Timestamp;
use serde_json::Value;

use super::event::{AVAILABILITY, LOCATION, SHIFT_ENDED, SHIFT_STARTED};
use super::{names, place, time};
use crate::error::MapError;
use crate::lenient::Fields;

/// What an event says of its driver; nothing, where the one field that it is sent for is missing or says nothing.
pub(super) fn reports(event: &InboundEvent, body: &Value) -> Result<Vec<DriverReport>, MapError> {
    let top = Fields::of(body);
    let places = places(top);
    let driver = names::driver(&places);
    let driver = driver.ok_or_else(|| MapError::field("user_id", "must name a driver; so may user"))?;
    let of = |name: &str| places.iter().find_map(|place| time::past(*place, name, event.received_at));
    let (change, at) = match event.kind.as_str() {
        LOCATION => {
            let at = of("happened_at").unwrap_or(event.received_at);
            (places.iter().find_map(|place| position(*place, at)).map(DriverChange::Position), Some(at))
        }
        AVAILABILITY => {
            let available = places.iter().find_map(|place| place::flag(*place, "user_available"));
            let at =
                of("happened_at").or_else(|| time::past(top.object("user"), "updated_at", event.received_at));
            (available.map(|available| DriverChange::Available(Provider::Bringg, available)), at)
        }
        SHIFT_STARTED => (Some(DriverChange::OnDuty(Provider::Bringg, true)), of("start_shift")),
        SHIFT_ENDED => (Some(DriverChange::OnDuty(Provider::Bringg, false)), of("end_shift")),
        _ => {
            return Err(MapError::field(
                "webhook_type",
                "must say what happened to the driver, or the URL must",
            ));
        }
    };
    let stamp = Stamp::new(at.unwrap_or(event.received_at), event.key.clone());
    let report = |change| DriverReport { driver_id: driver.driver_id, stamp, change };
    Ok(change.map(report).into_iter().collect())
}

/// Where a driver's fields may be: beside everything else, or in an object of the shift's own.
pub(super) fn places(top: Fields) -> [Fields; 2] {
    [top.object("shift"), top]
}

/// 0, 0 is what devices write when they do not know. Bringg does not say in which unit speeds are, so there is none.
fn position(place: Fields, recorded_at: Timestamp) -> Option<Position> {
    let (latitude, longitude) = (place.measure("lat")?, place.measure("lng")?);
    let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    let known = on_earth && (latitude != 0.0 || longitude != 0.0);
    known.then_some(Position { latitude, longitude, speed_kmh: None, course: None, recorded_at })
}

#[cfg(test)]
mod tests;
