//! One step of a command: whether it is still to be carried out, and what an answer means.

use std::sync::Arc;
use std::time::Duration;

use courier_clients::captain::CaptainLogin;
use courier_clients::{CallError, Outcome};
use courier_domain::account::{Account, AccountSecrets};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, CommandState, retry_delay};
use courier_domain::delivery::Provider;
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, Orders, PortError, Secrets, Versioned,
};
use courier_domain::report::OrderChange;

use super::FleetCommands;
use super::fleet::{Fleet, login};
use crate::commands::{End, SOON, given_up, held_back, is_of_login, note, superseded};
use crate::queue::Verdict;

/// With whom a step is made.
pub(super) struct Desk {
    pub(super) login: CaptainLogin,
    pub(super) account: Arc<Account>,
    pub(super) secrets: Arc<AccountSecrets>,
}

/// What was known before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// That no call is open.
    None,
    /// Not whether an order was made; a step that only looks leaves that open.
    WasMade,
}

/// Why a call did not come to its end.
pub(super) enum Failure {
    /// The fleet's answer.
    Call(CallError),
    /// Something the bridge stands on.
    Port(PortError),
    /// No call was made, since it could not be.
    Never(&'static str),
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl<S, A, K, F, Q, B, C> FleetCommands<S, A, K, F, Q, B, C>
where
    S: Commands + Orders + Drivers,
    A: Accounts,
    K: Secrets,
    F: Fleet,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    pub(super) async fn step(
        &self,
        command: Versioned<Command>,
        target: &CommandTarget,
    ) -> Result<Verdict, PortError> {
        let is_new = command.value.state == CommandState::Queued;
        if let Some(reason) = superseded(&command.value, target).filter(|_| is_new) {
            return self.ledger.end(command, End::Superseded(reason)).await;
        }
        let account = self.accounts.account(&command.value.account_id).await?;
        let Some(account) = account.filter(|account| account.enabled) else {
            return self.refuse(command, "the account is disabled or deleted").await;
        };
        if account.dispatch_to != Some(Provider::Captain) {
            let reason = "the account is not written to Captain.AI any more".to_owned();
            return self.ledger.end(command, End::Superseded(reason)).await;
        }
        let secrets = self.secrets.secrets(&account.account_id).await?;
        let login = account.captain.as_ref().and_then(|captain| login(captain, &secrets));
        let Some(login) = login else {
            return self.refuse(command, "the account has no Captain.AI account or keys").await;
        };
        let desk = Desk { login, account, secrets };
        if is_new { self.begin(command, target, &desk).await } else { self.again(command, target, &desk).await }
    }

    /// Makes the call. The mark that it is under way is written first.
    async fn begin(
        &self,
        command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        let Some(command) = self.ledger.begin(command).await? else { return Ok(Verdict::Later(SOON)) };
        let called = self.call(&command.value, target, desk).await;
        self.after(command, desk, called, Doubt::None).await
    }

    /// The outcome of the last call is not known. An order may have been made, and must not be made twice.
    async fn again(
        &self,
        command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        let CommandKind::CreateOrder { order_id } = command.value.kind else {
            let pointless = superseded(&command.value, target);
            return match pointless {
                Some(reason) => self.ledger.end(command, End::Superseded(reason)).await,
                None => self.begin(command, target, desk).await,
            };
        };
        match self.find(&command.value, order_id, desk).await {
            Ok(true) => self.ledger.end(command, End::Confirmed).await,
            Ok(false) => match superseded(&command.value, target) {
                Some(reason) => self.ledger.end(command, End::Superseded(reason)).await,
                None => self.begin(command, target, desk).await,
            },
            Err(failure) => self.after(command, desk, Err(failure), Doubt::WasMade).await,
        }
    }

    async fn after(
        &self,
        command: Versioned<Command>,
        desk: &Desk,
        called: Result<(), Failure>,
        doubt: Doubt,
    ) -> Result<Verdict, PortError> {
        match called {
            Ok(()) => self.ledger.end(command, End::Confirmed).await,
            Err(Failure::Call(error)) => self.after_failed_call(command, desk, &error, doubt).await,
            Err(Failure::Never(reason)) => self.refuse(command, reason).await,
            Err(Failure::Port(error)) => Err(error),
        }
    }

    async fn after_failed_call(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
        error: &CallError,
        doubt: Doubt,
    ) -> Result<Verdict, PortError> {
        let words = note(&mut command.value, error);
        let out_of_time = self.ledger.is_out_of_time(&command.value);
        let value = &mut command.value;
        let before = (value.state, value.attempts);
        let corrected = is_of_login(error) && self.is_corrected(value, desk).await?;
        let wait = match error.outcome() {
            Outcome::NotSent { .. } if corrected => held_back(value, Some(Duration::ZERO)),
            Outcome::Final if corrected => {
                value.state = CommandState::Queued;
                SOON
            }
            Outcome::Final => return self.refuse(command, &words).await,
            _ if out_of_time => {
                let words = given_up(value, &words);
                return self.refuse(command, &words).await;
            }
            Outcome::Unknown => retry_delay(value.attempts, None),
            Outcome::Retry { after } => {
                value.state = CommandState::Queued;
                retry_delay(value.attempts, after)
            }
            Outcome::NotSent { after } => held_back(value, after),
        };
        if doubt == Doubt::WasMade {
            (command.value.state, command.value.attempts) = before;
        }
        self.ledger.save(command, wait).await
    }

    /// Ends a command as failed. An order that the fleet does not take is offered to it again when Syrve says more.
    async fn refuse(&self, command: Versioned<Command>, reason: &str) -> Result<Verdict, PortError> {
        if let CommandKind::CreateOrder { order_id } = command.value.kind {
            let account = self.accounts.account(&command.value.account_id).await?;
            if let Some(account) = account {
                let change = OrderChange::NotDispatched(Provider::Captain);
                self.tell(&command.value, order_id, &account, change, None).await?;
            }
        }
        self.ledger.end(command, End::Failed(reason.to_owned())).await
    }

    /// Whether the keys were changed since this process read them.
    async fn is_corrected(&self, command: &Command, desk: &Desk) -> Result<bool, PortError> {
        self.secrets.forget(&command.account_id).await;
        Ok(self.secrets.secrets(&command.account_id).await? != desk.secrets)
    }
}
