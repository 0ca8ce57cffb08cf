//! Accounts as they are stored, with the parts that came later and without them, and by which name a fleet knows an order.

use serde_json::{Value, json};

use super::*;
use crate::testing::account;

const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn with_fleets(match_orders_by: MatchOrdersBy, fleets: &[(Provider, Option<MatchOrdersBy>)]) -> Account {
    let fleet =
        |own: &Option<MatchOrdersBy>| FleetAccount { match_orders_by: *own, ..FleetAccount::default() };
    let fleets = fleets.iter().map(|(provider, own)| (*provider, fleet(own))).collect();
    Account { fleets, match_orders_by, ..account(None) }
}

/// Written and read again.
fn stored<T: Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

#[test]
fn a_fleet_knows_an_order_by_its_own_setting_and_else_by_the_accounts() {
    let own = [(Provider::Jelp, Some(MatchOrdersBy::ExternalNumber)), (Provider::Radaro, None)];
    let account = with_fleets(MatchOrdersBy::Number, &own);
    assert_eq!(account.matches_by(Provider::Jelp), MatchOrdersBy::ExternalNumber);
    assert_eq!(account.matches_by(Provider::Radaro), MatchOrdersBy::Number);
    assert_eq!(account.matches_by(Provider::Bringg), MatchOrdersBy::Number, "one that is not set up");
}

#[test]
fn a_name_counts_when_the_account_or_any_fleet_matches_by_it() {
    use MatchOrdersBy::{ExternalNumber, Number, OrderId};
    let matching = |account: &Account| {
        [OrderId, ExternalNumber, Number].map(|name| account.has_fleets_that_match_by(name))
    };
    assert_eq!(matching(&with_fleets(OrderId, &[])), [true, false, false]);
    assert_eq!(matching(&with_fleets(Number, &[(Provider::Jelp, None)])), [false, false, true]);
    let both = [(Provider::Jelp, Some(ExternalNumber)), (Provider::Captain, None)];
    assert_eq!(matching(&with_fleets(OrderId, &both)), [true, true, false]);
    let all = [(Provider::Jelp, Some(ExternalNumber)), (Provider::Bringg, Some(OrderId))];
    assert_eq!(matching(&with_fleets(Number, &all)), [true, true, true]);
}

#[test]
fn a_time_zone_that_nobody_knows_any_more_is_utc() {
    assert_eq!(account(None).zone().iana_name(), Some("Europe/Dublin"));
    let lost = Account { time_zone: "Middle-earth/Bree".into(), ..account(None) };
    assert_eq!(lost.zone(), TimeZone::UTC);
}

#[test]
fn a_fleet_account_with_everything_is_read_as_it_was_written() {
    let tokens = TokenSet::only("old-token").rotated_to("new-token", Timestamp::UNIX_EPOCH);
    let places = [TokenPlace::Header("x-token".into()), TokenPlace::Query("token".into())];
    for (place, reference) in places.into_iter().zip([OrderReference::Folio, OrderReference::ExternalId]) {
        let fleet = FleetAccount {
            webhook_tokens: Some(tokens.clone()),
            token_in: Some(place),
            jwt: Some(JwtRules { issuer: "iss".into(), audience: "aud".into(), subject: "sub".into() }),
            oauth: Some(OauthClient { client_id: "client".into(), client_secrets: tokens.clone() }),
            match_orders_by: Some(MatchOrdersBy::ExternalNumber),
            order_reference: reference,
        };
        assert_eq!(stored(&fleet), fleet);
        let fleets = BTreeMap::from([(Provider::Bringg, fleet), (Provider::Jelp, FleetAccount::default())]);
        let account = Account { fleets, ..account(None) };
        assert_eq!(stored(&account), account);
    }
}

#[test]
fn a_fleet_account_is_stored_in_these_words() {
    let place = |place: TokenPlace| serde_json::to_value(place).unwrap();
    assert_eq!(place(TokenPlace::Header("x-token".into())), json!({ "header": "x-token" }));
    assert_eq!(place(TokenPlace::Query("token".into())), json!({ "query": "token" }));
    let words = [OrderReference::PublicId, OrderReference::Folio, OrderReference::ExternalId];
    assert_eq!(json!(words), json!(["public_id", "folio", "external_id"]));
}

#[test]
fn a_fleet_account_without_the_parts_is_read_with_their_defaults() {
    assert_eq!(serde_json::from_value::<FleetAccount>(json!({})).unwrap(), FleetAccount::default());
    assert_eq!(FleetAccount::default().order_reference, OrderReference::PublicId);
    let only = json!({ "webhook_tokens": { "current": HASH, "previous": null } });
    let fleet: FleetAccount = serde_json::from_value(only).unwrap();
    assert_eq!(FleetAccount { webhook_tokens: None, ..fleet }, FleetAccount::default());
}

#[test]
fn an_account_stored_without_fleets_is_read() {
    let mut old = serde_json::to_value(account(None)).unwrap();
    old.as_object_mut().unwrap().remove("fleets");
    // Where the token was before each fleet had its own account.
    old["captain"]["webhook_tokens"] = json!({ "current": HASH, "previous": null });
    let read: Account = serde_json::from_value(old).unwrap();
    assert_eq!(read, Account { fleets: BTreeMap::new(), ..account(None) });
}

#[test]
fn secrets_with_keys_of_fleets_are_read_as_they_were_written() {
    let keys = WebhookKeys {
        jwt: Some(Secret::new("bmV3")),
        previous_jwt: Some(PreviousKey { key: Secret::new("b2xk"), until: Timestamp::UNIX_EPOCH }),
        access_tokens: Some(Secret::new("b3Vycw==")),
    };
    let secrets = AccountSecrets {
        syrve_api_login: Some(Secret::new("login")),
        webhook_keys: BTreeMap::from([(Provider::Bringg, keys), (Provider::Jelp, WebhookKeys::default())]),
        ..AccountSecrets::default()
    };
    assert_eq!(stored(&secrets), secrets);
    let shown = format!("{secrets:?}");
    assert!(["bmV3", "b2xk", "b3Vycw", "login\""].iter().all(|secret| !shown.contains(secret)), "{shown}");
}

#[test]
fn secrets_without_keys_of_fleets_are_read_and_written_as_before() {
    let old = json!({ "syrve_api_login": "login", "captain_integration_key": "key" });
    let secrets: AccountSecrets = serde_json::from_value(old.clone()).unwrap();
    assert!(secrets.webhook_keys.is_empty());
    assert_eq!(serde_json::to_value(&secrets).unwrap(), old);
    assert_eq!(serde_json::to_value(WebhookKeys::default()).unwrap(), Value::Object(serde_json::Map::new()));
}
