//! Drivers and fleets' reports.

use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId};
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
        _url: Option<&str>,
        _ready_at: Timestamp,
    ) -> Result<(), PortError> {
        let mut state = self.state();
        state.writes += 1;
        state.reports.push(report.to_owned());
        Ok(())
    }
}
