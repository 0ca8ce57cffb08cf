//! What a receiver relies on when it splits a call.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{any, cut, fixture, fixtures, json, put};

const ORGANIZATION: &str = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9";

fn split_json(body: &Value) -> Result<Vec<SyrveEvent>, BodyError> {
    split(&serde_json::to_vec(body).unwrap())
}

fn key(body: &Value) -> EventKey {
    split_json(body).unwrap().remove(0).raw.key
}

fn refused(body: &Value) -> (String, String) {
    match split_json(body).unwrap_err() {
        BodyError::Shape { field, problem } => (field, problem),
        BodyError::NotJson(_) => panic!("it is JSON"),
    }
}

#[test]
fn every_fixture_splits_into_events_of_its_organization() {
    let all = fixtures("syrve");
    assert!(all.len() > 20, "the fixtures are not where they should be");
    for (name, body) in all {
        for event in split(&body).unwrap_or_else(|error| panic!("{name}: {error}")) {
            assert_eq!(
                event.organization_ids().collect::<Vec<_>>(),
                [ORGANIZATION.parse().unwrap()],
                "{name}"
            );
        }
    }
}

#[test]
fn mixed_types_go_their_own_ways_in_the_order_of_the_call() {
    let events = split(&fixture("syrve/mixed_events")).unwrap();
    let said: Vec<_> =
        events.iter().map(|e| (e.raw.kind.as_str(), e.route, e.raw.subject.as_str())).collect();
    assert_eq!(
        said,
        [
            ("DeliveryOrderUpdate", Route::DeliveryOrder, "order:497f6eca-6276-4993-bfeb-53cbbbba6f08"),
            ("PersonalShift", Route::PersonalShift, "driver:ffc60000-0000-4000-8000-000000000017"),
            ("StopListUpdate", Route::Ignored, ""),
            ("MoonPhaseUpdate", Route::Ignored, ""),
        ]
    );
}

#[test]
fn the_body_of_an_event_is_untouched() {
    let sent = json("syrve/mixed_events");
    let bodies: Vec<_> = split_json(&sent).unwrap().into_iter().map(|event| event.raw.body).collect();
    assert_eq!(Value::Array(bodies), sent);
}

#[test]
fn a_single_object_and_an_empty_array_are_taken() {
    assert_eq!(split(&fixture("syrve/single_object_instead_of_array")).unwrap().len(), 1);
    assert_eq!(split(b"[]").unwrap(), []);
    assert_eq!(split(b"\xef\xbb\xbf[]").unwrap(), []);
}

#[test]
fn an_event_sent_again_has_the_same_key() {
    let sent = json("syrve/order_created");
    let mut again = sent.clone();
    put(&mut again, "/0/correlationId", json!("48fb4cd3-0000-4000-8000-999999999999"));
    put(&mut again, "/0/eventTime", json!("2026-06-28 16:15:10.412"));
    assert_eq!(key(&sent), key(&again));
}

#[test]
fn any_other_event_has_another_key() {
    let order = json("syrve/order_created");
    for (pointer, value) in [
        ("/0/eventInfo/timestamp", json!(1_782_662_710_413_i64)),
        ("/0/eventInfo/order/number", json!(578)),
        ("/0/eventInfo/id", json!("497f6eca-6276-4993-bfeb-53cbbbba6f09")),
        ("/0/eventType", json!("DeliveryOrderError")),
        ("/0/organizationId", json!("7bc05553-4b68-44e8-b7bc-37be63c6d9e8")),
    ] {
        let mut other = order.clone();
        put(&mut other, pointer, value);
        assert_ne!(key(&order), key(&other), "{pointer}");
    }
    // Two shifts differ by nothing but the envelope's time.
    let shift = json("syrve/shift_opened");
    let mut later = shift.clone();
    put(&mut later, "/0/eventTime", json!("2026-06-29 12:35:01.000"));
    assert_ne!(key(&shift), key(&later));
    put(&mut later, "/0/eventTime", json!("2026-06-28T12:35:01"));
    assert_eq!(key(&shift), key(&later));
}

