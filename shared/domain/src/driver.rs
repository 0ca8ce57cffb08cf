//! A driver: open shifts, last position and estimate, each the newest by its sender's clock.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::delivery::Position;
use crate::event::DomainEvent;
use crate::ids::{AccountId, DriverId, EventKey, RoleId, TerminalGroupId};
use crate::register::Register;
use crate::report::{DriverChange, DriverEta, DriverReport};

/// A shift in one terminal group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Whether it is open.
    pub opened: bool,
}

/// The state of a driver. An employee of whom only a shift is known is remembered without a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// The Syrve employee id, or the fleet's.
    pub driver_id: DriverId,
    /// The name, as Syrve's list of couriers gives it.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether the driver works here.
    #[serde(default = "yes")]
    pub active: bool,
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
    /// When the list of couriers was last compared.
    #[serde(default)]
    pub synced_at: Option<Timestamp>,
}

fn yes() -> bool {
    true
}

impl Driver {
    /// A driver of whom nothing is known.
    pub fn new(driver_id: DriverId) -> Self {
        Self {
            driver_id,
            name: None,
            active: true,
            shifts: BTreeMap::new(),
            role: Register::default(),
            position: Register::default(),
            eta: Register::default(),
            synced_at: None,
        }
    }

    /// Clocked in while any shift is open.
    pub fn clocked_in(&self) -> bool {
        self.shifts.values().filter_map(Register::get).any(|shift| shift.opened)
    }

    /// The terminal group of the newest shift, an open one before a closed one.
    pub fn terminal_group(&self) -> Option<TerminalGroupId> {
        let open = |register: &Register<Shift>| register.get().is_some_and(|shift| shift.opened);
        self.shifts.iter().max_by_key(|(_, shift)| (open(shift), shift.stamp().cloned())).map(|(id, _)| *id)
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
        }
    }

    /// The domain events of the change `before` → `self`. Shifts that Syrve opened on our own request come back as
    /// events too; they lead to nothing but these, so nothing can go round in circles.
    pub fn events_since(
        &self,
        before: &Self,
        account: &AccountId,
        cause: &EventKey,
        at: Timestamp,
    ) -> Vec<DomainEvent> {
        let mut events = Vec::new();
        if before.clocked_in() != self.clocked_in() {
            let name = if self.clocked_in() { "driver_clocked_in" } else { "driver_clocked_out" };
            let detail = json!({ "terminal_group_id": self.terminal_group() });
            events.push(DomainEvent::of_driver(name, account, &self.driver_id, at, cause, detail));
        }
        if before.eta.get() != self.eta.get() {
            let detail = json!(self.eta.get());
            events.push(DomainEvent::of_driver(
                "agent_eta_updated",
                account,
                &self.driver_id,
                at,
                cause,
                detail,
            ));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::register::Stamp;

    const KITCHEN: &str = "a5561d5e-0000-4000-8000-000000000001";
    const BAR: &str = "a5561d5e-0000-4000-8000-000000000002";

    fn shift(second: i64, group: &str, opened: bool, role: Option<&str>) -> DriverReport {
        let at = Timestamp::from_second(1_772_000_000 + second).unwrap();
        let key = EventKey::hashed([format!("{second}{group}{opened}").as_str()]);
        DriverReport {
            driver_id: "ffc60000-0000-4000-8000-000000000017".parse().unwrap(),
            stamp: Stamp::new(at, key),
            change: DriverChange::Shift {
                terminal_group: group.parse().unwrap(),
                opened,
                role: role.map(|role| role.parse().unwrap()),
            },
        }
    }

    fn after(reports: &[DriverReport]) -> Driver {
        let mut driver = Driver::new("ffc60000-0000-4000-8000-000000000017".parse().unwrap());
        for report in reports {
            driver.apply(report);
        }
        driver
    }

    #[test]
    fn a_driver_open_in_two_terminal_groups_stays_in_until_both_are_closed() {
        let mut story =
            vec![shift(0, KITCHEN, true, None), shift(1, BAR, true, None), shift(2, KITCHEN, false, None)];
        assert!(after(&story).clocked_in());
        assert_eq!(after(&story).terminal_group(), Some(BAR.parse().unwrap()));
        story.push(shift(3, BAR, false, None));
        assert!(!after(&story).clocked_in());
    }

    #[test]
    fn a_close_without_an_open_and_a_late_open_leave_the_driver_out() {
        let late = [shift(5, KITCHEN, false, None), shift(4, KITCHEN, true, None)];
        assert!(!after(&late).clocked_in());
        assert!(!after(&late[..1]).clocked_in());
    }

    #[test]
    fn the_role_is_learned_from_the_newest_shift_that_has_one() {
        let role = "11111111-0000-4000-8000-000000000001";
        let story =
            [shift(0, KITCHEN, true, Some(role)), shift(1, BAR, true, None), shift(2, KITCHEN, false, None)];
        assert_eq!(after(&story).role.get(), Some(&role.parse().unwrap()));
    }

    proptest! {
        #[test]
        fn shifts_in_any_order_with_any_repeats_end_in_one_state(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
                                                                 repeats in prop::collection::vec(0usize..6, 0..8)) {
            let story: Vec<_> = (0..6).map(|n| {
                let group = if n % 2 == 0 { KITCHEN } else { BAR };
                shift(i64::from(n / 2), group, n < 3, None)
            }).collect();
            let told: Vec<_> = order.iter().chain(&repeats).map(|n| story[*n].clone()).collect();
            prop_assert_eq!(after(&told), after(&story));
        }
    }
}
