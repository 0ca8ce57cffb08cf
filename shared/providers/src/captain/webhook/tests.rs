//! What a receiver relies on when it reads a call.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{any, cut, fixture, fixtures, json, put};

fn read_json(body: &Value) -> Result<RawEvent, BodyError> {
    read(&serde_json::to_vec(body).unwrap())
}

fn subject_of(name: &str) -> String {
    read(&fixture(&format!("captain/{name}"))).unwrap().subject
}

#[test]
fn every_fixture_is_read_with_its_own_id_as_key() {
    let all = fixtures("captain");
    assert!(all.len() > 15, "the fixtures are not where they should be");
    for (name, body) in all {
        let event = read(&body).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event.body["event_uuid"], event.key.as_str(), "{name}");
        assert_eq!(is_known(&event.kind), name != "event_unknown.json", "{name}");
    }
}

#[test]
fn events_of_one_order_or_driver_have_one_subject() {
    let order = "order:497f6eca-6276-4993-bfeb-53cbbbba6f08";
    for name in [
        "order_assigned",
        "job_dropped_off",
        "order_status_updated",
        "item_status_updated",
        "order_kds_print_request",
    ] {
        assert_eq!(subject_of(name), order, "{name}");
    }
    assert_eq!(subject_of("agent_eta_updated"), "driver:ffc60000-0000-4000-8000-000000000017");
    assert_eq!(subject_of("agent_radar_locations_created"), "locations");
    assert_eq!(subject_of("analytics_report_ready"), "reports");
    assert_eq!(subject_of("event_unknown"), "");
}

#[test]
fn two_spellings_of_one_order_id_are_one_subject() {
    let mut body = json("captain/order_assigned");
    let first = read_json(&body).unwrap().subject;
    put(
        &mut body,
        "/data/partners_unique_internal_order_id",
        json!(" 497F6ECA-6276-4993-BFEB-53CBBBBA6F08 "),
    );
    assert_eq!(read_json(&body).unwrap().subject, first);
}

#[test]
fn a_subject_is_the_best_name_there_is() {
    let mut body = json("captain/item_status_updated");
    for (field, subject) in [
        ("partners_unique_internal_order_id", "order:6992dc85d681"),
        ("order_uuid", "order:6992dc85d681"), // the tracking link's
        ("tracking_link", "order:577"),
        ("order_description", "items"),
    ] {
        cut(&mut body, &format!("/data/{field}"));
        assert_eq!(read_json(&body).unwrap().subject, subject, "without {field}");
    }
    put(&mut body, "/event_name", json!("order_assigned"));
    assert_eq!(read_json(&body).unwrap().subject, "orders");
    put(&mut body, "/event_name", json!("agent_eta_updated"));
    assert_eq!(read_json(&body).unwrap().subject, "drivers");
}

#[test]
fn of_a_key_that_occurs_twice_the_last_value_counts() {
    let event = read(&fixture("captain/order_unassigned_with_duplicate_key")).unwrap();
    assert_eq!(event.subject, "order:497f6eca-6276-4993-bfeb-53cbbbba6f08");
}

#[test]
fn a_repeated_delivery_has_the_same_key() {
    let mut body = json("captain/order_assigned");
    let first = read_json(&body).unwrap().key;
    put(&mut body, "/metadata/delivery_attempt", json!(2));
    put(&mut body, "/event_uuid", json!(format!(" {first} ")));
    assert_eq!(read_json(&body).unwrap().key, first);
}

#[test]
fn an_envelope_that_lacks_something_is_refused_by_the_field() {
    for (field, value) in [
        ("event_name", json!("")),
        ("event_name", json!(null)),
        ("event_name", json!(["x"])),
        ("event_uuid", json!("  ")),
        ("event_uuid", json!(12)),
        ("event_uuid", json!("x".repeat(129))),
        ("data", json!(null)),
        ("data", json!([])),
        ("data", json!("{}")),
    ] {
        let mut body = json("captain/order_assigned");
        put(&mut body, &format!("/{field}"), value);
        let error = read_json(&body).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{field}: ")), "{error}");
        assert!(!error.to_string().contains("xx"), "{error}");
    }
    for body in [json!([json("captain/order_assigned")]), json!(null), json!("text")] {
        assert!(read_json(&body).unwrap_err().to_string().starts_with("body: "));
    }
    assert!(matches!(read(b"{\"event_name\":").unwrap_err(), BodyError::NotJson(_)));
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any::value(), place in 0usize..60) {
        let _ = read_json(&value);
        for name in HANDLED {
            let mut body = json("captain/item_status_updated");
            put(&mut body, "/event_name", json!(name));
            any::replace(&mut body, place, &value);
            let _ = read_json(&body);
        }
    }
}
