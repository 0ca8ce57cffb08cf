//! `syrve-command`: carries commands to Syrve and finds out what became of them.
//!
//! Each receive of the message is one short step: a call, a question, or a look at the order; the waiting between them is
//! the message's own invisibility, so no function sleeps and no message is sent again. A command is marked as under way
//! before the call leaves, so that a crash in between is an unknown outcome and not a forgotten one. The message stays at
//! the head of its order's group until the command is finished: that is what keeps commands in order.

mod outcome;
mod pos;
mod steps;
#[cfg(test)]
mod tests;

use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandMessage, CommandState};
use courier_domain::event::DomainEvent;
use courier_domain::ids::EventKey;
use courier_domain::order::FollowUp;
use courier_domain::ports::{Accounts, Commands, EventBus, PortError, Secrets, TimelineEntry, Versioned};
use serde_json::json;
use tokio::time::Duration;

pub use pos::Pos;

use crate::queue::Verdict;

/// The function's parts.
#[derive(Debug)]
pub struct SyrveCommands<S, A, K, P, B, C> {
    /// Where commands and orders are kept.
    pub store: S,
    /// Accounts.
    pub accounts: A,
    /// API logins.
    pub secrets: K,
    /// Syrve.
    pub pos: P,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
}

/// How a command ended.
enum End {
    Confirmed,
    Superseded(String),
    Failed(String),
}

impl<S, A, K, P, B, C> SyrveCommands<S, A, K, P, B, C>
where
    S: Commands,
    A: Accounts,
    K: Secrets,
    P: Pos,
    B: EventBus,
    C: Clock,
{
    /// Takes a command one step further.
    pub async fn handle(&self, message: &str) -> Result<Verdict, PortError> {
        let message: CommandMessage = match serde_json::from_str(message) {
            Ok(message) => message,
            // The parser's own words may quote what they found.
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                return Ok(Verdict::Dead(format!(
                    "the message is not a command (line {line}, column {column})"
                )));
            }
        };
        let (account, order) = (&message.account_id, message.order_id);
        let Some((command, order)) = self.store.read_command(account, order, &message.command_id).await?
        else {
            return Ok(Verdict::Dead("the command or its order is not kept any more".into()));
        };
        match command.value.state {
            CommandState::Confirmed | CommandState::Superseded => Ok(Verdict::Done),
            // The end was written, but the function may not have lived to hand it on.
            CommandState::Failed => self.hand_on_failure(&command.value).await,
            _ => self.step(command, &order).await,
        }
    }

    /// Writes a new state and waits; somebody else's faster write only means another look.
    async fn save(&self, mut command: Versioned<Command>, wait: Duration) -> Result<Verdict, PortError> {
        command.value.updated_at = self.clock.now();
        self.store.commit_command(command, None).await?;
        Ok(Verdict::Later(wait))
    }

    /// Ends a command, with a line in its order's timeline.
    async fn end(&self, mut command: Versioned<Command>, end: End) -> Result<Verdict, PortError> {
        let now = self.clock.now();
        let (state, word, reason) = match end {
            End::Confirmed => (CommandState::Confirmed, "confirmed", None),
            End::Superseded(reason) => (CommandState::Superseded, "superseded", Some(reason)),
            End::Failed(reason) => (CommandState::Failed, "failed", Some(reason)),
        };
        let value = &mut command.value;
        value.state = state;
        value.updated_at = now;
        value.last_error =
            reason.or_else(|| value.last_error.take()).filter(|_| state != CommandState::Confirmed);
        let entry = TimelineEntry {
            key: EventKey::hashed([value.id.as_str(), word]),
            at: now,
            recorded_at: now,
            source: "syrve".into(),
            event: format!("{} {word}", value.kind.label()),
            applied: state == CommandState::Confirmed,
            follow_up: FollowUp::default(),
        };
        let ended = command.value.clone();
        if !self.store.commit_command(command, Some(entry)).await? {
            return Ok(Verdict::Later(Duration::from_secs(1)));
        }
        let seconds = now.duration_since(ended.created_at).as_secs();
        tracing::info!(
            outcome = %format_args!("command_{word}"),
            account = %ended.account_id,
            order = %ended.order_id(),
            command = %ended.id,
            kind = ended.kind.name(),
            attempts = ended.attempts,
            age_seconds = seconds,
            "command ended"
        );
        if state == CommandState::Failed { self.hand_on_failure(&ended).await } else { Ok(Verdict::Done) }
    }

    /// A failed command is an event for subscribers and a dead letter for the person on call.
    async fn hand_on_failure(&self, command: &Command) -> Result<Verdict, PortError> {
        let cause = EventKey::hashed([command.id.as_str(), "failed"]);
        let detail =
            json!({ "command_id": command.id, "kind": command.kind.name(), "error": command.last_error });
        let (account, order, at) = (&command.account_id, command.order_id(), command.updated_at);
        self.bus
            .publish(&[DomainEvent::of_order("command_failed", account, order, at, &cause, detail)])
            .await?;
        Ok(Verdict::Dead(command.last_error.clone().unwrap_or_default()))
    }
}
