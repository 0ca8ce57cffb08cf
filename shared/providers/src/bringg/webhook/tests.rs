//! What a receiver relies on when it reads a call.

use proptest::prelude::*;
use serde_json::json;

use super::super::event::{ARRIVED, DONE, HANDLED, LOCATION, ON_THE_WAY, ORDER_ASSIGNED, URLS};
use super::super::story::{call, of_fixture, rest_of, split};
use super::*;
use crate::testing::{any, fixtures, json, put};

fn kind_of(rest: &[&str], body: &Value) -> Option<String> {
    let split = split(rest, body.to_string().as_bytes()).unwrap();
    assert_eq!(split.events.len() + split.ignored, 1);
    split.events.into_iter().next().map(|event| event.kind)
}

#[test]
fn every_fixture_is_the_event_of_its_name_and_holds_no_secret() {
    let all = fixtures("bringg");
    assert!(all.len() > 30, "the fixtures are not where they should be");
    for (name, body) in all {
        let name = name.trim_end_matches(".json");
        assert!(serde_json::from_slice::<Value>(&body).is_ok(), "{name}");
        let split = of_fixture(name);
        let Some(event) = split.events.first() else {
            let useless = ["run_started", "way_point_schedule_changed", "unknown_type"];
            assert!(useless.contains(&name), "{name}");
            continue;
        };
        let expected = rest_of(name).first().copied();
        let open = ["task", "way_point", "driver"].contains(&event.kind.as_str());
        assert!(expected.map_or(open, |kind| kind == event.kind), "{name} is {}", event.kind);
        let kept = event.body.to_string();
        assert!(!kept.contains("do-not-keep"), "{name}: {kept}");
        let subject = if is_about_driver(&event.kind) { "driver:77484" } else { "order:374163410" };
        assert_eq!(event.subject, subject, "{name}");
    }
}

#[test]
fn fixtures_of_whole_tasks_have_secrets_to_take_out() {
    let body = json("bringg/driver_on_the_way__to_pickup").to_string();
    for secret in [
        "access_token",
        "confirmation_code",
        "encrypted_password",
        "salt",
        "reset_password_token",
        "push_token",
        "contacts",
    ] {
        assert!(body.contains(secret), "{secret}");
        assert!(
            !of_fixture("driver_on_the_way__to_pickup").events[0].body.to_string().contains(secret),
            "{secret}"
        );
    }
    assert!(body.matches("do-not-keep").count() > 30);
}

#[test]
fn every_url_that_is_shown_is_taken() {
    let body = json("bringg/order_created");
    for (_, path) in URLS.iter().filter(|(name, _)| *name != "bringg_oauth_token") {
        let rest: Vec<_> = path.split('/').skip(1).collect();
        let expected = rest.first().copied().unwrap_or(TASK);
        assert_eq!(kind_of(&rest, &body).as_deref(), Some(expected), "{path}");
    }
    assert_eq!(kind_of(&[""], &body).as_deref(), Some(TASK));
}

#[test]
fn a_url_that_is_none_of_bringgs_events_is_said_to_be() {
    for body in [json!({ "id": 7, "status": 2 }), json!({ "id": 7, "webhook_type": "something_new" })] {
        for rest in [&["order_eaten"][..], &["order_assigned", "x"], &["task"]] {
            let error = split(rest, body.to_string().as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("event: is not an event of Bringg"), "{rest:?} {error}");
        }
        assert_eq!(kind_of(&["run_started"], &body), None);
    }
}

