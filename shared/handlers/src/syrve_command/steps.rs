//! The first step of a command: the call, and what its answer means.

use std::sync::Arc;

use courier_clients::syrve::{CallError, Outcome, SyrveLogin};
use courier_domain::account::AccountSecrets;
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, CommandState, retry_delay};
use courier_domain::ids::{AccountId, OrganizationId};
use courier_domain::order::Order;
use courier_domain::ports::{Accounts, Commands, EventBus, PortError, Secrets, Versioned};
use courier_providers::syrve::time::format_local;
use jiff::tz::TimeZone;
use tokio::time::Duration;

use super::outcome::{Doubt, pause};
use super::pos::{Pos, login};
use super::{End, SyrveCommands};
use crate::http::chain;
use crate::queue::Verdict;

/// The pause when nothing was sent for a reason on our side.
const SOON: Duration = Duration::from_secs(1);

/// With whom and where a step is made.
pub(super) struct Desk {
    pub(super) login: SyrveLogin,
    pub(super) organization: OrganizationId,
    pub(super) zone: TimeZone,
    pub(super) secrets: Arc<AccountSecrets>,
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
    pub(super) async fn step(
        &self,
        command: Versioned<Command>,
        order: &Order,
    ) -> Result<Verdict, PortError> {
        let state = command.value.state;
        if let (CommandState::Queued, Some(reason)) = (state, order.superseded(&command.value.stamp)) {
            return self.end(command, End::Superseded(reason.to_string())).await;
        }
        let account = self.accounts.account(&command.value.account_id).await?;
        let Some(account) = account.filter(|account| account.enabled) else {
            return self.end(command, End::Failed("the account is disabled or deleted".into())).await;
        };
        let secrets = self.secrets.secrets(&account.account_id).await?;
        let desk = account.syrve.as_ref().and_then(|syrve| {
            let login = login(syrve, &secrets)?;
            let secrets = Arc::clone(&secrets);
            Some(Desk { login, organization: syrve.organization_id, zone: account.zone(), secrets })
        });
        let Some(desk) = desk else {
            return self.end(command, End::Failed("the account has no Syrve API login".into())).await;
        };
        match (state, command.value.correlation_id.clone()) {
            (CommandState::Queued, _) => self.call(command, &desk).await,
            (CommandState::Sent, Some(id)) => self.ask(command, order, &desk, &id.into()).await,
            _ => self.look(command, order, &desk, Doubt::Unknown).await,
        }
    }

    /// Makes the call. The mark that it is under way is written first.
    pub(super) async fn call(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        command.value.state = CommandState::Sending;
        command.value.attempts += 1;
        command.value.correlation_id = None;
        command.value.updated_at = self.clock.now();
        if !self.store.commit_command(command.clone(), None).await? {
            return Ok(Verdict::Later(SOON));
        }
        command.version += 1;
        let CommandKind::UpdateOrderDeliveryStatus { order_id, status, delivered_at } = command.value.kind;
        let date = delivered_at.map(|at| format_local(at, &desk.zone));
        let called =
            self.pos.update_status(&desk.login, desk.organization, order_id, status, date.as_deref()).await;
        match called {
            Ok(id) => {
                command.value.state = CommandState::Sent;
                command.value.correlation_id = Some(id.into());
                command.value.polls = 0;
                self.save(command, pause(0, None)).await
            }
            Err(error) => self.after_failed_call(command, desk, &error).await,
        }
    }

    /// Whether the login was changed since this process read it.
    async fn is_corrected(&self, account: &AccountId, desk: &Desk) -> Result<bool, PortError> {
        self.secrets.forget(account).await;
        Ok(self.secrets.secrets(account).await? != desk.secrets)
    }

    async fn after_failed_call(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
        error: &CallError,
    ) -> Result<Verdict, PortError> {
        let words = note(&mut command.value, error);
        let out_of_time = command.value.is_out_of_time(self.clock.now());
        let value = &mut command.value;
        let attempts = value.attempts;
        let of_login = matches!(error, CallError::LoginRejected { .. } | CallError::LoginBlocked { .. });
        let wait = match error.outcome() {
            Outcome::Final if of_login && self.is_corrected(&value.account_id, desk).await? => {
                value.state = CommandState::Queued;
                SOON
            }
            Outcome::Final => return self.end(command, End::Failed(words)).await,
            Outcome::Unknown => retry_delay(attempts, None),
            _ if out_of_time => return self.end(command, End::Failed(given_up(&words))).await,
            Outcome::Retry { after } => {
                value.state = CommandState::Queued;
                retry_delay(attempts, after)
            }
            Outcome::NotSent => {
                value.state = CommandState::Queued;
                value.attempts = attempts.saturating_sub(1);
                value.polls += 1;
                retry_delay(value.polls, None) / 2
            }
        };
        self.save(command, wait).await
    }
}

/// Keeps Syrve's words on the command and says what happened, once.
pub(super) fn note(command: &mut Command, error: &CallError) -> String {
    let words = chain(error);
    tracing::warn!(
        outcome = "syrve_call_failed",
        account = %command.account_id,
        order = %command.order_id(),
        command = %command.id,
        attempt = command.attempts,
        error = words,
        "call to Syrve failed"
    );
    command.last_error = Some(words.clone());
    words
}

pub(super) fn given_up(words: &str) -> String {
    format!("given up after 15 minutes: {words}")
}
