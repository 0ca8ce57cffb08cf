//! The table in memory, as strict as the real one: versions are checked, an event's mark is written once, and all of a
//! commit is written or nothing.

mod directory;
mod drivers;
mod orders;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use courier_domain::account::{Account, AccountSecrets};
use courier_domain::command::Command;
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, CommandId, DriverId, EventKey, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{Committed, Link, PortError, Subject, TimelineEntry, Versioned};
use courier_domain::secret::Secret;

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
    /// An API login that an operator wrote and no process has read yet.
    pub(crate) corrected: Option<Secret>,
    pub(crate) orders: BTreeMap<OrderId, Versioned<Order>>,
    pub(crate) links: BTreeMap<OrderRef, Versioned<Link>>,
    pub(crate) commands: BTreeMap<(OrderId, CommandId), Versioned<Command>>,
    pub(crate) entries: BTreeMap<(Option<OrderId>, Option<OrderRef>, EventKey), TimelineEntry>,
    pub(crate) drivers: BTreeMap<DriverId, Versioned<Driver>>,
    pub(crate) driver_events: BTreeMap<EventKey, TimelineEntry>,
    pub(crate) reports: Vec<String>,
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
