//! The first step of a command: the call, and what its answer means.

use std::sync::Arc;

use courier_clients::syrve::{CorrelationId, SyrveLogin};
use courier_clients::{CallError, Outcome};
use courier_domain::account::{Account, AccountSecrets};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, CommandState};
use courier_domain::ids::{OrganizationId, TerminalGroupId};
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, PortError, Secrets, Versioned,
};
use courier_providers::syrve::time::format_local;

use super::SyrveCommands;
use super::outcome::{Doubt, pause};
use super::pos::{Pos, ShiftOf, login};
use crate::commands::{End, Login, SOON, given_up, is_corrected, note, outcome, superseded};
use crate::queue::Verdict;

/// With whom and where a step is made.
pub(super) struct Desk {
    pub(super) login: SyrveLogin,
    pub(super) organization: OrganizationId,
    pub(super) account: Arc<Account>,
    pub(super) secrets: Arc<AccountSecrets>,
}

impl<S, A, K, P, Q, B, C> SyrveCommands<S, A, K, P, Q, B, C>
where
    S: Commands + Drivers,
    A: Accounts,
    K: Secrets,
    P: Pos,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    pub(super) async fn step(
        &self,
        command: Versioned<Command>,
        target: &CommandTarget,
    ) -> Result<Verdict, PortError> {
        let state = command.value.state;
        if let (CommandState::Queued, Some(reason)) = (state, superseded(&command.value, target)) {
            return self.ledger.end(command, End::Superseded(reason)).await;
        }
        let account = self.accounts.account(&command.value.account_id).await?;
        let Some(account) = account.filter(|account| account.enabled) else {
            let reason = "the account is disabled or deleted".into();
            return self.ledger.end(command, End::Failed(reason)).await;
        };
        let secrets = self.secrets.secrets(&account.account_id).await?;
        let desk = account.syrve.as_ref().and_then(|syrve| {
            let (login, organization) = (login(syrve, &secrets)?, syrve.organization_id);
            let (account, secrets) = (Arc::clone(&account), Arc::clone(&secrets));
            Some(Desk { login, organization, account, secrets })
        });
        let Some(desk) = desk else {
            return self.ledger.end(command, End::Failed("the account has no Syrve API login".into())).await;
        };
        match (state, command.value.correlation_id.clone()) {
            (CommandState::Queued, _) => self.prepare(command, target, &desk).await,
            (CommandState::Sent, Some(id)) => self.ask(command, target, &desk, &id.into()).await,
            _ => {
                let doubt = command.value.refusal.clone().map_or(Doubt::Unknown, Doubt::Refused);
                self.look(command, Some(target), &desk, doubt).await
            }
        }
    }

    /// Makes the call. The mark that it is under way is written first, and nothing of a call that may not be made.
    pub(super) async fn call(&self, command: Versioned<Command>, desk: &Desk) -> Result<Verdict, PortError> {
        let leave = match self.pos.enter(&desk.login, &command.value.kind).await {
            Ok(leave) => leave,
            Err(error) => return self.after_failed_question(command, desk, &error).await,
        };
        let Some(mut command) = self.ledger.begin(command).await? else { return Ok(Verdict::Later(SOON)) };
        match self.send(&command.value.kind, desk, leave).await {
            Ok(id) => {
                command.value.state = CommandState::Sent;
                command.value.correlation_id = Some(id.into());
                command.value.polls = 0;
                self.ledger.save(command, pause(0, None)).await
            }
            // 200 with an error: perhaps the shift is already as it is to be.
            Err(error @ CallError::ErrorField { .. }) => {
                let words = note(&mut command.value, &error);
                Box::pin(self.look(command, None, desk, Doubt::Refused(words))).await
            }
            Err(error) => self.after_failed_call(command, desk, &error).await,
        }
    }

    async fn send(
        &self,
        kind: &CommandKind,
        desk: &Desk,
        leave: P::Leave,
    ) -> Result<CorrelationId, CallError> {
        let leave = Some(leave);
        let Desk { login, organization, .. } = desk;
        let shift = |driver, terminal_group: &Option<TerminalGroupId>| {
            let terminal_group = terminal_group.ok_or(CallError::Unsendable { what: "no terminal group" })?;
            Ok::<_, CallError>(ShiftOf { organization: *organization, terminal_group, driver })
        };
        match kind {
            CommandKind::UpdateOrderDeliveryStatus { order_id, status, delivered_at } => {
                let date = delivered_at.map(|at| format_local(at, &desk.account.zone()));
                self.pos.update_status(login, *organization, *order_id, *status, date.as_deref(), leave).await
            }
            CommandKind::ClockIn { driver_id, terminal_group_id, role_id } => {
                self.pos
                    .change_shift(login, &shift(driver_id, terminal_group_id)?, true, *role_id, leave)
                    .await
            }
            CommandKind::ClockOut { driver_id, terminal_group_id } => {
                self.pos.change_shift(login, &shift(driver_id, terminal_group_id)?, false, None, leave).await
            }
            _ => Err(CallError::Unsendable { what: "it is no command for Syrve" }),
        }
    }

    pub(super) async fn after_failed_call(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
        error: &CallError,
    ) -> Result<Verdict, PortError> {
        let words = note(&mut command.value, error);
        let corrected = self.is_corrected(desk, error).await;
        let out_of_time = self.ledger.is_out_of_time(&command.value);
        let outcome = outcome(error);
        let value = &mut command.value;
        if let Outcome::NotSent { .. } = outcome {
            value.attempts = value.attempts.saturating_sub(1);
        }
        if let Outcome::NotSent { .. } | Outcome::Retry { .. } = outcome {
            value.state = CommandState::Queued;
        }
        let wait = match outcome {
            Outcome::Final => return self.ledger.end(command, End::Failed(words)).await,
            Outcome::Unknown => value.retry_delay(value.attempts, None),
            // What it waited for is over, however often it was told to wait.
            Outcome::NotSent { .. } if corrected => {
                value.held_since = None;
                SOON
            }
            _ if out_of_time => {
                let words = given_up(value, &words);
                return self.ledger.end(command, End::Failed(words)).await;
            }
            Outcome::Retry { after } => value.retry_delay(value.attempts, after),
            Outcome::NotSent { after } => return self.ledger.hold(command, after).await,
        };
        self.ledger.save(command, wait).await
    }

    /// Whether the login was changed since this process read it.
    pub(super) async fn is_corrected(&self, desk: &Desk, error: &CallError) -> bool {
        let login = Login {
            key: desk.login.credentials_key(),
            of: |account| account.syrve.as_ref()?.credentials_key.as_deref(),
            secrets: &desk.secrets,
        };
        is_corrected(&self.accounts, &self.secrets, &desk.account.account_id, login, error).await
    }
}
