//! The driver sync: one item that says who runs it and how it ended, and the marks of what a run did, kept together so
//! that a run that was broken off can be asked what it had to hand on.

use courier_domain::account::Account;
use courier_domain::command::FollowUp;
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId};
use courier_domain::ports::{
    Committed, Listed, PortError, SyncAccounts, SyncRequests, SyncRuns, TimelineEntry, Versioned,
};
use courier_domain::sync::{DriverSync, SyncRequest};
use jiff::Timestamp;

use super::drivers::Mark;
use super::item::{NewItem, value, versioned};
use super::keys::{Key, REQUEST_PREFIX, s, sync_run};
use super::{Query, Table, unavailable};

/// How long the marks of a run are kept, days. The next runs look at the one before them only.
const RUN_DAYS: i64 = 2;
const REQUEST: &str = "a request for a driver sync";

impl SyncAccounts for Table {
    async fn accounts_after(&self, after: Option<&AccountId>) -> Result<Listed<Account>, PortError> {
        self.readable_accounts(after).await
    }
}

impl SyncRequests for Table {
    async fn keep_request(&self, login: &str, request: &SyncRequest) -> Result<(), PortError> {
        let key = Key::sync_request(login, &request.account_id);
        let item = NewItem::new(key, REQUEST, request)?.expiring(request.good_until).attributes();
        let call = self.client.put_item().table_name(&self.name).set_item(Some(item));
        call.send().await.map_err(unavailable)?;
        Ok(())
    }

    async fn sync_requests(&self, login: &str) -> Result<Vec<SyncRequest>, PortError> {
        let values = [(":pk", Key::gate(login).pk), (":prefix", REQUEST_PREFIX.to_owned())];
        let items = self.every(Query {
            index: false,
            condition: "pk = :pk AND begins_with(sk, :prefix)".into(),
            values: values.map(|(name, text)| (name.to_owned(), s(text))).into(),
            forward: true,
            limit: None,
            start: None,
        });
        items.await?.iter().map(|item| value(item, REQUEST)).collect()
    }
}

impl SyncRuns for Table {
    async fn read_sync(&self, account: &AccountId) -> Result<Option<Versioned<DriverSync>>, PortError> {
        self.get(Key::sync(account)).await?.map(|item| versioned(&item, "a driver sync")).transpose()
    }

    async fn write_sync(&self, account: &AccountId, sync: &Versioned<DriverSync>) -> Result<bool, PortError> {
        let item = NewItem::new(Key::sync(account), "a driver sync", &sync.value)?;
        self.put_over(item, sync.version).await
    }

    async fn drivers_after(
        &self,
        account: &AccountId,
        after: Option<&DriverId>,
    ) -> Result<Listed<Versioned<Driver>>, PortError> {
        self.drivers_page(account, None, after).await
    }

    async fn commit_sync(
        &self,
        account: &AccountId,
        run_at: Timestamp,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> Result<Committed, PortError> {
        let mark = Mark { key: Key::sync_entry(account, run_at, &entry.key), days: RUN_DAYS };
        self.put_drivers(account, mark, drivers, &entry).await
    }

    async fn handed_on(&self, account: &AccountId, run_at: Timestamp) -> Result<Vec<FollowUp>, PortError> {
        let marks = self.partition(sync_run(account, run_at)).await?;
        let entries = marks.iter().map(|item| value::<TimelineEntry>(item, "an event"));
        entries.map(|entry| entry.map(|entry| entry.follow_up)).collect()
    }
}
