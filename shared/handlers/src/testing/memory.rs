//! The table in memory, as strict as the real one: versions are checked, an event's mark is written once, and all of a
//! commit is written or nothing.

mod commands;
mod directory;
mod drivers;
mod gate;
pub(crate) mod notify;
mod orders;
mod syncs;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use courier_domain::account::{Account, AccountSecrets};
use courier_domain::command::{Command, CommandSubject, FollowUp};
use courier_domain::driver::Driver;
use courier_domain::gate::{GateState, Refusal};
use courier_domain::ids::{AccountId, CommandId, DriverId, EventKey, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{
    Committed, Link, PortError, Subject, TimelineEntry, Unmatched, UnmatchedEvent, Versioned, Waiting,
};
use courier_domain::sync::{DriverSync, SyncRequest};
use jiff::Timestamp;

use super::down;

/// What happens to a write instead of the write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Somebody else was faster.
    Conflict,
    /// It does not reach the table.
    Lost,
    /// It is written, and the answer is lost.
    Unheard,
}

type Rival = Box<dyn FnOnce(&mut State) + Send>;

#[derive(Default)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<AccountId, Versioned<Account>>,
    pub(crate) secrets: BTreeMap<AccountId, AccountSecrets>,
    /// What an operator wrote and no process has read yet.
    pub(crate) corrected: Option<AccountSecrets>,
    pub(crate) secret_reads: usize,
    /// Whether as many secrets are stored as may be.
    pub(crate) is_vault_full: bool,
    /// Reads of secrets that fail.
    pub(crate) secrets_to_fail: u32,
    pub(crate) orders: BTreeMap<OrderId, Versioned<Order>>,
    pub(crate) links: BTreeMap<OrderRef, Versioned<Link>>,
    pub(crate) commands: BTreeMap<(CommandSubject, CommandId), Versioned<Command>>,
    pub(crate) entries: BTreeMap<(Option<OrderId>, Option<OrderRef>, EventKey), TimelineEntry>,
    pub(crate) drivers: BTreeMap<DriverId, Versioned<Driver>>,
    pub(crate) driver_events: BTreeMap<EventKey, TimelineEntry>,
    /// The link of each report that is ready, and the event that told of it.
    pub(crate) reports: BTreeMap<String, (Option<String>, EventKey)>,
    pub(crate) syncs: BTreeMap<AccountId, Versioned<DriverSync>>,
    /// Syncs that were asked for, by login.
    pub(crate) sync_requests: BTreeMap<(String, AccountId), SyncRequest>,
    /// What runs had to hand on.
    pub(crate) handed_on: Vec<(Timestamp, TimelineEntry)>,
    pub(crate) gates: BTreeMap<(String, &'static str), GateState>,
    pub(crate) refusals: BTreeMap<String, Refusal>,
    /// Subscriptions and what was sent to them.
    pub(crate) told: notify::Told,
    /// What becomes of the next writes, first to come first.
    pub(crate) faults: VecDeque<Option<Fault>>,
    /// Reads that fail.
    pub(crate) reads_to_fail: u32,
    /// Done just before the next write is.
    pub(crate) rival: Option<Rival>,
    pub(crate) reads: usize,
    pub(crate) writes: usize,
    /// How many drivers each write carried.
    pub(crate) driver_writes: Vec<usize>,
}

impl State {
    fn read(&mut self) -> Result<(), PortError> {
        self.reads += 1;
        if self.reads_to_fail > 0 {
            self.reads_to_fail -= 1;
            return Err(down("dynamodb"));
        }
        Ok(())
    }

    /// A write as the table sees it: `write` answers, unless a fault does.
    fn write(&mut self, write: impl FnOnce(&mut Self) -> Committed) -> Result<Committed, PortError> {
        self.writes += 1;
        if let Some(rival) = self.rival.take() {
            rival(self);
        }
        match self.faults.pop_front().flatten() {
            Some(Fault::Conflict) => Ok(Committed::Conflict),
            Some(Fault::Lost) => Err(down("dynamodb")),
            Some(Fault::Unheard) => {
                write(self);
                Err(down("dynamodb"))
            }
            None => Ok(write(self)),
        }
    }

