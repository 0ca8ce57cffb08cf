//! Events about drivers, without any order: where they are, and when they are free again.

use std::collections::BTreeMap;

use courier_domain::delivery::Position;
use courier_domain::ids::DriverId;
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverEta, DriverReport};

use super::map::occurred_at;
use super::names::agent;
use super::time;
use crate::error::MapError;
use crate::lenient::Fields;

/// The newest point of each driver. One event carries many points of many drivers, and only the newest ever shows; one
/// that cannot be used is skipped, since the next event brings another within a minute.
pub(super) fn positions(event: &InboundEvent, data: Fields) -> Vec<DriverReport> {
    let mut newest = BTreeMap::<DriverId, Position>::new();
    for of_agent in data.list("agent_locations").iter().map(Fields::of) {
        let Some(driver) = agent(of_agent) else { continue };
        let points = of_agent.list("locations").iter().map(Fields::of).filter_map(position);
        let Some(point) = points.max_by_key(|point| point.recorded_at) else { continue };
        let known = newest.get(&driver.driver_id).is_some_and(|known| known.recorded_at >= point.recorded_at);
        if !known {
            newest.insert(driver.driver_id, point);
        }
    }
    let report = |(driver_id, position): (DriverId, Position)| DriverReport {
        driver_id,
        stamp: Stamp::new(position.recorded_at, event.key.clone()),
        change: DriverChange::Position(position),
    };
    newest.into_iter().map(report).collect()
}

fn position(point: Fields) -> Option<Position> {
    let (latitude, longitude) = point.point("latitude", "longitude")?;
    Some(Position {
        latitude,
        longitude,
        speed_kmh: point.measure("speed").filter(|speed| *speed >= 0.0),
        course: point.measure("course").filter(|course| (0.0..=360.0).contains(course)),
        recorded_at: time::at(point, "recorded_at")?,
    })
}

/// The driver's estimate: free again, back home. It names no order. It counts from when it was calculated.
pub(super) fn eta(event: &InboundEvent, envelope: Fields, data: Fields) -> Result<DriverReport, MapError> {
    let driver = agent(data).ok_or_else(|| MapError::field("data.agent_uuid", "must name a driver"))?;
    let at = time::at(data, "calculated_at").map_or_else(|| occurred_at(envelope, data), Ok)?;
    let eta = DriverEta {
        available_at: time::at(data, "eta_till_available"),
        home_at: time::at(data, "eta_arrive_at_home_hub"),
    };
    let stamp = Stamp::new(at, event.key.clone());
    Ok(DriverReport { driver_id: driver.driver_id, stamp, change: DriverChange::Eta(eta) })
}

#[cfg(test)]
mod tests;
