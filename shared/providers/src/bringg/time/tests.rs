//! Which time counts, and which is not believed.

use serde_json::json;

use super::super::event::{ETA_CHANGED, ORDER_REJECTED};
use super::super::status;
use super::*;

fn received() -> Timestamp {
    "2026-06-28T17:00:00Z".parse().unwrap()
}

fn occurred(kind: &str, body: &Value) -> Option<String> {
    let parts = Parts::of(kind, body);
    let (place, point) = place::of(kind, &parts);
    let status = status::of(&parts.of_task());
    of_order(kind, &parts, place, point, status.as_ref(), received()).map(|at| at.to_string())
}

#[test]
fn every_spelling_is_the_same_instant() {
    for value in [
        json!("2026-06-28T16:30:00.000Z"),
        json!("2026-06-28T16:30:00+0000"),
        json!("2026-06-28T17:30:00+01:00"),
        json!("2026-06-28T16:30:00.000z"),
        json!(" 2026-06-28 16:30:00 UTC "),
        json!("2026-06-28T16:30:00"),
        json!(1_782_664_200),
        json!("1782664200"),
        json!(1_782_664_200_000_i64),
    ] {
        assert_eq!(
            instant(&value).map(|at| at.to_string()).as_deref(),
            Some("2026-06-28T16:30:00Z"),
            "{value}"
        );
    }
    for value in [
        json!("soon"),
        json!("2026-06-28"),
        json!("16:30"),
        json!(null),
        json!(true),
        json!(1e300),
        json!({}),
    ] {
        assert_eq!(instant(&value), None, "{value}");
    }
}

#[test]
fn a_time_that_cannot_be_right_is_none() {
    let body = json!({ "ok": "2026-06-28T17:59:59Z", "ahead": "2026-06-28T18:00:01Z", "old": "2014-12-31T23:59:59Z",
        "zero": 0, "eleven": 17_146_518_449_i64 });
    let fields = Fields::of(&body);
    assert!(past(fields, "ok", received()).is_some());
    for odd in ["ahead", "old", "zero", "eleven", "missing"] {
        assert_eq!(past(fields, odd, received()), None, "{odd}");
    }
    assert!(planned(fields, "ahead").is_some() && planned(fields, "old").is_none());
}

#[test]
fn each_event_has_a_time_of_its_own() {
    let points = json!([
        { "id": 11, "position": 1, "checkin_time": "2026-06-28T16:11:00Z", "checkout_time": "2026-06-28T16:12:00Z", "done": true },
        { "id": 12, "position": 2, "checkin_time": "2026-06-28T16:21:00Z", "checkout_time": "2026-06-28T16:22:00Z" },
    ]);
    let body = json!({
        "id": 7, "way_points": points, "active_way_point_id": 12, "created_at": "2026-06-28T16:01:00Z",
        "updated_at": "2026-06-28T16:30:00Z", "ended_time": "2026-06-28T16:25:00Z", "started_time": "2026-06-28T16:09:00Z",
        "cancelled_at": "2026-06-28T16:27:00Z", "last_assigned_time": "2026-06-28T16:05:00Z", "accept_time": "2026-06-28T16:06:00Z",
    });
    for (kind, minute) in [
        (ORDER_CREATED, "01"),
        (ORDER_ASSIGNED, "30"),
        (ORDER_ACCEPTED, "30"),
        (ORDER_REJECTED, "30"),
        (ON_THE_WAY, "30"),
        (CHECKED_IN, "21"),
        (LEFT, "22"),
        (DONE, "25"),
        (ORDER_CANCELLED, "27"),
    ] {
        assert_eq!(occurred(kind, &body), Some(format!("2026-06-28T16:{minute}:00Z")), "{kind}");
    }
    let mut without = body.clone();
    for name in ["updated_at", "ended_time", "created_at", "cancelled_at"] {
        without[name] = json!("null and void");
    }
    for (kind, minute) in [
        (ORDER_ASSIGNED, Some("05")),
        (ORDER_ACCEPTED, Some("06")),
        (DONE, Some("22")),
        (ORDER_CREATED, None),
    ] {
        assert_eq!(
            occurred(kind, &without),
            minute.map(|minute| format!("2026-06-28T16:{minute}:00Z")),
            "{kind}"
        );
    }
    assert_eq!(occurred(ON_THE_WAY, &without), None, "the task was started for its first way point");
    without["active_way_point_id"] = json!(11);
    assert_eq!(occurred(ON_THE_WAY, &without).as_deref(), Some("2026-06-28T16:09:00Z"));
}

#[test]
fn a_body_that_is_further_than_the_event_does_not_have_its_time() {
    let mut body = json!({ "id": 7, "status": 2, "updated_at": "2026-06-28T16:30:00Z" });
    assert_eq!(occurred(ORDER_ACCEPTED, &body), None);
    assert_eq!(occurred(ON_THE_WAY, &body).as_deref(), Some("2026-06-28T16:30:00Z"));
    assert_eq!(occurred(ORDER_REJECTED, &body), None, "another driver has it already");
    body["last_assigned_time"] = json!("2026-06-28T16:05:00Z");
    assert_eq!(occurred(ORDER_ASSIGNED, &body).as_deref(), Some("2026-06-28T16:05:00Z"));
}

#[test]
fn way_points_and_notes_have_their_own() {
    let flat = json!({ "id": 11, "task_id": 7, "updated_at": "2026-06-28T16:30:00Z" });
    for kind in [ARRIVED, LEFT, ETA_CHANGED] {
        assert_eq!(occurred(kind, &flat).as_deref(), Some("2026-06-28T16:30:00Z"), "{kind}");
    }
    let task = json!({ "id": 7, "status": 3, "updated_at": "2026-06-28T16:40:00Z" });
    let within = json!({ "way_point": { "id": 11, "updated_at": "2026-06-28T16:30:00Z" }, "task": task });
    for kind in [ARRIVED, LEFT] {
        assert_eq!(occurred(kind, &within).as_deref(), Some("2026-06-28T16:30:00Z"), "{kind}");
    }
    let note = json!({ "id": 9, "task_id": 7, "happened_at": null, "created_at": "2026-06-28T16:54:00.500Z", "updated_at": "2026-06-28T16:55:00Z" });
    assert_eq!(occurred(NOTE_CREATED, &note).as_deref(), Some("2026-06-28T16:54:00.5Z"));
}
