//! What became of a call: ask, and where that does not tell, look at the order or the shift itself. A call is made again
//! only when nobody knows whether the last one was carried out; one that Syrve accepted is asked about for as long as it
//! is worth it.

use courier_clients::syrve::{CommandStatus, CorrelationId};
use courier_clients::{CallError, Outcome};
use courier_domain::clock::Clock;
use courier_domain::command::{CONFIRM_DELAYS, Command, CommandKind, CommandState, retry_delay};
use courier_domain::delivery::PosStatus;
use courier_domain::ids::EventKey;
use courier_domain::order::{SupersededBy, SyrveStatus};
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, PortError, Secrets, Versioned,
};
use courier_domain::report::{DriverChange, DriverReport};
use tokio::time::Duration;

use super::SyrveCommands;
use super::pos::{Pos, ShiftOf};
use super::steps::Desk;
use crate::commands::{End, given_up, note, outcome, superseded};
use crate::queue::Verdict;

/// Why the order or shift itself is looked at.
pub(super) enum Doubt {
    /// Syrve refused the call, in these words. If things are not as wanted all the same, that is the end.
    Refused(String),
    /// Syrve accepted the call and has not said what became of it. If things are not as wanted yet, ask again later.
    Pending,
    /// Nobody knows whether the call was carried out. If things are not as wanted, call again.
    Unknown,
}

/// What a look shows.
struct Seen {
    /// Things are as the command wanted them, or further.
    is_there: bool,
    /// They will never be.
    is_over: bool,
    /// How they are.
    words: String,
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
    /// Asks what became of an accepted call; after the last pause the order or shift itself tells.
    pub(super) async fn ask(
        &self,
        mut command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
        id: &CorrelationId,
    ) -> Result<Verdict, PortError> {
        let answer = self.pos.command_status(&desk.login, desk.organization, id).await;
        if answer.is_ok() {
            command.value.held_since = None;
        }
        match answer {
            Ok(CommandStatus::Success) => self.confirm(command, desk).await,
            Ok(CommandStatus::Error { reason }) => {
                let reason = reason.map_or_else(|| "Syrve gave no reason".into(), |words| words.to_string());
                command.value.last_error = Some(reason.clone());
                self.look(command, Some(target), desk, Doubt::Refused(reason)).await
            }
            Ok(CommandStatus::Forgotten) => self.look(command, Some(target), desk, Doubt::Unknown).await,
            Ok(CommandStatus::InProgress) => self.ask_later(command, target, desk, None).await,
            Err(error) => {
                note(&mut command.value, &error);
                match outcome(&error) {
                    // Asked again it would be refused again. What is left is to look, once the POS had its time.
                    Outcome::Final => {
                        command.value.state = CommandState::Sending;
                        let wait = retry_delay(command.value.attempts, None);
                        self.ledger.save(command, wait).await
                    }
                    // The question was not asked, so it is not counted.
                    Outcome::NotSent { after: Some(after) }
                        if !self.ledger.is_out_of_time(&command.value) =>
                    {
                        let after =
                            if self.is_corrected(desk, &error).await { Duration::ZERO } else { after };
                        self.ledger.hold(command, Some(after)).await
                    }
                    Outcome::Retry { after } => self.ask_later(command, target, desk, after).await,
                    _ => self.ask_later(command, target, desk, None).await,
                }
            }
        }
    }

    async fn ask_later(
        &self,
        mut command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
        after: Option<Duration>,
    ) -> Result<Verdict, PortError> {
        command.value.held_since = None;
        command.value.polls += 1;
        let polls = command.value.polls;
        let told_to_wait = after.is_some() && !self.ledger.is_out_of_time(&command.value);
        if told_to_wait || confirm_delay(polls).is_some() {
            self.ledger.save(command, pause(polls, after)).await
        } else {
            self.look(command, Some(target), desk, Doubt::Pending).await
        }
    }

    /// Looks whether things are as the command wanted them, or further. Without `target` it is right after a call, when
    /// nothing can have made the command pointless since.
    pub(super) async fn look(
        &self,
        mut command: Versioned<Command>,
        target: Option<&CommandTarget>,
        desk: &Desk,
        doubt: Doubt,
    ) -> Result<Verdict, PortError> {
        let pointless = target.and_then(|target| superseded(&command.value, target));
        let seen = self.see(&command.value, desk).await;
        if seen.is_ok() {
            command.value.held_since = None;
        }
        match seen {
            Ok(seen) if seen.is_there => self.confirm(command, desk).await,
            Ok(seen) => self.not_there(command, pointless, desk, doubt, seen).await,
            Err(error) => self.not_seen(command, desk, doubt, &error).await,
        }
    }

    async fn see(&self, command: &Command, desk: &Desk) -> Result<Seen, CallError> {
        let (organization, login) = (desk.organization, &desk.login);
        let (driver, terminal_group, wanted) = match &command.kind {
            CommandKind::UpdateOrderDeliveryStatus { order_id, status, .. } => {
                let now = self.pos.order_status(login, organization, *order_id).await?;
                let words = now.as_ref().map_or_else(|| "not found".to_owned(), ToString::to_string);
                return Ok(Seen {
                    is_there: now.as_ref().is_some_and(|now| reached(now, *status)),
                    is_over: now.as_ref().is_some_and(SyrveStatus::is_over),
                    words: format!("the order is {words} in Syrve"),
                });
            }
            CommandKind::ClockIn { driver_id, terminal_group_id, .. } => (driver_id, terminal_group_id, true),
            CommandKind::ClockOut { driver_id, terminal_group_id } => (driver_id, terminal_group_id, false),
            _ => return Err(CallError::Unsendable { what: "it is no command for Syrve" }),
        };
        let terminal_group = terminal_group.ok_or(CallError::Unsendable { what: "no terminal group" })?;
        let is_open =
            self.pos.shift_is_open(login, &ShiftOf { organization, terminal_group, driver }).await?;
        let words = format!("the shift is {} in Syrve", if is_open { "open" } else { "closed" });
        Ok(Seen { is_there: is_open == wanted, is_over: false, words })
    }

