//! Events about drivers, without any order: where they are, whether they take orders, whether they are on duty.

use courier_domain::delivery::{Position, Provider};
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use jiff::Timestamp;
use serde_json::Value;

use super::event::{AVAILABILITY, LOCATION, SHIFT_ENDED, SHIFT_STARTED};
use super::{names, time};
use crate::error::MapError;
use crate::lenient::Fields;

/// What an event says of its driver; nothing, where the one field that it is sent for is missing or says nothing.
pub(super) fn reports(event: &InboundEvent, body: &Value) -> Result<Vec<DriverReport>, MapError> {
    let top = Fields::of(body);
    let places = places(top);
    let driver = names::driver(&places);
    let driver = driver.ok_or_else(|| MapError::field("user_id", "must name a driver; so may user"))?;
    let at = occurred_at(&event.kind, top, event.received_at).unwrap_or(event.received_at);
    let change = match event.kind.as_str() {
        LOCATION => places.iter().find_map(|place| position(*place, at)).map(DriverChange::Position),
        AVAILABILITY => {
            let available = places.iter().find_map(|place| place.yes_or_no("user_available"));
            available.map(|available| DriverChange::Available(Provider::Bringg, available))
        }
        SHIFT_STARTED => Some(DriverChange::OnDuty(Provider::Bringg, true)),
        SHIFT_ENDED => Some(DriverChange::OnDuty(Provider::Bringg, false)),
        _ => {
            return Err(MapError::field(
                "webhook_type",
                "must say what happened to the driver, or the URL must",
            ));
        }
    };
    let stamp = Stamp::new(at, event.key.clone());
    let report = |change| DriverReport { driver_id: driver.driver_id, stamp, change };
    Ok(change.map(report).into_iter().collect())
}

/// When it happened, as far as the body says so and that can be right.
pub(super) fn occurred_at(kind: &str, top: Fields, received_at: Timestamp) -> Option<Timestamp> {
    let of = |name: &str| places(top).into_iter().find_map(|place| time::past(place, name, received_at));
    match kind {
        LOCATION => of("happened_at"),
        AVAILABILITY => {
            of("happened_at").or_else(|| time::past(top.object("user"), "updated_at", received_at))
        }
        SHIFT_STARTED => of("start_shift"),
        SHIFT_ENDED => of("end_shift"),
        _ => None,
    }
}

/// Where a driver's fields may be: beside everything else, or in an object of the shift's own.
pub(super) fn places(top: Fields) -> [Fields; 2] {
    [top.object("shift"), top]
}

/// Bringg does not say in which unit speeds are, so there is none.
fn position(place: Fields, recorded_at: Timestamp) -> Option<Position> {
    let (latitude, longitude) = place.point("lat", "lng")?;
    Some(Position { latitude, longitude, speed_kmh: None, course: None, recorded_at })
}

#[cfg(test)]
mod tests;
