//! What the rules need from the world, one small trait per capability. Adapters implement them for AWS; tests in memory.

mod gate;
mod notify;
mod operators;
mod sync;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::{Account, AccountSecrets};
use crate::command::{Command, CommandMessage, FollowUp};
use crate::driver::Driver;
use crate::event::DomainEvent;
use crate::ids::{AccountId, DriverId, EventKey, OrderId};
use crate::inbound::InboundEvent;
use crate::order::{Order, OrderRef};
use crate::report::OrderReport;
use crate::secret::Secret;

pub use gate::{Gate, Outcome};
pub use notify::{
    Lines, Moved, Moves, Notifications, NotifyQueue, Subscriber, SubscriberAnswer, SubscriberCall,
    SubscriptionVault, Subscriptions, UrlGuard,
};
pub use operators::{
    Directory, Listed, OrderFilter, Reachable, SecretVault, Unmatched, UnmatchedEvent, WholeDriver,
    WholeOrder,
};
pub use sync::{SyncAccounts, SyncQueue, SyncRequests, SyncRuns};

/// A failure of something the bridge stands on.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The service could not be reached, refused, or was too busy.
    #[error("{service} is unavailable")]
    Unavailable {
        /// Which service.
        service: &'static str,
        /// What it said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The service refuses what it was given, and would refuse it again: it is too large, or out of range.
    #[error("{service} refuses this for good: {code}")]
    Refused {
        /// Which service.
        service: &'static str,
        /// Its name for the reason.
        code: String,
    },
    /// What is stored cannot be read: written by another version, or damaged. A parser's own words are left out, since
    /// they quote what they found.
    #[error("{what} cannot be read")]
    Unreadable {
        /// What was read.
        what: &'static str,
    },
}

impl PortError {
    /// Whether trying again cannot help.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

/// A stored value with its version; 0 for one that is not stored yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// How often it was written.
    pub version: u64,
}

/// Where another name of an order leads, and what was reported under it before the order was known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// The order.
    pub order_id: Option<OrderId>,
    /// Since when the name leads there.
    pub linked_at: Option<Timestamp>,
    /// What waits for the order, with the keys of the events.
    pub waiting: Vec<Waiting>,
}

/// A report that waits for its order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The event's key.
    pub key: EventKey,
    /// What it said.
    pub report: OrderReport,
}

/// An order and the links that an event concerns, as read in one request.
#[derive(Debug, Clone, Default)]
pub struct OrderRead {
    /// The order, if it was asked for and is stored.
    pub order: Option<Versioned<Order>>,
    /// Each link that was asked for, in the same order.
    pub links: Vec<Versioned<Link>>,
}

/// One line of an order's timeline, and the mark that its event was processed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// The key of the event.
    pub key: EventKey,
    /// When it happened, by its sender's clock.
    pub at: Timestamp,
    /// When it was processed.
    pub recorded_at: Timestamp,
    /// Who said it.
    pub source: String,
    /// What.
    pub event: String,
    /// Whether it changed anything.
    pub applied: bool,
    /// What had to be handed on, so that a redelivery can do it again.
    #[serde(default)]
    pub follow_up: FollowUp,
}

/// Everything that one event changes, written in one transaction or not at all.
#[derive(Debug, Clone)]
pub struct OrderCommit {
    /// Whose.
    pub account_id: AccountId,
    /// The new state and the version it was worked out from; `None` leaves the order as it is.
    pub order: Option<Versioned<Order>>,
    /// The order (or link) whose timeline it is.
    pub subject: Subject,
    /// The event itself. If it was processed before, nothing is written.
    pub entry: TimelineEntry,
    /// Events that waited for this one.
    pub joined: Vec<TimelineEntry>,
    /// New state of links.
    pub links: Vec<(OrderRef, Versioned<Link>)>,
}

/// Where a timeline entry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// With an order.
    Order(OrderId),
    /// With a name that leads nowhere yet.
    Link(OrderRef),
}

/// What became of a commit.
#[derive(Debug, Clone, PartialEq)]
pub enum Committed {
    /// Written.
    Done,
    /// The event was processed before; this had to be handed on then.
    Duplicate(FollowUp),
    /// Somebody else wrote first; read again.
    Conflict,
}

/// Accounts, as the functions need them: read often, changed rarely, so adapters may answer from a copy up to a minute old.
pub trait Accounts: Send + Sync {
    /// The account, if there is one.
    fn account(&self, id: &AccountId)
    -> impl Future<Output = Result<Option<Arc<Account>>, PortError>> + Send;

    /// The account as it is now, whatever is remembered of it.
    fn account_now(
        &self,
        id: &AccountId,
    ) -> impl Future<Output = Result<Option<Arc<Account>>, PortError>> + Send {
        self.account(id)
    }
}

