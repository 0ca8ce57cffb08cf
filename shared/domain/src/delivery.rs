//! How a fleet carries one order: status, driver, tracking link and what else its events tell, and which Syrve status
//! follows from it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::DriverId;
use crate::register::{Register, Stamp};

/// Who carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "their own names")]
pub enum Provider {
    Captain,
    Jelp,
    Radaro,
    Bringg,
}

impl Provider {
    /// Every fleet.
    pub const ALL: [Self; 4] = [Self::Captain, Self::Jelp, Self::Radaro, Self::Bringg];

    /// Its name in URLs, keys, logs and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captain => "captain",
            Self::Jelp => "jelp",
            Self::Radaro => "radaro",
            Self::Bringg => "bringg",
        }
    }

    /// The fleet of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text)
    }

    /// Whether a fleet says of every delivery when its driver accepted it. Of the others the first later status implies
    /// it, so Syrve is first told the steps that were skipped.
    pub fn tells_every_step(self) -> bool {
        self == Self::Captain
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

    /// Whether it brings the order nearer to the guest.
    pub fn is_progress(self) -> bool {
        matches!(
            self,
            Self::AssignedToDriver | Self::AssignedAndAcceptedByDriver | Self::Collected | Self::DroppedOff
        )
    }

    /// Whether the fleet is done with the order without having delivered it.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::AutoClosed)
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
    /// All of them, in lifecycle order.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::OnWay, Self::Delivered];

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
    /// The name, where the fleet gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The telephone number, where the fleet gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The company that the fleet passed the order on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
}

impl FleetDriver {
    /// A driver of whom only ids are known.
    pub fn new(driver_id: DriverId, fleet_id: Option<String>) -> Self {
        Self { driver_id, fleet_id, name: None, phone: None, carrier: None }
    }
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

/// What the customer said once the order was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Whether they confirmed that they have it.
    pub confirmed: bool,
    /// Their rating, in the fleet's own unit.
    pub rating: Option<Decimal>,
    /// What they wrote.
    pub comment: Option<String>,
}

/// A remark that somebody at the fleet made on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub text: String,
}

/// How often a fleet said one status: the newest time that it told it, and the newest that implied it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// An event of this status, with a time of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Stamp>,
    /// An event from which it follows, or one without a time, which has the time it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied: Option<Stamp>,
}

/// The most notes that are kept of one delivery, the newest.
pub const MOST_NOTES: usize = 10;
/// The most characters that are kept of a text which people wrote.
pub const LONGEST_TEXT: usize = 1000;

/// One fleet's delivery of an order. Everything in it is the newest of what was said, whatever the order of arrival.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// What was said of each status.
    pub statuses: BTreeMap<DeliveryStatus, Evidence>,
    /// The newest driver as the event named them, `None` when the last word was that there is none.
    pub driver: Register<Option<FleetDriver>>,
    /// The Syrve employees behind the fleet's ids: some events give both, others only the fleet's.
    pub employees: BTreeMap<String, DriverId>,
    /// The link where the customer follows the courier.
    pub tracking_url: Register<String>,
    /// The fleet's own status of the whole order, as the fleet writes it.
    pub order_status: Register<String>,
    /// When the fleet expects to be with the customer.
    pub eta: Register<Timestamp>,
    /// By when the fleet is to be there.
    pub deliver_before: Register<Timestamp>,
    /// The fleet's description of the job.
    pub description: Register<String>,
    /// Why it ended as it did, in the fleet's words.
    pub end_reason: Register<String>,
    /// What the customer said.
    pub confirmation: Register<Confirmation>,
    /// Remarks, oldest first.
    pub notes: Vec<Note>,
}

