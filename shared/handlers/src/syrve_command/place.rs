//! Where a shift is opened or closed, if the request does not say: the driver's own terminal group, one that Syrve knows of
//! the driver, the account's default. A driver who left is clocked out where Syrve has a shift open, if it has one.

use courier_clients::{CallError, Outcome};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, retry_delay};
use courier_domain::ids::{DriverId, TerminalGroupId};
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, PortError, Secrets, Versioned,
};

use super::SyrveCommands;
use super::pos::{Pos, ShiftOf};
use super::steps::Desk;
use crate::commands::{End, given_up, is_of_login, note};
use crate::queue::Verdict;

const NO_PLACE: &str = "no terminal group is known for this driver: none of a shift, and the account has no syrve.terminal_group_id";
const NOT_OPEN: &str = "no shift is open";

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
        let is_clock_out = matches!(command.value.kind, CommandKind::ClockOut { .. });
        let (CommandKind::ClockIn { driver_id, terminal_group_id, .. }
        | CommandKind::ClockOut { driver_id, terminal_group_id }) = &mut command.value.kind
        else {
            return self.call(command, desk).await;
        };
        if terminal_group_id.is_none()
            && let CommandTarget::Driver(driver) = target
        {
            if is_clock_out && !driver.active() && !driver.clocked_in() {
                return self.close_left_open(command, desk).await;
            }
            *terminal_group_id = driver.terminal_group();
        }
        if terminal_group_id.is_some() {
            return self.call(command, desk).await;
        }
        match self.place_of(driver_id, desk).await {
            Ok(Some(group)) => {
                *terminal_group_id = Some(group);
                self.call_there(command, desk).await
            }
            Ok(None) => self.ledger.end(command, End::Failed(NO_PLACE.into())).await,
            Err(error) => self.after_failed_question(command, desk, &error).await,
        }
    }

    /// Makes the call in the place that was just found. If the call itself is held back, the place is written: the questions
    /// take their places in the same rate, and asked again each time they would keep the call from it.
    async fn call_there(&self, mut command: Versioned<Command>, desk: &Desk) -> Result<Verdict, PortError> {
        command.value.held_since = None;
        self.call(command, desk).await
    }

    /// Syrve names the places of all restaurants that the login sees, and a shift is of one restaurant: another one's place
    /// is as good as none. The restaurant's own places are asked for only where the default is not among the answer, and
    /// what Syrve refuses to tell is as if it knew nothing.
    async fn place_of(&self, driver: &DriverId, desk: &Desk) -> Result<Option<TerminalGroupId>, CallError> {
        let by_default = default_of(desk);
        let groups = match self.pos.terminal_groups_of(&desk.login, driver).await {
            Err(error) if by_default.is_some() && is_refused(&error) => return Ok(by_default),
            answer => answer?,
        };
        let Some(first) = groups.first().copied() else { return Ok(by_default) };
        if by_default.is_some_and(|group| groups.contains(&group)) {
            return Ok(by_default);
        }
        match self.pos.terminal_groups(&desk.login, desk.organization).await {
            Ok(own) => Ok(groups.into_iter().find(|group| own.contains(group)).or(by_default)),
            Err(error) if by_default.is_some() && is_refused(&error) => Ok(by_default),
            // Whoever may not ask cannot know, and may still be right.
            Err(CallError::Forbidden { .. }) => Ok(Some(first)),
            Err(error) => Err(error),
        }
    }

    /// Closes the shift of a driver who left and of whom no open one is known. Most have none, and to be told of one that
    /// was lost is worth a question, not an alarm where Syrve does not tell.
    async fn close_left_open(
        &self,
        mut command: Versioned<Command>,
        desk: &Desk,
    ) -> Result<Verdict, PortError> {
        let CommandKind::ClockOut { driver_id, terminal_group_id } = &mut command.value.kind else {
            return self.call(command, desk).await;
        };
        match self.left_open(driver_id, desk).await {
            Ok(Some(group)) => {
                *terminal_group_id = Some(group);
                self.call_there(command, desk).await
            }
            Ok(None) => self.ledger.end(command, End::Superseded(NOT_OPEN.into())).await,
            Err(error) if is_refused(&error) => {
                let words = note(&mut command.value, &error);
                let reason = format!("no shift is known to be open: {words}");
                self.ledger.end(command, End::Superseded(reason)).await
            }
            Err(error) => self.after_failed_question(command, desk, &error).await,
        }
    }

    async fn left_open(&self, driver: &DriverId, desk: &Desk) -> Result<Option<TerminalGroupId>, CallError> {
        let (login, organization) = (&desk.login, desk.organization);
        let mut groups = self.pos.terminal_groups_of(login, driver).await?;
        let by_default = default_of(desk);
        if groups.iter().any(|group| by_default != Some(*group)) {
            match self.pos.terminal_groups(login, organization).await {
                Ok(own) => groups.retain(|group| own.contains(group)),
                // Each is asked about, then.
                Err(error) if is_refused(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let mut untold = None;
        for terminal_group in groups {
            let shift = ShiftOf { organization, terminal_group, driver };
            match self.pos.shift_is_open(login, &shift).await {
                Ok(true) => return Ok(Some(terminal_group)),
                Ok(false) => {}
                Err(error) if is_refused(&error) => untold = Some(error),
                Err(error) => return Err(error),
            }
        }
        untold.map_or(Ok(None), Err)
    }

    /// Nothing was asked for yet, so whatever went wrong, the question can be asked again.
    pub(super) async fn after_failed_question(
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

fn default_of(desk: &Desk) -> Option<TerminalGroupId> {
    desk.account.syrve.as_ref().and_then(|syrve| syrve.terminal_group_id)
}

/// Whether Syrve does not answer the question, and would not if it were asked again.
fn is_refused(error: &CallError) -> bool {
    error.outcome() == Outcome::Final && !is_of_login(error)
}
