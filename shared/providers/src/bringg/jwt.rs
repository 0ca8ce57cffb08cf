//! JSON Web Tokens: those that Bringg signs with a key agreed on, and the access tokens that we sign ourselves. HS256 and
//! nothing else, whatever a token's own header says; the issuer, the audience and the subject are those of the account, and
//! a token without an end is none.
//!
//! The library checks the signature and the claims; times are checked here, by the time at which the call was received.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use courier_domain::account::JwtRules;
use courier_domain::secret::Secret;
use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far the sender's clock may differ from ours, seconds.
const LEEWAY: f64 = 60.0;

/// The claims of an access token.
#[derive(Debug, Serialize)]
pub(super) struct Claims<'a> {
    /// Who issued it.
    pub(super) iss: &'a str,
    /// For whom it is.
    pub(super) aud: &'a str,
    /// Whose it is.
    pub(super) sub: &'a str,
    /// When it was issued, Unix seconds.
    pub(super) iat: i64,
    /// When it ends, Unix seconds.
    pub(super) exp: i64,
}

/// The claims that are times, in Unix seconds; fractions are allowed.
#[derive(Deserialize)]
struct Times {
    #[serde(default)]
    exp: Value,
    #[serde(default)]
    nbf: Value,
}

/// A key from its base64 text, with or without padding, in either alphabet; an empty one is none.
pub(super) fn key(secret: &Secret) -> Option<Vec<u8>> {
    let text = secret.expose().trim().trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text));
    bytes.ok().filter(|bytes| !bytes.is_empty())
}

/// Signs an access token.
pub(super) fn sign(claims: &Claims, key: &[u8]) -> Option<String> {
    encode(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(key)).ok()
}

/// Whether a token is what the rules say, or why not.
pub(super) fn check(token: &str, key: &[u8], rules: &JwtRules, now: Timestamp) -> Result<(), &'static str> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[&rules.issuer]);
    validation.set_audience(&[&rules.audience]);
    validation.sub = Some(rules.subject.clone());
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let times = decode::<Times>(token, &DecodingKey::from_secret(key), &validation);
    let times = times.map_err(|error| why(error.kind()))?.claims;
    let now = now.as_duration().as_secs_f64();
    let has_ended = times.exp.as_f64().is_none_or(|exp| now >= exp + LEEWAY);
    let has_begun = times.nbf.is_null() || times.nbf.as_f64().is_some_and(|nbf| now >= nbf - LEEWAY);
    match (has_ended, has_begun) {
        (true, _) => Err("the JSON Web Token has expired"),
        (false, false) => Err("the JSON Web Token is not valid yet"),
        (false, true) => Ok(()),
    }
}

fn why(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::InvalidSignature => "the JSON Web Token's signature is wrong",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            "the JSON Web Token's algorithm is not HS256"
        }
        ErrorKind::InvalidIssuer => "the JSON Web Token has another issuer",
        ErrorKind::InvalidAudience => "the JSON Web Token is for another audience",
        ErrorKind::InvalidSubject => "the JSON Web Token has another subject",
        ErrorKind::MissingRequiredClaim(_) => "the JSON Web Token lacks iss, aud, sub or exp",
        _ => "the token cannot be read as a JSON Web Token",
    }
}

#[cfg(test)]
mod tests;
