//! A driver: what Syrve's list says, open shifts, last position and estimate, each the newest by its sender's clock.

mod follow;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::delivery::{Position, Provider};
use crate::ids::{DriverId, RoleId, TerminalGroupId};
use crate::register::{Register, Stamp};
use crate::report::{DriverChange, DriverEta, DriverReport};

pub use follow::DriverSuperseded;

/// A driver that nothing was written of for so long is written again, so that it does not expire while it is listed.
const RENEW_AFTER: SignedDuration = SignedDuration::from_hours(45 * 24);

/// A shift in one terminal group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Whether it is open.
    pub opened: bool,
}

/// What Syrve's list of couriers says of a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Courier {
    /// The name, as it is shown to people.
    pub name: Option<String>,
    /// Whether the driver works here: listed, and not marked as deleted.
    pub active: bool,
}

/// What Syrve was last asked to do with a driver's shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockRequest {
    /// To open it, or to close it.
    pub opened: bool,
    /// The stamp of the request, and of its commands.
    pub stamp: Stamp,
    /// Whether another such command was not at its end yet.
    #[serde(default)]
    pub behind: bool,
}

/// What a fleet was last asked to know of a driver, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldFleet {
    /// The fleet.
    pub provider: Provider,
    /// The fleet's id of the restaurant.
    pub account: String,
    /// The driver, as the list had them.
    pub courier: Courier,
    /// Whether the driver is on duty.
    #[serde(default)]
    pub on_duty: bool,
    /// Whether that came to nothing, for a reason that may be gone next time.
    #[serde(default)]
    pub failed: bool,
}

/// The state of a driver. An employee of whom only a shift is known is remembered without a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// The Syrve employee id, or the fleet's.
    pub driver_id: DriverId,
    /// What Syrve's list of couriers says; nothing of employees who are not couriers, or not yet.
    #[serde(default)]
    pub courier: Register<Courier>,
    /// Shifts by terminal group: an employee may be open in several at once.
    #[serde(default)]
    pub shifts: BTreeMap<TerminalGroupId, Register<Shift>>,
    /// The newest role that a shift named; most do not name one when they close.
    #[serde(default)]
    pub role: Register<RoleId>,
    /// Where the driver was last seen.
    #[serde(default)]
    pub position: Register<Position>,
    /// When the driver is free again.
    #[serde(default)]
    pub eta: Register<DriverEta>,
    /// Whether a fleet has the driver on duty, by its own shifts.
    #[serde(default)]
    pub on_duty: BTreeMap<Provider, Register<bool>>,
    /// Whether a fleet can give the driver orders.
    #[serde(default)]
    pub available: BTreeMap<Provider, Register<bool>>,
    /// The fleets' own ids of the driver.
    #[serde(default)]
    pub fleet_ids: BTreeMap<Provider, String>,
    /// What the fleet that the restaurant writes to was last asked to know of the driver.
    #[serde(default)]
    pub told_fleet: Option<ToldFleet>,
    /// The newest request to open or close a shift.
    #[serde(default)]
    pub clock_request: Option<ClockRequest>,
    /// When anything of this was last written.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

impl Driver {
    /// A driver of whom nothing is known.
    pub fn new(driver_id: DriverId) -> Self {
        Self {
            driver_id,
            courier: Register::default(),
            shifts: BTreeMap::new(),
            role: Register::default(),
            position: Register::default(),
            eta: Register::default(),
            on_duty: BTreeMap::new(),
            available: BTreeMap::new(),
            fleet_ids: BTreeMap::new(),
            told_fleet: None,
            clock_request: None,
            updated_at: None,
        }
    }

    /// The name, as Syrve's list of couriers gives it.
    pub fn name(&self) -> Option<&str> {
        self.courier.get()?.name.as_deref()
    }

    /// Whether the driver works here, as far as anybody said.
    pub fn active(&self) -> bool {
        self.courier.get().is_none_or(|courier| courier.active)
    }

