//! Radaro's times: ISO 8601, with an offset where it shows the whole job and without where it shows what changed. It says
//! of all its times that they are UTC, so one without an offset is.

use jiff::Timestamp;
use serde_json::Value;

use super::CREATED;
use crate::lenient::Fields;
use crate::time::{is_past, utc};

pub(super) fn at(fields: Fields, name: &str) -> Option<Timestamp> {
    utc(fields.value(name).and_then(Value::as_str)?)
}

/// When the event happened, as far as a time of its own is there and can be believed. Only of a new job is the time of
/// its creation that of the event.
pub(super) fn occurred_at(kind: &str, job: Fields, received_at: Timestamp) -> Option<Timestamp> {
    let believed = |at: &Timestamp| is_past(*at, received_at);
    let created_at = || at(job, "created_at").filter(believed).filter(|_| kind == CREATED);
    at(job, "updated_at").filter(believed).or_else(created_at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_spelling_is_the_same_instant_and_without_a_zone_it_is_utc() {
        for text in [
            "2026-06-28T17:30:00+01:00",
            "2026-06-29T02:30:00.000000+10:00",
            "2026-06-28T16:30:00Z",
            "2026-06-28T16:30:00",
            "2026-06-28 16:30:00",
            "2026-06-28 16:30:00.000",
            " 2026-06-28T16:30 ",
        ] {
            let fields = json!({ "at": text });
            let read = at(Fields::of(&fields), "at").map(|at| at.to_string());
            assert_eq!(read.as_deref(), Some("2026-06-28T16:30:00Z"), "{text}");
        }
        let exact = utc("2022-06-23T21:17:11.375517+10:00").map(|at| at.to_string());
        assert_eq!(exact.as_deref(), Some("2022-06-23T11:17:11.375517Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [
            json!("2026-06-28"),
            json!("2026-06-28T16:30:00 AEST"),
            json!("2026-02-30T16:30:00"),
            json!("2020-02-06T009:30:00"),
            json!("16:30"),
            json!(""),
            json!("soon"),
            json!(1_782_664_200),
            json!(null),
            json!([]),
        ] {
            assert_eq!(at(Fields::of(&json!({ "at": value })), "at"), None, "{value}");
        }
    }

    #[test]
    fn a_time_is_believed_within_reason_and_creation_only_dates_what_was_created() {
        let received_at: Timestamp = "2026-06-28T17:00:00Z".parse().unwrap();
        let read = |kind: &str, updated_at: &str, created_at: &str| {
            let job = json!({ "updated_at": updated_at, "created_at": created_at });
            occurred_at(kind, Fields::of(&job), received_at).map(|at| at.to_string())
        };
        let before = "2026-06-28T16:00:00Z";
        for (updated_at, believed) in [
            ("2026-06-28T18:00:00Z", true),
            ("2026-06-28T18:00:01Z", false),
            ("2015-01-01T00:00:00Z", true),
            ("2014-12-31T23:59:59Z", false),
            ("", false),
        ] {
            let own = believed.then(|| updated_at.to_owned());
            assert_eq!(read("updated", updated_at, before), own, "{updated_at}");
            assert_eq!(read(CREATED, updated_at, before), own.or(Some(before.to_owned())), "{updated_at}");
            assert_eq!(read(CREATED, "soon", updated_at).is_some(), believed, "{updated_at}");
        }
    }
}
