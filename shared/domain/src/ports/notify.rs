//! What telling subscribers needs from the world.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Listed, PortError, Versioned};
use crate::event::DomainEvent;
use crate::ids::{AccountId, DriverId};
use crate::notification::{Attempt, AttemptError, MovesKey, Notification, NotificationKey, NotifyMessage};
use crate::secret::Secret;
use crate::subscription::{CallEnd, Line, LineId, Place, Subscription, SubscriptionSecrets};

/// Subscriptions, as they are stored now.
pub trait Subscriptions: Send + Sync {
    /// All of an account, by id.
    fn subscriptions(
        &self,
        account: &AccountId,
    ) -> impl Future<Output = Result<Vec<Versioned<Subscription>>, PortError>> + Send;

    /// One.
    fn subscription(
        &self,
        account: &AccountId,
        id: Uuid,
    ) -> impl Future<Output = Result<Option<Versioned<Subscription>>, PortError>> + Send;

    /// Writes one over the version it was read at; `false` when somebody else wrote first.
    fn write_subscription(
        &self,
        subscription: &Versioned<Subscription>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Deletes one, with its lines; `false` if there was none. What was sent to it stays until it expires, out of reach.
    fn delete_subscription(
        &self,
        account: &AccountId,
        id: Uuid,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;
}

/// The lines to subscriptions, shared by all processes; the rules are in [`Line`].
pub trait Lines: Send + Sync {
    /// Asks for a place and takes it.
    fn take_place(
        &self,
        account: &AccountId,
        line: LineId,
        subject: &str,
        is_replay: bool,
        now: Timestamp,
    ) -> impl Future<Output = Result<Place, PortError>> + Send;

    /// Gives a place back; the line as it is now.
    fn leave_place(
        &self,
        account: &AccountId,
        line: LineId,
        subject: &str,
        end: CallEnd,
        now: Timestamp,
    ) -> impl Future<Output = Result<Line, PortError>> + Send;

    /// The line as it is.
    fn line(&self, account: &AccountId, line: LineId)
    -> impl Future<Output = Result<Line, PortError>> + Send;

    /// Forgets all failures on the lines of a subscription: a person has enabled the subscription again.
    fn clear_line(
        &self,
        account: &AccountId,
        subscription: Uuid,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Notifications and the calls made for them.
pub trait Notifications: Send + Sync {
    /// Those of the keys that are stored, in the same order; any number of keys.
    fn read_notifications(
        &self,
        keys: &[NotificationKey],
    ) -> impl Future<Output = Result<Vec<Option<Versioned<Notification>>>, PortError>> + Send;

    /// Writes one over the version it was read at (0: none is stored); `false` when somebody else wrote first.
    fn write_notification(
        &self,
        notification: &Versioned<Notification>,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// The same, with the call that was made, both or neither.
    fn end_notification(
        &self,
        notification: &Versioned<Notification>,
        attempt: &Attempt,
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// Notifications of a subscription that are no replays, of events that the bridge learned of at or after `since`, oldest
    /// first; without `since` all, newest first.
    fn list_notifications(
        &self,
        account: &AccountId,
        subscription: Uuid,
        since: Option<Timestamp>,
        limit: i32,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Listed<Notification>, PortError>> + Send;

    /// Calls, newest first: of one event, replays included, or of all.
    fn list_attempts(
        &self,
        account: &AccountId,
        subscription: Uuid,
        event: Option<Uuid>,
        limit: i32,
        after: Option<&str>,
    ) -> impl Future<Output = Result<Listed<Attempt>, PortError>> + Send;
}

/// Which drivers moved in a minute, and the event that was made of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moved {
    /// The drivers.
    pub drivers: Vec<DriverId>,
    /// The event, once the minute was over.
    pub event: Option<DomainEvent>,
}

/// Drivers' moves, collected by the minute.
pub trait Moves: Send + Sync {
    /// Adds drivers to a minute; says whether a message for its end is still to be queued.
    fn add_moves(
        &self,
        key: &MovesKey,
        drivers: &[DriverId],
    ) -> impl Future<Output = Result<bool, PortError>> + Send;

    /// The message for the end of the minute is queued.
    fn moves_queued(&self, key: &MovesKey) -> impl Future<Output = Result<(), PortError>> + Send;

    /// What was collected.
    fn moved(&self, key: &MovesKey) -> impl Future<Output = Result<Moved, PortError>> + Send;

    /// Keeps the event that is made of a minute, unless one is kept already; that one is returned.
    fn keep_moves_event(
        &self,
        key: &MovesKey,
        event: &DomainEvent,
    ) -> impl Future<Output = Result<DomainEvent, PortError>> + Send;
}

/// The queue of `notify`.
pub trait NotifyQueue: Send + Sync {
    /// Queues messages, in requests of ten; each may be received after `delay`, at most 15 minutes.
    fn send_notify(
        &self,
        messages: &[NotifyMessage],
        delay: Duration,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// About how many messages are in it: those that wait, those that somebody has taken, and those that are kept back.
    fn waiting(&self) -> impl Future<Output = Result<u64, PortError>> + Send;
}

/// What is sent with calls.
pub trait SubscriptionVault: Send + Sync {
    /// The secrets of a subscription, of its `secrets_version` or newer; `None` if there are none. Answered from a copy where
    /// there is one of that version.
    fn subscription_secrets(
        &self,
        subscription: &Subscription,
    ) -> impl Future<Output = Result<Option<Arc<SubscriptionSecrets>>, PortError>> + Send;

    /// Writes them.
    fn write_subscription_secrets(
        &self,
        account: &AccountId,
        id: Uuid,
        secrets: &SubscriptionSecrets,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Deletes them; none to delete is fine.
    fn delete_subscription_secrets(
        &self,
        account: &AccountId,
        id: Uuid,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// One call to a subscriber.
#[derive(Debug, Clone)]
pub struct SubscriberCall<'a> {
    /// Where to.
    pub url: &'a str,
    /// `webhook-id`
    pub webhook_id: &'a str,
    /// `webhook-timestamp`
    pub at: Timestamp,
    /// Whether a person asked for it: it says so in `webhook-replay: true`.
    pub replay: bool,
    /// `Auth-Token`
    pub auth_token: &'a Secret,
    /// The keys that sign it, the current one first.
    pub signing: Vec<&'a Secret>,
    /// The body, as it is signed and sent.
    pub body: &'a [u8],
}

/// How a call went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriberAnswer {
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// Why it is not a success.
    pub error: Option<AttemptError>,
    /// `Retry-After`, seconds.
    pub retry_after: Option<u64>,
    /// The beginning of the answer, as text.
    pub answer: String,
}

/// Whoever is told.
pub trait Subscriber: Send + Sync {
    /// Makes a call, which ends in any case.
    fn call(&self, call: SubscriberCall<'_>) -> impl Future<Output = SubscriberAnswer> + Send;
}

/// Which URLs may be called.
pub trait UrlGuard: Send + Sync {
    /// The URL in its normal spelling, or why it may not be called, in words for whoever wrote it. Its name is looked up.
    fn admit(&self, url: &str) -> impl Future<Output = Result<String, String>> + Send;
}
