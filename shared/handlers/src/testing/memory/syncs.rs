//! Runs of the driver sync, three drivers or accounts to a page.

use courier_domain::account::Account;
use courier_domain::command::FollowUp;
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId};
use courier_domain::ports::{
    Committed, Directory, Listed, PortError, SyncAccounts, SyncRequests, SyncRuns, TimelineEntry, Versioned,
};
use courier_domain::sync::{DriverSync, SyncRequest};
use jiff::Timestamp;

use super::{Memory, put, version};

const PAGE: usize = 3;

impl SyncAccounts for Memory {
    async fn accounts_after(&self, after: Option<&AccountId>) -> Result<Listed<Account>, PortError> {
        self.state().read()?;
        self.list_accounts(3, after).await
    }
}

impl SyncRequests for Memory {
    async fn keep_request(&self, login: &str, request: &SyncRequest) -> Result<(), PortError> {
        let written = self.state().write(|state| {
            state.sync_requests.insert((login.to_owned(), request.account_id.clone()), request.clone());
            Committed::Done
        });
        written.map(|_| ())
    }

    async fn sync_requests(&self, login: &str) -> Result<Vec<SyncRequest>, PortError> {
        let mut state = self.state();
        state.read()?;
        let of_login = state.sync_requests.iter().filter(|((of, _), _)| of == login);
        Ok(of_login.map(|(_, request)| request.clone()).collect())
    }
}

impl SyncRuns for Memory {
    async fn read_sync(&self, account: &AccountId) -> Result<Option<Versioned<DriverSync>>, PortError> {
        let mut state = self.state();
        state.read()?;
        Ok(state.syncs.get(account).cloned())
    }

    async fn write_sync(&self, account: &AccountId, sync: &Versioned<DriverSync>) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            if sync.version != version(&state.syncs, account) {
                return Committed::Conflict;
            }
            put(&mut state.syncs, account.clone(), sync.clone());
            Committed::Done
        });
        Ok(written? == Committed::Done)
    }

    async fn drivers_after(
        &self,
        _account: &AccountId,
        after: Option<&DriverId>,
    ) -> Result<Listed<Versioned<Driver>>, PortError> {
        let mut state = self.state();
        state.read()?;
        let rest = state.drivers.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let items: Vec<_> = rest.take(PAGE).map(|(_, driver)| driver.clone()).collect();
        let next = items.get(PAGE - 1).map(|driver| driver.value.driver_id.to_string());
        Ok(Listed { items, next })
    }

    async fn commit_sync(
        &self,
        _account: &AccountId,
        run_at: Timestamp,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> Result<Committed, PortError> {
        self.state().write(|state| {
            let known = state.handed_on.iter().find(|(_, known)| known.key == entry.key);
            if let Some((_, entry)) = known {
                return Committed::Duplicate(entry.follow_up.clone());
            }
            let written = state.put_drivers(drivers, &entry);
            if written == Committed::Done {
                state.handed_on.push((run_at, entry));
            }
            written
        })
    }

    async fn handed_on(&self, _account: &AccountId, run_at: Timestamp) -> Result<Vec<FollowUp>, PortError> {
        let mut state = self.state();
        state.read()?;
        let of_run = state.handed_on.iter().filter(|(at, _)| *at == run_at);
        Ok(of_run.map(|(_, entry)| entry.follow_up.clone()).collect())
    }
}
