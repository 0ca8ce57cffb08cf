//! What a token must say to be let in, told in another way than by the code under test: here from the parsed claims, there
//! by a library.

use serde_json::Value;

use crate::accounts::RECEIVED_AT;

/// How far clocks may differ, seconds.
const LEEWAY: f64 = 60.0;
/// Above this, a number of seconds is not exact in every type.
const LARGEST: u64 = 1 << 53;

/// Whom a token is from, for whom, and about what.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// `iss`
    pub issuer: &'static str,
    /// `aud`
    pub audience: &'static str,
    /// `sub`
    pub subject: &'static str,
}

impl Expected {
    /// Whether a token with these claims, rightly signed, may be let in.
    pub fn allows(&self, header: &Value, claims: &Value) -> bool {
        let now = RECEIVED_AT.as_duration().as_secs_f64();
        let names = |claim: &str, expected: &str| match &claims[claim] {
            Value::String(name) => name == expected,
            Value::Array(names) => names.iter().any(|name| name == expected),
            _ => false,
        };
        let begun = claims["nbf"].is_null() || claims["nbf"].as_f64().is_some_and(|nbf| nbf - LEEWAY <= now);
        header["alg"] == "HS256"
            && names("iss", self.issuer)
            && names("aud", self.audience)
            && claims["sub"] == self.subject
            && claims["exp"].as_f64().is_some_and(|exp| now < exp + LEEWAY)
            && begun
    }

    /// Whether such a token must be let in: what is allowed, and written as everybody writes it.
    pub fn demands(&self, header: &Value, claims: &Value) -> bool {
        let number = |claim: &Value| claim.as_u64().is_some_and(|seconds| seconds < LARGEST);
        let plain = header.as_object().is_some_and(|header| header.len() == 1)
            && claims["iss"].is_string()
            && claims["aud"].is_string()
            && number(&claims["exp"])
            && (claims["nbf"].is_null() || number(&claims["nbf"]));
        plain && self.allows(header, claims)
    }
}
