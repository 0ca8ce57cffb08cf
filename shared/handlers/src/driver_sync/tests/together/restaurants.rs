//! A chain of restaurants with one API login: a table for each, since the table in memory holds the drivers of one account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use courier_domain::account::{Account, AccountSecrets, MatchOrdersBy};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, FollowUp};
use courier_domain::driver::Driver;
use courier_domain::event::DomainEvent;
use courier_domain::ids::{AccountId, DriverId, OrganizationId};
use courier_domain::ports::{
    Accounts, Committed, Drivers, Listed, PortError, Secrets, SyncRequests, SyncRuns, TimelineEntry,
    Versioned,
};
use courier_domain::secret::Secret;
use courier_domain::sync::{Claim, DriverSync, SyncMessage, SyncRequest};
use jiff::{SignedDuration, Timestamp};

use super::super::lists::FakeLists;
use super::super::{INTERVAL, List, actives};
use crate::driver_sync::{DriverSyncAccount, Logins};
use crate::queue::Verdict;
use crate::syrve_command::login;
use crate::testing::{Fault, HandClock, Memory, Outbox, account, secrets};

/// All tables, and what is wrong with some of them.
#[derive(Clone, Default)]
pub(super) struct Tables {
    of: Arc<BTreeMap<AccountId, Memory>>,
    /// What was asked for.
    requests: Memory,
    /// The run of this account cannot be read.
    damaged: Arc<Mutex<Option<AccountId>>>,
    /// A driver of this account cannot be read.
    unreadable: Arc<Mutex<Option<AccountId>>>,
    /// Drivers of this account cannot be written.
    refused: Arc<Mutex<Option<AccountId>>>,
}

impl Tables {
    fn of(&self, account: &AccountId) -> &Memory {
        &self.of[account]
    }
}

impl Accounts for Tables {
    async fn account(&self, id: &AccountId) -> Result<Option<Arc<Account>>, PortError> {
        self.of(id).account(id).await
    }
}

impl Secrets for Tables {
    async fn secrets(&self, id: &AccountId) -> Result<Arc<AccountSecrets>, PortError> {
        self.of(id).secrets(id).await
    }

    async fn forget(&self, id: &AccountId) {
        self.of(id).forget(id).await;
    }
}

impl Drivers for Tables {
    async fn read_drivers(
        &self,
        id: &AccountId,
        ids: &[DriverId],
    ) -> Result<Vec<Versioned<Driver>>, PortError> {
        self.of(id).read_drivers(id, ids).await
    }

    async fn commit_drivers(
        &self,
        id: &AccountId,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> Result<Committed, PortError> {
        self.of(id).commit_drivers(id, drivers, entry).await
    }
}

impl SyncRequests for Tables {
    async fn keep_request(&self, login: &str, request: &SyncRequest) -> Result<(), PortError> {
        self.requests.keep_request(login, request).await
    }

    async fn sync_requests(&self, login: &str) -> Result<Vec<SyncRequest>, PortError> {
        self.requests.sync_requests(login).await
    }
}

impl SyncRuns for Tables {
    async fn read_sync(&self, id: &AccountId) -> Result<Option<Versioned<DriverSync>>, PortError> {
        if self.damaged.lock().unwrap().as_ref() == Some(id) {
            return Err(PortError::Unreadable { what: "a driver sync" });
        }
        self.of(id).read_sync(id).await
    }

    async fn write_sync(&self, id: &AccountId, sync: &Versioned<DriverSync>) -> Result<bool, PortError> {
        self.of(id).write_sync(id, sync).await
    }

    async fn drivers_after(
        &self,
        id: &AccountId,
        after: Option<&DriverId>,
    ) -> Result<Listed<Versioned<Driver>>, PortError> {
        if self.unreadable.lock().unwrap().as_ref() == Some(id) {
            return Err(PortError::Unreadable { what: "a driver" });
        }
        self.of(id).drivers_after(id, after).await
    }

