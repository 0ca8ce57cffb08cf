//! How a fleet carries one order: status, driver, tracking link and what else its events tell. All of it is the newest by
//! the fleet's own clock, so that the order in which events arrive makes no difference.

mod evidence;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use evidence::Evidence;
pub use status::{DeliveryStatus, PosStatus};

use crate::ids::DriverId;
use crate::register::{Register, Stamp};
use crate::report::FleetNews;

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

    fn cut(&self) -> Self {
        let [name, phone, carrier] =
            [&self.name, &self.phone, &self.carrier].map(|text| text.as_deref().map(cut));
        Self { name, phone, carrier, ..self.clone() }
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

impl Confirmation {
    fn cut(&self) -> Self {
        Self { comment: self.comment.as_deref().map(cut), ..self.clone() }
    }
}

/// A remark that somebody at the fleet made on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub text: String,
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
    /// What was last said of each driver beside the ids, by the fleet's id.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, Register<FleetDriver>>,
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
    /// Takes what an event says; says whether that changed anything that is shown. What is older than that is kept only as
    /// [`Evidence`].
    pub(crate) fn apply(&mut self, stamp: &Stamp, news: &FleetNews) -> bool {
        let standing = |delivery: &Self| delivery.standing().map(|(status, stamp)| (status, stamp.clone()));
        let before = standing(self);
        if let Some(status) = news.status {
            self.offer_status(status, stamp, news.implied);
        }
        let mut changed = standing(self) != before;
        // That there is no driver takes a delivery back, which what is only implied never does.
        if let Some(driver) = news.driver.as_ref().filter(|driver| driver.is_some() || !news.implied) {
            // The driver goes by the rank of the status it came with, so that of two events of the same second one decides
            // both.
            changed |= driver.as_ref().is_some_and(|driver| self.learn(driver) | self.meet(stamp, driver));
            let stamp = stamp.ranked(news.status.map_or(0, DeliveryStatus::rank));
            changed |= self.driver.offer(&stamp, driver.as_ref().map(FleetDriver::cut));
        }
        let (text, confirmation) =
            (|text: &String| cut(text), news.confirmation.as_ref().map(Confirmation::cut));
        changed |= offer(&mut self.order_status, stamp, news.order_status.as_ref().map(text));
        changed |= offer(&mut self.tracking_url, stamp, news.tracking_url.clone());
        changed |= offer(&mut self.eta, stamp, news.eta);
        changed |= offer(&mut self.deliver_before, stamp, news.deliver_before);
        changed |= offer(&mut self.description, stamp, news.description.as_ref().map(text));
        changed |= offer(&mut self.end_reason, stamp, news.end_reason.as_ref().map(text));
        changed |= offer(&mut self.confirmation, stamp, confirmation);
        news.note.as_ref().is_some_and(|note| self.note(stamp, note)) | changed
    }

    /// The driver, by Syrve's employee id where any event ever gave it for this driver.
    pub fn current_driver(&self) -> Option<FleetDriver> {
        let driver = self.driver.get().cloned().flatten()?;
        let employee = driver.fleet_id.as_ref().and_then(|id| self.employees.get(id));
        let known = driver.fleet_id.as_ref().and_then(|id| self.people.get(id)?.get()).cloned();
        let known = known.unwrap_or_else(|| driver.clone());
        Some(FleetDriver {
            driver_id: employee.cloned().unwrap_or(driver.driver_id),
            fleet_id: driver.fleet_id,
            ..known
        })
    }

    /// Remembers what an event says of a driver beside the ids: others of the same driver have only these. Without an id of
    /// the fleet's one driver cannot be told from another: Jelp has one name for those of all other companies.
    fn meet(&mut self, stamp: &Stamp, driver: &FleetDriver) -> bool {
        let says_more = driver.name.is_some() || driver.phone.is_some() || driver.carrier.is_some();
        let id = driver.fleet_id.as_ref().filter(|id| says_more && !id.is_empty());
        let Some(id) = id else { return false };
        self.people.entry(id.clone()).or_default().offer(stamp, driver.cut())
    }

    /// Remembers which employee a fleet's driver is; says whether that was news. Of two that are said, the greater id
    /// stays, whichever came first.
    fn learn(&mut self, driver: &FleetDriver) -> bool {
        let (Some(fleet_id), Some(_)) = (&driver.fleet_id, driver.driver_id.employee()) else { return false };
        let news = self.employees.get(fleet_id).is_none_or(|known| *known < driver.driver_id);
        if news {
            self.employees.insert(fleet_id.clone(), driver.driver_id.clone());
        }
        news
    }

    /// Keeps a remark while it is one of the newest; says whether it is.
    fn note(&mut self, stamp: &Stamp, text: &str) -> bool {
        let place = self.notes.partition_point(|note| note.stamp < *stamp);
        let known = self.notes.get(place).is_some_and(|note| note.stamp == *stamp);
        if known || (place == 0 && self.notes.len() >= MOST_NOTES) {
            return false;
        }
        self.notes.insert(place, Note { stamp: stamp.clone(), text: cut(text) });
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

fn offer<T>(register: &mut Register<T>, stamp: &Stamp, value: Option<T>) -> bool {
    value.is_some_and(|value| register.offer(stamp, value))
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
