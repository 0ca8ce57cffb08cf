//! What became of a call: ask, and where that does not tell, look at the order itself. A call is made again only when
//! nobody knows whether the last one was carried out; one that Syrve accepted is asked about for as long as it is worth it.

use courier_clients::syrve::{CallError, CommandStatus, CorrelationId, Outcome};
use courier_domain::clock::Clock;
use courier_domain::command::{CONFIRM_DELAYS, Command, CommandKind, CommandState, retry_delay};
use courier_domain::delivery::PosStatus;
use courier_domain::order::{Order, SupersededBy, SyrveStatus};
use courier_domain::ports::{Accounts, Commands, EventBus, PortError, Secrets, Versioned};
use tokio::time::Duration;

use super::pos::Pos;
use super::steps::{Desk, given_up, note};
use super::{End, SyrveCommands};
use crate::queue::Verdict;

/// Why the order itself is looked at.
pub(super) enum Doubt {
    /// Syrve refused the call, in these words. If the order is not there all the same, that is the end.
    Refused(String),
    /// Syrve accepted the call and has not said what became of it. If the order is not there yet, ask again later.
    Pending,
    /// Nobody knows whether the call was carried out. If the order is not there, call again.
    Unknown,
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
    /// Asks what became of an accepted call; after the last pause the order itself tells.
    pub(super) async fn ask(
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
                self.look(command, order, desk, Doubt::Refused(reason)).await
            }
            Ok(CommandStatus::Forgotten) => self.look(command, order, desk, Doubt::Unknown).await,
            Ok(CommandStatus::InProgress) => self.ask_later(command, order, desk, None).await,
            Err(error) => {
                note(&mut command.value, &error);
                match error.outcome() {
                    // Asked again it would be refused again. What is left is to look, once the POS had its time.
                    Outcome::Final => {
                        command.value.state = CommandState::Sending;
                        let wait = retry_delay(command.value.attempts, None);
                        self.save(command, wait).await
                    }
                    Outcome::Retry { after } => self.ask_later(command, order, desk, after).await,
                    _ => self.ask_later(command, order, desk, None).await,
                }
            }
        }
    }

    async fn ask_later(
        &self,
        mut command: Versioned<Command>,
        order: &Order,
        desk: &Desk,
        after: Option<Duration>,
    ) -> Result<Verdict, PortError> {
        command.value.polls += 1;
        let polls = command.value.polls;
        let told_to_wait = after.is_some() && !command.value.is_out_of_time(self.clock.now());
        if told_to_wait || confirm_delay(polls).is_some() {
            self.save(command, pause(polls, after)).await
        } else {
            self.look(command, order, desk, Doubt::Pending).await
        }
    }

    /// Looks whether the order is where the command wanted it, or further.
    pub(super) async fn look(
        &self,
        command: Versioned<Command>,
        order: &Order,
        desk: &Desk,
        doubt: Doubt,
    ) -> Result<Verdict, PortError> {
        let CommandKind::UpdateOrderDeliveryStatus { order_id, status, .. } = command.value.kind;
        match self.pos.order_status(&desk.login, desk.organization, order_id).await {
            Ok(Some(now)) if reached(&now, status) => self.end(command, End::Confirmed).await,
            Ok(now) => self.not_there(command, order, desk, doubt, now).await,
            Err(error) => self.not_seen(command, doubt, &error).await,
        }
    }

    /// A call that is pointless by now is not made again, nor waited for: that would only hold up the next one.
    async fn not_there(
        &self,
        command: Versioned<Command>,
        order: &Order,
        desk: &Desk,
        doubt: Doubt,
        now: Option<SyrveStatus>,
    ) -> Result<Verdict, PortError> {
        let is_over = now.as_ref().is_some_and(SyrveStatus::is_over);
        let superseded =
            order.superseded(&command.value.stamp).or(is_over.then_some(SupersededBy::OrderOver));
        match (superseded, doubt) {
            (Some(why), _) => self.end(command, End::Superseded(why.to_string())).await,
            (None, Doubt::Refused(words)) => self.end(command, End::Failed(words)).await,
            (None, _) if command.value.is_out_of_time(self.clock.now()) => {
                let now = now.map_or_else(|| "not found".to_owned(), |status| status.to_string());
                self.end(command, End::Failed(given_up(&format!("the order is {now} in Syrve")))).await
            }
            (None, Doubt::Pending) => {
                let wait = pause(command.value.polls, None);
                self.save(command, wait).await
            }
            (None, Doubt::Unknown) => self.call(command, desk).await,
        }
    }

    async fn not_seen(
        &self,
        mut command: Versioned<Command>,
        doubt: Doubt,
        error: &CallError,
    ) -> Result<Verdict, PortError> {
        let words = note(&mut command.value, error);
        let out_of_time = command.value.is_out_of_time(self.clock.now());
        let is_final = error.outcome() == Outcome::Final;
        match doubt {
            Doubt::Refused(refusal) if is_final || out_of_time => {
                return self.end(command, End::Failed(refusal)).await;
            }
            _ if is_final => return self.end(command, End::Failed(words)).await,
            _ if out_of_time => return self.end(command, End::Failed(given_up(&words))).await,
            Doubt::Unknown => command.value.state = CommandState::Sending,
            Doubt::Refused(_) | Doubt::Pending => {}
        }
        command.value.polls += 1;
        let after = if let Outcome::Retry { after } = error.outcome() { after } else { None };
        let wait = retry_delay(command.value.polls, after);
        self.save(command, wait).await
    }
}

fn confirm_delay(polls: u32) -> Option<Duration> {
    let seconds = CONFIRM_DELAYS.get(usize::try_from(polls).ok()?)?;
    Some(Duration::from_secs(*seconds))
}

/// The pause before the next question after `polls` of them: 1, 2, 4, 8, 16 s, then half a minute and a minute. Never less
/// than what Syrve asked for.
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
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause(0, Some(Duration::from_secs(30))).as_secs(), 30);
        assert_eq!(pause(4, Some(Duration::from_secs(3))).as_secs(), 16);
    }
}
