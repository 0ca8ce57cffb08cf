//! What all senders' times have in common: which can be right, and how those without a zone are read. How each sender
//! writes its times is its module's own.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// 2015-01-01T00:00:00Z. What is earlier is a clock that was never set.
const EARLIEST: Timestamp = Timestamp::constant(1_420_070_400, 0);

/// How far a sender's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// Whether it can be the time of something that was told then.
pub(crate) fn is_past(at: Timestamp, received_at: Timestamp) -> bool {
    is_set(at) && at.duration_since(received_at) <= AHEAD
}

/// Whether it is from a clock that was set, whether it is past or to come.
pub(crate) fn is_set(at: Timestamp) -> bool {
    at >= EARLIEST
}

/// A date and a time; without a zone they are UTC, and may say so. A date alone is no time.
pub(crate) fn utc(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let local = text.strip_suffix("UTC").unwrap_or(text).trim();
    let is_local = local.contains(':') && local.bytes().all(|c| c.is_ascii_digit() || b"-:T .".contains(&c));
    let local = local.parse::<DateTime>().ok().filter(|_| is_local)?;
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_a_zone_is_utc() {
        for text in [
            "2026-06-28T17:30:00+01:00",
            " 2026-06-28T16:30:00Z ",
            "2026-06-28 16:30:00",
            "2026-06-28T16:30",
            "2026-06-28 16:30:00.000 UTC",
        ] {
            assert_eq!(utc(text).map(|at| at.to_string()).as_deref(), Some("2026-06-28T16:30:00Z"), "{text}");
        }
        for text in ["", "2026-06-28", "16:30", "2026-06-28T16:30:00 AEST", "2026-02-30T16:30:00", "UTC"] {
            assert_eq!(utc(text), None, "{text}");
        }
    }

    #[test]
    fn a_clock_may_be_an_hour_ahead_and_must_have_been_set() {
        let received_at: Timestamp = "2026-06-28T17:00:00Z".parse().unwrap();
        for (at, past) in [
            ("2015-01-01T00:00:00Z", true),
            ("2014-12-31T23:59:59Z", false),
            ("2026-06-28T18:00:00Z", true),
            ("2026-06-28T18:00:01Z", false),
        ] {
            let at = at.parse().unwrap();
            assert_eq!((is_past(at, received_at), is_set(at)), (past, past || at > received_at), "{at}");
        }
    }
}
