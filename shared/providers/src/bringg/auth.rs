//! Whether Bringg sent a call. Bringg offers three ways, and the account chooses: a header with a fixed value, a JSON Web
//! Token that Bringg signs, and an access token that it fetches from us. Any that is set is enough, so that a restaurant can
//! change from one to another. None of them covers the body: that is what TLS is for.

use courier_domain::account::JwtRules;

use super::{jwt, oauth};
use crate::contract::{Call, Credentials, Refusal};
use crate::token;

/// Whether one of the account's ways lets the call in.
pub(super) fn authenticate(call: &Call, credentials: &Credentials) -> Result<(), Refusal> {
    let by_token = token::check_placed(call, credentials);
    if by_token.is_ok() {
        return by_token;
    }
    let bearer = call.header("authorization").map(token::without_scheme).filter(|token| !token.is_empty());
    let Some(bearer) = bearer else { return by_token };
    let mut reason = None;
    for outcome in
        [by_jwt(bearer, call, credentials), by_access_token(bearer, call, credentials)].into_iter().flatten()
    {
        match outcome {
            Ok(()) => return Ok(()),
            Err(why) => reason = reason.or(Some(why)),
        }
    }
    reason.map_or(by_token, |why| Err(Refusal::Unauthorized(why)))
}

/// By the token that Bringg signs; `None` where the account has no such way. After a change of the key the one before it is
/// good for a while.
fn by_jwt(bearer: &str, call: &Call, credentials: &Credentials) -> Option<Result<(), &'static str>> {
    let rules = credentials.fleet.jwt.as_ref()?;
    let now = call.received_at;
    let current = credentials.keys.and_then(|keys| jwt::key(keys.jwt.as_ref()?));
    let previous =
        credentials.keys.and_then(|keys| keys.previous_jwt.as_ref()).filter(|previous| now < previous.until);
    let previous = previous.and_then(|previous| jwt::key(&previous.key));
    let verdicts: Vec<_> =
        current.iter().chain(&previous).map(|key| jwt::check(bearer, key, rules, now)).collect();
    Some(
        verdicts
            .iter()
            .find(|verdict| verdict.is_ok())
            .or_else(|| verdicts.first())
            .copied()
            .unwrap_or(Err("there is no key")),
    )
}

/// By the token that we gave; `None` where the account has no such way.
fn by_access_token(bearer: &str, call: &Call, credentials: &Credentials) -> Option<Result<(), &'static str>> {
    let client = credentials.fleet.oauth.as_ref()?;
    let rules = JwtRules {
        issuer: oauth::ISSUER.to_owned(),
        audience: credentials.account_id.as_str().to_owned(),
        subject: client.client_id.clone(),
    };
    let key = credentials.keys.and_then(|keys| jwt::key(keys.access_tokens.as_ref()?));
    Some(key.map_or(Err("there is no key"), |key| jwt::check(bearer, &key, &rules, call.received_at)))
}

#[cfg(test)]
mod tests;
