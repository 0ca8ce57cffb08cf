//! The shared record of when calls may be made with a login; the rules are in [`gate`](crate::gate).

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::PortError;
use crate::gate::{Pass, Rate, Refusal};

/// What a call showed of the system that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It works: it answered, if only to refuse.
    Works,
    /// It fails, or is too busy.
    Fails {
        /// How long it asked to be left alone.
        after: Option<Duration>,
    },
}

/// When calls may be made, over all processes. `login` is a hash; `group` a short word of letters and `_`.
pub trait Gate: Send + Sync {
    /// Asks to make one call of a group, and takes its place in the rate if it may.
    fn pass(
        &self,
        login: &str,
        group: &'static str,
        rate: Rate,
        now: Timestamp,
    ) -> impl Future<Output = Result<Pass, PortError>> + Send;

    /// Says how a call of a group went that had passed after `seen` failures.
    fn report(
        &self,
        login: &str,
        group: &'static str,
        outcome: Outcome,
        seen: u32,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), PortError>> + Send;

    /// Says that the other system does not accept the login: nobody uses it until `refusal.until`.
    fn refuse(&self, login: &str, refusal: &Refusal) -> impl Future<Output = Result<(), PortError>> + Send;

    /// The refusal of a login, while it lasts or after.
    fn refusal(&self, login: &str) -> impl Future<Output = Result<Option<Refusal>, PortError>> + Send;

    /// Forgets a refusal: the login was accepted, or corrected by a person.
    fn accept(&self, login: &str) -> impl Future<Output = Result<(), PortError>> + Send;
}
