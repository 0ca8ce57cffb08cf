//! The endpoint from which Bringg fetches access tokens for its webhooks: OAuth 2.0, client credentials (RFC 6749, 4.4). A
//! token is a JSON Web Token of our own that ends after an hour, so that nothing is kept about it.
//!
//! Bringg sends its request as a form, as JSON or in the query, as the restaurant chooses; HTTP Basic, which the RFC
//! prefers, is taken as well. The scope means nothing here: all that a token opens is the account's own webhooks.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::jwt::{self, Claims};
use crate::body::parse;
use crate::contract::{Call, Credentials, TokenAnswer};
use crate::lenient::Fields;

/// Who issues access tokens.
pub(super) const ISSUER: &str = "courier-bridge";

/// How long an access token is good, seconds.
const LIFETIME: u32 = 3600;

/// An access token that was given.
#[derive(Clone, PartialEq, Eq)]
struct Issued {
    /// The token.
    access_token: String,
    /// How long it is good, seconds.
    expires_in: u32,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("access_token", &"***").field("expires_in", &self.expires_in).finish()
    }
}

/// Why no access token was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum OauthError {
    /// The request cannot be read, or says something twice or not at all.
    #[error("the request for an access token cannot be read")]
    InvalidRequest,
    /// It is not the client that it says it is, or says none.
    #[error("the client is unknown, or its secret is wrong")]
    InvalidClient,
    /// It asks in another way than with the client's own credentials.
    #[error("only client_credentials is supported")]
    UnsupportedGrantType,
    /// The key to sign with is missing.
    #[error("no access token can be signed")]
    Unavailable,
}

impl OauthError {
    /// The HTTP status.
    fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::UnsupportedGrantType => 400,
            Self::InvalidClient => 401,
            Self::Unavailable => 503,
        }
    }

    /// The word of the RFC; for want of a key it has none, and this one is that of its other endpoint.
    fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::Unavailable => "temporarily_unavailable",
        }
    }
}

/// The answer to a call for an access token.
pub(super) fn answer(call: &Call, credentials: &Credentials) -> TokenAnswer {
    match token(call, credentials) {
        Ok(issued) => {
            let (token, seconds) = (issued.access_token, issued.expires_in);
            let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": seconds });
            TokenAnswer { status: 200, body }
        }
        Err(error) => TokenAnswer { status: error.status(), body: json!({ "error": error.code() }) },
    }
}

/// Gives an access token to the account's client.
fn token(call: &Call, credentials: &Credentials) -> Result<Issued, OauthError> {
    let request = Request::read(call)?;
    match request.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(OauthError::UnsupportedGrantType),
        None => return Err(OauthError::InvalidRequest),
    }
    let client = credentials.fleet.oauth.as_ref().ok_or(OauthError::InvalidClient)?;
    let known = request.clients.iter().filter(|(id, secret)| {
        // The secret is compared whatever the name is, so that guessing names is not faster than guessing secrets.
        let accepted = client.client_secrets.accepts(secret, call.received_at);
        accepted && *id == client.client_id && !secret.is_empty()
    });
    if known.count() == 0 {
        return Err(OauthError::InvalidClient);
    }
    let key = credentials.keys.and_then(|keys| jwt::key(keys.access_tokens.as_ref()?));
    let key = key.ok_or(OauthError::Unavailable)?;
    let iat = call.received_at.as_second();
    let claims = Claims {
        iss: ISSUER,
        aud: credentials.account_id.as_str(),
        sub: &client.client_id,
        iat,
        exp: iat + i64::from(LIFETIME),
    };
    let access_token = jwt::sign(&claims, &key).ok_or(OauthError::Unavailable)?;
    Ok(Issued { access_token, expires_in: LIFETIME })
}

/// What a request says.
#[derive(Default)]
struct Request {
    grant_type: Option<String>,
    /// The client's name and secret; of HTTP Basic as they are written and, if that differs, as the RFC has them encoded.
    clients: Vec<(String, String)>,
}

impl Request {
    fn read(call: &Call) -> Result<Self, OauthError> {
        let mut fields = pairs(call.query.as_bytes());
        fields.extend(body_fields(call.body)?);
        let one = |name: &str| {
            let mut values = fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.clone());
            let first = values.next().filter(|value| !value.is_empty());
            values.next().map_or(Ok(first), |_| Err(OauthError::InvalidRequest))
        };
        let grant_type = one("grant_type")?;
        let in_fields = one("client_id")?.zip(one("client_secret")?);
        let is_basic =
            |header: &&str| header.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "));
        let clients = match call.header("authorization").filter(is_basic) {
            Some(header) => basic(header).ok_or(OauthError::InvalidClient)?,
            None => in_fields.into_iter().collect(),
        };
        Ok(Self { grant_type, clients })
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The fields of a body: of JSON where it begins as an object does, else of a form.
fn body_fields(body: &[u8]) -> Result<Vec<(String, String)>, OauthError> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Ok(pairs(body));
    }
    let value: Value = parse(body).map_err(|_| OauthError::InvalidRequest)?;
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    Ok(Fields::of(&value).members().filter_map(text).collect())
}

/// The client of HTTP Basic.
fn basic(header: &str) -> Option<Vec<(String, String)>> {
    let (_, encoded) = header.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let plain = |text: &str| {
        let field = format!("x={text}");
        form_urlencoded::parse(field.as_bytes())
            .next()
            .map_or(Cow::Borrowed(""), |(_, value)| value)
            .into_owned()
    };
    let (as_written, as_encoded) = ((id.to_owned(), secret.to_owned()), (plain(id), plain(secret)));
    Some(if as_written == as_encoded { vec![as_written] } else { vec![as_written, as_encoded] })
}

#[cfg(test)]
mod tests;
