//! What carrying out a command has in common for all systems: reading it with what it is about, saving how far it is,
//! and ending it with a line in its order's timeline.
//!
//! Each receive of a command's message is one short step, and the waiting between them is the message's own
//! invisibility, so no function sleeps and no message is sent again. A command is marked as under way before the call
//! leaves, so that a crash in between is an unknown outcome and not a forgotten one. The message stays at the head of its
//! group until the command is finished: that is what keeps the commands of one order or driver in order.

use std::sync::Arc;
use std::time::Duration;

use courier_clients::{CallError, Outcome};
use courier_domain::account::{Account, AccountSecrets};
use courier_domain::clock::Clock;
use courier_domain::command::{
    Command, CommandKind, CommandMessage, CommandState, CommandSubject, FollowUp, System,
};
use courier_domain::event::{About, Cause, DomainEvent};
use courier_domain::gate::REFUSED;
use courier_domain::ids::{AccountId, EventKey};
use courier_domain::ports::{
    Accounts, CommandTarget, Commands, EventBus, PortError, Secrets, TimelineEntry, Versioned,
};
use serde_json::json;

use crate::http::chain;
use crate::queue::Verdict;

/// The pause when nothing was sent for a reason on our side.
pub(crate) const SOON: Duration = Duration::from_secs(1);

/// Where commands are kept, and who hears of their ends.
#[derive(Debug)]
pub struct Ledger<S, B, C> {
    /// Where commands and what they are about are kept.
    pub store: S,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
}

/// A message's command.
#[expect(clippy::large_enum_variant, reason = "one value per message, looked at and dropped")]
pub(crate) enum Read {
    /// It is to be taken one step further.
    Open(Versioned<Command>, Box<CommandTarget>),
    /// There is nothing more to do.
    Over(Verdict),
}

/// How a command ended.
pub(crate) enum End {
    Confirmed,
    Superseded(String),
    Failed(String),
}

impl<S: Commands, B: EventBus, C: Clock> Ledger<S, B, C> {
    /// Reads the command of a message.
    pub(crate) async fn read(&self, message: &str) -> Result<Read, PortError> {
        let message: CommandMessage = match serde_json::from_str(message) {
            Ok(message) => message,
            // The parser's own words may quote what they found.
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let reason = format!("the message is not a command (line {line}, column {column})");
                return Ok(Read::Over(Verdict::Dead(reason)));
            }
        };
        let Some((command, target)) = self.store.read_command(&message).await? else {
            let what = message.subject.kind();
            let reason = format!("the command or its {what} is not kept any more");
            return Ok(Read::Over(Verdict::Dead(reason)));
        };
        Ok(match command.value.state {
            CommandState::Confirmed | CommandState::Superseded => Read::Over(Verdict::Done),
            // The end was written, but the function may not have lived to hand it on.
            CommandState::Failed => Read::Over(self.hand_on_failure(&command.value).await?),
            _ => Read::Open(command, Box::new(target)),
        })
    }

    /// Marks a command as under way; `None` when somebody else wrote first.
    pub(crate) async fn begin(
        &self,
        mut command: Versioned<Command>,
    ) -> Result<Option<Versioned<Command>>, PortError> {
        command.value.state = CommandState::Sending;
        command.value.attempts += 1;
        command.value.correlation_id = None;
        command.value.held_since = None;
        command.value.refusal = None;
        command.value.updated_at = self.clock.now();
        let written = self.store.commit_command(command.clone(), None).await?;
        command.version += 1;
        Ok(written.then_some(command))
    }

    /// Writes a new state and waits; somebody else's faster write only means another look.
    pub(crate) async fn save(
        &self,
        mut command: Versioned<Command>,
        wait: Duration,
    ) -> Result<Verdict, PortError> {
        command.value.updated_at = self.clock.now();
        self.store.commit_command(command, None).await?;
        Ok(Verdict::Later(wait))
    }

    /// Waits until a call may be made. That it waits is written once, not each time it comes back: thousands may wait.
    pub(crate) async fn hold(
        &self,
        mut command: Versioned<Command>,
        after: Option<Duration>,
    ) -> Result<Verdict, PortError> {
        let now = self.clock.now();
        let wait = command.value.held_delay(after, now);
        if command.value.held_since.is_some() {
            return Ok(Verdict::Later(wait));
        }
        command.value.held_since = Some(now);
        self.save(command, wait).await
    }

    /// Ends a command, with a line in its order's timeline.
    pub(crate) async fn end(&self, mut command: Versioned<Command>, end: End) -> Result<Verdict, PortError> {
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
            source: value.kind.system().as_str().to_owned(),
            event: format!("{} {word}", value.kind.label()),
            applied: state == CommandState::Confirmed,
            follow_up: FollowUp::default(),
        };
        let ended = command.value.clone();
        if !self.store.commit_command(command, Some(entry)).await? {
            return Ok(Verdict::Later(SOON));
        }
        let subject = ended.subject();
        // The level of a line is part of the program, so each has its own.
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(
                    outcome = %format_args!("command_{word}"),
                    account = %ended.account_id,
                    subject = subject.kind(),
                    subject_id = subject.id(),
                    command = %ended.id,
                    kind = ended.kind.name(),
                    attempts = ended.attempts,
                    age_seconds = now.duration_since(ended.created_at).as_secs(),
                    "command ended"
                )
            };
        }
        if state != CommandState::Failed {
            log!(info);
            return Ok(Verdict::Done);
        }
        log!(error);
        self.hand_on_failure(&ended).await
    }

    /// A failed command is an event for subscribers and a dead letter for the person on call.
    async fn hand_on_failure(&self, command: &Command) -> Result<Verdict, PortError> {
        let key = EventKey::hashed([command.id.as_str(), "failed"]);
        let detail =
            json!({ "command_id": command.id, "kind": command.kind.name(), "error": command.last_error });
        let at = command.updated_at;
        let cause = Cause { account: &command.account_id, key: &key, now: at };
        let about = match command.subject() {
            CommandSubject::OrderId(id) => About::Order(id),
            CommandSubject::DriverId(id) => About::Driver(id),
        };
        let event = DomainEvent::new("command_failed", about, at, cause, detail);
        self.bus.publish(&[event]).await?;
        Ok(Verdict::Dead(command.last_error.clone().unwrap_or_default()))
    }

    /// Whether a command is too old to be tried again.
    pub(crate) fn is_out_of_time(&self, command: &Command) -> bool {
        command.is_out_of_time(self.clock.now())
    }
}

