//! What the operators' API needs from the world: everything as it is stored now, and lists page by page.

use std::future::Future;

use jiff::Timestamp;

use super::{PortError, TimelineEntry, Versioned};
use crate::account::{Account, AccountSecrets};
use crate::command::Command;
use crate::driver::Driver;
use crate::ids::{AccountId, DriverId, EventKey, OrderId};
use crate::order::{Order, OrderRef};
use crate::sync::DriverSync;

/// One page of a list, and the place to go on from.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed<T> {
    /// The page.
    pub items: Vec<T>,
    /// Where the next one starts, `None` at the end.
    pub next: Option<String>,
}

/// Which orders to list.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Made at or after.
    pub from: Option<Timestamp>,
    /// Made before.
    pub until: Option<Timestamp>,
    /// At most so many, 1 to 100.
    pub limit: usize,
    /// The place to go on from: a [`Listed::next`] of the same account, also one from a list with other bounds.
    pub after: Option<String>,
}

/// An order with everything kept beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeOrder {
    /// The order.
    pub order: Order,
    /// Its events, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Its commands, oldest first.
    pub commands: Vec<Command>,
}

/// A driver with the commands about it.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeDriver {
    /// The driver.
    pub driver: Versioned<Driver>,
    /// The commands, newest first, not all of them.
    pub commands: Vec<Command>,
}

/// Events of fleets that wait for an order: under a name that leads nowhere yet, or under an id of Syrve's that it has not
/// announced.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmatched {
    /// What to call it by.
    pub id: String,
    /// The order, where a fleet named it by Syrve's id.
    pub order_id: Option<OrderId>,
    /// The name under which they wait, where it is not the order's id.
    pub name: Option<OrderRef>,
    /// All names that they give the order, best first.
    pub names: Vec<OrderRef>,
    /// The events, oldest first.
    pub events: Vec<UnmatchedEvent>,
}

/// One event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedEvent {
    /// Its key.
    pub key: EventKey,
    /// When it happened, by its sender's clock.
    pub at: Timestamp,
    /// Who said it.
    pub source: String,
    /// What.
    pub event: String,
}

/// What operators read and write. Unlike the other ports it always answers with what is stored now.
pub trait Directory: Send + Sync {
    /// An account and its version.
    fn read_account(
        &self,
        id: &AccountId,
    ) -> impl Future<Output = Result<Option<Versioned<Account>>, PortError>> + Send;

    /// Writes an account over the version it was read at; `false` when somebody else wrote first.
    fn write_account(
        &self,
        account: &Versioned<Account>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Deletes an account; `false` if there was none. Its orders and drivers stay until they expire, out of reach.
    fn delete_account(&self, id: &AccountId) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Accounts by id, from after the id `after`.
    fn list_accounts(
        &self,
        limit: i32,
        after: Option<&AccountId>,
    ) -> impl Future<Output = Result<Listed<Account>, PortError>> + Send;

    /// An order that Syrve has announced, with its timeline and commands.
    fn whole_order(
        &self,
        account: &AccountId,
        id: OrderId,
    ) -> impl Future<Output = Result<Option<WholeOrder>, PortError>> + Send;

    /// An account's orders, newest first, of which `keep` says which to show.
    fn list_orders(
        &self,
        account: &AccountId,
        filter: &OrderFilter,
        keep: impl Fn(&Order) -> bool + Send,
    ) -> impl Future<Output = Result<Listed<Order>, PortError>> + Send;

    /// An account's drivers by id, from after the id `after`.
    fn list_drivers(
        &self,
        account: &AccountId,
        limit: i32,
        after: Option<&DriverId>,
    ) -> impl Future<Output = Result<Listed<Driver>, PortError>> + Send;

    /// One driver.
    fn whole_driver(
        &self,
        account: &AccountId,
        id: &DriverId,
    ) -> impl Future<Output = Result<Option<WholeDriver>, PortError>> + Send;

    /// Writes a driver over the version it was read at, and new commands about it; without any there is nothing to write.
    /// `false` when somebody else wrote first.
    fn commit_request(
        &self,
        driver: Versioned<Driver>,
        commands: &[Command],
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Events that wait for an order, those that changed last first.
    fn list_unmatched(
        &self,
        account: &AccountId,
        limit: i32,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Listed<Unmatched>, PortError>> + Send;

    /// Those of one id.
    fn unmatched(
        &self,
        account: &AccountId,
        id: &str,
    ) -> impl Future<Output = Result<Option<Unmatched>, PortError>> + Send;

    /// The newest run of an account's driver sync.
    fn driver_sync(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Option<DriverSync>, PortError>> + Send;
}

/// Writing what [`Secrets`](super::Secrets) reads.
pub trait SecretVault: Send + Sync {
    /// The secrets as they are stored now; none are an empty set.
    fn read(&self, id: &AccountId) -> impl Future<Output = Result<AccountSecrets, PortError>> + Send;

    /// Replaces an account's secrets.
    fn write(
        &self,
        id: &AccountId,
        secrets: &AccountSecrets,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Deletes an account's secrets; none to delete is fine.
    fn delete(&self, id: &AccountId) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Something the bridge stands on, asked whether it answers.
pub trait Reachable: Send + Sync {
    /// Whether it answers.
    fn ping(&self) -> impl Future<Output = Result<(), PortError>> + Send;
}
