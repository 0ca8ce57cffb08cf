//! How long a token is good. Syrve says one hour; newer tokens are JWTs that name their own end. A token is renewed when
//! it is 50 minutes old and used until 60 while somebody renews it, but never past its own end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use courier_domain::ports::StoredToken;
use courier_domain::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// From this age on a new token is fetched.
const RENEW_AT: SignedDuration = SignedDuration::from_mins(50);

/// From this age on a token is not used.
const DEAD_AT: SignedDuration = SignedDuration::from_mins(60);

/// A token and the times at which it is to be renewed and is dead.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) stored: StoredToken,
    renew_at: Timestamp,
    dead_at: Timestamp,
    /// It was fetched because another was refused, and no call with it was accepted yet.
    pub(super) unproven: bool,
}

impl Held {
    /// Works the times out. An end that is not after the token's beginning says that clocks differ, not that the token
    /// is dead, and is passed over; otherwise every call would fetch a token.
    pub(super) fn new(stored: StoredToken) -> Self {
        let end = expiry(stored.token.expose()).filter(|end| *end > stored.obtained_at);
        let until = |age: SignedDuration| {
            let by_age = stored.obtained_at.saturating_add(age).unwrap_or(Timestamp::MAX);
            end.map_or(by_age, |end| end.min(by_age))
        };
        Self { renew_at: until(RENEW_AT), dead_at: until(DEAD_AT), stored, unproven: false }
    }

    /// Good, and not to be renewed yet.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.renew_at
    }

    /// Good, though it may be time to renew it.
    pub(super) fn is_usable(&self, now: Timestamp) -> bool {
        now < self.dead_at
    }

    /// Whether it is this token.
    pub(super) fn is(&self, token: Option<&Secret>) -> bool {
        Some(&self.stored.token) == token
    }
}

/// The `exp` of a JWT. The signature is not ours to check: a wrong time costs a renewal, nothing else.
fn expiry(token: &str) -> Option<Timestamp> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Timestamp::from_second(claims.get("exp")?.as_i64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_772_000_000;

    fn jwt(claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode(claims))
    }

    /// The ages, in minutes, at which a token is renewed and dead.
    fn ages(token: &str) -> (i64, i64) {
        let obtained_at = Timestamp::from_second(START).unwrap();
        let held = Held::new(StoredToken { token: Secret::new(token), obtained_at });
        let first = |stops: &dyn Fn(Timestamp) -> bool| {
            (0..100).find(|age| stops(Timestamp::from_second(START + age * 60).unwrap())).unwrap()
        };
        (first(&|now| !held.is_fresh(now)), first(&|now| !held.is_usable(now)))
    }

    #[test]
    fn a_token_is_renewed_at_50_minutes_and_dead_at_60() {
        assert_eq!(ages("opaque"), (50, 60));
        assert_eq!(ages("not.a-jwt.x"), (50, 60));
        assert_eq!(ages(&jwt("{}")), (50, 60));
        assert_eq!(ages(&jwt(&format!(r#"{{"exp":{}}}"#, START + 7200))), (50, 60));
    }

    #[test]
    fn a_jwt_that_ends_earlier_is_renewed_then() {
        assert_eq!(ages(&jwt(&format!(r#"{{"exp":{}}}"#, START + 1800))), (30, 30));
        assert_eq!(ages(&jwt(&format!(r#"{{"exp":{}}}"#, START + 3300))), (50, 55));
    }

    #[test]
    fn a_jwt_that_ends_before_it_began_is_a_matter_of_clocks() {
        assert_eq!(ages(&jwt(&format!(r#"{{"exp":{}}}"#, START - 1))), (50, 60));
    }
}
