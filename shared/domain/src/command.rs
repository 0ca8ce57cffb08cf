//! Commands: one call each that must reach an outside system. A command is written with the change that caused it, sent
//! from a queue in order per order, and moves `queued → sending → sent → confirmed`; it ends as `confirmed`, `failed` or
//! `superseded`. The waiting times of retries and confirmations are decided here, the waiting itself is the queue's.

mod schedule;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use schedule::{CONFIRM_DELAYS, RETRY_WINDOW, retry_delay};

use crate::delivery::PosStatus;
use crate::ids::{AccountId, CommandId, EventKey, OrderId};
use crate::register::Stamp;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommandKind {
    /// Syrve: set the status of a delivery order.
    UpdateOrderDeliveryStatus {
        /// The order.
        order_id: OrderId,
        /// The status to set.
        status: PosStatus,
        /// When the guest received the order; only with Delivered.
        delivered_at: Option<Timestamp>,
    },
}

impl CommandKind {
    /// Its name in the API and in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UpdateOrderDeliveryStatus { .. } => "update_order_delivery_status",
        }
    }
}

impl CommandKind {
    /// A short text for the timeline, such as `update_order_delivery_status OnWay`.
    pub fn label(&self) -> String {
        match self {
            Self::UpdateOrderDeliveryStatus { status, .. } => format!("{} {}", self.name(), status.as_str()),
        }
    }
}

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
    /// The order it is about.
    pub order_id: OrderId,
    /// Which command.
    pub command_id: CommandId,
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
            id: CommandId::derived(kind.name(), cause),
            account_id,
            kind,
            stamp,
            state: CommandState::Queued,
            attempts: 0,
            polls: 0,
            correlation_id: None,
            last_error: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// The order it is about.
    pub fn order_id(&self) -> OrderId {
        match &self.kind {
            CommandKind::UpdateOrderDeliveryStatus { order_id, .. } => *order_id,
        }
    }

    /// Whether it is too old to be tried again.
    pub fn is_out_of_time(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) > RETRY_WINDOW
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn command(cause: &str, now: Timestamp) -> Command {
        let order_id = "497f6eca-6276-4993-bfeb-53cbbbba6f08".parse().unwrap();
        let kind =
            CommandKind::UpdateOrderDeliveryStatus { order_id, status: PosStatus::OnWay, delivered_at: None };
        let cause = cause.parse().unwrap();
        Command::new("demo".parse().unwrap(), kind, Stamp::new(now, "key".parse().unwrap()), &cause, now)
    }

    #[test]
    fn the_id_is_the_same_for_the_same_cause_whenever_it_is_worked_out() {
        let later = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1);
        assert_eq!(command("cause", Timestamp::UNIX_EPOCH).id, command("cause", later).id);
        assert_ne!(command("cause", later).id, command("another", later).id);
    }

    #[test]
    fn an_id_made_of_the_longest_key_reads_back() {
        let id = command(&"k".repeat(128), Timestamp::UNIX_EPOCH).id;
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn a_command_is_out_of_time_after_a_quarter_of_an_hour_and_not_before() {
        let made = Timestamp::UNIX_EPOCH;
        let command = command("cause", made);
        assert!(!command.is_out_of_time(made + RETRY_WINDOW));
        assert!(command.is_out_of_time(made + RETRY_WINDOW + SignedDuration::from_secs(1)));
    }

    #[test]
    fn a_call_under_way_counts_as_sent_and_only_three_states_are_final() {
        use CommandState::{Confirmed, Failed, Queued, Sending, Sent, Superseded};
        let all = [Queued, Sending, Sent, Confirmed, Failed, Superseded];
        let words = all.map(CommandState::as_str);
        assert_eq!(words, ["queued", "sent", "sent", "confirmed", "failed", "superseded"]);
        assert_eq!(all.map(CommandState::is_final), [false, false, false, true, true, true]);
    }

    #[test]
    fn a_command_written_by_an_older_version_without_the_counters_is_read() {
        let fresh = command("cause", Timestamp::UNIX_EPOCH);
        let mut stored = serde_json::to_value(&fresh).unwrap();
        for later in ["attempts", "polls", "correlation_id", "last_error"] {
            stored.as_object_mut().unwrap().remove(later);
        }
        assert_eq!(serde_json::from_value::<Command>(stored).unwrap(), fresh);
    }
}
