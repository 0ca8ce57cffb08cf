//! The way out that all clients share: no call is made without asking the [`Gate`], and what became of it is reported, so
//! that all processes together keep to the rate, leave a system alone that fails, and do not use a login that was refused.

use std::fmt;
use std::sync::OnceLock;

use courier_domain::clock::Clock;
use courier_domain::gate::Rate;
use courier_domain::ports::Gate;
use courier_domain::secret::Secret;
use reqwest::{Client, RequestBuilder};

use crate::answer::Refused;
use crate::error::CallError;
use crate::exchange::{Reading, exchange, request};
use crate::http::{self, Timeouts};
use crate::passage::Passage;

/// What a call counts towards.
#[derive(Clone, Copy)]
pub(crate) struct Share<'a> {
    /// The key of the login.
    pub(crate) login: &'a str,
    /// The group of calls that share a rate.
    pub(crate) group: &'static str,
    /// Their rate.
    pub(crate) rate: Rate,
}

/// With what right a request is made, and how its answer is read.
pub(crate) struct Terms<'a> {
    /// What it counts towards.
    pub(crate) share: Share<'a>,
    /// What must not be shown, should the answer quote it.
    pub(crate) secrets: Vec<&'a Secret>,
    /// How much of the answer is read.
    pub(crate) reading: Reading,
    /// What an answer means that is not a success.
    pub(crate) meaning: fn(Refused) -> CallError,
}

/// An HTTP client, made on first use.
pub(crate) struct Caller {
    timeouts: Timeouts,
    http: OnceLock<Client>,
}

impl Caller {
    pub(crate) fn new(timeouts: Timeouts) -> Self {
        Self { timeouts, http: OnceLock::new() }
    }

    /// The HTTP client.
    pub(crate) fn http(&self) -> Result<&Client, CallError> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = http::client(self.timeouts).map_err(CallError::NoClient)?;
        Ok(self.http.get_or_init(|| client))
    }

    /// Makes a call with the passage that was taken for it, or else if it may be made now. The answer is the body of a
    /// success.
    pub(crate) async fn call<G: Gate>(
        &self,
        gate: &G,
        clock: &impl Clock,
        terms: &Terms<'_>,
        builder: RequestBuilder,
        passage: Option<Passage>,
    ) -> Result<Vec<u8>, CallError> {
        let request = request(builder)?;
        let passage = match passage {
            Some(passage) => passage,
            None => Passage::enter(gate, terms.share, clock.now()).await?,
        };
        let answer = exchange(self.http()?, request, terms, || clock.now()).await;
        passage.leave(gate, terms.share, &answer, clock.now()).await;
        answer
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("timeouts", &self.timeouts).finish_non_exhaustive()
    }
}
