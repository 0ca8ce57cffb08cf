//! What a list of couriers changes: pure, so that every odd list has a test of one line.

use std::collections::BTreeMap;

use courier_clients::syrve::CourierList;
use courier_domain::account::Account;
use courier_domain::driver::{Courier, Driver};
use courier_domain::ids::DriverId;
use courier_domain::ports::Versioned;
use courier_domain::sync::SyncCounts;
use jiff::Timestamp;

/// Syrve's list against what is stored, driver by driver.
#[derive(Debug)]
pub(super) struct Plan {
    /// What is listed and was not met among the stored ones yet.
    unmet: BTreeMap<DriverId, Courier>,
    /// Entries of the list that are no employees.
    unreadable: u32,
    is_empty: bool,
    changes: Vec<Change>,
    renewals: Vec<Versioned<Driver>>,
    gone: Vec<Change>,
    active_before: usize,
    unchanged: u32,
}

/// A driver of whom the list says something new.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// As stored; version 0 if not.
    pub(super) driver: Versioned<Driver>,
    /// What the list says.
    pub(super) courier: Courier,
    /// Whether the list says so itself, or leaves the driver out.
    pub(super) is_listed: bool,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(super) struct Planned {
    /// What is to be written.
    pub(super) changes: Vec<Change>,
    /// Drivers that are as they were, and written only so that they are not forgotten, or to tell a new fleet of them.
    pub(super) renewals: Vec<Versioned<Driver>>,
    /// Drivers that are as they were, the renewed ones included.
    pub(super) unchanged: u32,
}

impl Plan {
    /// A plan from a list. A driver listed twice is active if any entry is, and called by the first entry that decides.
    pub(super) fn new(list: CourierList) -> Self {
        let mut unmet: BTreeMap<DriverId, Courier> = BTreeMap::new();
        for (id, courier) in list.couriers {
            match unmet.get_mut(&id) {
                Some(known) if courier.active && !known.active => *known = courier,
                Some(_) => {}
                None => drop(unmet.insert(id, courier)),
            }
        }
        Self {
            unreadable: list.unreadable,
            is_empty: unmet.is_empty(),
            unmet,
            changes: Vec::new(),
            renewals: Vec::new(),
            gone: Vec::new(),
            active_before: 0,
            unchanged: 0,
        }
    }

    /// Compares stored drivers of an account; each must be shown once.
    pub(super) fn meet(&mut self, account: &Account, stored: Vec<Versioned<Driver>>, now: Timestamp) {
        for driver in stored {
            let known = driver.value.courier.get();
            let was_active = known.is_some_and(|courier| courier.active);
            self.active_before += usize::from(was_active);
            match (self.unmet.remove(&driver.value.driver_id), known) {
                (Some(courier), _) if driver.value.differs_from(&courier) => {
                    self.changes.push(Change { driver, courier, is_listed: true });
                }
                (Some(_), _) => {
                    self.unchanged += 1;
                    if driver.value.needs_renewal(now) || driver.value.is_news_to_fleet(account) {
                        self.renewals.push(driver);
                    }
                }
                (None, Some(courier)) if was_active => {
                    let courier = Courier { active: false, ..courier.clone() };
                    self.gone.push(Change { driver, courier, is_listed: false });
                }
                // One who left is not listed again, and the fleet has not taken it in yet.
                (None, Some(_)) if driver.value.is_news_to_fleet(account) && !driver.value.clocked_in() => {
                    self.renewals.push(driver);
                }
                // Shifts of employees who are no couriers, a fleet's own drivers, and those who left long ago.
                (None, _) => {}
            }
        }
    }

    /// What is to be done once all stored drivers were met; an error says why the list is not believed. A list that lost
    /// more than half of the drivers at once is more likely a broken answer than a broken restaurant, and whoever is missing
    /// from one with unreadable entries may be one of these; unless a person says that the list is right.
    pub(super) fn finish(mut self, accept_losses: bool) -> Result<Planned, String> {
        if self.is_empty && !accept_losses {
            let odd = match self.unreadable {
                0 => String::new(),
                count => format!(" that can be read, and {count} that cannot"),
            };
            return Err(format!("Syrve lists no couriers{odd}; nothing was changed"));
        }
        if self.gone.len() * 2 > self.active_before && !accept_losses {
            let (gone, before) = (self.gone.len(), self.active_before);
            return Err(format!(
                "Syrve's list has lost {gone} of {before} active couriers; nothing was changed"
            ));
        }
        if self.unreadable > 0 && !accept_losses {
            self.unchanged =
                self.unchanged.saturating_add(u32::try_from(self.gone.len()).unwrap_or(u32::MAX));
            self.gone.clear();
        }
        let new = |(id, courier)| {
            let driver = Versioned { value: Driver::new(id), version: 0 };
            Change { driver, courier, is_listed: true }
        };
        self.changes.extend(self.unmet.into_iter().map(new));
        self.changes.append(&mut self.gone);
        Ok(Planned { changes: self.changes, renewals: self.renewals, unchanged: self.unchanged })
    }
}

/// Counts a change by what it is.
pub(super) fn count(counts: &mut SyncCounts, change: &Change) {
    let known = change.driver.value.courier.get();
    let kind = match known {
        None => &mut counts.created,
        Some(_) if !change.courier.active => &mut counts.deactivated,
        Some(_) => &mut counts.updated,
    };
    *kind += 1;
}

#[cfg(test)]
mod tests {
    use courier_domain::account::MatchOrdersBy;
    use courier_domain::register::Stamp;
    use courier_domain::report::{DriverChange, DriverReport};

    use super::*;
    use crate::testing::account;

