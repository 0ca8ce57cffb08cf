//! `syrve-command`: carries commands to Syrve and finds out what became of them: a call, then a question whether it was
//! carried out, and where that does not tell, a look at the order or the shift itself.

mod outcome;
mod place;
mod pos;
mod steps;
#[cfg(test)]
mod tests;

use courier_domain::clock::Clock;
use courier_domain::ports::{Accounts, CommandQueue, Commands, Drivers, EventBus, PortError, Secrets};

pub(crate) use pos::login;
pub use pos::{Pos, ShiftOf};

use crate::commands::{Ledger, Read};
use crate::drivers::DriverDesk;
use crate::queue::Verdict;

/// The function's parts.
#[derive(Debug)]
pub struct SyrveCommands<S, A, K, P, Q, B, C> {
    /// Where commands are kept.
    pub ledger: Ledger<S, B, C>,
    /// Accounts.
    pub accounts: A,
    /// API logins.
    pub secrets: K,
    /// Syrve.
    pub pos: P,
    /// What applies a confirmed clock-in or clock-out to its driver.
    pub drivers: DriverDesk<S, Q, B, C>,
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
    /// Takes a command one step further.
    pub async fn handle(&self, message: &str) -> Result<Verdict, PortError> {
        match self.ledger.read(message).await? {
            Read::Open(command, target) => self.step(command, &target).await,
            Read::Over(verdict) => Ok(verdict),
        }
    }
}
