//! Bringg.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;

use crate::contract::{Call, Credentials, Fleet, Refusal, Split};
use crate::error::{BodyError, MapError};

/// Bringg's module.
#[derive(Debug)]
pub struct Bringg;

impl Fleet for Bringg {
    fn provider(&self) -> Provider {
        Provider::Bringg
    }

    fn urls(&self) -> &'static [(&'static str, &'static str)] {
        &[("bringg", "")]
    }

    fn authenticate(&self, _call: &Call, _credentials: &Credentials) -> Result<(), Refusal> {
        Err(Refusal::Unauthorized("not written yet"))
    }

    fn split(&self, _call: &Call) -> Result<Split, BodyError> {
        Ok(Split::ignored())
    }

    fn map(&self, _event: &InboundEvent, _account: &Account) -> Result<Report, MapError> {
        Err(MapError::field("event", "not written yet"))
    }
}
