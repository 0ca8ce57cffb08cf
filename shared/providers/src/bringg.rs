//! Bringg: the webhooks of its own-fleet product. Each event is registered with a URL of its own, because the older bodies
//! are a bare task, the same for every event.
//!
//! Facts that the format does not show: restaurants choose themselves which fields a body has, so that all but the ids may
//! be missing, the time too; the number of a status says nothing of its place in the lifecycle, and contradicts the event
//! in published samples; an order has one way point or two, and each is travelled to, arrived at and left; no event has an
//! id of its own; bodies carry the customer's access token, confirmation code and encrypted password.

mod auth;
mod clean;
mod driver;
mod event;
mod jwt;
mod map;
mod names;
mod news;
mod oauth;
mod parts;
mod place;
mod status;
mod time;
mod undelivered;
mod webhook;

#[cfg(test)]
mod story;

use courier_domain::account::{Account, FleetAccount};
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;

pub use undelivered::{Columns, Row, undelivered};

use crate::contract::{Call, Credentials, Fleet, Refusal, Split, TokenAnswer};
use crate::error::{BodyError, MapError};

/// Bringg's module.
#[derive(Debug)]
pub struct Bringg;

impl Fleet for Bringg {
    fn provider(&self) -> Provider {
        Provider::Bringg
    }

    fn urls(&self) -> &'static [(&'static str, &'static str)] {
        event::URLS
    }

    fn needs_keys(&self, fleet: &FleetAccount) -> bool {
        fleet.jwt.is_some() || fleet.oauth.is_some()
    }

    fn token(&self, call: &Call, credentials: &Credentials) -> Option<TokenAnswer> {
        matches!(call.rest, ["oauth", "token"]).then(|| oauth::answer(call, credentials))
    }

    fn authenticate(&self, call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
        auth::authenticate(call, credentials)
    }

    fn split(&self, call: &Call) -> Result<Split, BodyError> {
        webhook::split(call)
    }

    fn map(&self, event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
        map::map(event, account)
    }
}
