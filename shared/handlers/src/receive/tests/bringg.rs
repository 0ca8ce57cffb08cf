//! Bringg's ways to prove itself that take keys: JSON Web Tokens, and access tokens that it fetches from us.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use courier_domain::account::{
    AccountSecrets, FleetAccount, JwtRules, MatchOrdersBy, OauthClient, PreviousKey, WebhookKeys,
};
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::secret::{Secret, TokenSet};
use courier_providers::bringg::Bringg;
use courier_providers::contract::{Call, Credentials, Fleet};
use lambda_http::http::{HeaderMap, Response};
use lambda_http::{Body, Request};
use serde_json::{Value, json};

use super::super::FleetReceiver;
use super::{read, receipt, refusal, request};
use crate::testing::events::fixture;
use crate::testing::{HandClock, Memory, Outbox, at, secrets, with_all_fleets};

type Receiver = FleetReceiver<Memory, Memory, Outbox<InboundEvent>, HandClock>;

const CLIENT: &str = "bringg-client";
const CLIENT_SECRET: &str = "bringg-client-secret";
const FORM: &str = "grant_type=client_credentials&client_id=bringg-client&client_secret=bringg-client-secret";

fn key(text: &str) -> Secret {
    Secret::new(STANDARD.encode(text.repeat(4)))
}

fn client() -> OauthClient {
    OauthClient { client_id: CLIENT.into(), client_secrets: TokenSet::only(CLIENT_SECRET) }
}

/// The claims that [`signed`] makes.
fn rules() -> JwtRules {
    let [issuer, audience, subject] = ["courier-bridge", "demo", CLIENT].map(str::to_owned);
    JwtRules { issuer, audience, subject }
}

/// A JSON Web Token that is signed with this key, good for an hour from `second` on.
fn signed(key: &Secret, second: i64) -> String {
    let fleet = FleetAccount { oauth: Some(client()), ..FleetAccount::default() };
    let keys = WebhookKeys { access_tokens: Some(key.clone()), ..WebhookKeys::default() };
    let id = "demo".parse().unwrap();
    let credentials = Credentials { account_id: &id, fleet: &fleet, keys: Some(&keys) };
    let headers = HeaderMap::new();
    let (rest, body, received_at) = (&["oauth", "token"], FORM.as_bytes(), at(second));
    let call = Call { rest, query: "", headers: &headers, body, received_at };
    let answer = Bringg.token(&call, &credentials).unwrap();
    answer.body["access_token"].as_str().unwrap().to_owned()
}

fn with_keys(keys: WebhookKeys) -> AccountSecrets {
    AccountSecrets { webhook_keys: [(Provider::Bringg, keys)].into(), ..secrets() }
}

fn with_key(key: Secret) -> AccountSecrets {
    with_keys(WebhookKeys { jwt: Some(key), ..WebhookKeys::default() })
}

fn receiver(fleet: FleetAccount, secrets: AccountSecrets) -> Receiver {
    let mut account = with_all_fleets(MatchOrdersBy::OrderId);
    account.fleets.insert(Provider::Bringg, fleet);
    let memory = Memory::with_account(account, secrets);
    FleetReceiver {
        fleet: &Bringg,
        secrets: memory.clone(),
        accounts: memory,
        events: Outbox::default(),
        clock: HandClock::default(),
    }
}

fn by_jwt(secrets: AccountSecrets) -> Receiver {
    receiver(FleetAccount { jwt: Some(rules()), ..FleetAccount::default() }, secrets)
}

fn by_oauth() -> Receiver {
    let keys = WebhookKeys { access_tokens: Some(key("of ours")), ..WebhookKeys::default() };
    receiver(FleetAccount { oauth: Some(client()), ..FleetAccount::default() }, with_keys(keys))
}

async fn post(receiver: &Receiver, token: &str) -> Response<Body> {
    let body = fixture("bringg/note_created").to_string();
    let header = ("Authorization", format!("Bearer {token}"));
    receiver.handle(&request("/webhooks/bringg/demo/note_created", Some((header.0, &header.1)), body)).await
}

/// The secret of this account was looked at so many times.
fn reads(receiver: &Receiver) -> usize {
    receiver.accounts.state().secret_reads
}

#[tokio::test]
async fn a_fixed_token_costs_no_look_at_the_keys() {
    let fleet = FleetAccount { webhook_tokens: Some(TokenSet::only("right")), ..FleetAccount::default() };
    let receiver = receiver(fleet, secrets());
    assert_eq!(
        (read(&post(&receiver, "right").await), read(&post(&receiver, "wrong").await).0),
        (receipt(1, 1, 0), 401)
    );
    assert_eq!(reads(&receiver), 0);
}

