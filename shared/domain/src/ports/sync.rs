//! What the driver sync needs from the world.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::{Committed, Listed, PortError, TimelineEntry, Versioned};
use crate::account::Account;
use crate::command::FollowUp;
use crate::driver::Driver;
use crate::ids::{AccountId, DriverId};
use crate::sync::{DriverSync, SyncMessage, SyncRequest};

/// All accounts, page by page.
pub trait SyncAccounts: Send + Sync {
    /// Accounts by id, from after the id `after`, as many as one request gives; those that cannot be read are left out.
    fn accounts_after(
        &self,
        after: Option<&AccountId>,
    ) -> impl Future<Output = Result<Listed<Account>, PortError>> + Send;
}

/// The queue of accounts whose turn comes.
pub trait SyncQueue: Send + Sync {
    /// Queues each message, to be received after its delay (at most 15 minutes).
    fn send_syncs(
        &self,
        messages: &[(SyncMessage, Duration)],
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Syncs that were asked for, by API login.
pub trait SyncRequests: Send + Sync {
    /// Keeps a request for as long as it is good, in the place of one that was made for the same account before.
    fn keep_request(
        &self,
        login: &str,
        request: &SyncRequest,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// The requests of a login; some may be over.
    fn sync_requests(&self, login: &str) -> impl Future<Output = Result<Vec<SyncRequest>, PortError>> + Send;
}

/// The runs of the driver sync, and the drivers they compare.
pub trait SyncRuns: Send + Sync {
    /// The newest run of an account; version 0 if there was none.
    fn read_sync(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Option<Versioned<DriverSync>>, PortError>> + Send;

    /// Writes a run over the version it was read at (0 for none); `false` when somebody else wrote first.
    fn write_sync(
        &self,
        account: &AccountId,
        sync: &Versioned<DriverSync>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// An account's drivers by id, from after the id `after`, as many as one request gives. They may be a moment old.
    fn drivers_after(
        &self,
        account: &AccountId,
        after: Option<&DriverId>,
    ) -> impl Future<Output = Result<Listed<Versioned<Driver>>, PortError>> + Send;

    /// Writes drivers, the commands of the entry's follow-up, and the entry under the run of `run_at`, all or nothing; at
    /// most 99 items besides the entry.
    fn commit_sync(
        &self,
        account: &AccountId,
        run_at: Timestamp,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> impl Future<Output = Result<Committed, PortError>> + Send;

    /// All that a run had to hand on so far.
    fn handed_on(
        &self,
        account: &AccountId,
        run_at: Timestamp,
    ) -> impl Future<Output = Result<Vec<FollowUp>, PortError>> + Send;
}