/// Why a command that was not sent yet is pointless by now.
pub(crate) fn superseded(command: &Command, target: &CommandTarget) -> Option<String> {
    match (target, &command.kind) {
        (CommandTarget::Order(order), CommandKind::UpdateOrderDeliveryStatus { status, .. }) => order
            .superseded(&command.stamp)
            .or_else(|| order.step_superseded(*status))
            .map(|why| why.to_string()),
        (CommandTarget::Order(order), _) => order.dispatch_superseded(command).map(|why| why.to_string()),
        (CommandTarget::Driver(driver), _) => driver.superseded(command).map(|why| why.to_string()),
    }
}

/// What may be done about a command's failed call. A refused login is not the command's fault: it waits like those that
/// find the login refused already.
pub(crate) fn outcome(error: &CallError) -> Outcome {
    match error {
        CallError::LoginRejected { .. } | CallError::LoginBlocked { .. } => {
            Outcome::NotSent { after: Some(REFUSED.unsigned_abs()) }
        }
        _ => error.outcome(),
    }
}

/// Keeps the other system's words on the command and says what happened, once.
pub(crate) fn note(command: &mut Command, error: &CallError) -> String {
    let system = match command.kind.system() {
        System::Syrve => "Syrve",
        System::Fleet(_) => "Captain.AI",
    };
    let words = format!("{system} {}", chain(error));
    let subject = command.subject();
    let was_held = matches!(outcome(error), Outcome::NotSent { .. });
    if was_held && command.held_since.is_some() && command.last_error.as_ref() == Some(&words) {
        return words;
    }
    command.held_since = None;
    let outcome = if was_held { "call_held_back" } else { "call_failed" };
    tracing::warn!(
        outcome = %format_args!("{}_{outcome}", command.kind.system().as_str()),
        account = %command.account_id,
        subject = subject.kind(),
        subject_id = subject.id(),
        command = %command.id,
        attempt = command.attempts,
        error = words,
        "call to another system failed"
    );
    command.last_error = Some(words.clone());
    words
}

/// Whether the other system does not accept the login: what this process knows of it may be out of date.
pub(crate) fn is_of_login(error: &CallError) -> bool {
    matches!(
        error,
        CallError::LoginRejected { .. } | CallError::LoginBlocked { .. } | CallError::LoginHeld { .. }
    )
}

/// Whether the other system does not accept a login that was changed since this process read it. Who only hears that it
/// was refused before reads secrets if the account has another login by now: many wait, and the store of secrets lets all
/// of them together read a few dozen times a second. Where it cannot be read, the login counts as what it was.
pub(crate) async fn is_corrected(
    accounts: &impl Accounts,
    secrets: &impl Secrets,
    account: &AccountId,
    login: Login<'_>,
    error: &CallError,
) -> bool {
    if !is_of_login(error) {
        return false;
    }
    if let CallError::LoginHeld { .. } = error {
        let now = accounts.account_now(account).await;
        // One that was written before logins had keys has none, and has not changed since.
        let is_other = |account: Arc<Account>| (login.of)(&account).is_some_and(|key| key != login.key);
        if !now.is_ok_and(|now| now.is_some_and(is_other)) {
            return false;
        }
    }
    secrets.forget(account).await;
    secrets.secrets(account).await.is_ok_and(|now| *now != *login.secrets)
}

/// The login of a call.
pub(crate) struct Login<'a> {
    /// What it is known by.
    pub(crate) key: String,
    /// What an account's is known by.
    pub(crate) of: fn(&Account) -> Option<&str>,
    /// The secrets of which it is made.
    pub(crate) secrets: &'a AccountSecrets,
}

pub(crate) fn given_up(command: &Command, words: &str) -> String {
    format!("given up after {}: {words}", command.window_words())
}
