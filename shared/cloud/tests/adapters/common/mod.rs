//! What every test needs: a table of its own, a server that stands for AWS, and the SDK clients as the functions make
//! them.

mod drivers;
mod notify;
mod orders;
mod server;
mod store;

pub(crate) use drivers::*;
pub(crate) use notify::*;
pub(crate) use orders::*;
pub(crate) use server::*;
pub(crate) use store::*;

use courier_cloud::aws::Aws;
use courier_domain::account::{
    Account, FleetAccount, JwtRules, MatchOrdersBy, OauthClient, OrderReference, SyrveAccount, SyrveRates,
    TokenPlace,
};
use courier_domain::delivery::Provider;
use courier_domain::ids::AccountId;
use courier_domain::secret::TokenSet;
use jiff::Timestamp;

/// Clients as the functions make them, for a server on this machine.
pub(crate) fn aws(endpoint: String) -> Aws {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
    Aws::new("eu-west-1".into(), Some(endpoint), credentials)
}

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn demo() -> AccountId {
    account("demo")
}

/// An account with a Syrve.
pub(crate) fn restaurant(id: &str) -> Account {
    Account {
        account_id: account(id),
        name: "Demo Restaurant".into(),
        time_zone: "Europe/Dublin".into(),
        enabled: true,
        syrve: Some(SyrveAccount {
            base_url: "https://api.example".into(),
            organization_id: "7bc05553-4b68-44e8-b7bc-37be63c6d9e9".parse().unwrap(),
            webhook_tokens: TokenSet::only("old").rotated_to("new", at(0)),
            terminal_group_id: None,
            login_key: Some("login-hash".into()),
            credentials_key: Some("credentials-hash".into()),
            rate_limits: SyrveRates::default(),
        }),
        fleets: [(Provider::Bringg, fleet())].into(),
        captain: None,
        dispatch_to: None,
        match_orders_by: MatchOrdersBy::ExternalNumber,
        created_at: at(0),
        updated_at: at(1),
    }
}

/// A fleet with every way of telling its calls.
fn fleet() -> FleetAccount {
    FleetAccount {
        webhook_tokens: Some(TokenSet::only("token")),
        token_in: Some(TokenPlace::Header("x-token".into())),
        jwt: Some(JwtRules { issuer: "i".into(), audience: "a".into(), subject: "s".into() }),
        oauth: Some(OauthClient { client_id: "c".into(), client_secrets: TokenSet::only("secret") }),
        match_orders_by: Some(MatchOrdersBy::Number),
        order_reference: OrderReference::Folio,
    }
}

pub(crate) const DAY: i64 = 24 * 3600;

/// An instant, by seconds.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).unwrap()
}