    async fn commit_sync(
        &self,
        id: &AccountId,
        run_at: Timestamp,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> Result<Committed, PortError> {
        if self.refused.lock().unwrap().as_ref() == Some(id) {
            return Err(PortError::Refused { service: "dynamodb", code: "ValidationException".into() });
        }
        self.of(id).commit_sync(id, run_at, drivers, entry).await
    }

    async fn handed_on(&self, id: &AccountId, run_at: Timestamp) -> Result<Vec<FollowUp>, PortError> {
        self.of(id).handed_on(id, run_at).await
    }
}

type Sync =
    DriverSyncAccount<Tables, Tables, Tables, FakeLists, Outbox<Command>, Outbox<DomainEvent>, HandClock>;

/// Restaurants by number, each with an organization of its own and two couriers.
pub(super) struct Chain {
    ids: Vec<AccountId>,
    tables: Tables,
    pub(super) lists: FakeLists,
    pub(super) clock: HandClock,
    sync: Sync,
}

impl Chain {
    pub(super) fn of(count: usize) -> Self {
        let ids: Vec<AccountId> =
            (0..count).map(|number| format!("r-{number:02}").parse().unwrap()).collect();
        let table = |(number, id): (usize, &AccountId)| {
            let mut account = account(MatchOrdersBy::OrderId);
            account.account_id = id.clone();
            let syrve = account.syrve.as_mut().unwrap();
            (syrve.organization_id, syrve.login_key) = (organization(number), Some("chain".into()));
            (id.clone(), Memory::with_account(account, secrets()))
        };
        let tables =
            Tables { of: Arc::new(ids.iter().enumerate().map(table).collect()), ..Tables::default() };
        let (lists, clock) = (FakeLists::default(), HandClock::default());
        let sync = DriverSyncAccount {
            store: tables.clone(),
            accounts: tables.clone(),
            secrets: tables.clone(),
            logins: Logins::default(),
            pos: lists.clone(),
            commands: Outbox::default(),
            bus: Outbox::default(),
            clock: clock.clone(),
        };
        let chain = Self { ids, tables, lists, clock, sync };
        for number in 0..count {
            chain.give_login(number, "chain");
            chain.list(number, actives(number * 10..number * 10 + 2));
        }
        chain.sees("chain", &(0..count).collect::<Vec<_>>());
        chain
    }

    fn table(&self, number: usize) -> &Memory {
        self.tables.of(&self.ids[number])
    }

    pub(super) fn organization(&self, number: usize) -> OrganizationId {
        assert!(number < self.ids.len());
        organization(number)
    }

    pub(super) fn sees(&self, login: &str, numbers: &[usize]) {
        let organizations: Vec<_> = numbers.iter().map(|number| organization(*number)).collect();
        self.lists.sees(login, &organizations);
    }

    pub(super) fn list(&self, number: usize, couriers: List) {
        self.lists.list(organization(number), couriers);
    }

    pub(super) fn edit(&self, number: usize, change: impl FnOnce(&mut Account)) {
        self.table(number).edit_account(change);
    }

    pub(super) fn secrets(&self, number: usize, change: impl FnOnce(&mut AccountSecrets)) {
        change(self.table(number).state().secrets.values_mut().next().unwrap());
    }

    pub(super) fn give_login(&self, number: usize, login: &str) {
        self.secrets(number, |secrets| secrets.syrve_api_login = Some(Secret::new(login)));
    }

    /// All accounts name the logins that they have, as they do when they are written.
    pub(super) fn name_logins(&self) {
        for number in 0..self.ids.len() {
            let secrets = self.table(number).state().secrets.values().next().cloned().unwrap();
            self.edit(number, |account| {
                let syrve = account.syrve.as_mut().unwrap();
                syrve.credentials_key = login(syrve, &secrets).map(|login| login.credentials_key());
            });
        }
    }

    /// How often secrets were read so far.
    pub(super) fn secret_reads(&self) -> usize {
        (0..self.ids.len()).map(|number| self.table(number).state().secret_reads).sum()
    }

