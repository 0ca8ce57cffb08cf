//! Radaro: its webhooks. One URL receives every event, and each carries the whole job in `order_info`.
//!
//! Facts that the format does not show: what happened is in `new_values` alone, because a job is still `delivered` when
//! its customer rates it and Radaro tells that as well; the account's token is inside the body, so that a body must be
//! read before its sender is known; no event has an id of its own; a time without a zone is UTC.

mod map;
mod names;
mod time;
mod webhook;

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;
use serde_json::Value;

use crate::body::parse;
use crate::contract::{Call, Credentials, Fleet, Refusal, Split};
use crate::error::{BodyError, MapError};
use crate::token;

const CREATED: &str = "created";
const UPDATED: &str = "updated";

/// Radaro's module.
#[derive(Debug)]
pub struct Radaro;

impl Fleet for Radaro {
    fn provider(&self) -> Provider {
        Provider::Radaro
    }

    fn urls(&self) -> &'static [(&'static str, &'static str)] {
        &[("radaro", "")]
    }

    fn authenticate(&self, call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
        let body = parse(call.body).map_err(Refusal::Body)?;
        token::check(body.get(webhook::TOKEN).and_then(Value::as_str), call, credentials)
    }

    fn split(&self, call: &Call) -> Result<Split, BodyError> {
        webhook::split(call.body)
    }

    fn map(&self, event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
        map::map(event, account)
    }
}
