//! The steps of a command: call, ask, look.

use courier_clients::syrve::{CallError, CommandStatus, CorrelationId, Outcome, SyrveLogin};
use courier_domain::clock::Clock;
use courier_domain::command::{CONFIRM_DELAYS, Command, CommandKind, CommandState, retry_delay};
use courier_domain::delivery::PosStatus;
use courier_domain::ids::OrganizationId;
use courier_domain::order::{Order, SyrveStatus};
use courier_domain::ports::{Accounts, Commands, EventBus, PortError, Secrets, Versioned};
use courier_providers::syrve::time::format_local;
use jiff::tz::TimeZone;
use tokio::time::Duration;

use super::pos::{Pos, login};
use super::{End, SyrveCommands};
use crate::http::chain;
use crate::queue::Verdict;

/// The pause when nothing was sent for a reason on our side.
const SOON: Duration = Duration::from_secs(1);

/// With whom and where a step is made.
struct Desk {
    login: SyrveLogin,
    organization: OrganizationId,
    zone: TimeZone,
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
            Some(Desk { login, organization: syrve.organization_id, zone: account.zone() })
        });
        let Some(desk) = desk else {
            return self.end(command, End::Failed("the account has no Syrve API login".into())).await;
        };
        match (state, command.value.correlation_id.clone()) {
            (CommandState::Queued, _) => self.call(command, &desk).await,
            (CommandState::Sent, Some(id)) => self.ask(command, order, &desk, &id.into()).await,
            _ => self.look(command, order, &desk, None).await,
        }
    }

    /// Makes the call. The mark that it is under way is written first.
    async fn call(&self, mut command: Versioned<Command>, desk: &Desk) -> Result<Verdict, PortError> {
        command.value.state = CommandState::Sending;
        command.value.attempts += 1;
        command.value.polls = 0;
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
                self.save(command, confirm_delay(0).unwrap_or(SOON)).await
            }
            Err(error) => self.after_failed_call(command, &error).await,
        }
    }

    async fn after_failed_call(
        &self,
        mut command: Versioned<Command>,
        error: &CallError,
    ) -> Result<Verdict, PortError> {
        let words = self.note(&mut command.value, error);
        let attempts = command.value.attempts;
        let out_of_time = command.value.is_out_of_time(self.clock.now());
        match error.outcome() {
            Outcome::Final => self.end(command, End::Failed(words)).await,
            Outcome::Unknown => self.save(command, retry_delay(attempts, None)).await,
            Outcome::Retry { .. } if out_of_time => self.end(command, End::Failed(given_up(&words))).await,
            Outcome::Retry { after } => {
                command.value.state = CommandState::Queued;
                self.save(command, retry_delay(attempts, after)).await
            }
            Outcome::NotSent => {
                command.value.state = CommandState::Queued;
                command.value.attempts = attempts.saturating_sub(1);
                self.save(command, SOON).await
            }
        }
    }

    /// Asks what became of an accepted call; after the last pause the order itself tells.
    async fn ask(
        &self,
        mut command: Versioned<Command>,
        order: &Order,
        desk: &Desk,
        id: &CorrelationId,
    ) -> Result<Verdict, PortError> {
        match self.pos.command_status(&desk.login, desk.organization, id).await {
            Ok(CommandStatus::Success) => self.end(command, End::Confirmed).await,
            Ok(CommandStatus::Error { reason }) => {
                let reason = reason.map_or_else(|| "Syrve gave no reason".into(), |words| words.to_string());
                command.value.last_error = Some(reason.clone());
                self.look(command, order, desk, Some(reason)).await
            }
            Ok(CommandStatus::Forgotten) => self.look(command, order, desk, None).await,
            Ok(CommandStatus::InProgress) => self.ask_later(command, order, desk).await,
            Err(error) => {
                self.note(&mut command.value, &error);
                match error.outcome() {
                    Outcome::Retry { after: Some(after) } => {
                        self.save(command, retry_delay(1, Some(after))).await
                    }
                    _ => self.ask_later(command, order, desk).await,
                }
            }
        }
    }

    async fn ask_later(
        &self,
        mut command: Versioned<Command>,
        order: &Order,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        command.value.polls += 1;
        match confirm_delay(command.value.polls) {
            Some(delay) => self.save(command, delay).await,
            None => self.look(command, order, desk, None).await,
        }
    }

    /// Looks at the order: is it where the command wanted it, or further? If Syrve refused the command (`refusal`) that is
    /// the last word; otherwise the call is made again, for as long as it is worth it.
    async fn look(
        &self,
        mut command: Versioned<Command>,
        order: &Order,
        desk: &Desk,
        refusal: Option<String>,
    ) -> Result<Verdict, PortError> {
        let CommandKind::UpdateOrderDeliveryStatus { order_id, status, .. } = command.value.kind;
        let out_of_time = command.value.is_out_of_time(self.clock.now());
        match self.pos.order_status(&desk.login, desk.organization, order_id).await {
            Ok(Some(now)) if reached(&now, status) => self.end(command, End::Confirmed).await,
            Ok(now) => {
                let now = now.map_or_else(|| "not found".to_owned(), |status| status.to_string());
                match (refusal, order.superseded(&command.value.stamp)) {
                    (_, Some(newer)) => self.end(command, End::Superseded(newer.to_string())).await,
                    (Some(refusal), None) => self.end(command, End::Failed(refusal)).await,
                    (None, None) if out_of_time => {
                        self.end(command, End::Failed(given_up(&format!("the order is {now} in Syrve"))))
                            .await
                    }
                    (None, None) => self.call(command, desk).await,
                }
            }
            Err(error) => {
                let words = self.note(&mut command.value, &error);
                match (error.outcome(), refusal) {
                    (_, Some(refusal)) => self.end(command, End::Failed(refusal)).await,
                    (Outcome::Final, None) => self.end(command, End::Failed(words)).await,
                    (_, None) if out_of_time => self.end(command, End::Failed(given_up(&words))).await,
                    (outcome, None) => {
                        command.value.state = CommandState::Sending;
                        command.value.polls += 1;
                        let after = if let Outcome::Retry { after } = outcome { after } else { None };
                        let delay = retry_delay(command.value.polls, after);
                        self.save(command, delay).await
                    }
                }
            }
        }
    }

    /// Keeps Syrve's words on the command and says what happened, once.
    fn note(&self, command: &mut Command, error: &CallError) -> String {
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
}

