//! What each fleet's module does. The receivers, the queue and the function behind it are the same for all fleets, so
//! that another fleet is another module, a line in [`fleet`], and its rows in the [table of statuses](crate::lifecycle).
//!
//! A call is handled in three steps. [`Fleet::authenticate`] says whether the fleet sent it; [`Fleet::split`] makes events
//! of it, checked for no more than what is needed to keep them, without anything that must not be kept; and
//! [`Fleet::map`], run later from a queue, says what an event means.

use courier_domain::account::{Account, FleetAccount, WebhookKeys};
use courier_domain::delivery::Provider;
use courier_domain::ids::AccountId;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use crate::body::RawEvent;
use crate::bringg::Bringg;
use crate::captain::Captain;
use crate::error::{BodyError, MapError};
use crate::jelp::Jelp;
use crate::radaro::Radaro;

/// A webhook call.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The parts of the path after the account.
    pub rest: &'a [&'a str],
    /// The query, encoded, without the question mark.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
    /// When it was received.
    pub received_at: Timestamp,
}

impl<'a> Call<'a> {
    /// A header's text, without spaces around it.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
    }
}

/// What a call is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// Whose webhooks.
    pub account_id: &'a AccountId,
    /// How the account tells this fleet's calls.
    pub fleet: &'a FleetAccount,
    /// The keys, where [`Fleet::needs_keys`].
    pub keys: Option<&'a WebhookKeys>,
}

/// Why a call is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It does not prove that the fleet sent it; why, for the log. The caller is not told more than that.
    Unauthorized(&'static str),
    /// Its body cannot be read, and the proof would be in it.
    Body(BodyError),
}

/// The answer to a call for an access token (RFC 6749).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON.
    pub body: Value,
}

/// The events of one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// Those to be kept.
    pub events: Vec<RawEvent>,
    /// How many others there were, of types that the bridge has no use for.
    pub ignored: usize,
}

impl Split {
    /// One event to be kept.
    pub fn one(event: RawEvent) -> Self {
        Self { events: vec![event], ignored: 0 }
    }

    /// One event of no use.
    pub fn ignored() -> Self {
        Self { events: Vec::new(), ignored: 1 }
    }
}

/// A fleet's module. Pure functions: no I/O, no clock.
pub trait Fleet: Sync {
    /// Which fleet.
    fn provider(&self) -> Provider;

    /// The URLs that an account registers at the fleet: the name under which each is shown, and what follows the account
    /// in its path.
    fn urls(&self) -> &'static [(&'static str, &'static str)];

    /// Whether the account's keys are needed to tell the fleet's calls; they are secrets, and cost a request.
    fn needs_keys(&self, _fleet: &FleetAccount) -> bool {
        false
    }

    /// The answer to a call for an access token, where this is one.
    fn token(&self, _call: &Call, _credentials: &Credentials) -> Option<TokenAnswer> {
        None
    }

    /// Whether the fleet sent this.
    fn authenticate(&self, call: &Call, credentials: &Credentials) -> Result<(), Refusal>;

    /// The events of a call that was let in. What must not be kept is taken out.
    fn split(&self, call: &Call) -> Result<Split, BodyError>;

    /// What an event means.
    fn map(&self, event: &InboundEvent, account: &Account) -> Result<Report, MapError>;
}

/// A fleet's module.
pub fn fleet(provider: Provider) -> &'static dyn Fleet {
    match provider {
        Provider::Captain => &Captain,
        Provider::Jelp => &Jelp,
        Provider::Radaro => &Radaro,
        Provider::Bringg => &Bringg,
    }
}