    /// Whether Syrve's list of couriers names the driver, or did.
    pub fn is_courier(&self) -> bool {
        self.courier.get().is_some()
    }

    /// Clocked in while any shift is open.
    pub fn clocked_in(&self) -> bool {
        self.open_shifts().next().is_some()
    }

    /// Whether the shift in one terminal group is open, if one was ever told of there.
    pub fn clocked_in_at(&self, group: TerminalGroupId) -> Option<bool> {
        self.shifts.get(&group).map(is_open)
    }

    /// Where shifts are open.
    pub fn open_shifts(&self) -> impl Iterator<Item = TerminalGroupId> {
        self.shifts.iter().filter(|(_, shift)| is_open(shift)).map(|(group, _)| *group)
    }

    /// The time of a request that is made `now`: after all that is known of shifts, and of earlier requests, though another
    /// clock may be ahead of ours. Else what was known before it would count as newer, and take it back.
    pub fn time_of_request(&self, now: Timestamp) -> Timestamp {
        let shifts = self.shifts.values().filter_map(Register::stamp);
        let known = shifts.chain(self.clock_request.as_ref().map(|request| &request.stamp));
        let after = |stamp: &Stamp| stamp.at.checked_add(SignedDuration::from_millis(1)).unwrap_or(stamp.at);
        known.map(after).fold(now, Timestamp::max)
    }

    /// The terminal group of the newest shift, an open one before a closed one.
    pub fn terminal_group(&self) -> Option<TerminalGroupId> {
        let shifts = self.shifts.iter();
        shifts.max_by_key(|(_, shift)| (is_open(shift), shift.stamp().cloned())).map(|(id, _)| *id)
    }

    /// Whether a listed driver must be written although nothing changed, or it would be forgotten some day.
    pub fn needs_renewal(&self, now: Timestamp) -> bool {
        self.updated_at.is_none_or(|at| now.duration_since(at) > RENEW_AFTER)
    }

    /// Whether the list says anything that is not known, or of a driver who left that a shift is still open.
    pub fn differs_from(&self, listed: &Courier) -> bool {
        self.courier.get() != Some(listed) || (!listed.active && self.clocked_in())
    }

    /// Applies an event; says whether it changed anything.
    pub fn apply(&mut self, report: &DriverReport) -> bool {
        let stamp = &report.stamp;
        match &report.change {
            DriverChange::Shift { terminal_group, opened, role } => {
                let learned = role.is_some_and(|role| self.role.offer(stamp, role));
                let shift = Shift { opened: *opened };
                self.shifts.entry(*terminal_group).or_default().offer(stamp, shift) | learned
            }
            DriverChange::Position(position) => self.position.offer(stamp, position.clone()),
            DriverChange::Eta(eta) => self.eta.offer(stamp, *eta),
            DriverChange::Listed(courier) => self.apply_list(stamp, courier),
            DriverChange::OnDuty(provider, on) => {
                self.on_duty.entry(*provider).or_default().offer(stamp, *on)
            }
            DriverChange::Available(provider, is) => {
                self.available.entry(*provider).or_default().offer(stamp, *is)
            }
            DriverChange::Known(provider, id) => {
                self.fleet_ids.insert(*provider, id.clone()).as_ref() != Some(id)
            }
            DriverChange::NotTold(provider) => {
                let told = self.told_fleet.as_mut().filter(|told| told.provider == *provider && !told.failed);
                told.map(|told| told.failed = true).is_some()
            }
        }
    }

    /// A driver who left has no shift: whatever was open is closed, unless it was opened since the list was made.
    fn apply_list(&mut self, stamp: &Stamp, courier: &Courier) -> bool {
        let changed = self.courier.offer(stamp, courier.clone());
        if courier.active || self.active() {
            return changed;
        }
        let open = self.shifts.values_mut().filter(|shift| is_open(shift));
        open.fold(changed, |changed, shift| shift.offer(stamp, Shift { opened: false }) | changed)
    }
}

fn is_open(shift: &Register<Shift>) -> bool {
    shift.get().is_some_and(|shift| shift.opened)
}
