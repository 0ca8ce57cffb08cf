//! Numbers and times as Captain.AI writes them, which is differently from event to event.

use jiff::{SignedDuration, Timestamp};

/// `2022-04-28T14:30:20.483+00:00`, as in the envelope.
pub(super) fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}

/// `2022-04-28 14:54:06 +0000`, as where a driver was when a delivery changed.
pub(super) fn with_offset(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S +0000").to_string()
}

/// `2021-12-10 05:49:50 UTC`, as where drivers are.
pub(super) fn with_zone(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Unix seconds with a fraction, to the microsecond: so many digits every reader and store gives back as they were, which
/// is not so of more.
pub(super) fn unix(at: Timestamp) -> f64 {
    SignedDuration::from_micros(at.as_microsecond()).as_secs_f64()
}

/// A coordinate or a speed, which are texts: the shortest that means the same number, without an exponent.
pub(super) fn measure(number: f64) -> String {
    number.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_written_in_utc_to_the_millisecond_or_second() {
        let time = at("2022-04-28T07:30:20.4839999-07:00");
        assert_eq!(iso(time), "2022-04-28T14:30:20.483+00:00");
        assert_eq!(with_offset(time), "2022-04-28 14:30:20 +0000");
        assert_eq!(with_zone(time), "2022-04-28 14:30:20 UTC");
        assert_eq!(iso(at("2022-01-02T03:04:05Z")), "2022-01-02T03:04:05.000+00:00");
        assert_eq!(iso(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000+00:00");
        assert_eq!(iso(Timestamp::MAX), "9999-12-30T22:00:00.999+00:00");
        assert_eq!(with_zone(Timestamp::MIN), "-9999-01-02 01:59:59 UTC");
    }

    #[test]
    fn seconds_keep_their_fraction_and_are_a_float_even_when_whole() {
        for (time, written) in [
            ("2026-06-28T16:30:00.262882200Z", "1782664200.262882"),
            ("2026-06-28T16:30:00.001Z", "1782664200.001"),
            ("2026-06-28T16:30:00.999Z", "1782664200.999"),
            ("2026-06-28T16:30:00Z", "1782664200.0"),
            ("1970-01-01T00:00:00Z", "0.0"),
            ("1969-12-31T23:59:58.5Z", "-1.5"),
            ("2286-11-20T17:46:40.123Z", "10000000000.123"),
        ] {
            assert_eq!(json!(unix(at(time))).to_string(), written);
        }
    }

    #[test]
    fn what_is_written_has_no_noise_and_is_read_as_the_same_number() {
        // A prime step, so that all sorts of fractions occur.
        for microsecond in (0..1_000_000).step_by(997) {
            let time = Timestamp::from_microsecond(1_782_664_200_000_000 + microsecond).unwrap();
            let written = json!(unix(time)).to_string();
            let decimal = format!("1782664200.{microsecond:06}");
            let shortest = decimal.trim_end_matches('0');
            assert_eq!(written.trim_end_matches('0'), shortest);
            let read: Value = serde_json::from_str(&written).unwrap();
            assert_eq!(read.to_string(), written);
        }
    }

    #[test]
    fn a_measure_has_neither_exponent_nor_noise() {
        for (number, written) in [
            (53.349_805, "53.349805"),
            (-6.260_31, "-6.26031"),
            (18.5, "18.5"),
            (20.0, "20"),
            (0.000_000_1, "0.0000001"),
            (0.0, "0"),
        ] {
            assert_eq!(measure(number), written);
        }
    }
}
