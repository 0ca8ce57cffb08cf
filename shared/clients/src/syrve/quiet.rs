//! For how long nobody asks for a token after a request for one came to nothing, and what those are told meanwhile who
//! need one. It lasts as long as the lease, which is given back with a new token only.

use std::time::Duration;

use courier_domain::gate::REFUSED;
use jiff::{SignedDuration, Timestamp};

use crate::error::CallError;
use crate::words::Words;

/// How long a lease lasts: as long as a fetch may take.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(20);

/// A time of not asking.
#[derive(Debug)]
pub(super) struct Quiet {
    until: Timestamp,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    /// It was asked for in vain.
    Failed,
    /// It was not asked for.
    HeldBack(Timestamp),
    /// The login is refused.
    Refused(Timestamp, Words),
}

impl Quiet {
    /// After a failure at `now`.
    pub(super) fn after(error: &CallError, now: Timestamp) -> Self {
        let until = later(now, LEASE);
        let at = |after: Duration| {
            SignedDuration::try_from(after).map_or(Timestamp::MAX, |after| later(now, after)).max(until)
        };
        let cause = match error {
            CallError::HeldBack { after } => Cause::HeldBack(at(*after)),
            CallError::LoginHeld { after, words } => Cause::Refused(at(*after), words.clone()),
            CallError::LoginBlocked { words } | CallError::LoginRejected { words, .. } => {
                Cause::Refused(later(now, REFUSED), words.clone())
            }
            _ => Cause::Failed,
        };
        Self { until, cause }
    }

    /// What those are told who need a token at `now`; nothing when it is over.
    pub(super) fn error(&self, now: Timestamp) -> Option<CallError> {
        let rest = |until: &Timestamp| Duration::try_from(until.duration_since(now)).unwrap_or_default();
        (now < self.until).then(|| match &self.cause {
            Cause::Failed => CallError::TokenBusy,
            Cause::HeldBack(until) => CallError::HeldBack { after: rest(until) },
            Cause::Refused(until, words) => CallError::LoginHeld { after: rest(until), words: words.clone() },
        })
    }
}

fn later(now: Timestamp, after: SignedDuration) -> Timestamp {
    now.saturating_add(after).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outcome;

    const START: i64 = 1_772_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(START + second).unwrap()
    }

    /// What is told after so many seconds, and after how many more one may ask again.
    fn told(error: &CallError, second: i64) -> Option<(String, Option<u64>)> {
        let told = Quiet::after(error, at(0)).error(at(second))?;
        let Outcome::NotSent { after } = told.outcome() else { panic!("{told}") };
        Some((told.to_string(), after.map(|after| after.as_secs())))
    }

    #[test]
    fn it_lasts_as_long_as_the_lease() {
        let error = CallError::Malformed { what: "the token is empty" };
        assert!(told(&error, 19).unwrap().0.contains("fetched by another caller"));
        assert_eq!(told(&error, 20), None);
    }

    #[test]
    fn a_request_that_was_held_back_is_not_made_before_the_lease_is_over() {
        let held = |rest| Some(("is not called now: calls are held back".to_owned(), Some(rest)));
        let short = CallError::HeldBack { after: Duration::from_secs(5) };
        assert_eq!(told(&short, 4), held(16));
        let long = CallError::HeldBack { after: Duration::from_secs(50) };
        assert_eq!(told(&long, 10), held(40));
        assert_eq!(told(&long, 20), None, "and then it is asked again");
    }

    #[test]
    fn the_words_about_a_refused_login_are_told_to_all() {
        let words = Words::new("no such login", &[]);
        let held = "is not called now: it refused the login: no such login".to_owned();
        for error in [
            CallError::LoginRejected { status: 401, words: words.clone() },
            CallError::LoginHeld { after: Duration::from_mins(10), words },
        ] {
            assert_eq!(told(&error, 1), Some((held.clone(), Some(599))));
        }
    }
}