/// Orders.
pub trait Orders: Send + Sync {
    /// Reads an order and links in one request, consistently.
    fn read_order(
        &self,
        account: &AccountId,
        order: Option<OrderId>,
        refs: &[OrderRef],
    ) -> impl Future<Output = Result<OrderRead, PortError>> + Send;

    /// Writes what an event changes.
    fn commit_order(&self, commit: OrderCommit) -> impl Future<Output = Result<Committed, PortError>> + Send;
}

/// Drivers.
pub trait Drivers: Send + Sync {
    /// Reads drivers in one request (up to 100), in the same order; version 0 for one not stored.
    fn read_drivers(
        &self,
        account: &AccountId,
        ids: &[DriverId],
    ) -> impl Future<Output = Result<Vec<Versioned<Driver>>, PortError>> + Send;

    /// Writes drivers, the commands of the entry's follow-up, and the mark that the event was processed, all or nothing;
    /// at most 99 items besides the mark.
    fn commit_drivers(
        &self,
        account: &AccountId,
        drivers: Vec<Versioned<Driver>>,
        entry: TimelineEntry,
    ) -> impl Future<Output = Result<Committed, PortError>> + Send;
}

/// Reports that a fleet made for an account.
pub trait Reports: Send + Sync {
    /// Remembers that a report is ready. `false` where another event said the same before; the one that said it first may
    /// say it again, since whoever handled it may not have come further than this.
    fn keep_report(
        &self,
        account: &AccountId,
        report: &str,
        url: Option<&str>,
        told_by: &EventKey,
        ready_at: Timestamp,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;
}

/// What a command is about, as it is now.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one value per message, looked at and dropped")]
pub enum CommandTarget {
    /// An order.
    Order(Order),
    /// A driver.
    Driver(Driver),
}

/// Commands on their way to other systems.
pub trait Commands: Send + Sync {
    /// Reads a command and what it is about in one request.
    fn read_command(
        &self,
        message: &CommandMessage,
    ) -> impl Future<Output = Result<Option<(Versioned<Command>, CommandTarget)>, PortError>> + Send;

    /// Writes a command's new state, with a line for its order's timeline when there is something to tell; drivers have no
    /// timeline. `false` when somebody else wrote first.
    fn commit_command(
        &self,
        command: Versioned<Command>,
        entry: Option<TimelineEntry>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;
}

/// A queue of inbound events.
pub trait EventQueue: Send + Sync {
    /// Queues all events or says how many could not be queued. An event larger than a message even when compressed is
    /// [`QueueError::TooLarge`], and nothing is queued.
    fn send_events(&self, events: &[InboundEvent]) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// Why events were not queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// An event does not fit into a message.
    #[error("event {index} is too large for a message, even compressed")]
    TooLarge {
        /// Which of the events, from 0.
        index: usize,
    },
    /// Some events were not accepted after retries.
    #[error("{unsent} events could not be queued")]
    Unsent {
        /// How many.
        unsent: usize,
    },
}

/// The queues of commands.
pub trait CommandQueue: Send + Sync {
    /// Queues commands, each where commands for its system go; those about one thing stay in order.
    fn send_commands(&self, commands: &[Command]) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// The bus of domain events.
pub trait EventBus: Send + Sync {
    /// Publishes events.
    fn publish(&self, events: &[DomainEvent]) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Where a message goes that no retry can help, with the reason, to be repaired and replayed.
pub trait DeadLetters: Send + Sync {
    /// Keeps the message in the message group `group`. `key` makes a repeated call harmless.
    fn keep(
        &self,
        body: &str,
        group: &str,
        key: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// A message's way back into its queue.
pub trait Redelivery: Send + Sync {
    /// Lets a received message come back after `delay` instead of the queue's own visibility timeout.
    fn come_back(&self, receipt: &str, delay: Duration)
    -> impl Future<Output = Result<(), PortError>> + Send;
}

/// What we must be able to send for an account.
pub trait Secrets: Send + Sync {
    /// The account's secrets.
    fn secrets(&self, id: &AccountId) -> impl Future<Output = Result<Arc<AccountSecrets>, PortError>> + Send;

    /// Forgets any copy that is older than a few seconds, so that the next answer is what is stored now, or nearly.
    fn forget(&self, id: &AccountId) -> impl Future<Output = ()> + Send;
}

/// An access token and when it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredToken {
    /// The token.
    pub token: Secret,
    /// When it was given.
    pub obtained_at: Timestamp,
}

/// Access tokens shared by all processes, with a lease so that one caller at a time fetches a new one.
pub trait TokenStore: Send + Sync {
    /// The token of a login, if any.
    fn token(&self, login: &str) -> impl Future<Output = Result<Option<StoredToken>, PortError>> + Send;

    /// Takes the right to fetch a new one until `until`; `false` when another caller has it.
    fn lease(
        &self,
        login: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Stores a new token and gives the lease back.
    fn store(&self, login: &str, token: &StoredToken) -> impl Future<Output = Result<(), PortError>> + Send;
}
