//! Notifications: one event on its way to one subscription. It is tried once and retried fifteen times over 29 hours; the
//! waiting is its message's, the count is kept here. A person may have it sent again, which is a notification of its own.

mod message;
mod schedule;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use message::{MovesKey, NotifyMessage};
pub use schedule::{MOST_ATTEMPTS, retry_delay};

use crate::event::{DomainEvent, EventName};
use crate::ids::AccountId;

/// Bytes of an answer that are kept.
pub const KEPT_OF_ANSWER: usize = 20_000;

/// Which notification.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotificationKey {
    /// Whose.
    pub account_id: AccountId,
    /// To whom.
    pub subscription_id: Uuid,
    /// Of what.
    pub event_uuid: Uuid,
    /// The replay that it belongs to, where a person asked for it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_id: Option<Uuid>,
}

impl NotificationKey {
    /// What receivers tell repetitions by (`webhook-id`): the same for every attempt. A replay has one of its own, since a
    /// receiver that has seen the event would take it for a repetition otherwise.
    pub fn webhook_id(&self) -> String {
        match self.replay_id {
            None => self.event_uuid.to_string(),
            Some(replay) => format!("{}_{replay}", self.event_uuid),
        }
    }
}

/// How far a notification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// To be tried, or tried again.
    Waiting,
    /// A call is under way, or was cut off.
    Sending,
    /// Received.
    Delivered,
    /// Given up after the last retry.
    Failed,
    /// Not sent, since the subscription was disabled; a replay sends it.
    Stopped,
}

impl NotificationState {
    /// The word shown in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Whether nothing more will happen by itself.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Stopped)
    }
}

/// A notification as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Which.
    pub key: NotificationKey,
    /// The event's name.
    pub event: EventName,
    /// What calls about one thing are kept in order by.
    pub subject: String,
    /// When the bridge learned of the event.
    pub created_at: Timestamp,
    /// The members of the event's `data`, as they are sent. Every attempt and every replay sends the same, and so does what
    /// goes to other subscriptions. It is kept beside the rest.
    #[serde(skip)]
    pub data: Arc<Value>,
    /// How far it is.
    pub state: NotificationState,
    /// Calls that were begun.
    pub attempts: u32,
    /// Of these, calls that were begun before a dead letter was taken up again.
    #[serde(default)]
    pub earlier: u32,
    /// Waiting: when it is tried. Sending: when another may take it for cut off.
    pub due_at: Timestamp,
    /// Why the last call failed.
    #[serde(default)]
    pub last_error: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Notification {
    /// A notification that was not tried yet.
    pub fn new(
        key: NotificationKey,
        event: &DomainEvent,
        name: EventName,
        data: Arc<Value>,
        now: Timestamp,
    ) -> Self {
        Self {
            key,
            event: name,
            subject: event.subject(),
            created_at: event.created_at,
            data,
            state: NotificationState::Waiting,
            attempts: 0,
            earlier: 0,
            due_at: now,
            last_error: None,
            updated_at: now,
        }
    }

    /// The same again, because a person asked for it.
    #[must_use]
    pub fn replayed(&self, replay_id: Uuid, now: Timestamp) -> Self {
        let key = NotificationKey { replay_id: Some(replay_id), ..self.key.clone() };
        let (state, attempts) = (NotificationState::Waiting, 0);
        let new = Self { key, state, attempts, earlier: 0, due_at: now, last_error: None, ..self.clone() };
        Self { updated_at: now, ..new }
    }

    /// The order that it is about, or whose item.
    pub fn order_id(&self) -> Option<&str> {
        self.subject.strip_prefix("order:")?.split(':').next()
    }

    /// When it is tried next, where that is known: what is due and waits for its turn is tried as soon as that has come.
    pub fn next_attempt_at(&self, now: Timestamp) -> Option<Timestamp> {
        (self.state == NotificationState::Waiting && self.due_at > now).then_some(self.due_at)
    }

    /// Whether its turn has come.
    pub fn is_due(&self, now: Timestamp) -> bool {
        !self.state.is_final() && self.due_at <= now
    }

    /// A call begins; another process leaves it alone until `until`.
    pub fn begin(&mut self, now: Timestamp, until: Timestamp) {
        self.state = NotificationState::Sending;
        self.attempts = self.attempts.saturating_add(1);
        (self.due_at, self.updated_at) = (until, now);
    }

    /// A call ended. `spread` is any number, which keeps those that failed together from being tried again together.
    pub fn end(&mut self, attempt: &Attempt, spread: u32, now: Timestamp) {
        self.updated_at = now;
        self.last_error = attempt.error.map(|error| attempt.why(error));
        if attempt.error.is_none() {
            self.state = NotificationState::Delivered;
        } else if self.tries() >= MOST_ATTEMPTS {
            self.state = NotificationState::Failed;
        } else {
            self.state = NotificationState::Waiting;
            self.due_at = now + retry_delay(self.tries(), attempt.retry_after, spread);
        }
    }

    /// A call was cut off in the last try of all: whether it was received, nobody knows.
    pub fn give_up(&mut self, now: Timestamp) {
        (self.state, self.updated_at) = (NotificationState::Failed, now);
    }

    /// Whether nothing is left to try.
    pub fn is_exhausted(&self) -> bool {
        self.tries() >= MOST_ATTEMPTS
    }

    /// It is not sent, since its subscription is disabled.
    pub fn stop(&mut self, now: Timestamp) {
        (self.state, self.updated_at) = (NotificationState::Stopped, now);
    }

    /// Its dead letter was put back into the queue: all tries again.
    pub fn take_up(&mut self, now: Timestamp) {
        self.earlier = self.attempts;
        (self.state, self.due_at, self.updated_at) = (NotificationState::Waiting, now, now);
    }

    /// Calls of this round.
    fn tries(&self) -> u32 {
        self.attempts.saturating_sub(self.earlier)
    }
}

/// Why a call was not a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptError {
    /// Answered with another status than 2xx; 3xx too, since no redirect is followed.
    Status,
    /// No connection in time, or it was refused or broken off.
    Connection,
    /// The name leads nowhere.
    Dns,
    /// The certificate is not accepted, or no secure connection came about.
    Tls,
    /// The name leads to an address that is not called.
    ForbiddenAddress,
    /// No whole answer in time.
    Timeout,
    /// The answer is not HTTP, or larger than is read.
    Answer,
}

impl AttemptError {
    /// The word shown in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Connection => "connection",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::ForbiddenAddress => "forbidden_address",
            Self::Timeout => "timeout",
            Self::Answer => "answer",
        }
    }
}

/// One call, as integrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The notification.
    pub key: NotificationKey,
    /// The event's name.
    pub event: EventName,
    /// Which call of its notification, from 1.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, milliseconds.
    pub duration_ms: u64,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Why it was not a success; nothing for one that was.
    pub error: Option<AttemptError>,
    /// The first [`KEPT_OF_ANSWER`] bytes of the answer, as text.
    #[serde(default)]
    pub answer: String,
    /// How long the endpoint asked to be left alone, seconds.
    #[serde(default)]
    pub retry_after: Option<u64>,
}

impl Attempt {
    /// The endpoint says that it is gone for good (410).
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }

    fn why(&self, error: AttemptError) -> String {
        match self.status {
            Some(status) if error == AttemptError::Status => format!("answered {status}"),
            _ => error.as_str().to_owned(),
        }
    }
}