#[test]
fn an_event_that_lacks_what_is_needed_is_refused_by_the_path_of_the_field() {
    let sent = json("syrve/mixed_events");
    for (pointer, value, field) in [
        ("/3", json!(7), "[3]"),
        ("/3", json!([]), "[3]"),
        ("/2/eventType", json!(" "), "[2].eventType"),
        ("/2/eventType", json!(5), "[2].eventType"),
        ("/0/organizationId", json!("demo"), "[0].organizationId"),
        ("/0/eventInfo", json!(null), "[0].eventInfo"),
        ("/0/eventInfo/id", json!("577"), "[0].eventInfo.id"),
        ("/0/eventInfo/id", json!(577), "[0].eventInfo.id"),
        ("/0/eventInfo/timestamp", json!("1782662710412"), "[0].eventInfo.timestamp"),
        ("/0/eventInfo/timestamp", json!(1.5), "[0].eventInfo.timestamp"),
        ("/0/eventInfo/timestamp", json!(i64::MAX), "[0].eventInfo.timestamp"),
        ("/0/eventInfo/organizationId", json!("demo"), "[0].eventInfo.organizationId"),
        ("/1/eventInfo/id", json!(null), "[1].eventInfo.id"),
        ("/1/eventTime", json!("yesterday"), "[1].eventTime"),
    ] {
        let mut body = sent.clone();
        put(&mut body, pointer, value);
        assert_eq!(refused(&body).0, field);
    }
    let mut single = json("syrve/single_object_instead_of_array");
    cut(&mut single, "/eventInfo/id");
    assert_eq!(refused(&single).0, "eventInfo.id");
    assert_eq!(refused(&json!("text")).0, "body");
    assert_eq!(refused(&json!({})).0, "eventType");
}

#[test]
fn a_type_that_nobody_handles_needs_only_its_name_and_its_organization() {
    let nobodys = json!([{ "eventType": "NewThing", "organizationId": null }]);
    assert_eq!(split_json(&nobodys).unwrap()[0].organization_ids().count(), 0);
    let event = json!({ "eventType": "NewThing", "organizationId": ORGANIZATION, "eventInfo": "odd", "eventTime": 5 });
    assert_eq!(split_json(&event).unwrap()[0].route, Route::Ignored);
}

#[test]
fn an_order_of_another_organization_inside_the_envelope_is_shown() {
    let mut body = json("syrve/order_created");
    put(&mut body, "/0/eventInfo/organizationId", json!("7bc05553-0000-4000-8000-000000000666"));
    assert_eq!(split_json(&body).unwrap()[0].organization_ids().count(), 2);
    put(&mut body, "/0/eventInfo/organizationId", json!(null));
    assert_eq!(split_json(&body).unwrap()[0].organization_ids().count(), 1);
}

#[test]
fn what_is_not_json_is_refused_without_a_word_of_it() {
    for body in
        [&b"Secret-Name"[..], b"", b"[{\"phone\":\"+353", b"[\"\xff\"]", b"[1] trailing", &b"[".repeat(9000)]
    {
        let error = split(body).unwrap_err();
        assert!(matches!(error, BodyError::NotJson(_)), "{error}");
        assert!(!error.to_string().contains("Secret") && !error.to_string().contains("353"), "{error}");
    }
}

#[test]
fn ten_thousand_events_in_one_call_keep_their_number_and_their_keys_apart() {
    let shift = json("syrve/shift_opened")[0].take();
    let many = (0..10_000).map(|n| {
        let mut event = shift.clone();
        put(&mut event, "/eventInfo/id", json!(format!("ffc60000-0000-4000-8000-{n:012}")));
        event
    });
    let events = split_json(&many.collect()).unwrap();
    let keys: std::collections::BTreeSet<_> = events.iter().map(|event| event.raw.key.clone()).collect();
    assert_eq!((events.len(), keys.len()), (10_000, 10_000));
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any::value(), place in 0usize..400) {
        let _ = split_json(&value);
        let mut body = json("syrve/mixed_events");
        any::replace(&mut body, place, &value);
        let _ = split_json(&body);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop::num::u8::ANY, 0..64)) {
        let _ = split(&bytes);
    }
}