#[test]
fn a_known_webhook_type_counts_before_the_url_and_the_status() {
    for (rest, kind, expected) in [
        (&[ORDER_ASSIGNED][..], json!("task_done"), Some(DONE)),
        (&[], json!("Driver On The Way"), Some(ON_THE_WAY)),
        (&["order_eaten"], json!("driver-arrived-on-location"), Some(ARRIVED)),
        (&[ORDER_ASSIGNED], json!("scan_created"), None),
        (&["order_eaten"], json!("scan_created"), None),
        (&[], json!("scan_created"), None),
        // The status of a task says what became of it, whatever the event is called.
        (&[], json!("something_new"), Some(TASK)),
        // The literals of some events are not public; their URL is.
        (&[ORDER_ASSIGNED], json!("something_new"), Some(ORDER_ASSIGNED)),
        (&[ORDER_ASSIGNED], json!("null"), Some(ORDER_ASSIGNED)),
        (&[ORDER_ASSIGNED], json!({}), Some(ORDER_ASSIGNED)),
        (&[], json!(null), Some(TASK)),
    ] {
        let body = json!({ "id": 7, "status": 2, "webhook_type": kind });
        assert_eq!(kind_of(rest, &body).as_deref(), expected, "{rest:?} {kind}");
    }
}

#[test]
fn a_shape_tells_the_event_only_where_it_leaves_nothing_open() {
    for (body, kind) in [
        (json!({ "id": 1, "user_id": 5, "start_shift": "2026-06-28T15:00:00Z" }), Some(SHIFT_STARTED)),
        (json!({ "shift": { "start_shift": "x", "end_shift": "null" } }), Some(SHIFT_STARTED)),
        (json!({ "id": 1, "start_shift": "x", "end_shift": "y" }), Some(SHIFT_ENDED)),
        (json!({ "user": { "id": 5 }, "user_available": true }), Some(AVAILABILITY)),
        (json!({ "user": { "id": 5 } }), Some(DRIVER)),
        (json!({ "user_id": 5, "lat": 1, "lng": 2 }), Some(DRIVER)),
        (json!({ "id": 7, "status": "TASK_REJECTED" }), Some(TASK)),
        (json!({ "id": 7, "way_points": [{}] }), Some(TASK)),
        (json!({ "task": { "id": 7 } }), Some(TASK)),
        (json!({ "task": { "id": 7 }, "task_fleet_mapping": { "id": 1 } }), Some(ACCEPTED_BY_FLEET)),
        (json!({ "id": 9, "task_id": 7, "status": 2 }), Some(WAY_POINT)),
        (json!({ "way_point": { "id": 9 } }), Some(WAY_POINT)),
        (json!({ "run": { "id": 1 } }), None),
    ] {
        assert_eq!(kind_of(&[], &body).as_deref(), kind, "{body}");
    }
    for body in
        [json!({}), json!({ "id": 7 }), json!({ "id": 7, "status": "online" }), json!({ "status": 2 })]
    {
        let error = split(&[], body.to_string().as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("webhook_type: "), "{error}");
    }
}

#[test]
fn an_event_with_an_unknown_name_is_what_its_shape_shows() {
    for (body, kind) in [
        (json!({ "task": { "id": 7, "status": 4 } }), Some(TASK)),
        (json!({ "id": 7, "way_points": [{}], "status": 5 }), Some(TASK)),
        (json!({ "user": { "id": 5 }, "user_available": true }), Some(AVAILABILITY)),
        (json!({ "task": { "id": 7 } }), None),
        (json!({ "id": 9, "task_id": 7 }), None),
        (json!({ "user_id": 5 }), None),
        (json!({ "id": 7 }), None),
    ] {
        let mut body = body;
        body["webhook_type"] = json!("something_new");
        assert_eq!(kind_of(&[], &body).as_deref(), kind, "{body}");
    }
}

#[test]
fn what_is_no_event_is_refused() {
    for body in [&b""[..], b"{", b"null", b"[]", b"[{}]", b"7", b"\"x\"", b"\xff"] {
        assert!(split(&["task_done"], body).is_err());
    }
    let body = b"\xef\xbb\xbf{\"id\": 7}";
    assert_eq!(split(&["task_done"], body).unwrap().events.len(), 1);
}