#[tokio::test]
async fn a_token_that_bringg_signed_lets_it_in_until_it_ends() {
    let receiver = by_jwt(with_key(key("agreed")));
    let token = signed(&key("agreed"), 0);
    assert_eq!(read(&post(&receiver, &token).await), receipt(1, 1, 0));
    assert_eq!(reads(&receiver), 1);
    receiver.clock.advance(Duration::from_secs(3600 + 59));
    assert_eq!(read(&post(&receiver, &token).await).0, 200, "clocks may differ by a minute");
    receiver.clock.advance(Duration::from_secs(1));
    assert_eq!(refusal(&post(&receiver, &token).await), (401, None));
}

#[tokio::test]
async fn a_token_that_somebody_else_signed_is_refused() {
    let receiver = by_jwt(with_key(key("agreed")));
    let right = signed(&key("agreed"), 0);
    let mut parts = right.split('.');
    let (_, claims) = (parts.next(), parts.next().unwrap());
    for token in [
        signed(&key("another"), 0),
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}."),
        right[..right.len() - 2].to_owned(),
        "agreed".to_owned(),
        String::new(),
    ] {
        assert_eq!(refusal(&post(&receiver, &token).await), (401, None), "{token}");
    }
    assert!(receiver.events.items().is_empty());
}

#[tokio::test]
async fn a_key_that_was_changed_since_this_process_read_it_is_read_again() {
    let receiver = by_jwt(with_key(key("before")));
    receiver.accounts.state().corrected = Some(with_key(key("after")));
    assert_eq!(read(&post(&receiver, &signed(&key("after"), 0)).await).0, 200);
    assert_eq!(reads(&receiver), 2);
    assert_eq!(read(&post(&receiver, &signed(&key("after"), 0)).await).0, 200);
    assert_eq!(reads(&receiver), 3, "and is known from then on");
    assert_eq!(read(&post(&receiver, &signed(&key("before"), 0)).await).0, 401);
}

#[tokio::test]
async fn the_key_before_a_change_is_good_for_a_day() {
    let keys = WebhookKeys {
        jwt: Some(key("after")),
        previous_jwt: Some(PreviousKey { key: key("before"), until: at(86_400) }),
        access_tokens: None,
    };
    let receiver = by_jwt(with_keys(keys));
    receiver.clock.advance(Duration::from_secs(86_399));
    assert_eq!(read(&post(&receiver, &signed(&key("before"), 86_399)).await).0, 200);
    receiver.clock.advance(Duration::from_secs(1));
    assert_eq!(read(&post(&receiver, &signed(&key("before"), 86_400)).await).0, 401);
    assert_eq!(read(&post(&receiver, &signed(&key("after"), 86_400)).await).0, 200);
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_503_so_that_bringg_tries_again() {
    let receiver = by_jwt(with_key(key("agreed")));
    receiver.accounts.state().secrets_to_fail = 1;
    assert_eq!(refusal(&post(&receiver, &signed(&key("agreed"), 0)).await), (503, None));
    let nothing = by_jwt(AccountSecrets::default());
    assert_eq!(
        refusal(&post(&nothing, &signed(&key("agreed"), 0)).await),
        (401, None),
        "without a key nothing fits"
    );
}

#[tokio::test]
async fn a_fixed_token_lets_in_while_keys_cannot_be_read() {
    let tokens = Some(TokenSet::only("a-fixed-token"));
    let fleet = FleetAccount { webhook_tokens: tokens, jwt: Some(rules()), ..FleetAccount::default() };
    let receiver = receiver(fleet, with_key(key("agreed")));
    receiver.accounts.state().secrets_to_fail = u32::MAX;
    assert_eq!(read(&post(&receiver, "a-fixed-token").await), receipt(1, 1, 0));
    assert_eq!(refusal(&post(&receiver, "wrong").await), (503, None));
}

#[tokio::test]
async fn each_way_that_is_set_is_enough_so_that_a_restaurant_can_change_from_one_to_another() {
    let tokens = Some(TokenSet::only("a-fixed-token"));
    let fleet = FleetAccount {
        webhook_tokens: tokens,
        jwt: Some(rules()),
        oauth: Some(client()),
        ..FleetAccount::default()
    };
    let keys =
        WebhookKeys { jwt: Some(key("agreed")), previous_jwt: None, access_tokens: Some(key("of ours")) };
    let receiver = receiver(fleet, with_keys(keys));
    for token in ["a-fixed-token", &signed(&key("agreed"), 0), &signed(&key("of ours"), 0)] {
        assert_eq!(read(&post(&receiver, token).await), receipt(1, 1, 0));
    }
    assert_eq!(read(&post(&receiver, &signed(&key("another"), 0)).await).0, 401);
}

/// A call for an access token.
fn asking(query: &str, header: Option<(&str, &str)>, body: &str) -> Request {
    request(&format!("/webhooks/bringg/demo/oauth/token{query}"), header, body)
}

/// Status, body, and what says how to ask and whether to keep the answer.
fn answer(response: &Response<Body>) -> (u16, Value, Option<&str>, Option<&str>) {
    let Body::Text(text) = response.body() else { panic!("the answer is text") };
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("content-type"), Some("application/json"));
    let body = serde_json::from_str(text).unwrap();
    (response.status().as_u16(), body, header("www-authenticate"), header("cache-control"))
}