    /// Whether none of these commands is there yet, as a commit demands.
    fn all_new(&self, commands: &[Command]) -> bool {
        commands.iter().all(|command| !self.commands.contains_key(&(command.subject(), command.id.clone())))
    }

    fn put_new(&mut self, follow_up: &FollowUp) {
        for command in &follow_up.commands {
            let key = (command.subject(), command.id.clone());
            put(&mut self.commands, key, Versioned { value: command.clone(), version: 0 });
        }
    }

    /// Drivers, and the commands that follow.
    fn put_drivers(&mut self, drivers: Vec<Versioned<Driver>>, entry: &TimelineEntry) -> Committed {
        let items = drivers.len() + entry.follow_up.commands.len();
        assert!(items <= 99, "too much for one transaction: {items}");
        let stale =
            |driver: &Versioned<Driver>| driver.version != version(&self.drivers, &driver.value.driver_id);
        if drivers.iter().any(stale) || !self.all_new(&entry.follow_up.commands) {
            return Committed::Conflict;
        }
        self.driver_writes.push(drivers.len());
        for mut driver in drivers {
            driver.value.updated_at = Some(entry.recorded_at);
            put(&mut self.drivers, driver.value.driver_id.clone(), driver);
        }
        self.put_new(&entry.follow_up);
        Committed::Done
    }

    /// What waits for an order, by id.
    fn unmatched(&self) -> Vec<Unmatched> {
        let mut all = Vec::new();
        for (name, link) in &self.links {
            let shown = link.value.waiting.iter().filter(|waiting| waiting.report.refs.first() == Some(name));
            let event = |waiting: &Waiting| UnmatchedEvent {
                key: waiting.key.clone(),
                at: waiting.report.stamp.at,
                source: waiting.report.source.clone(),
                event: waiting.report.event.clone(),
            };
            let events: Vec<_> = shown.clone().map(event).collect();
            if !events.is_empty() {
                let names = shown.flat_map(|waiting| waiting.report.refs.clone()).collect();
                let id = format!("{}-{}", name.kind, name.value);
                all.push(Unmatched { id, order_id: None, name: Some(name.clone()), names, events });
            }
        }
        for order in self.orders.values().map(|order| &order.value).filter(|order| !order.announced) {
            let id = order.order_id;
            let event = |entry: &TimelineEntry| UnmatchedEvent {
                key: entry.key.clone(),
                at: entry.at,
                source: entry.source.clone(),
                event: entry.event.clone(),
            };
            let events = self.timeline(id).into_iter().map(event).collect();
            all.push(Unmatched {
                id: id.to_string(),
                order_id: Some(id),
                name: None,
                names: Vec::new(),
                events,
            });
        }
        all
    }

    /// The entries of an order's timeline, by key.
    pub(crate) fn timeline(&self, order: OrderId) -> Vec<&TimelineEntry> {
        self.entries.iter().filter(|((id, ..), _)| *id == Some(order)).map(|(_, entry)| entry).collect()
    }
}

fn place(subject: &Subject, key: &EventKey) -> (Option<OrderId>, Option<OrderRef>, EventKey) {
    match subject {
        Subject::Order(order) => (Some(*order), None, key.clone()),
        Subject::Link(name) => (None, Some(name.clone()), key.clone()),
    }
}

fn version<K: Ord, T>(map: &BTreeMap<K, Versioned<T>>, key: &K) -> u64 {
    map.get(key).map_or(0, |stored| stored.version)
}

fn put<K: Ord, T>(map: &mut BTreeMap<K, Versioned<T>>, key: K, over: Versioned<T>) {
    map.insert(key, Versioned { value: over.value, version: over.version + 1 });
}

/// The table; clones are the same table.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<State>>);

impl Memory {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn with_account(account: Account, secrets: AccountSecrets) -> Self {
        let memory = Self::default();
        let id = account.account_id.clone();
        memory.state().secrets.insert(id.clone(), secrets);
        memory.state().accounts.insert(id, Versioned { value: account, version: 1 });
        memory
    }

    /// Reads and writes so far.
    pub(crate) fn requests(&self) -> (usize, usize) {
        let state = self.state();
        (state.reads, state.writes)
    }

    /// Changes the stored account.
    pub(crate) fn edit_account(&self, change: impl FnOnce(&mut Account)) {
        change(&mut self.state().accounts.values_mut().next().unwrap().value);
    }
}