#[test]
fn the_attempts_of_an_event_are_one_event_and_others_are_not() {
    let body = json("bringg/order_assigned");
    let key =
        |rest: &[&str], body: &Value| split(rest, body.to_string().as_bytes()).unwrap().events[0].key.clone();
    let first = key(&[ORDER_ASSIGNED], &body);
    let (headers, bytes) = (http::HeaderMap::new(), body.to_string().into_bytes());
    let later = Call {
        received_at: "2026-06-28T17:30:00Z".parse().unwrap(),
        ..call(&[ORDER_ASSIGNED], &headers, &bytes)
    };
    assert_eq!(super::split(&later).unwrap().events[0].key, first);
    assert_ne!(key(&["order_accepted"], &body), first, "the same body at another URL is another event");
    let mut changed = body.clone();
    put(&mut changed, "/customer/access_token", json!("another"));
    assert_eq!(key(&[ORDER_ASSIGNED], &changed), first, "secrets are no part of it");
    put(&mut changed, "/updated_at", json!("2026-06-28T16:25:01.000Z"));
    assert_ne!(key(&[ORDER_ASSIGNED], &changed), first);
}

#[test]
fn a_driver_who_takes_orders_again_is_another_event_than_the_first_time() {
    let key = |kind: &str, body: &Value, received_at: &str| {
        let (headers, bytes, rest) = (http::HeaderMap::new(), body.to_string().into_bytes(), [kind]);
        let received_at = received_at.parse().unwrap();
        super::split(&Call { received_at, ..call(&rest, &headers, &bytes) }).unwrap().events[0].key.clone()
    };
    let (first, third) = ("2026-06-28T16:00:00Z", "2026-06-28T16:40:00Z");
    let point = |at: Value| json!({ "user_id": 5, "lat": 53.1, "lng": -6.2, "happened_at": at });
    for (kind, body, same) in [
        (AVAILABILITY, json!({ "user": { "id": 5 }, "user_available": true }), false),
        (LOCATION, point(json!(17_146_518_449_i64)), false),
        (LOCATION, point(json!("2026-06-28T15:59:00Z")), true),
        (SHIFT_STARTED, json!({ "user_id": 5 }), false),
        (SHIFT_STARTED, json!({ "user_id": 5, "start_shift": "2026-06-28T15:59:00Z" }), true),
    ] {
        assert_eq!(key(kind, &body, first) == key(kind, &body, third), same, "{kind} {body}");
        assert_eq!(key(kind, &body, first), key(kind, &body, first));
    }
}

#[test]
fn an_event_that_names_nothing_has_a_subject_all_the_same() {
    for (kind, subject) in
        [("order_created", "orders"), ("way_point_left", "orders"), ("shift_started", "drivers")]
    {
        let event = split(&[kind], b"{}").unwrap().events.remove(0);
        assert_eq!((event.kind.as_str(), event.subject.as_str()), (kind, subject));
    }
    let event = split(
        &["order_created"],
        json!({ "external_id": "497F6ECA-6276-4993-BFEB-53CBBBBA6F08" }).to_string().as_bytes(),
    );
    assert_eq!(event.unwrap().events[0].subject, "order:497f6eca-6276-4993-bfeb-53cbbbba6f08");
    let event = split(&["shift_started"], br#"{"user_external_id": 1509239}"#);
    assert_eq!(event.unwrap().events[0].subject, "driver:bringg:1509239");
}

proptest! {
    #[test]
    fn no_json_makes_it_panic_or_keep_a_secret(value in any::value(), place in 0usize..400, kind in prop::sample::select(&HANDLED[..])) {
        let _ = split(&[], value.to_string().as_bytes());
        let mut body = json("bringg/task_checked_in__guest");
        any::replace(&mut body, place, &value);
        for rest in [&[kind][..], &[]] {
            if let Ok(split) = split(rest, body.to_string().as_bytes()) {
                prop_assert!(split.events.iter().all(|event| !event.body.to_string().contains("do-not-keep")));
            }
        }
    }
}
