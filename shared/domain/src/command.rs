//! Commands: one call each that must reach an outside system. A command is written with the change that caused it, sent
//! from a queue in order per order or driver, and moves `queued → sending → sent → confirmed`; it ends as `confirmed`,
//! `failed` or `superseded`. The waiting times of retries and confirmations are decided here, the waiting itself is the
//! queue's.

#[cfg(test)]
mod beside;
mod kind;
mod schedule;
#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use kind::{CommandKind, CommandSubject, KitchenStatus, System};
use schedule::{A_CROWD, patient_delay, spread_of, waiting_delay};
pub use schedule::{CONFIRM_DELAYS, held_delay, retry_delay};

use crate::event::DomainEvent;
use crate::ids::{AccountId, CommandId, DriverId, EventKey};
use crate::register::Stamp;

/// How far a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// Not tried, or to be tried again.
    Queued,
    /// A call is under way, or was cut off: its outcome is unknown until somebody looks.
    Sending,
    /// Accepted; the POS has not answered yet.
    Sent,
    /// Done at the POS.
    Confirmed,
    /// Given up.
    Failed,
    /// Made pointless by something newer before it was sent.
    Superseded,
}

impl CommandState {
    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Confirmed | Self::Failed | Self::Superseded)
    }

    /// The word shown in the API, where a call under way counts as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending | Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

/// What a command's message says: where the command is kept. Everything else is read when it is its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandMessage {
    /// Whose.
    pub account_id: AccountId,
    /// What it is about: `order_id` or `driver_id`.
    #[serde(flatten)]
    pub subject: CommandSubject,
    /// Which command.
    pub command_id: CommandId,
}

/// What must be handed on after a change was written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowUp {
    /// Commands, in the order in which they are to be carried out.
    pub commands: Vec<Command>,
    /// What happened, for the bus.
    pub events: Vec<DomainEvent>,
    /// Drivers who are somewhere else now; they are told of together, once a minute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<DriverId>,
}

/// A command and its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its id, derived from its cause.
    pub id: CommandId,
    /// Whose.
    pub account_id: AccountId,
    /// What is to be done.
    pub kind: CommandKind,
    /// The stamp of the change that asked for it.
    pub stamp: Stamp,
    /// How far it is.
    pub state: CommandState,
    /// Calls made.
    #[serde(default)]
    pub attempts: u32,
    /// Questions asked about the outcome of the last call.
    #[serde(default)]
    pub polls: u32,
    /// Whether a call was made of which nobody knows whether it was carried out. One that was not answered for want of a
    /// connection, or came too often, surely was not.
    #[serde(default)]
    pub in_doubt: bool,
    /// Since when its next call may not be made yet. Nothing is written of it again until something else happens.
    #[serde(default)]
    pub held_since: Option<Timestamp>,
    /// In what words the last call was refused, while it is looked whether things are as wanted all the same. It is not made
    /// again.
    #[serde(default)]
    pub refusal: Option<String>,
    /// Syrve's id of the accepted call, to ask about it.
    #[serde(default)]
    pub correlation_id: Option<String>,
    /// Why the last call failed, in the other system's words.
    #[serde(default)]
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Command {
    /// A new command, caused by an event.
    pub fn new(
        account_id: AccountId,
        kind: CommandKind,
        stamp: Stamp,
        cause: &EventKey,
        now: Timestamp,
    ) -> Self {
        Self {
            id: CommandId::derived(&kind.identity(), cause),
            account_id,
            kind,
            stamp,
            state: CommandState::Queued,
            attempts: 0,
            polls: 0,
            in_doubt: false,
            held_since: None,
            refusal: None,
            correlation_id: None,
            last_error: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The order or driver it is about.
    pub fn subject(&self) -> CommandSubject {
        self.kind.subject()
    }

    /// What commands are sorted by where people see them: when they were asked for, and of those asked for together, which
    /// is carried out first.
    pub fn place(&self) -> impl Ord + use<> {
        let step = match &self.kind {
            CommandKind::UpdateOrderDeliveryStatus { status, .. } => Some(*status),
            _ => None,
        };
        (self.created_at, step, self.id.clone())
    }

    /// The pause before its call after so many failed ones; see [`retry_delay`].
    pub fn retry_delay(&self, attempts: u32, retry_after: Option<Duration>) -> Duration {
        let delay = retry_delay(attempts, retry_after);
        delay + spread_of(delay, self.spread(attempts))
    }

    /// The pause until its call may be made, `after` which a place may be free. All that wait for the same place come back at
    /// times of their own. That there is a crowd shows by having waited; before that, or where nobody knows `after` what, it
    /// is only a hitch, and a driver who comes to work need not wait for minutes.
    pub fn held_delay(&self, after: Option<Duration>, now: Timestamp) -> Duration {
        let waited = now.duration_since(self.held_since.unwrap_or(now));
        let waited = Duration::try_from(waited).unwrap_or_default();
        let spread = self.spread(u32::try_from(waited.as_secs()).unwrap_or(u32::MAX));
        match after {
            Some(_) if self.kind.is_patient() && waited >= A_CROWD => patient_delay(spread),
            after => waiting_delay(waited, after.unwrap_or_default(), spread),
        }
    }

    /// A number of its own.
    fn spread(&self, turn: u32) -> u32 {
        self.id.as_str().bytes().fold(turn, |spread, byte| spread.wrapping_mul(31).wrapping_add(byte.into()))
    }

    /// Whether it is too old to be tried again.
    pub fn is_out_of_time(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) > self.kind.window()
    }

    /// How long it is tried, in words.
    pub fn window_words(&self) -> String {
        let window: SignedDuration = self.kind.window();
        match (window.as_hours(), window.as_mins()) {
            (0, minutes) => format!("{minutes} minutes"),
            (1, _) => "1 hour".to_owned(),
            (hours, _) => format!("{hours} hours"),
        }
    }
}