    /// An older run has just claimed the account.
    pub(super) fn is_at_work_on(&self, number: usize) {
        let now = self.clock.now();
        let Claim::Take(sync) = DriverSync::claim(None, now - SignedDuration::from_mins(9), false, now)
        else {
            panic!("not taken")
        };
        let sync = Versioned { value: *sync, version: 1 };
        self.table(number).state().syncs.insert(self.ids[number].clone(), sync);
    }

    pub(super) fn damage(&self, number: usize) {
        *self.tables.damaged.lock().unwrap() = Some(self.ids[number].clone());
    }

    /// Drivers cannot be written; in whose words.
    pub(super) fn refuse_drivers(&self, number: usize) -> &'static str {
        *self.tables.refused.lock().unwrap() = Some(self.ids[number].clone());
        "dynamodb refuses this for good: ValidationException"
    }

    /// Drivers cannot be read; in whose words.
    pub(super) fn damage_drivers(&self, number: usize) -> &'static str {
        *self.tables.unreadable.lock().unwrap() = Some(self.ids[number].clone());
        "a driver cannot be read"
    }

    /// All is well again.
    pub(super) fn mend(&self) {
        for broken in [&self.tables.damaged, &self.tables.refused, &self.tables.unreadable] {
            *broken.lock().unwrap() = None;
        }
    }

    /// Of the next writes of an account the one behind so many is lost.
    pub(super) fn lose_write(&self, number: usize, behind: usize) {
        let faults = std::iter::repeat_n(None, behind).chain([Some(Fault::Lost)]);
        self.table(number).state().faults = faults.collect();
    }

    /// The message of a run that starts now, for all of them.
    pub(super) fn message(&self) -> SyncMessage {
        let run_at = self.clock.now();
        SyncMessage {
            run_at,
            good_until: run_at + INTERVAL,
            accounts: self.ids.clone(),
            accept_losses: false,
            login: None,
        }
    }

    /// The message of a request for one of them, made now.
    pub(super) async fn ask(&self, number: usize) -> SyncMessage {
        let (run_at, account_id) = (self.clock.now(), self.ids[number].clone());
        let good_until = run_at + SignedDuration::from_mins(15);
        let request = SyncRequest { account_id: account_id.clone(), run_at, good_until };
        self.tables.keep_request("chain", &request).await.unwrap();
        let login = Some("chain".to_owned());
        SyncMessage { run_at, good_until, accounts: vec![account_id], accept_losses: false, login }
    }

    pub(super) async fn try_to_receive(&self, message: &SyncMessage) -> Result<Verdict, PortError> {
        self.sync.handle(&serde_json::to_string(message).unwrap()).await
    }

    pub(super) async fn receive(&self, message: &SyncMessage) -> Verdict {
        self.try_to_receive(message).await.unwrap()
    }

    /// The next run.
    pub(super) async fn run(&self) -> Verdict {
        self.clock.advance(INTERVAL);
        self.receive(&self.message()).await
    }

    pub(super) fn stored(&self, number: usize) -> Option<DriverSync> {
        self.table(number).state().syncs.values().next().map(|sync| sync.value.clone())
    }

    /// Created, updated, deactivated, unchanged.
    pub(super) fn counts(&self, number: usize) -> [u32; 4] {
        let counts = self.stored(number).unwrap().counts;
        [counts.created, counts.updated, counts.deactivated, counts.unchanged]
    }

    pub(super) fn error(&self, number: usize) -> Option<String> {
        self.stored(number)?.error
    }

    pub(super) fn drivers(&self, number: usize) -> Vec<DriverId> {
        self.table(number).state().drivers.keys().cloned().collect()
    }

    /// How many drivers each write so far carried.
    pub(super) fn writes(&self, number: usize) -> Vec<usize> {
        self.table(number).state().driver_writes.clone()
    }
}

fn organization(number: usize) -> OrganizationId {
    format!("7bc05553-4b68-44e8-b7bc-{number:012}").parse().unwrap()
}
