//! From an answer that is not a success to the error it means. Syrve uses 401 for three things (an old token, a missing
//! right, a blocked login) and only the words tell them apart.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use super::error::CallError;
use super::words::Words;

/// No more than this is waited because the other side asked for it, seconds.
const MAX_WAIT: u64 = 24 * 60 * 60;

/// The error that a status and its words mean. `after` is what the answer asked to wait.
pub(super) fn refusal(status: u16, words: Words, after: Option<Duration>) -> CallError {
    match status {
        400 | 401 | 403 if login_is_blocked(status, &words) => CallError::LoginBlocked { words },
        401 if words.say("right") && words.say("not allowed") => CallError::Forbidden { words },
        401 => CallError::Unauthorized { words },
        403 => CallError::Forbidden { words },
        408 => CallError::TerminalSilent { words },
        429 => CallError::Throttled { after, words },
        502 | 503 => CallError::Unavailable { status, after, words },
        500..=599 => CallError::Fault { status, words },
        _ => CallError::Rejected { status, words },
    }
}

/// Outside a 401, "blocked" and "inactive" may be about a guest or a terminal.
fn login_is_blocked(status: u16, words: &Words) -> bool {
    (words.say("blocked") || words.say("inactive")) && (status == 401 || words.say("apilogin"))
}

/// The waiting time in a `Retry-After` header: seconds or an HTTP date. A date in the past is no waiting time.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let wait = if let Ok(seconds) = header.parse() {
        Duration::from_secs(seconds)
    } else {
        let until = DateTimeParser::new().parse_timestamp(header).ok()?;
        Duration::try_from(until.duration_since(now)).unwrap_or_default()
    };
    Some(wait.min(Duration::from_secs(MAX_WAIT)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syrve::error::Outcome;

    fn outcome(status: u16, words: &str) -> Outcome {
        refusal(status, Words::new(words, &[]), None).outcome()
    }

    #[test]
    fn each_status_says_what_to_do() {
        for status in [301, 400, 401, 403, 404, 410, 413, 422] {
            assert_eq!(outcome(status, ""), Outcome::Final, "{status}");
        }
        for status in [429, 502, 503] {
            assert_eq!(outcome(status, ""), Outcome::Retry { after: None }, "{status}");
        }
        for status in [408, 500, 504, 524] {
            assert_eq!(outcome(status, ""), Outcome::Unknown, "{status}");
        }
    }

    #[test]
    fn only_words_about_the_login_mean_that_it_is_blocked() {
        let meant = |status, text| {
            matches!(refusal(status, Words::new(text, &[]), None), CallError::LoginBlocked { .. })
        };
        assert!(meant(401, "Apilogin has been blocked."));
        assert!(meant(401, "ApiLogin is inactive"));
        assert!(meant(400, "ApiLogin is inactive"));
        assert!(!meant(400, "The guest is blocked"));
        assert!(!meant(503, "Apilogin has been blocked."));
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