fn given_up(words: &str) -> String {
    format!("given up after 15 minutes: {words}")
}

fn confirm_delay(polls: u32) -> Option<Duration> {
    let seconds = CONFIRM_DELAYS.get(usize::try_from(polls).ok()?)?;
    Some(Duration::from_secs(*seconds))
}

/// Whether an order is where a command wanted it, or beyond. A cancelled order is nowhere.
fn reached(now: &SyrveStatus, wanted: PosStatus) -> bool {
    let place = match now {
        SyrveStatus::Waiting => 1,
        SyrveStatus::OnWay => 2,
        SyrveStatus::Delivered | SyrveStatus::Closed => 3,
        _ => 0,
    };
    place > wanted as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_at_or_beyond_the_wanted_status_needs_no_call() {
        let wanted = [PosStatus::Waiting, PosStatus::OnWay, PosStatus::Delivered];
        let table = [
            ("CookingCompleted", [false, false, false]),
            ("Waiting", [true, false, false]),
            ("OnWay", [true, true, false]),
            ("Delivered", [true, true, true]),
            ("Closed", [true, true, true]),
            ("Cancelled", [false, false, false]),
            ("SomethingNew", [false, false, false]),
        ];
        for (now, expected) in table {
            let now = SyrveStatus::from(now.to_owned());
            assert_eq!(wanted.map(|wanted| reached(&now, wanted)), expected, "{now}");
        }
    }
}
