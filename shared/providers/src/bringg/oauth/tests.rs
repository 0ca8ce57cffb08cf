//! Who is given an access token, however it is asked for.

use courier_domain::account::{FleetAccount, OauthClient, WebhookKeys};
use courier_domain::ids::AccountId;
use courier_domain::secret::{Secret, TokenSet};
use http::HeaderMap;
use proptest::prelude::*;

use super::super::story::received_at;
use super::*;
use crate::bringg::Bringg;
use crate::contract::Fleet;

const SECRET: &str = "s3cret+/=%of client:0123";

struct Asked<'a> {
    query: &'a str,
    body: &'a str,
    authorization: Option<String>,
}

fn keys() -> WebhookKeys {
    WebhookKeys { access_tokens: Some(Secret::new(STANDARD.encode([7; 32]))), ..WebhookKeys::default() }
}

fn asked(asked: &Asked, keys: Option<&WebhookKeys>) -> Result<Issued, OauthError> {
    let account_id: AccountId = "demo".parse().unwrap();
    let client = OauthClient { client_id: "bringg".into(), client_secrets: TokenSet::only(SECRET) };
    let fleet = FleetAccount { oauth: Some(client), ..FleetAccount::default() };
    let value = asked.authorization.as_ref().map(|text| (http::header::AUTHORIZATION, text.parse().unwrap()));
    let headers: HeaderMap = value.into_iter().collect();
    let rest = &["oauth", "token"][..];
    let call = Call {
        rest,
        query: asked.query,
        headers: &headers,
        body: asked.body.as_bytes(),
        received_at: received_at(),
    };
    let credentials = Credentials { account_id: &account_id, fleet: &fleet, keys };
    let answer = Bringg.token(&call, &credentials).unwrap();
    let outcome = token(&call, &credentials);
    assert_eq!(answer.status, outcome.as_ref().map_or_else(|error| error.status(), |_| 200));
    assert_eq!(
        answer.body.get("error").and_then(Value::as_str),
        outcome.as_ref().err().map(|error| error.code())
    );
    assert_eq!(Bringg.token(&Call { rest: &["task_done"], ..call }, &credentials), None);
    outcome
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn styles(grant: &str, id: &str, secret: &str) -> Vec<(String, String, Option<String>)> {
    let fields =
        [("grant_type", grant), ("client_id", id), ("client_secret", secret), ("scope", "write:orders")];
    let fields: Vec<_> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let json: Value = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let basic = |pair: String| Some(format!("Basic {}", STANDARD.encode(pair)));
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let grant = form(&fields.iter().filter(|(name, _)| *name == "grant_type").copied().collect::<Vec<_>>());
    vec![
        (String::new(), form(&fields), None),
        (String::new(), format!(" {json}"), None),
        (form(&fields), String::new(), None),
        (grant.clone(), String::new(), basic(format!("{id}:{secret}"))),
        (String::new(), grant, basic(format!("{}:{}", encoded(id), encoded(secret)))),
    ]
}

fn all(grant: &str, id: &str, secret: &str) -> Vec<Result<Issued, OauthError>> {
    let ask = |(query, body, authorization): (String, String, Option<String>)| {
        asked(&Asked { query: &query, body: &body, authorization }, Some(&keys()))
    };
    styles(grant, id, secret).into_iter().map(ask).collect()
}

#[test]
fn the_accounts_client_is_given_a_token_however_it_asks() {
    for issued in all("client_credentials", "bringg", SECRET) {
        let issued = issued.unwrap();
        assert_eq!((issued.expires_in, issued.access_token.split('.').count()), (3600, 3));
        assert!(!format!("{issued:?}").contains(&issued.access_token));
    }
}

#[test]
fn anybody_else_is_not() {
    for (id, secret) in [("bringg", "wrong"), ("bringg", ""), ("other", SECRET), ("", SECRET), ("", "")] {
        for refused in all("client_credentials", id, secret) {
            assert_eq!(refused, Err(OauthError::InvalidClient), "{id} {secret}");
        }
    }
}

#[test]
fn there_is_one_grant() {
    assert!(
        all("password", "bringg", SECRET)
            .iter()
            .all(|answer| *answer == Err(OauthError::UnsupportedGrantType))
    );
    assert!(all("", "bringg", SECRET).iter().all(|answer| *answer == Err(OauthError::InvalidRequest)));
}

#[test]
fn a_request_that_cannot_be_read_is_refused() {
    let twice = form(&[
        ("grant_type", "client_credentials"),
        ("client_id", "a"),
        ("client_id", "bringg"),
        ("client_secret", SECRET),
    ]);
    for body in ["", "{", "[1]", "{\"grant_type\": 7}", "grant_type=", "grant_type=a&grant_type=b", &twice] {
        let refused = asked(&Asked { query: "", body, authorization: None }, Some(&keys()));
        assert_eq!(refused, Err(OauthError::InvalidRequest), "{body}");
    }
    for authorization in ["Basic", "Basic ", "Basic ***", "Basic YQ==", "basic /w==", "Bearer x"] {
        let authorization = Some(authorization.to_owned());
        let refused =
            asked(&Asked { query: "grant_type=client_credentials", body: "", authorization }, Some(&keys()));
        assert_eq!(refused, Err(OauthError::InvalidClient));
    }
}

#[test]
fn without_a_key_nobody_is() {
    let body =
        form(&[("grant_type", "client_credentials"), ("client_id", "bringg"), ("client_secret", SECRET)]);
    for keys in [None, Some(&WebhookKeys::default())] {
        let refused = asked(&Asked { query: "", body: &body, authorization: None }, keys).unwrap_err();
        assert_eq!((refused, refused.status()), (OauthError::Unavailable, 503));
    }
}

proptest! {
    #[test]
    fn no_request_makes_it_panic(query in ".{0,60}", body in ".{0,60}", basic in "[ -~]{0,40}") {
        let _ = asked(&Asked { query: &query, body: &body, authorization: Some(format!("Basic {basic}")) }, Some(&keys()));
        let _ = asked(&Asked { query: &query, body: &format!("{{{body}"), authorization: None }, Some(&keys()));
    }
}
