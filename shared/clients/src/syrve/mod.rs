//! Syrve's Cloud API. A call is a POST of JSON with a bearer token that lives an hour; the client keeps the token, shares
//! it with the other processes, and replays a call once when the token is refused.
//!
//! No request is made without asking the [`Gate`] that all processes share: Syrve limits how often a login may be used,
//! and blocks logins that go on trying.
//!
//! Every failure is a [`CallError`], whose [`outcome`](CallError::outcome) says what the caller may do: repeat, look
//! first, or give up. The client itself never repeats a call that may have been carried out: Syrve blocks API logins
//! that repeat bad requests, and repeating is the queue's work.

mod call;
mod commands;
mod couriers;
mod group;
mod login;
mod orders;
mod organizations;
mod quiet;
mod refusal;
mod shifts;
mod terminal_groups;
mod token;
mod types;
mod validity;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::ports::{Gate, TokenStore};

pub use call::Leave;
pub use couriers::CourierList;
pub use group::Group;
pub use login::{Credentials, SyrveLogin};
pub use types::{CommandStatus, CorrelationId};

pub use crate::{CallError, Outcome, Words};

use crate::caller::Caller;
use crate::http::Timeouts;
use token::Tokens;

/// How long the client waits for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one HTTP call.
    pub http: Timeouts,
    /// For a token that another process is fetching.
    pub token_wait: Duration,
    /// Between two looks into the token store meanwhile.
    pub token_poll: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            http: Timeouts::default(),
            token_wait: Duration::from_secs(3),
            token_poll: Duration::from_millis(200),
        }
    }
}

/// A client for any number of Syrve accounts. Cheap to make: connections and tokens come with the first call.
pub struct SyrveClient<S, C> {
    tokens: Tokens<S, C>,
    caller: Caller,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// A client with the usual limits.
    pub fn new(store: S, clock: C) -> Self {
        Self::with_limits(store, clock, Limits::default())
    }

    /// A client with limits of one's own, for tests that cannot wait.
    pub fn with_limits(store: S, clock: C, limits: Limits) -> Self {
        let tokens = Tokens::new(store, clock, limits.token_wait, limits.token_poll);
        Self { tokens, caller: Caller::new(limits.http) }
    }
}

impl<S, C> fmt::Debug for SyrveClient<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyrveClient").field("caller", &self.caller).finish_non_exhaustive()
    }
}
