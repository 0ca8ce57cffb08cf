//! Each way in which a call proves that it is Bringg's, alone and beside the others.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use courier_domain::account::{FleetAccount, OauthClient, PreviousKey, TokenPlace, WebhookKeys};
use courier_domain::ids::AccountId;
use courier_domain::secret::{Secret, TokenSet};
use http::HeaderMap;

use super::super::story::{call, received_at};
use super::*;
use crate::bringg::jwt::Claims;

const TOKEN: &str = "bringg-token-0123456789";
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
const OLD_KEY: &[u8] = b"fedcba9876543210fedcba9876543210";
const OUR_KEY: &[u8] = b"our-own-key-of-thirty-two-bytes.";

fn secret(key: &[u8]) -> Secret {
    Secret::new(STANDARD.encode(key))
}

fn keys(until: &str) -> WebhookKeys {
    let previous = PreviousKey { key: secret(OLD_KEY), until: until.parse().unwrap() };
    WebhookKeys { jwt: Some(secret(KEY)), previous_jwt: Some(previous), access_tokens: Some(secret(OUR_KEY)) }
}

fn rules() -> JwtRules {
    JwtRules { issuer: "bringg".into(), audience: "bridge".into(), subject: "event".into() }
}

fn client() -> OauthClient {
    OauthClient { client_id: "client".into(), client_secrets: TokenSet::only("client-secret-0123456789") }
}

fn all_ways() -> FleetAccount {
    let webhook_tokens = Some(TokenSet::only(TOKEN));
    FleetAccount { webhook_tokens, jwt: Some(rules()), oauth: Some(client()), ..FleetAccount::default() }
}

fn bringgs(key: &[u8]) -> String {
    let exp = received_at().as_second() + 300;
    jwt::sign(&Claims { iss: "bringg", aud: "bridge", sub: "event", iat: 0, exp }, key).unwrap()
}

fn access(account: &str, client: &str, lasts: i64) -> String {
    let exp = received_at().as_second() + lasts;
    jwt::sign(&Claims { iss: oauth::ISSUER, aud: account, sub: client, iat: 0, exp }, OUR_KEY).unwrap()
}

fn admitted(
    fleet: &FleetAccount,
    keys: Option<&WebhookKeys>,
    header: Option<(&str, &str)>,
) -> Result<(), &'static str> {
    let account_id: AccountId = "demo".parse().unwrap();
    let named =
        header.map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()));
    let headers: HeaderMap = named.into_iter().collect();
    let verdict =
        authenticate(&call(&[], &headers, b"{}"), &Credentials { account_id: &account_id, fleet, keys });
    verdict.map_err(|refusal| match refusal {
        Refusal::Unauthorized(why) => why,
        Refusal::Body(_) => panic!("the body is not looked at"),
    })
}

fn admitted_with(
    fleet: &FleetAccount,
    keys: Option<&WebhookKeys>,
    authorization: &str,
) -> Result<(), &'static str> {
    admitted(fleet, keys, Some(("authorization", authorization)))
}

#[test]
fn any_way_that_is_set_lets_bringg_in() {
    let (fleet, keys) = (all_ways(), keys("2026-06-28T18:00:00Z"));
    let (signed, given) = (bringgs(KEY), access("demo", "client", 300));
    for text in [TOKEN.to_owned(), format!("Bearer {TOKEN}"), signed, bringgs(OLD_KEY), given] {
        for scheme in ["", "JWTBearer ", "Bearer ", "bearer  "] {
            let text = if text.contains(' ') { text.clone() } else { format!("{scheme}{text}") };
            assert_eq!(admitted_with(&fleet, Some(&keys), &text), Ok(()), "{scheme}");
        }
    }
}

#[test]
fn a_way_that_is_not_set_lets_nobody_in() {
    let keys = keys("2026-06-28T18:00:00Z");
    let ways = [
        FleetAccount { jwt: None, oauth: None, ..all_ways() },
        FleetAccount { webhook_tokens: None, oauth: None, ..all_ways() },
        FleetAccount { webhook_tokens: None, jwt: None, ..all_ways() },
    ];
    let proofs = [TOKEN.to_owned(), bringgs(KEY), access("demo", "client", 300)];
    for (way, fleet) in ways.iter().enumerate() {
        for (proof, text) in proofs.iter().enumerate() {
            assert_eq!(admitted_with(fleet, Some(&keys), text).is_ok(), way == proof, "{way} {proof}");
        }
    }
    for text in proofs {
        assert!(admitted_with(&FleetAccount::default(), Some(&keys), &text).is_err());
    }
}

#[test]
fn without_a_proof_or_with_a_wrong_one_a_call_is_refused_for_a_fixed_reason() {
    let (fleet, keys) = (all_ways(), keys("2026-06-28T16:59:59Z"));
    for (header, why) in [
        (None, "there is no token"),
        (Some(("authorization", "")), "there is no token"),
        (Some(("authorization", "wrong")), "cannot be read"),
        (Some(("x-api-key", TOKEN)), "there is no token"),
        (Some(("authorization", &bringgs(OLD_KEY))), "signature"),
        (Some(("authorization", &bringgs(b"another key of thirty-two bytes."))), "signature"),
        (Some(("authorization", &access("other", "client", 300))), "signature"),
    ] {
        let refused = admitted(&fleet, Some(&keys), header).unwrap_err();
        assert!(refused.contains(why), "{header:?}: {refused}");
    }
    let only_token = FleetAccount { jwt: None, oauth: None, ..all_ways() };
    assert_eq!(admitted_with(&only_token, None, "wrong"), Err("the token is wrong"));
}

#[test]
fn an_access_token_is_this_accounts_this_clients_and_in_time() {
    let fleet = FleetAccount { webhook_tokens: None, jwt: None, ..all_ways() };
    let keys = keys("2026-06-28T18:00:00Z");
    for (token, why) in [
        (access("other", "client", 300), "another audience"),
        (access("demo", "other", 300), "another subject"),
        (access("demo", "client", -61), "expired"),
        (bringgs(OUR_KEY), "has another"),
    ] {
        let refused = admitted_with(&fleet, Some(&keys), &token).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn without_keys_no_signature_is_good() {
    let fleet = all_ways();
    for keys in [
        None,
        Some(&WebhookKeys::default()),
        Some(&WebhookKeys { jwt: Some(Secret::new("")), ..WebhookKeys::default() }),
    ] {
        for token in [bringgs(KEY), bringgs(b""), access("demo", "client", 300)] {
            assert_eq!(admitted_with(&fleet, keys, &token), Err("there is no key"));
        }
    }
}

#[test]
fn the_static_token_is_where_the_account_says() {
    let token_in = Some(TokenPlace::Header("application-key".into()));
    let (fleet, keys) = (FleetAccount { token_in, ..all_ways() }, keys("2026-06-28T18:00:00Z"));
    assert_eq!(admitted(&fleet, Some(&keys), Some(("application-key", TOKEN))), Ok(()));
    assert_eq!(admitted_with(&fleet, Some(&keys), &bringgs(KEY)), Ok(()));
    assert!(admitted_with(&fleet, Some(&keys), TOKEN).is_err());
}
