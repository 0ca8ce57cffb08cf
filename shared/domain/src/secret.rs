//! Secrets. What we must send is kept as [`Secret`], which never prints itself; what others send us is kept only as a
//! [`TokenHash`] and compared in constant time. A [`TokenSet`] accepts two tokens at once, so that one can be rotated.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A text that must not be shown: its `Debug` prints `***` and it has no `Display`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A rotated-out secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The secret.
    pub secret: Secret,
    /// The first instant at which it is not used any more.
    pub until: Timestamp,
}

/// SHA-256 of a token, as 64 lower-case hex digits where it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Whether this is the hash of `token`, in a time that does not depend on either.
    pub fn matches(&self, token: &str) -> bool {
        self.0.ct_eq(&Self::of(token).0).into()
    }
}

impl TryFrom<String> for TokenHash {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)?;
        Ok(Self(bytes))
    }
}

impl From<TokenHash> for String {
    fn from(hash: TokenHash) -> String {
        hex::encode(hash.0)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The tokens a sender may use: the current one, and for a while the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSet {
    /// The token in force.
    pub current: TokenHash,
    /// The token before, and until when it is accepted.
    pub previous: Option<PreviousToken>,
}

/// A rotated-out token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousToken {
    /// Its hash.
    pub hash: TokenHash,
    /// The first instant at which it is refused.
    pub until: Timestamp,
}

impl TokenSet {
    /// How long a rotated-out token stays valid, hours.
    pub const OVERLAP_HOURS: i64 = 24;

    /// Only `token`.
    pub fn only(token: &str) -> Self {
        Self { current: TokenHash::of(token), previous: None }
    }

    /// `token` becomes the current one and the old one stays valid for 24 hours. The same token again changes nothing.
    #[must_use]
    pub fn rotated_to(&self, token: &str, now: Timestamp) -> Self {
        if self.current.matches(token) {
            return self.clone();
        }
        let until = now + jiff::SignedDuration::from_hours(Self::OVERLAP_HOURS);
        Self { current: TokenHash::of(token), previous: Some(PreviousToken { hash: self.current, until }) }
    }

    /// Whether `token` is accepted at `now`. Both hashes are always compared.
    pub fn accepts(&self, token: &str, now: Timestamp) -> bool {
        let current = self.current.matches(token);
        let previous = self.previous.as_ref().is_some_and(|p| p.hash.matches(token) && now < p.until);
        current | previous
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        assert_eq!(format!("{:?} {:?}", Secret::new("hunter2"), TokenHash::of("hunter2")), "*** ***");
    }

    #[test]
    fn the_rotated_out_token_works_for_a_day_and_no_longer() {
        let tokens = TokenSet::only("old").rotated_to("new", at("2026-03-01T12:00:00Z"));
        assert!(tokens.accepts("new", at("2027-01-01T00:00:00Z")));
        assert!(tokens.accepts("old", at("2026-03-02T11:59:59Z")));
        assert!(!tokens.accepts("old", at("2026-03-02T12:00:00Z")));
        assert!(!tokens.accepts("", at("2026-03-01T12:00:00Z")));
        assert_eq!(tokens.rotated_to("new", at("2026-03-05T00:00:00Z")), tokens);
    }
}
