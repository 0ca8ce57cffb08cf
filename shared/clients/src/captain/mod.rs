//! Captain.AI's REST API. Calls carry two keys and JSON, and are carried out when they are answered: there is nothing to
//! ask about afterwards.
//!
//! Failures are the [`CallError`]s of all clients. As with Syrve the client never repeats a call, makes none without asking
//! the [`Gate`], and does not use keys for a while that were refused.

mod call;
mod drivers;
mod group;
mod login;
mod orders;
mod path;
mod refusal;
mod types;

#[cfg(test)]
mod tests;

use std::fmt;

use courier_domain::clock::Clock;
use courier_domain::ports::Gate;

use crate::caller::Caller;
use crate::http::Timeouts;

pub use crate::passage::Passage;
pub use crate::{CallError, Outcome, Words};
pub use group::Group;
pub use login::CaptainLogin;
pub use types::{Creation, FleetOrder};

/// A client for any number of Captain.AI accounts. Cheap to make: connections come with the first call.
pub struct CaptainClient<G, C> {
    gate: G,
    clock: C,
    caller: Caller,
}

impl<G: Gate, C: Clock> CaptainClient<G, C> {
    /// A client with the usual limits.
    pub fn new(gate: G, clock: C) -> Self {
        Self::with_timeouts(gate, clock, Timeouts::default())
    }

    /// A client with limits of one's own, for tests that cannot wait.
    pub fn with_timeouts(gate: G, clock: C, timeouts: Timeouts) -> Self {
        Self { gate, clock, caller: Caller::new(timeouts) }
    }
}

impl<G, C> fmt::Debug for CaptainClient<G, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaptainClient").field("caller", &self.caller).finish_non_exhaustive()
    }
}
