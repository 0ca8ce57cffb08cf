//! Drivers, and reports that a fleet made.

use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId};
use courier_domain::ports::{Committed, Drivers, PortError, Reports, TimelineEntry, Versioned};
use jiff::Timestamp;
use serde_json::json;

use super::item::{NewItem, versioned};
use super::keys::{Key, drivers_index};
use super::orders::after_days;
use super::{EVENT_DAYS, ORDER_DAYS, Table, unavailable};

/// Fleets keep reports for 30 days.
const REPORT_DAYS: i64 = 30;

impl Drivers for Table {
    async fn read_drivers(
        &self,
        account: &AccountId,
        ids: &[DriverId],
    ) -> Result<Vec<Versioned<Driver>>, PortError> {
        let keys: Vec<_> = ids.iter().map(|id| Key::driver(account, id)).collect();
        let found = match keys.as_slice() {
            [] => return Ok(Vec::new()),
            [key] => {
                let item = self.get(key.clone()).await?;
                item.into_iter().map(|item| ((key.pk.clone(), key.sk.clone()), item)).collect()
            }
            keys => self.get_many(keys).await?,
        };
        let mut drivers = Vec::with_capacity(ids.len());
        for (id, key) in ids.iter().zip(keys) {
            drivers.push(match found.get(&(key.pk, key.sk)) {
                Some(item) => versioned(item, "a driver")?,
                None => Versioned { value: Driver::new(id.clone()), version: 0 },
            });
        }
        Ok(drivers)
    }

    async fn commit_drivers(
        &self,
        account: &AccountId,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> Result<Committed, PortError> {
        let now = entry.recorded_at;
        let mark = NewItem::new(Key::driver_event(account, &entry.key), "an event", &entry)?;
        let mut items = vec![mark.expiring(after_days(now, EVENT_DAYS)).put_once(&self.name, now)?];
        for driver in drivers {
            let id = &driver.value.driver_id;
            let item = NewItem::new(Key::driver(account, id), "a driver", &driver.value)?;
            let item =
                item.indexed(drivers_index(account), id.to_string()).expiring(after_days(now, ORDER_DAYS));
            items.push(item.put_over(&self.name, driver.version)?);
        }
        self.transact(items).await
    }
}

impl Reports for Table {
    async fn keep_report(
        &self,
        account: &AccountId,
        report: &str,
        url: Option<&str>,
        ready_at: Timestamp,
    ) -> Result<(), PortError> {
        let value = json!({ "id": report, "state": "ready", "url": url, "ready_at": ready_at });
        let item = NewItem::new(Key::report(account, report), "a report", &value)?;
        let item = item.expiring(after_days(ready_at, REPORT_DAYS)).attributes();
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }
}
