//! Drivers and fleets' reports.

use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, EventKey};
use courier_domain::ports::{Committed, Drivers, PortError, Reports, TimelineEntry, Versioned};
use jiff::Timestamp;

use super::Memory;

impl Drivers for Memory {
    async fn read_drivers(
        &self,
        _account: &AccountId,
        ids: &[DriverId],
    ) -> Result<Vec<Versioned<Driver>>, PortError> {
        assert!(ids.len() <= 100, "too much for one request");
        let mut state = self.state();
        state.read()?;
        let unknown = |id: &DriverId| Versioned { value: Driver::new(id.clone()), version: 0 };
        Ok(ids.iter().map(|id| state.drivers.get(id).cloned().unwrap_or_else(|| unknown(id))).collect())
    }

    async fn commit_drivers(
        &self,
        _account: &AccountId,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> Result<Committed, PortError> {
        self.state().write(|state| {
            if let Some(entry) = state.driver_events.get(&entry.key) {
                return Committed::Duplicate(entry.follow_up.clone());
            }
            let written = state.put_drivers(drivers, &entry);
            if written == Committed::Done {
                state.driver_events.insert(entry.key.clone(), entry);
            }
            written
        })
    }
}

impl Reports for Memory {
    async fn keep_report(
        &self,
        _account: &AccountId,
        report: &str,
        url: Option<&str>,
        told_by: &EventKey,
        _ready_at: Timestamp,
    ) -> Result<bool, PortError> {
        let mut state = self.state();
        state.writes += 1;
        let (url, told_by) = (url.map(str::to_owned), told_by.clone());
        let known = state.reports.get(report);
        let is_new = known.is_none_or(|(of, by)| *of != url || *by == told_by);
        if is_new {
            state.reports.insert(report.to_owned(), (url, told_by));
        }
        Ok(is_new)
    }
}