impl Delivery {
    /// The status: the newest that was told. What is only implied, or has no time, counts where it is received later and
    /// is further along, so that it never takes a delivery back.
    fn standing(&self) -> Option<(DeliveryStatus, &Stamp)> {
        let told = |(status, evidence): (&DeliveryStatus, &'_ Evidence)| {
            evidence.told.as_ref().map(|stamp| (stamp.ranked(status.rank()), *status))
        };
        let newest = self.statuses.iter().filter_map(told).max().map(|(_, status)| status);
        let of = |status: DeliveryStatus| self.statuses.get(&status);
        let told = newest.and_then(|status| Some((status, of(status)?.told.as_ref()?)));
        let further = |(status, evidence): (&DeliveryStatus, &'_ Evidence)| {
            let stamp = evidence.implied.as_ref()?;
            told.is_none_or(|(known, at)| *status > known && stamp.at >= at.at).then_some(*status)
        };
        let implied = self.statuses.iter().filter_map(further).max();
        implied.and_then(|status| Some((status, of(status)?.implied.as_ref()?))).or(told)
    }

    /// The status as it stands.
    pub fn current(&self) -> Option<DeliveryStatus> {
        self.standing().map(|(status, _)| status)
    }

    /// When that status was reached, and by which event.
    pub fn status_stamp(&self) -> Option<&Stamp> {
        self.standing().map(|(_, stamp)| stamp)
    }

    /// Takes what an event says of a status; says whether that was news.
    pub(crate) fn offer(&mut self, status: DeliveryStatus, stamp: &Stamp, implied: bool) -> bool {
        let evidence = self.statuses.entry(status).or_default();
        let held = if implied { &mut evidence.implied } else { &mut evidence.told };
        let news = held.as_ref().is_none_or(|held| *held < *stamp);
        if news {
            *held = Some(stamp.clone());
        }
        news
    }

    fn newest_of(&self, which: impl Fn(DeliveryStatus) -> bool) -> Option<&Stamp> {
        let evidence = self.statuses.iter().filter(|(status, _)| which(**status));
        evidence.flat_map(|(_, evidence)| [&evidence.told, &evidence.implied]).flatten().max()
    }

    /// The newest of all that was said of its status.
    pub(crate) fn newest(&self) -> Option<&Stamp> {
        self.newest_of(|_| true)
    }

    /// Which of an order's deliveries counts: one that its fleet has not given up before one that it has, since a fleet
    /// that gave up comes back only by assigning a driver anew; among these the one that moved last.
    pub(crate) fn claim(&self) -> impl Ord {
        use DeliveryStatus::{AssignedAndAcceptedByDriver, AssignedToDriver};
        let begins = |status| matches!(status, AssignedToDriver | AssignedAndAcceptedByDriver);
        let lost = self.newest_of(DeliveryStatus::is_loss);
        let given_up = lost.is_some() && lost > self.newest_of(begins);
        let moved = self.newest_of(DeliveryStatus::is_progress).filter(|_| !given_up);
        (!given_up, moved.cloned(), self.newest().cloned())
    }

    /// When the guest received the order, if the status says that they did.
    pub fn delivered_at(&self) -> Option<Timestamp> {
        self.standing().filter(|(status, _)| *status == DeliveryStatus::DroppedOff).map(|(_, stamp)| stamp.at)
    }

    /// The driver, by Syrve's employee id where any event ever gave it for this driver.
    pub fn current_driver(&self) -> Option<FleetDriver> {
        let driver = self.driver.get().cloned().flatten()?;
        let employee = driver.fleet_id.as_ref().and_then(|id| self.employees.get(id));
        Some(FleetDriver { driver_id: employee.cloned().unwrap_or(driver.driver_id), ..driver })
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

    /// Keeps a remark while it is one of the newest; says whether it is.
    pub(crate) fn note(&mut self, stamp: &Stamp, text: &str) -> bool {
        let place = self.notes.partition_point(|note| note.stamp < *stamp);
        let known = self.notes.get(place).is_some_and(|note| note.stamp == *stamp);
        if known || (place == 0 && self.notes.len() >= MOST_NOTES) {
            return false;
        }
        let text = text.chars().take(LONGEST_TEXT).collect();
        self.notes.insert(place, Note { stamp: stamp.clone(), text });
        if self.notes.len() > MOST_NOTES {
            self.notes.remove(0);
        }
        true
    }

    /// Whether the fleet has said anything of a status or a driver.
    pub fn is_known(&self) -> bool {
        self.current().is_some() || self.driver.get().is_some()
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
