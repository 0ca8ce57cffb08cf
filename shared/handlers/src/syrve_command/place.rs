//! Where a shift is opened or closed, if the request does not say: the driver's own terminal group, one that Syrve knows of
//! the driver, the account's default.

use courier_clients::{CallError, Outcome};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, retry_delay};
use courier_domain::ids::{DriverId, TerminalGroupId};
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, PortError, Secrets, Versioned,
};

use super::SyrveCommands;
use super::pos::Pos;
use super::steps::Desk;
use crate::commands::{End, given_up, note};
use crate::queue::Verdict;

const NO_PLACE: &str = "no terminal group is known for this driver: none of a shift, and the account has no syrve.terminal_group_id";

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
    /// Finds out where, and makes the call. What was found is kept with the command.
    pub(super) async fn prepare(
        &self,
        mut command: Versioned<Command>,
        target: &CommandTarget,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        let (CommandKind::ClockIn { driver_id, terminal_group_id, .. }
        | CommandKind::ClockOut { driver_id, terminal_group_id }) = &mut command.value.kind
        else {
            return self.call(command, desk).await;
        };
        if terminal_group_id.is_none()
            && let CommandTarget::Driver(driver) = target
        {
            *terminal_group_id = driver.terminal_group();
        }
        if terminal_group_id.is_some() {
            return self.call(command, desk).await;
        }
        match self.place_of(driver_id, desk).await {
            Ok(Some(group)) => {
                *terminal_group_id = Some(group);
                self.call(command, desk).await
            }
            Ok(None) => self.ledger.end(command, End::Failed(NO_PLACE.into())).await,
            Err(error) => self.after_failed_question(command, desk, &error).await,
        }
    }

    /// Syrve names the places of all restaurants that the login sees, and a shift is of one restaurant: another one's place
    /// is as good as none. The restaurant's own places are asked for only where the answer is not the default anyway.
    async fn place_of(&self, driver: &DriverId, desk: &Desk) -> Result<Option<TerminalGroupId>, CallError> {
        let by_default = desk.account.syrve.as_ref().and_then(|syrve| syrve.terminal_group_id);
        let groups = self.pos.terminal_groups_of(&desk.login, driver).await?;
        let Some(first) = groups.first().copied().filter(|first| by_default != Some(*first)) else {
            return Ok(by_default);
        };
        match self.pos.terminal_groups(&desk.login, desk.organization).await {
            Ok(own) => Ok(groups.into_iter().find(|group| own.contains(group)).or(by_default)),
            // Whoever may not ask cannot know, and may still be right.
            Err(CallError::Forbidden { .. }) => Ok(Some(first)),
            Err(error) => Err(error),
        }
    }

    /// Nothing was asked for yet, so whatever went wrong, the question can be asked again.
    async fn after_failed_question(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
        error: &CallError,
    ) -> Result<Verdict, PortError> {
        // Counted, for the pauses to grow; taken back where the call was not made.
        command.value.attempts += 1;
        match error.outcome() {
            Outcome::Unknown => {
                let words = note(&mut command.value, error);
                if self.ledger.is_out_of_time(&command.value) {
                    let words = given_up(&command.value, &words);
                    return self.ledger.end(command, End::Failed(words)).await;
                }
                let wait = retry_delay(command.value.attempts, None);
                self.ledger.save(command, wait).await
            }
            _ => self.after_failed_call(command, desk, error).await,
        }
    }
}
