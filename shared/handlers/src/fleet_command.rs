//! `fleet-command`: carries commands to Captain.AI. Its calls are carried out when they are answered, so there is nothing to
//! confirm; what a call says is read from the order or driver when it is made, so it says the newest.
//!
//! A call whose outcome nobody knows is made again: all of them may be repeated but the making of an order, and that one is
//! looked up first.

mod call;
mod fleet;
mod steps;
#[cfg(test)]
mod tests;

use courier_domain::clock::Clock;
use courier_domain::ports::{
    Accounts, CommandQueue, Commands, Drivers, EventBus, Orders, PortError, Secrets,
};

pub use fleet::Fleet;
pub(crate) use fleet::login;

use crate::commands::{Ledger, Read};
use crate::drivers::DriverDesk;
use crate::orders::OrderDesk;
use crate::queue::Verdict;

/// The function's parts.
#[derive(Debug)]
pub struct FleetCommands<S, A, K, F, Q, B, C> {
    /// Where commands are kept.
    pub ledger: Ledger<S, B, C>,
    /// Accounts.
    pub accounts: A,
    /// Keys.
    pub secrets: K,
    /// Captain.AI.
    pub fleet: F,
    /// What applies the fleet's answers to orders.
    pub orders: OrderDesk<S, Q, B, C>,
    /// What applies the fleet's answers to drivers.
    pub drivers: DriverDesk<S, Q, B, C>,
    /// The path of the call that puts a driver on duty, with `{account_uuid}` and `{driver_uuid}`. Captain.AI documents the
    /// call that ends it and not this one.
    pub clock_in_path: String,
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
    /// Takes a command one step further.
    pub async fn handle(&self, message: &str) -> Result<Verdict, PortError> {
        match self.ledger.read(message).await? {
            Read::Open(command, target) => self.step(command, &target).await,
            Read::Over(verdict) => Ok(verdict),
        }
    }
}
