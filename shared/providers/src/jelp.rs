//! Jelp: its webhooks. Jelp publishes one page with samples of its bodies, and neither how it proves itself, nor whether it
//! repeats a call, nor where an event's name is. So there is a URL for each event, and one where the body tells.
//!
//! Facts that the format does not show: there is no event id; a full order (`order_new`, `folio_update`) has other field
//! names than the short events; `[longitude, latitude]` in one place is `{lat, lon}` in another; of the words of a status
//! only four are known, one of them in two spellings; and the driver of another company has no name of their own.

mod driver;
mod event;
mod location;
mod map;
mod names;
mod time;
mod webhook;

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;

use crate::contract::{Call, Credentials, Fleet, Refusal, Split};
use crate::error::{BodyError, MapError};
use crate::token;

/// Jelp's module.
#[derive(Debug)]
pub struct Jelp;

impl Fleet for Jelp {
    fn provider(&self) -> Provider {
        Provider::Jelp
    }

    fn urls(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("jelp", ""),
            ("jelp_order_new", "/order_new"),
            ("jelp_folio_update", "/folio_update"),
            ("jelp_order_update", "/order_update"),
            ("jelp_assign_driver", "/assign_driver"),
            ("jelp_complete_order", "/complete_order"),
            ("jelp_cancel_order", "/cancel_order"),
            ("jelp_status_change", "/status_change"),
            ("jelp_comment", "/comment"),
            ("jelp_decline_cancel_request", "/decline_cancel_request"),
            ("jelp_tracking", "/tracking"),
        ]
    }

    /// Jelp documents no proof of its own: the restaurant gives it a token, in a header or in the URL.
    fn authenticate(&self, call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
        token::check_placed(call, credentials)
    }

    fn split(&self, call: &Call) -> Result<Split, BodyError> {
        webhook::read(call)
    }

    fn map(&self, event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
        map::map(event, account)
    }
}

#[cfg(test)]
mod tests;