#[tokio::test]
async fn an_access_token_is_given_however_bringg_asks_and_opens_the_webhooks_for_an_hour() {
    let receiver = by_oauth();
    let as_json =
        json!({ "grant_type": "client_credentials", "client_id": CLIENT, "client_secret": CLIENT_SECRET });
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
    for call in [
        asking("", None, FORM),
        asking("", None, &as_json.to_string()),
        asking(&format!("?{FORM}"), None, ""),
        asking("", Some(("Authorization", &basic)), "grant_type=client_credentials&scope=write%3Aorders"),
    ] {
        let response = receiver.handle(&call).await;
        let (status, body, _, cached) = answer(&response);
        assert_eq!((status, cached), (200, Some("no-store")), "{body}");
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
        assert_eq!(body.as_object().unwrap().len(), 3);
        assert_eq!(read(&post(&receiver, body["access_token"].as_str().unwrap()).await), receipt(1, 1, 0));
    }
    let token = signed(&key("of ours"), 0);
    receiver.clock.advance(Duration::from_mins(61));
    assert_eq!(read(&post(&receiver, &token).await).0, 401);
}

#[tokio::test]
async fn who_asks_wrongly_for_an_access_token_is_told_by_the_words_of_the_standard() {
    let receiver = by_oauth();
    let challenge = Some("Basic");
    for (body, expected, error, asked) in [
        (FORM.replace("client-secret", "wrong"), 401, "invalid_client", challenge),
        (FORM.replace("id=bringg-client", "id=other"), 401, "invalid_client", challenge),
        ("grant_type=client_credentials".into(), 401, "invalid_client", challenge),
        (FORM.replace("client_credentials", "password"), 400, "unsupported_grant_type", None),
        (String::new(), 400, "invalid_request", None),
        ("{".into(), 400, "invalid_request", None),
    ] {
        let response = receiver.handle(&asking("", None, &body)).await;
        assert_eq!(
            answer(&response),
            (expected, json!({ "error": error }), asked, Some("no-store")),
            "{body}"
        );
    }
    assert!(receiver.events.items().is_empty());
}

#[tokio::test]
async fn a_client_secret_is_no_token_and_a_token_of_another_account_is_none_here() {
    let receiver = by_oauth();
    assert_eq!(refusal(&post(&receiver, CLIENT_SECRET).await), (401, None));
    let mut account = with_all_fleets(MatchOrdersBy::OrderId);
    account.account_id = "other".parse().unwrap();
    account
        .fleets
        .insert(Provider::Bringg, FleetAccount { oauth: Some(client()), ..FleetAccount::default() });
    let (id, keys) =
        (account.account_id.clone(), receiver.accounts.state().secrets.values().next().cloned().unwrap());
    receiver.accounts.state().secrets.insert(id.clone(), keys);
    let other = courier_domain::ports::Versioned { value: account, version: 1 };
    receiver.accounts.state().accounts.insert(id, other);
    let response = receiver.handle(&request("/webhooks/bringg/other/oauth/token", None, FORM)).await;
    let (status, body, ..) = answer(&response);
    assert_eq!(status, 200);
    assert_eq!(refusal(&post(&receiver, body["access_token"].as_str().unwrap()).await), (401, None));
}

#[tokio::test]
async fn an_access_token_is_given_by_accounts_with_a_client_only() {
    let receiver = by_jwt(with_key(key("agreed")));
    let response = receiver.handle(&asking("", None, FORM)).await;
    assert_eq!(answer(&response).0, 401);
    for path in ["/webhooks/bringg/nobody/oauth/token", "/webhooks/bringg/NOT-A-SLUG/oauth/token"] {
        assert_eq!(refusal(&receiver.handle(&request(path, None, FORM)).await), (404, None), "{path}");
    }
    receiver.accounts.edit_account(|account| drop(account.fleets.remove(&Provider::Bringg)));
    assert_eq!(refusal(&receiver.handle(&asking("", None, FORM)).await), (404, None));
}

#[tokio::test]
async fn the_key_to_sign_with_is_looked_for_again_where_a_process_has_none_yet() {
    let receiver = by_oauth();
    let keys = receiver.accounts.state().secrets.values().next().cloned();
    receiver.accounts.state().secrets.clear();
    assert_eq!(answer(&receiver.handle(&asking("", None, FORM)).await).0, 503);
    receiver.accounts.state().corrected = keys;
    assert_eq!(answer(&receiver.handle(&asking("", None, FORM)).await).0, 200);
    receiver.accounts.state().secrets_to_fail = 1;
    assert_eq!(refusal(&receiver.handle(&asking("", None, FORM)).await), (503, None));
}