    /// A call that is pointless by now is not made again, nor waited for: that would only hold up the next one.
    async fn not_there(
        &self,
        mut command: Versioned<Command>,
        pointless: Option<String>,
        desk: &Desk,
        doubt: Doubt,
        seen: Seen,
    ) -> Result<Verdict, PortError> {
        let over = seen.is_over.then(|| SupersededBy::OrderOver.to_string());
        match (pointless.or(over), doubt) {
            (Some(why), _) => self.ledger.end(command, End::Superseded(why)).await,
            (None, Doubt::Refused(words)) => self.ledger.end(command, End::Failed(words)).await,
            (None, _) if self.ledger.is_out_of_time(&command.value) => {
                let words = given_up(&command.value, &seen.words);
                self.ledger.end(command, End::Failed(words)).await
            }
            (None, Doubt::Pending) => {
                let wait = pause(command.value.polls, None);
                self.ledger.save(command, wait).await
            }
            (None, Doubt::Unknown) => {
                command.value.state = CommandState::Queued;
                self.call(command, desk).await
            }
        }
    }

    async fn not_seen(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
        doubt: Doubt,
        error: &CallError,
    ) -> Result<Verdict, PortError> {
        let words = note(&mut command.value, error);
        let out_of_time = self.ledger.is_out_of_time(&command.value);
        let outcome = outcome(error);
        let is_final = outcome == Outcome::Final;
        match doubt {
            Doubt::Refused(refusal) if is_final || out_of_time => {
                return self.ledger.end(command, End::Failed(refusal)).await;
            }
            _ if is_final => return self.ledger.end(command, End::Failed(words)).await,
            _ if out_of_time => {
                let words = given_up(&command.value, &words);
                return self.ledger.end(command, End::Failed(words)).await;
            }
            Doubt::Unknown => command.value.state = CommandState::Sending,
            // Only the look is repeated.
            Doubt::Refused(refusal) => {
                command.value.state = CommandState::Sending;
                command.value.refusal = Some(refusal);
            }
            Doubt::Pending => {}
        }
        let after = match outcome {
            Outcome::NotSent { after: Some(after) } => {
                let after = if self.is_corrected(desk, error).await { Duration::ZERO } else { after };
                return self.ledger.hold(command, Some(after)).await;
            }
            Outcome::Retry { after } => after,
            _ => None,
        };
        command.value.polls += 1;
        let wait = command.value.retry_delay(command.value.polls, after);
        self.ledger.save(command, wait).await
    }

    /// Ends a command as done. The driver of a shift is clocked in or out at once, as of the time of the request: Syrve's
    /// own event says so later, or never where the restaurant has not asked for such events, and is always newer.
    async fn confirm(&self, command: Versioned<Command>, desk: &Desk) -> Result<Verdict, PortError> {
        if let Some(report) = shift(&command.value) {
            // Drivers of one step of a sync have commands of the same id.
            let key = EventKey::hashed([command.value.id.as_str(), report.driver_id.as_str(), "shift"]);
            let event = command.value.kind.name();
            self.drivers.apply(&desk.account, &key, "courier-bridge", event, &[report]).await?;
        }
        self.ledger.end(command, End::Confirmed).await
    }
}

/// What a confirmed command says of its driver's shift.
fn shift(command: &Command) -> Option<DriverReport> {
    let (driver_id, group, opened, role) = match &command.kind {
        CommandKind::ClockIn { driver_id, terminal_group_id, role_id } => {
            (driver_id, terminal_group_id, true, *role_id)
        }
        CommandKind::ClockOut { driver_id, terminal_group_id } => (driver_id, terminal_group_id, false, None),
        _ => return None,
    };
    let change = DriverChange::Shift { terminal_group: (*group)?, opened, role };
    Some(DriverReport { driver_id: driver_id.clone(), stamp: command.stamp.clone(), change })
}

fn confirm_delay(polls: u32) -> Option<Duration> {
    let seconds = CONFIRM_DELAYS.get(usize::try_from(polls).ok()?)?;
    Some(Duration::from_secs(*seconds))
}

/// The pause before the next question after `polls` of them: 1, 2, 4, 8, 16 s, then half a minute, a minute and a minute
/// and a half. Never less than what Syrve asked for.
pub(super) fn pause(polls: u32, after: Option<Duration>) -> Duration {
    match (confirm_delay(polls), after) {
        (Some(delay), None) => delay,
        (Some(delay), Some(_)) => retry_delay(1, after).max(delay),
        (None, _) => retry_delay(polls, after),
    }
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

    #[test]
    fn questions_come_less_and_less_often() {
        let pauses: Vec<_> = (0..8).map(|polls| pause(polls, None).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 90]);
        assert_eq!(pause(0, Some(Duration::from_secs(30))).as_secs(), 30);
        assert_eq!(pause(4, Some(Duration::from_secs(3))).as_secs(), 16);
    }
}
