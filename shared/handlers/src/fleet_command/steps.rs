//! One step of a command: whether it is still to be carried out, and what an answer means.

use std::sync::Arc;
use std::time::Duration;

use courier_clients::captain::CaptainLogin;
use courier_clients::{CallError, Outcome};
use courier_domain::account::{Account, AccountSecrets};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, CommandState};
use courier_domain::delivery::Provider;
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, Orders, PortError, Secrets, Versioned,
};
use courier_domain::report::{DriverChange, OrderChange};

use super::FleetCommands;
use super::fleet::{Fleet, login};
use crate::commands::{End, Login, SOON, given_up, is_corrected, note, outcome, superseded};
use crate::queue::Verdict;

/// The pause of a command about a driver of another of the fleet's accounts than the one that is known here.
const OTHER_ACCOUNT: Duration = Duration::from_secs(30);
/// Said of a command whose order is looked for, and is not in the fleet's list.
pub(super) const NOT_LISTED: &str = "Captain.AI does not have the order";

/// With whom a step is made.
pub(super) struct Desk {
    pub(super) login: CaptainLogin,
    pub(super) account: Arc<Account>,
    pub(super) secrets: Arc<AccountSecrets>,
}

/// Why a call did not come to its end.
pub(super) enum Failure {
    /// The fleet's answer.
    Call(CallError),
    /// The fleet's answer to the question whether it has the order; what the making of it came to is as open as before.
    Look(CallError),
    /// Something the bridge stands on.
    Port(PortError),
    /// The fleet's list does not have an order that it may be about to list.
    NotListed,
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
            return self.supersede(command, reason).await;
        }
        let account = self.accounts.account(&command.value.account_id).await?;
        let Some(account) = account.filter(|account| account.enabled) else {
            return self.refuse(command, "the account is disabled or deleted", true).await;
        };
        if account.dispatch_to != Some(Provider::Captain) {
            self.forget(&command.value, true).await?;
            let reason = "the account is not written to Captain.AI any more".to_owned();
            return self.ledger.end(command, End::Superseded(reason)).await;
        }
        let secrets = self.secrets.secrets(&account.account_id).await?;
        let login = account.captain.as_ref().and_then(|captain| login(captain, &secrets));
        let Some(login) = login else {
            return self.refuse(command, "the account has no Captain.AI account or keys", true).await;
        };
        // This process may know the account as it was a minute ago.
        let told = match target {
            CommandTarget::Driver(driver) => driver.told_fleet.as_ref(),
            CommandTarget::Order(_) => None,
        };
        if told.is_some_and(|told| told.account != login.account_uuid)
            && !self.ledger.is_out_of_time(&command.value)
        {
            return Ok(Verdict::Later(OTHER_ACCOUNT));
        }
        let desk = Desk { login, account, secrets };
        if is_new {
            self.begin(command, target, &desk).await
        } else {
            self.again(command, target, &desk).await
        }
    }

    /// Makes the call. The mark that it is under way is written first, and nothing of a call that may not be made.
    async fn begin(
        &self,
        mut command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        if command.value.state == CommandState::Sending {
            command.value.held_since = None;
        }
        let leave = match self.fleet.enter(&desk.login, &command.value.kind).await {
            Ok(leave) => leave,
            Err(error) => {
                // Taken back where the call is not made.
                command.value.attempts += 1;
                return self.after_failed_call(command, desk, &error, false).await;
            }
        };
        let Some(command) = self.ledger.begin(command).await? else { return Ok(Verdict::Later(SOON)) };
        let called = self.call(&command.value, target, desk, leave).await;
        self.after(command, desk, called).await
    }

    /// The outcome of the last call is not known. An order may have been made, and must not be made twice. That it is not
    /// found does not prove that it was not, so if it is to be cancelled, it is made first.
    async fn again(
        &self,
        mut command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        command.value.in_doubt = true;
        if let CommandKind::CreateOrder { order_id } = command.value.kind {
            match self.find(&command.value, order_id, desk).await {
                Ok(true) => return self.ledger.end(command, End::Confirmed).await,
                Ok(false) => {}
                Err(failure) => return self.after(command, desk, Err(failure)).await,
            }
        }
        match superseded(&command.value, target) {
            Some(reason) => self.supersede(command, reason).await,
            None => self.begin(command, target, desk).await,
        }
    }

    async fn after(
        &self,
        command: Versioned<Command>,
        desk: &Desk,
        called: Result<(), Failure>,
    ) -> Result<Verdict, PortError> {
        match called {
            Ok(()) => self.ledger.end(command, End::Confirmed).await,
            Err(Failure::Call(error)) => self.after_failed_call(command, desk, &error, false).await,
            Err(Failure::Look(error)) => self.after_failed_call(command, desk, &error, true).await,
            Err(Failure::NotListed) => self.after_not_listed(command).await,
            Err(Failure::Never(reason)) => self.refuse(command, reason, false).await,
            Err(Failure::Port(error)) => Err(error),
        }
    }

    /// An order is looked for until its command is out of time: made by a call that was not answered, it may be listed
    /// late.
    async fn after_not_listed(&self, mut command: Versioned<Command>) -> Result<Verdict, PortError> {
        if self.ledger.is_out_of_time(&command.value) {
            let words = given_up(&command.value, NOT_LISTED);
            return self.refuse(command, &words, false).await;
        }
        let value = &mut command.value;
        (value.state, value.last_error) = (CommandState::Queued, Some(NOT_LISTED.to_owned()));
        let wait = value.retry_delay(value.attempts, None);
        self.ledger.save(command, wait).await
    }

    async fn after_failed_call(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
        error: &CallError,
        is_look: bool,
    ) -> Result<Verdict, PortError> {
        let words = note(&mut command.value, error);
        let corrected = self.is_corrected(desk, error).await;
        let out_of_time = self.ledger.is_out_of_time(&command.value);
        let outcome = outcome(error);
        let is_held = matches!(outcome, Outcome::NotSent { .. });
        let value = &mut command.value;
        // A look is no attempt and leaves open what it was to tell. It is counted only for the pauses to grow.
        if is_look {
            value.polls += u32::from(!is_held);
        } else if is_held {
            value.attempts = value.attempts.saturating_sub(1);
        }
        let tries = value.attempts + if is_look { value.polls } else { 0 };
        // A gateway says that it found nobody to pass the call on to, which may not be the whole truth.
        let may_be_done = outcome == Outcome::Unknown || matches!(error, CallError::Unavailable { .. });
        value.in_doubt |= !is_look && may_be_done;
        if !is_look && matches!(outcome, Outcome::NotSent { .. } | Outcome::Retry { .. }) {
            value.state = CommandState::Queued;
        }
        let wait = match outcome {
            Outcome::Final => {
                let may_help = may_help(&value.kind, error);
                return self.refuse(command, &words, may_help).await;
            }
            // What it waited for is over, however often it was told to wait.
            Outcome::NotSent { .. } if corrected => {
                value.held_since = None;
                SOON
            }
            _ if out_of_time => {
                let words = given_up(value, &words);
                return self.refuse(command, &words, true).await;
            }
            Outcome::Unknown => value.retry_delay(tries, None),
            Outcome::Retry { after } => value.retry_delay(tries, after),
            Outcome::NotSent { after } => return self.ledger.hold(command, after).await,
        };
        self.ledger.save(command, wait).await
    }

    async fn is_corrected(&self, desk: &Desk, error: &CallError) -> bool {
        let login = Login {
            key: desk.login.key(),
            of: |account| account.captain.as_ref()?.login_key.as_deref(),
            secrets: &desk.secrets,
        };
        is_corrected(&self.accounts, &self.secrets, &desk.account.account_id, login, error).await
    }

    /// Ends a command as failed. An order that the fleet does not take is offered to it again when Syrve says more, and a
    /// driver where that `may_help`.
    async fn refuse(
        &self,
        command: Versioned<Command>,
        reason: &str,
        may_help: bool,
    ) -> Result<Verdict, PortError> {
        self.forget(&command.value, may_help).await?;
        self.ledger.end(command, End::Failed(reason.to_owned())).await
    }

    /// Ends a command as pointless. What was to follow on an order that was not made is pointless with it, its cancellation
    /// above all; and should a courier be wanted again, the order is offered again. What a driver does instead was asked for
    /// by whatever made this pointless.
    async fn supersede(&self, command: Versioned<Command>, reason: String) -> Result<Verdict, PortError> {
        if matches!(command.value.kind, CommandKind::CreateOrder { .. }) {
            self.forget(&command.value, true).await?;
        }
        self.ledger.end(command, End::Superseded(reason)).await
    }

    /// An order that was not made is as if the fleet had never been asked, and so is what was to be told of a driver.
    async fn forget(&self, command: &Command, may_help: bool) -> Result<(), PortError> {
        let Some(account) = self.accounts.account(&command.account_id).await? else { return Ok(()) };
        match &command.kind {
            CommandKind::CreateOrder { order_id } => {
                let in_doubt = command.in_doubt;
                let change = OrderChange::NotDispatched { provider: Provider::Captain, in_doubt };
                self.tell(command, *order_id, &account, change).await
            }
            CommandKind::UpsertDriver { driver_id }
            | CommandKind::ClockInDriver { driver_id }
            | CommandKind::ClockOutDriver { driver_id }
                if may_help =>
            {
                let change = DriverChange::NotTold(Provider::Captain);
                self.tell_driver(command, driver_id, &account, change).await
            }
            _ => Ok(()),
        }
    }
}

/// Whether a driver is worth telling of again, though nothing changes about them. What was refused for what it says is
/// refused again until it says something else, and so is what the account may not do. That a call of duty is not found is
/// the fault of its path, which a person corrects.
fn may_help(kind: &CommandKind, error: &CallError) -> bool {
    let is_duty = matches!(kind, CommandKind::ClockInDriver { .. } | CommandKind::ClockOutDriver { .. });
    match error {
        CallError::Rejected { status: 404 | 405, .. } => is_duty,
        CallError::Rejected { .. } | CallError::Forbidden { .. } => false,
        _ => true,
    }
}
