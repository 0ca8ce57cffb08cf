//! Radaro.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::report::Report;

use crate::contract::{Call, Credentials, Fleet, Refusal, Split};
use crate::error::{BodyError, MapError};

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
