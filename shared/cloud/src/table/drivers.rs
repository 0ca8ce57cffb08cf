//! Drivers, and reports that a fleet made.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, EventKey};
use courier_domain::ports::{Committed, Drivers, PortError, Reports, TimelineEntry, Versioned};
use jiff::Timestamp;
use serde_json::json;

use super::commands::command_item;
use super::item::{NewItem, versioned};
use super::keys::{Key, drivers_index, s};
use super::orders::after_days;
use super::{EVENT_DAYS, ORDER_DAYS, Table, unavailable};

/// Fleets keep reports for 30 days.
const REPORT_DAYS: i64 = 30;

/// Where the mark of a change of drivers is kept, and for how long.
pub(super) struct Mark {
    pub(super) key: Key,
    pub(super) days: i64,
}

impl Table {
    /// Writes drivers, the commands that the entry hands on, and the entry itself as the mark that this was done.
    pub(super) async fn put_drivers(
        &self,
        account: &AccountId,
        mark: Mark,
        drivers: Vec<Versioned<Driver>>,
        entry: &TimelineEntry,
    ) -> Result<Committed, PortError> {
        let now = entry.recorded_at;
        let item = NewItem::new(mark.key, "an event", entry)?.expiring(after_days(now, mark.days));
        let mut items = vec![item.put_once(&self.name, now)?];
        for driver in drivers {
            items.push(self.driver_item(account, driver, now)?);
        }
        for command in &entry.follow_up.commands {
            items.push(command_item(&self.name, command, 0, now)?);
        }
        self.transact(items).await
    }

    /// A driver over the version it was read at. Every write keeps it for another 90 days.
    pub(super) fn driver_item(
        &self,
        account: &AccountId,
        driver: Versioned<Driver>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, PortError> {
        let Versioned { mut value, version } = driver;
        value.updated_at = Some(now);
        let (id, expires) = (&value.driver_id, after_days(now, ORDER_DAYS));
        let item = NewItem::new(Key::driver(account, id), "a driver", &value)?.expiring(expires);
        item.indexed(drivers_index(account), id.to_string()).put_over(&self.name, version)
    }
}

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
        let mark = Mark { key: Key::driver_event(account, &entry.key), days: EVENT_DAYS };
        self.put_drivers(account, mark, drivers, &entry).await
    }
}

impl Reports for Table {
    async fn keep_report(
        &self,
        account: &AccountId,
        report: &str,
        url: Option<&str>,
        told_by: &EventKey,
        ready_at: Timestamp,
    ) -> Result<bool, PortError> {
        let (id, key) = (report, told_by.as_str());
        let value = json!({ "id": id, "state": "ready", "url": url, "told_by": key, "ready_at": ready_at });
        let item = NewItem::new(Key::report(account, report), "a report", &value)?;
        let item = item.expiring(after_days(ready_at, REPORT_DAYS)).attributes();
        let call = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let call = call
            .condition_expression(
                "attribute_not_exists(pk) OR #data.#url <> :url OR #data.told_by = :told_by",
            )
            .expression_attribute_names("#data", "data")
            .expression_attribute_names("#url", "url")
            .expression_attribute_values(":url", url.map_or(AttributeValue::Null(true), s))
            .expression_attribute_values(":told_by", s(key));
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(error) if error.is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }
}
