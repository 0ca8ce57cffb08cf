//! Syrve's times: `yyyy-MM-dd HH:mm:ss.fff` without a zone. An order's are the wall clock of the restaurant's terminal, an
//! event's are UTC.
//!
//! Where a wall clock shows a time twice (autumn), the first is meant; where it skips a time (spring), the time is read with
//! the offset from before the change, so that it lands as long after the change as it lay inside the gap.
//! Nothing in Syrve tells the two apart, and both choices keep a sequence of times in order.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The instant of a terminal's local time: with a space or a `T`, with or without a fraction. A text that carries
/// an offset of its own means that offset. `None` if it is not a time.
pub fn parse_local(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if !text.contains(':') {
        return None; // A date alone is a time to the parser, but never what Syrve means.
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    zone.to_ambiguous_timestamp(text.parse::<DateTime>().ok()?).compatible().ok()
}

/// The instant of an envelope's time, which is UTC.
pub fn parse_utc(text: &str) -> Option<Timestamp> {
    parse_local(text, &TimeZone::UTC)
}

/// The local time as Syrve wants it in a request: milliseconds, further digits cut off.
pub fn format_local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn local(text: &str, name: &str) -> Option<String> {
        parse_local(text, &zone(name)).map(|at| at.to_string())
    }

    fn shown(at: &str, name: &str) -> String {
        format_local(at.parse().unwrap(), &zone(name))
    }

    #[test]
    fn every_spelling_of_a_time_is_read() {
        for text in [
            "2026-06-28 17:05:10.412",
            "2026-06-28T17:05:10.412",
            " 2026-06-28 17:05:10.4120000 ",
            "2026-06-28T16:05:10.412Z",
            "2026-06-28 18:05:10.412+02:00",
        ] {
            assert_eq!(local(text, "Europe/Dublin").as_deref(), Some("2026-06-28T16:05:10.412Z"), "{text}");
        }
        assert_eq!(local("2026-06-28 17:05:10", "Europe/Dublin").as_deref(), Some("2026-06-28T16:05:10Z"));
        assert_eq!(parse_utc("2026-06-28 16:05:10.412").unwrap().as_millisecond(), 1_782_662_710_412);
    }

    #[test]
    fn what_is_not_a_time_is_none() {
        for text in [
            "",
            "2026-06-28",
            "17:05:10",
            "2026-02-30 10:00:00.000",
            "soon",
            "2026-06-28 25:00:00",
            "28.06.2026 17:05:10",
        ] {
            assert_eq!(local(text, "Europe/Dublin"), None, "{text}");
        }
    }

    #[test]
    fn a_time_that_spring_skips_lies_after_the_change() {
        assert_eq!(
            local("2026-03-29 00:59:59.999", "Europe/Dublin").as_deref(),
            Some("2026-03-29T00:59:59.999Z")
        );
        assert_eq!(
            local("2026-03-29 01:30:00.000", "Europe/Dublin").as_deref(),
            Some("2026-03-29T01:30:00Z")
        );
        assert_eq!(
            local("2026-03-29 02:00:00.000", "Europe/Dublin").as_deref(),
            Some("2026-03-29T01:00:00Z")
        );
        assert_eq!(
            local("2026-10-04 02:30:00.000", "Australia/Sydney").as_deref(),
            Some("2026-10-03T16:30:00Z")
        );
    }

    #[test]
    fn a_time_that_autumn_shows_twice_is_the_first() {
        assert_eq!(
            local("2026-10-25 00:59:59.999", "Europe/Dublin").as_deref(),
            Some("2026-10-24T23:59:59.999Z")
        );
        assert_eq!(
            local("2026-10-25 01:30:00.000", "Europe/Dublin").as_deref(),
            Some("2026-10-25T00:30:00Z")
        );
        assert_eq!(
            local("2026-10-25 02:00:00.000", "Europe/Dublin").as_deref(),
            Some("2026-10-25T02:00:00Z")
        );
        assert_eq!(
            local("2026-04-05 02:30:00.000", "Australia/Sydney").as_deref(),
            Some("2026-04-04T15:30:00Z")
        );
    }

    #[test]
    fn a_request_shows_the_wall_clock_on_both_sides_of_both_changes() {
        for (at, dublin) in [
            ("2026-03-29T00:59:59.999Z", "2026-03-29 00:59:59.999"),
            ("2026-03-29T01:00:00Z", "2026-03-29 02:00:00.000"),
            ("2026-10-25T00:30:00Z", "2026-10-25 01:30:00.000"),
            ("2026-10-25T01:30:00Z", "2026-10-25 01:30:00.000"),
            ("2026-10-25T02:00:00Z", "2026-10-25 02:00:00.000"),
        ] {
            assert_eq!(shown(at, "Europe/Dublin"), dublin, "{at}");
        }
        for (at, sydney) in [
            ("2026-04-04T15:59:59Z", "2026-04-05 02:59:59.000"),
            ("2026-04-04T16:00:00Z", "2026-04-05 02:00:00.000"),
            ("2026-10-03T15:59:59Z", "2026-10-04 01:59:59.000"),
            ("2026-10-03T16:00:00Z", "2026-10-04 03:00:00.000"),
        ] {
            assert_eq!(shown(at, "Australia/Sydney"), sydney, "{at}");
        }
    }

    #[test]
    fn digits_below_the_millisecond_are_cut_off() {
        assert_eq!(shown("2026-06-28T16:48:12.999999Z", "Europe/Dublin"), "2026-06-28 17:48:12.999");
    }
}
