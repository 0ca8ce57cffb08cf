//! Captain.AI's times: Unix seconds (documented as an integer, sent with a fraction, sometimes as a string), ISO 8601 with
//! an offset, `2022-04-28 07:54:06 -0700` and `2021-12-10 05:49:50 UTC`. A time without an offset is not guessed.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

use crate::lenient::{Fields, decimal};

/// Above this a number of seconds would be in the year 5138, so it is milliseconds.
const MOST_SECONDS: Decimal = Decimal::from_parts(1_215_752_192, 23, 0, false, 0); // 100 000 000 000

pub(super) fn at(fields: Fields, name: &str) -> Option<Timestamp> {
    instant(fields.value(name)?)
}

fn instant(value: &Value) -> Option<Timestamp> {
    decimal(value).map_or_else(|| from_text(value.as_str()?.trim()), from_unix)
}

/// 0 and less is what is written when a time is not known.
fn from_unix(number: Decimal) -> Option<Timestamp> {
    let seconds = if number > MOST_SECONDS { number.checked_div(Decimal::ONE_THOUSAND)? } else { number };
    if seconds <= Decimal::ZERO {
        return None;
    }
    let nanos = seconds.fract().checked_mul(Decimal::from(1_000_000_000))?;
    Timestamp::new(seconds.trunc().to_i64()?, nanos.trunc().to_i32()?).ok()
}

fn from_text(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let (local, offset) = text.rsplit_once(' ')?;
    match offset {
        "UTC" | "GMT" if local.contains(':') => {
            local.trim().parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        }
        _ if offset.starts_with(['+', '-']) => format!("{}{offset}", local.trim()).parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Option<String> {
        instant(value).map(|at| at.to_string())
    }

    #[test]
    fn every_published_spelling_is_the_same_instant() {
        for value in [
            json!("2026-06-28T16:29:50.000+00:00"),
            json!("2026-06-28T16:29:50Z"),
            json!("2026-06-28T17:29:50+01:00"),
            json!("2026-06-28 09:29:50 -0700"),
            json!("2026-06-28 09:29:50 -07:00"),
            json!("2026-06-28 16:29:50 UTC"),
            json!(1_782_664_190),
            json!(1_782_664_190.0),
            json!("1782664190"),
            json!(1_782_664_190_000_i64),
        ] {
            assert_eq!(read(&value).as_deref(), Some("2026-06-28T16:29:50Z"), "{value}");
        }
    }

    #[test]
    fn a_fraction_keeps_the_order_of_events() {
        let value: Value = serde_json::from_str("1651157722.2628822").unwrap();
        assert_eq!(read(&value).as_deref(), Some("2022-04-28T14:55:22.2628822Z"));
        assert_eq!(read(&json!("1651157722.5")).as_deref(), Some("2022-04-28T14:55:22.5Z"));
        assert_eq!(read(&json!("2021-12-10 05:49:50.25 UTC")).as_deref(), Some("2021-12-10T05:49:50.25Z"));
        assert!(MOST_SECONDS == Decimal::from(100_000_000_000_i64));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [
            json!("2026-06-28 16:29:50"),
            json!("2026-06-28 UTC"),
            json!(""),
            json!("soon"),
            json!(0),
            json!(-5),
            json!("1e300"),
            json!(1e20),
            json!(null),
            json!([]),
            json!(true),
            json!("2026-06-28 16:29:50 CEST"),
        ] {
            assert_eq!(read(&value), None, "{value}");
        }
    }
}
