//! From an answer that is not a success to the error it usually means, and from a body to a type. What a status means in
//! one system only is in that system's module.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::{Deserialize, Serialize};

use crate::error::CallError;
use crate::words::Words;

/// No more than this is waited because the other side asked for it, seconds.
const MAX_WAIT: u64 = 24 * 60 * 60;

/// An answer that is not a success.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: u16,
    /// What the answer asked to wait.
    pub(crate) after: Option<Duration>,
    /// What it said.
    pub(crate) words: Words,
}

impl Refused {
    /// The error that it means where the system gives the status no meaning of its own.
    pub(crate) fn usually(self) -> CallError {
        let Self { status, after, words } = self;
        match status {
            429 => CallError::Throttled { after, words },
            502 | 503 => CallError::Unavailable { status, after, words },
            500..=599 => CallError::Fault { status, after, words },
            _ => CallError::Rejected { status, words },
        }
    }
}

/// The waiting time in a `Retry-After` header: seconds or an HTTP date. A date in the past is no waiting time.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let wait = if let Ok(seconds) = header.parse() {
        Duration::from_secs(seconds)
    } else {
        let until = DateTimeParser::new().parse_timestamp(header).ok()?;
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    };
    Some(wait.min(Duration::from_secs(MAX_WAIT)))
}

/// A body to send.
pub(crate) fn to_json(body: &impl Serialize) -> Result<Vec<u8>, CallError> {
    serde_json::to_vec(body).map_err(|_| CallError::Unsendable { what: "the body cannot be written as JSON" })
}

/// A body that was received; the type may borrow from it. The error of a parser quotes what it read, which may be people's
/// data, so only its kind is kept.
pub(crate) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, CallError> {
    serde_json::from_slice(body).map_err(|error| CallError::Malformed {
        what: if error.is_data() { "fields are missing or of another type" } else { "it is not JSON" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outcome;

    #[test]
    fn each_status_says_what_to_do() {
        let outcome = |status| Refused { status, after: None, words: Words::default() }.usually().outcome();
        for status in [301, 400, 401, 403, 404, 410, 413, 422] {
            assert_eq!(outcome(status), Outcome::Final, "{status}");
        }
        for status in [429, 502, 503] {
            assert_eq!(outcome(status), Outcome::Retry { after: None }, "{status}");
        }
        for status in [500, 504, 524] {
            assert_eq!(outcome(status), Outcome::Unknown, "{status}");
        }
    }

    #[test]
    fn a_waiting_time_is_given_in_seconds_or_as_a_date() {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let after = |header| retry_after(header, now).map(|wait| wait.as_secs());
        assert_eq!(after(" 7 "), Some(7));
        assert_eq!(after("Sun, 01 Mar 2026 12:01:30 GMT"), Some(90));
        assert_eq!(after("Sun, 01 Mar 2026 11:00:00 GMT"), Some(0));
        assert_eq!(after("999999999999"), Some(MAX_WAIT));
        assert_eq!(after("soon"), None);
        assert_eq!(after("-1"), None);
    }
}
