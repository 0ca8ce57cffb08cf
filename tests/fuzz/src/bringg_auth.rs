//! Bringg's proofs. The first byte says what the rest is: a whole `Authorization` header; changes of a good token; a token's
//! header and claims, which are signed here as their owner would; or a request for an access token.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use courier_domain::account::{FleetAccount, JwtRules, OauthClient, PreviousKey, WebhookKeys};
use courier_domain::delivery::Provider;
use courier_domain::ids::AccountId;
use courier_domain::secret::{Secret, TokenSet};
use courier_providers::contract::{Call, Credentials, fleet};
use http::{HeaderMap, HeaderValue, header};
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::accounts::RECEIVED_AT;
use crate::claims::Expected;

const BRINGGS: Expected = Expected { issuer: "bringg", audience: "bridge", subject: "event" };
const OURS: Expected = Expected { issuer: "courier-bridge", audience: "demo", subject: "client" };
const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
const OLD_KEY: &[u8] = b"fedcba9876543210fedcba9876543210";
const OUR_KEY: &[u8] = b"our-own-key-of-thirty-two-bytes.";
/// Whose token it would be, signed with each of these; the last is nobody's.
const SIGNERS: [(&[u8], Option<Expected>); 4] = [
    (KEY, Some(BRINGGS)),
    (OLD_KEY, Some(BRINGGS)),
    (OUR_KEY, Some(OURS)),
    (b"another-key-of-thirty-two-bytes.", None),
];

/// Handles one input.
pub fn run(bytes: &[u8]) {
    let [what, which, rest @ ..] = bytes else { return };
    let (key, expected) = SIGNERS[usize::from(*which) % SIGNERS.len()];
    match what % 4 {
        0 => assert!(!is_let_in(rest), "a token that nobody signed is let in"),
        1 => changed(rest, key, expected.unwrap_or(BRINGGS)),
        2 => signed(rest, key, expected),
        _ => token(rest),
    }
}

/// A good token with some of its characters changed or taken out is good no more.
fn changed(changes: &[u8], key: &[u8], whose: Expected) {
    let exp = RECEIVED_AT.as_second() + 600;
    let claims = json!({ "iss": whose.issuer, "aud": whose.audience, "sub": whose.subject, "exp": exp });
    let good = sign(br#"{"alg":"HS256","typ":"JWT"}"#, claims.to_string().as_bytes(), key);
    let mut token = good.clone().into_bytes();
    for change in changes.chunks_exact(2) {
        let place = usize::from(change[0]) % token.len().max(1);
        match (token.get_mut(place), change[1]) {
            (Some(_), 0) => drop(token.remove(place)),
            (Some(character), with) => *character = with,
            (None, _) => {}
        }
    }
    if token.trim_ascii() != good.as_bytes() {
        assert!(!is_let_in(&[b"JWTBearer ", token.as_slice()].concat()), "a changed token is let in");
    }
}

/// A token with this header and these claims, each on a line, is let in only if they are what they must be.
fn signed(lines: &[u8], key: &[u8], whose: Option<Expected>) {
    let Some(end) = lines.iter().position(|byte| *byte == b'\n') else { return };
    let (header, claims) = (&lines[..end], &lines[end + 1..]);
    let let_in = is_let_in(&[b"Bearer ", sign(header, claims, key).as_bytes()].concat());
    let parts =
        serde_json::from_slice::<Value>(header).ok().zip(serde_json::from_slice::<Value>(claims).ok());
    let Some((header, claims)) = parts else { return assert!(!let_in, "what is no JSON is let in") };
    let allowed = whose.is_some_and(|expected| expected.allows(&header, &claims));
    assert!(allowed || !let_in, "a token is let in that says something else");
    if whose.is_some_and(|expected| expected.demands(&header, &claims)) {
        let again = sign(header.to_string().as_bytes(), claims.to_string().as_bytes(), key);
        assert!(is_let_in(again.as_bytes()), "a good token is not let in");
    }
}

fn sign(header: &[u8], claims: &[u8], key: &[u8]) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(key);
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("{message}.{signature}")
}

/// Whether a call with this header is let in.
fn is_let_in(authorization: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(authorization) else { return false };
    let headers = [(header::AUTHORIZATION, value)].into_iter().collect();
    let call = call(&[], "", &headers, b"{}");
    with_credentials(|credentials| fleet(Provider::Bringg).authenticate(&call, credentials).is_ok())
}

/// Nobody gets an access token without the client's secret, wherever it is looked for.
fn token(bytes: &[u8]) {
    let headers =
        HeaderValue::from_bytes(bytes).map(|value| [(header::AUTHORIZATION, value)].into_iter().collect());
    let query = String::from_utf8_lossy(bytes);
    for (query, headers, body) in [
        ("", HeaderMap::new(), bytes),
        (query.as_ref(), HeaderMap::new(), b"".as_slice()),
        ("grant_type=client_credentials", headers.unwrap_or_default(), b""),
    ] {
        let call = call(&["oauth", "token"], query, &headers, body);
        let answer = with_credentials(|credentials| fleet(Provider::Bringg).token(&call, credentials));
        let status = answer.expect("an answer at the token endpoint").status;
        assert!(matches!(status, 400 | 401), "{status} to a request without the secret");
    }
}

fn call<'a>(rest: &'a [&'a str], query: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> Call<'a> {
    Call { rest, query, headers, body, received_at: RECEIVED_AT }
}

/// An account with each of the three ways, and a key that was changed an hour ago.
fn with_credentials<T>(ask: impl FnOnce(&Credentials) -> T) -> T {
    let secret = |key: &[u8]| Secret::new(STANDARD.encode(key));
    let until = RECEIVED_AT + SignedDuration::from_hours(23);
    let keys = WebhookKeys {
        jwt: Some(secret(KEY)),
        previous_jwt: Some(PreviousKey { key: secret(OLD_KEY), until }),
        access_tokens: Some(secret(OUR_KEY)),
    };
    let (issuer, audience, subject) = (BRINGGS.issuer, BRINGGS.audience, BRINGGS.subject);
    let account = FleetAccount {
        webhook_tokens: Some(TokenSet::only("5vT-the-account's-own-token-Kq3")),
        jwt: Some(JwtRules { issuer: issuer.into(), audience: audience.into(), subject: subject.into() }),
        oauth: Some(OauthClient {
            client_id: OURS.subject.into(),
            client_secrets: TokenSet::only("9bN-the-client's-own-secret-Wy7"),
        }),
        ..FleetAccount::default()
    };
    let account_id = AccountId::try_from(OURS.audience.to_owned()).expect("an account id");
    ask(&Credentials { account_id: &account_id, fleet: &account, keys: Some(&keys) })
}
