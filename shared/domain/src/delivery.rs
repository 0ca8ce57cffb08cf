//! How a fleet carries one order: status, driver and tracking link, each the newest that any of the
//! fleet's events told, and which Syrve status follows from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::DriverId;
use crate::register::Register;

/// Who carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Captain.AI
    Captain,
}

impl Provider {
    /// Its name in keys, logs and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captain => "captain",
        }
    }
}

/// A delivery's status, in Captain.AI's words and in lifecycle order; the order breaks ties of equal time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the words of the published status list")]
pub enum DeliveryStatus {
    UnassignedToDriver,
    AssignedToDriver,
    AssignedAndAcceptedByDriver,
    Collected,
    DroppedOff,
    ReturningToPickupWithDelivery,
    Failed,
    Cancelled,
    AutoClosed,
}

impl DeliveryStatus {
    /// Every status, in lifecycle order.
    pub const ALL: [Self; 9] = [
        Self::UnassignedToDriver,
        Self::AssignedToDriver,
        Self::AssignedAndAcceptedByDriver,
        Self::Collected,
        Self::DroppedOff,
        Self::ReturningToPickupWithDelivery,
        Self::Failed,
        Self::Cancelled,
        Self::AutoClosed,
    ];

    /// The place in the lifecycle.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// The status as it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnassignedToDriver => "unassigned_to_driver",
            Self::AssignedToDriver => "assigned_to_driver",
            Self::AssignedAndAcceptedByDriver => "assigned_and_accepted_by_driver",
            Self::Collected => "collected",
            Self::DroppedOff => "dropped_off",
            Self::ReturningToPickupWithDelivery => "returning_to_pickup_with_delivery",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::AutoClosed => "auto_closed",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// What Syrve is to be told. Captain.AI's published mapping has these three entries and no others.
    pub fn pos_status(self) -> Option<PosStatus> {
        match self {
            Self::AssignedAndAcceptedByDriver => Some(PosStatus::Waiting),
            Self::Collected => Some(PosStatus::OnWay),
            Self::DroppedOff => Some(PosStatus::Delivered),
            _ => None,
        }
    }
}

/// The three statuses between which a Syrve order can be switched from outside, in lifecycle order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Syrve's own words")]
pub enum PosStatus {
    Waiting,
    OnWay,
    Delivered,
}

impl PosStatus {
    /// The word Syrve uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::OnWay => "OnWay",
            Self::Delivered => "Delivered",
        }
    }
}

/// A driver as a fleet names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetDriver {
    /// Our id: the Syrve employee id where the fleet knows it.
    pub driver_id: DriverId,
    /// The fleet's own id.
    pub fleet_id: Option<String>,
}

/// A point on the map and when it was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Degrees.
    pub latitude: f64,
    /// Degrees.
    pub longitude: f64,
    /// Kilometres per hour.
    pub speed_kmh: Option<f64>,
    /// Degrees from north.
    pub course: Option<f64>,
    /// When it was measured.
    pub recorded_at: Timestamp,
}

/// The state of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// The newest status, and who reported it.
    pub status: Register<ReportedStatus>,
    /// The newest driver as the event named them, `None` when the last word was that there is none.
    pub driver: Register<Option<FleetDriver>>,
    /// The Syrve employees behind the fleet's ids: some events give both, others only the fleet's.
    pub employees: BTreeMap<String, DriverId>,
    /// The link where the customer follows the courier.
    pub tracking_url: Register<String>,
    /// The fleet's own status of the whole order, as the fleet writes it.
    pub order_status: Register<String>,
}

/// A status and its reporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedStatus {
    /// Who reported it.
    pub provider: Provider,
    /// The status.
    pub status: DeliveryStatus,
}

impl Delivery {
    /// The newest status.
    pub fn current(&self) -> Option<DeliveryStatus> {
        self.status.get().map(|reported| reported.status)
    }

    /// When the guest received the order, if the newest status says that they did.
    pub fn delivered_at(&self) -> Option<Timestamp> {
        (self.current() == Some(DeliveryStatus::DroppedOff))
            .then(|| self.status.stamp().map(|s| s.at))
            .flatten()
    }

    /// The driver, by Syrve's employee id where any event ever gave it for this driver.
    pub fn current_driver(&self) -> Option<FleetDriver> {
        let driver = self.driver.get().cloned().flatten()?;
        let employee = driver.fleet_id.as_ref().and_then(|id| self.employees.get(id));
        Some(FleetDriver {
            driver_id: employee.cloned().unwrap_or(driver.driver_id),
            fleet_id: driver.fleet_id,
        })
    }

    /// Remembers which employee a fleet's driver is; says whether that was news. Of two that are said, the greater id
    /// stays, whichever came first.
    pub(crate) fn learn(&mut self, driver: &FleetDriver) -> bool {
        let (Some(fleet_id), Some(_)) = (&driver.fleet_id, driver.driver_id.employee()) else { return false };
        let news = self.employees.get(fleet_id).is_none_or(|known| *known < driver.driver_id);
        if news {
            self.employees.insert(fleet_id.clone(), driver.driver_id.clone());
        }
        news
    }

    /// Whether any fleet has said anything.
    pub fn is_known(&self) -> bool {
        self.status.get().is_some() || self.driver.get().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_ranks_follow_the_lifecycle() {
        for (rank, status) in DeliveryStatus::ALL.into_iter().enumerate() {
            assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
            assert_eq!(usize::from(status.rank()), rank);
        }
        assert_eq!(DeliveryStatus::parse("on_the_moon"), None);
    }

    #[test]
    fn only_three_statuses_reach_syrve() {
        let told: Vec<_> = DeliveryStatus::ALL.into_iter().filter_map(DeliveryStatus::pos_status).collect();
        assert_eq!(told, [PosStatus::Waiting, PosStatus::OnWay, PosStatus::Delivered]);
    }
}
