//! What this crate's tests share: the domain's ports in memory, with failures on demand; a clock that stands still until
//! it is told; a POS that answers by script and a fleet that has trouble by script; and the bridge put together from them.

mod bridge;
pub(crate) mod events;
mod fleet;
mod line;
mod logged;
mod memory;
mod network;
mod outbox;
mod pos;
pub(crate) mod stories;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use courier_domain::account::{
    Account, AccountSecrets, CaptainAccount, FleetAccount, MatchOrdersBy, SyrveAccount, SyrveRates,
};
use courier_domain::clock::Clock;
use courier_domain::delivery::Provider;
use courier_domain::ports::PortError;
use courier_domain::secret::{Secret, TokenSet};
use jiff::Timestamp;

pub(crate) use bridge::{Bridge, pos_status};
pub(crate) use fleet::{FakeFleet, Trouble};
pub(crate) use line::{Line, message};
pub(crate) use logged::Errors;
pub(crate) use memory::{Fault, Memory, State};
pub(crate) use network::{no_answer, unreachable};
pub(crate) use outbox::{Letter, Outbox};
pub(crate) use pos::{
    FakePos, error_field, fault, held_back, login_held, login_rejected, no_such, refused, rejected,
    terminal_silent, throttled, token_busy, unavailable, words,
};

pub(crate) const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
pub(crate) const ANN: &str = "ffc60000-0000-4000-8000-000000000017";
pub(crate) const KITCHEN: &str = "a5561d5e-0000-4000-8000-000000000001";
pub(crate) const BAR: &str = "a5561d5e-0000-4000-8000-000000000002";
pub(crate) const ORGANIZATION: &str = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9";
pub(crate) const SYRVE_TOKEN: &str = "syrve-webhook-token";
pub(crate) const CAPTAIN_TOKEN: &str = "captain-webhook-token";
pub(crate) const API_LOGIN: &str = "syrve-api-login";

/// The evening on which all tests happen, and the second `second` of it.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_782_662_400 + second).unwrap()
}

/// A clock that is set by hand.
#[derive(Debug, Clone)]
pub(crate) struct HandClock(Arc<Mutex<Timestamp>>);

impl Default for HandClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(at(0))))
    }
}

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The failure of something the bridge stands on.
pub(crate) fn down(service: &'static str) -> PortError {
    PortError::Unavailable { service, source: "injected".into() }
}

/// A restaurant in Dublin with a POS and a fleet.
pub(crate) fn account(match_orders_by: MatchOrdersBy) -> Account {
    Account {
        account_id: "demo".parse().unwrap(),
        name: "Demo".into(),
        time_zone: "Europe/Dublin".into(),
        enabled: true,
        syrve: Some(SyrveAccount {
            base_url: "https://pos.test".into(),
            organization_id: ORGANIZATION.parse().unwrap(),
            webhook_tokens: TokenSet::only(SYRVE_TOKEN),
            terminal_group_id: None,
            login_key: Some("login".into()),
            credentials_key: None,
            rate_limits: SyrveRates::default(),
        }),
        fleets: [(Provider::Captain, with_token(CAPTAIN_TOKEN))].into(),
        captain: Some(CaptainAccount {
            base_url: None,
            account_uuid: None,
            login_key: None,
            requests_per_minute: 300,
        }),
        dispatch_to: None,
        match_orders_by,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// The same with all four fleets, each of which knows orders by one of their names, and the token `<fleet>-webhook-token`.
pub(crate) fn with_all_fleets(match_orders_by: MatchOrdersBy) -> Account {
    let mut account = account(match_orders_by);
    let fleet = |provider: Provider| (provider, with_token(&format!("{}-webhook-token", provider.as_str())));
    account.fleets = Provider::ALL.map(fleet).into();
    account
}

/// A fleet whose calls carry this token.
pub(crate) fn with_token(token: &str) -> FleetAccount {
    FleetAccount { webhook_tokens: Some(TokenSet::only(token)), ..FleetAccount::default() }
}

pub(crate) fn secrets() -> AccountSecrets {
    AccountSecrets { syrve_api_login: Some(Secret::new(API_LOGIN)), ..AccountSecrets::default() }
}