    fn id(number: usize) -> DriverId {
        format!("ffc60000-0000-4000-8000-{number:012}").parse().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + second).unwrap()
    }

    fn courier(name: &str, active: bool) -> Courier {
        Courier { name: Some(name.into()), active }
    }

    fn stored(number: usize, courier: Option<Courier>) -> Versioned<Driver> {
        let mut value = Driver::new(id(number));
        if let Some(courier) = courier {
            let (driver_id, stamp) = (id(number), Stamp::new(at(0), "list".parse().unwrap()));
            value.apply(&DriverReport { driver_id, stamp, change: DriverChange::Listed(courier) });
        }
        value.updated_at = Some(at(0));
        Versioned { value, version: 1 }
    }

    fn actives(count: usize) -> Vec<Versioned<Driver>> {
        (0..count).map(|n| stored(n, Some(courier("Ann", true)))).collect()
    }

    fn list(numbers: impl IntoIterator<Item = usize>) -> CourierList {
        numbers.into_iter().map(|n| (id(n), courier("Ann", true))).collect::<Vec<_>>().into()
    }

    fn plan(list: CourierList, stored: Vec<Versioned<Driver>>) -> Result<Planned, String> {
        let mut plan = Plan::new(list);
        plan.meet(&account(MatchOrdersBy::OrderId), stored, at(1));
        plan.finish(false)
    }

    #[test]
    fn a_list_that_says_what_is_known_changes_nothing() {
        let planned = plan(list(0..5), actives(5)).unwrap();
        assert_eq!(planned, Planned { changes: vec![], renewals: vec![], unchanged: 5 });
    }

    #[test]
    fn new_renamed_deleted_vanished_and_returned_drivers_are_told_apart() {
        let mut known = actives(6);
        known.push(stored(6, Some(courier("Bob", false))));
        let mut listed = list([0, 1, 6, 7]);
        listed.couriers.extend([
            (id(2), courier("Anna", true)),
            (id(3), courier("Ann", false)),
            (id(4), courier("Ann", true)),
        ]);
        let planned = plan(listed, known).unwrap();
        let mut counts = SyncCounts::default();
        planned.changes.iter().for_each(|change| count(&mut counts, change));
        assert_eq!(
            counts,
            SyncCounts { created: 1, updated: 2, deactivated: 2, unchanged: 0, unreadable: 0 }
        );
        assert_eq!(planned.unchanged, 3);
        let vanished = planned.changes.iter().find(|change| change.driver.value.driver_id == id(5)).unwrap();
        assert_eq!(vanished.courier, courier("Ann", false));
    }

    #[test]
    fn half_of_the_drivers_may_vanish_and_not_one_more() {
        assert_eq!(plan(list(0..5), actives(10)).unwrap().changes.len(), 5);
        assert!(plan(list(0..4), actives(10)).unwrap_err().contains("6 of 10"));
        assert!(plan(list([]), actives(1)).is_err());
        assert!(plan(list([]), Vec::new()).is_err());
    }

    #[test]
    fn a_person_may_say_that_a_list_is_right_all_the_same() {
        for listed in [list([]), list(0..1), list(20..21)] {
            let mut plan = Plan::new(listed);
            plan.meet(&account(MatchOrdersBy::OrderId), actives(10), at(1));
            let gone = |change: &&Change| !change.courier.active;
            assert!(plan.finish(true).unwrap().changes.iter().filter(gone).count() >= 9);
        }
    }

    #[test]
    fn drivers_marked_as_deleted_are_believed_however_many() {
        let listed: Vec<_> = (0..10).map(|n| (id(n), courier("Ann", n == 0))).collect();
        assert_eq!(plan(listed.into(), actives(10)).unwrap().changes.len(), 9);
    }

    #[test]
    fn who_is_missing_from_a_list_with_unreadable_entries_may_be_one_of_them() {
        let mut listed = list(0..8);
        listed.couriers.push((id(8), courier("Ann", false)));
        listed.unreadable = 1;
        let planned = plan(listed.clone(), actives(10)).unwrap();
        let deleted: Vec<_> =
            planned.changes.iter().map(|change| change.driver.value.driver_id.clone()).collect();
        assert_eq!((deleted, planned.unchanged), (vec![id(8)], 9));
        let mut plan_of = Plan::new(listed);
        plan_of.meet(&account(MatchOrdersBy::OrderId), actives(10), at(1));
        let believed = plan_of.finish(true).unwrap();
        assert_eq!(
            (believed.changes.len(), believed.unchanged),
            (2, 8),
            "a person says that the list is right"
        );
        let odd = CourierList { couriers: Vec::new(), unreadable: 3 };
        assert!(plan(odd, actives(10)).unwrap_err().contains("3 that cannot"));
    }

    #[test]
    fn a_driver_listed_twice_is_active_if_any_entry_is() {
        let listed = vec![
            (id(0), courier("Old", false)),
            (id(0), courier("Ann", true)),
            (id(0), courier("Old", false)),
        ];
        assert_eq!(plan(listed.into(), actives(1)).unwrap().changes, []);
    }

    #[test]
    fn employees_who_are_not_listed_are_left_alone() {
        let known = vec![
            stored(0, Some(courier("Ann", true))),
            stored(8, None),
            stored(9, Some(courier("Bob", false))),
        ];
        assert_eq!(plan(list(0..1), known).unwrap().changes, []);
    }

    #[test]
    fn a_driver_that_nothing_was_written_of_for_long_is_renewed() {
        let mut plan = Plan::new(list(0..2));
        let mut known = actives(2);
        known[0].value.updated_at = Some(at(-50 * 86_400));
        plan.meet(&account(MatchOrdersBy::OrderId), known, at(1));
        let planned = plan.finish(false).unwrap();
        assert_eq!((planned.changes.len(), planned.renewals.len(), planned.unchanged), (0, 1, 2));
    }
}
