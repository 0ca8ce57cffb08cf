//! How an event is told, by the URL and by the body.

use serde_json::json;

use super::*;
use crate::testing::{cut, json, put};

#[test]
fn a_url_names_an_event_in_any_of_its_spellings() {
    for event in UPDATES {
        for name in [
            event.to_owned(),
            format!("order_update:{event}"),
            format!("order_update%3A{event}"),
            format!("order_update%3a{event}"),
        ] {
            assert_eq!(of_path(&[name.as_str()]), Ok(Some(event)), "{name}");
        }
    }
    for event in ORDERS {
        assert_eq!(of_path(&[event]), Ok(Some(event)));
    }
}

#[test]
fn a_url_without_an_event_leaves_it_to_the_body() {
    for rest in [&[][..], &[""], &["order_update"]] {
        assert_eq!(of_path(rest), Ok(None), "{rest:?}");
    }
}

#[test]
fn a_url_of_no_event_is_refused_with_a_list_of_those_there_are() {
    for rest in [
        &["order_eaten"][..],
        &["Assign_Driver"],
        &["order_update:"],
        &["order_update:order_new"],
        &["order_update:order_update:comment"],
        &["driver_location"],
        &["assign_driver", ""],
        &["order_update", "assign_driver"],
    ] {
        let error = of_path(rest).unwrap_err().to_string();
        assert!(error.starts_with("event: is not an event of Jelp: order_new, folio_update, "), "{error}");
        assert!(!error.contains("eaten"), "{error}");
    }
}

#[test]
fn every_published_body_shows_its_event_but_one() {
    for (name, event) in [
        ("order_new", ORDER_NEW),
        ("folio_update", FOLIO_UPDATE),
        ("folio_update_in_transit", FOLIO_UPDATE),
        ("folio_update_completed", FOLIO_UPDATE),
        ("assign_driver_external", ASSIGN_DRIVER),
        ("assign_driver_external_phone", ASSIGN_DRIVER),
        ("assign_driver_own_fleet", ASSIGN_DRIVER),
        ("complete_order", COMPLETE_ORDER),
        ("complete_order_with_reason", COMPLETE_ORDER),
        ("cancel_order", CANCEL_ORDER),
        ("status_change", STATUS_CHANGE),
        ("status_change_unknown", STATUS_CHANGE),
        ("comment", COMMENT),
        ("tracking", TRACKING),
        ("decline_cancel_request", OPEN),
    ] {
        assert_eq!(of_body(&json(&format!("jelp/{name}"))), event, "{name}");
    }
}

#[test]
fn a_queue_name_counts_where_it_is_an_events() {
    let mut body = json("jelp/decline_cancel_request");
    for (name, event) in [
        ("decline_cancel_request", DECLINE_CANCEL_REQUEST),
        ("order_update:comment", COMMENT),
        (" tracking ", TRACKING),
        ("order_new", OPEN),
        ("requests", OPEN),
    ] {
        put(&mut body, "/queueName", json!(name));
        assert_eq!(of_body(&body), event, "{name}");
    }
    let mut body = json("jelp/assign_driver_own_fleet");
    for unknown in [json!("reassign_driver"), json!(null), json!(["comment"]), json!("")] {
        put(&mut body, "/queueName", unknown);
        assert_eq!(of_body(&body), ASSIGN_DRIVER);
    }
}

/// Jelp has one sample for both endings, so neither is believed of a body that might be of the other.
#[test]
fn an_order_has_ended_in_the_way_that_all_of_its_body_says() {
    let (completed, cancelled) =
        (json!({ "reference": "CompletedReason" }), json!({ "reference": "CanceledReason" }));
    for (queue, status, reason, event) in [
        (COMPLETE_ORDER, json!("COMPLETED"), &json!(null), COMPLETE_ORDER),
        (COMPLETE_ORDER, json!(" completed "), &completed, COMPLETE_ORDER),
        (COMPLETE_ORDER, json!("COMPLETED"), &cancelled, OPEN),
        (COMPLETE_ORDER, json!("CANCELED"), &json!(null), OPEN),
        (COMPLETE_ORDER, json!("CANCELED"), &cancelled, OPEN),
        (COMPLETE_ORDER, json!(null), &completed, OPEN),
        (CANCEL_ORDER, json!("CANCELED"), &json!(null), CANCEL_ORDER),
        (CANCEL_ORDER, json!(null), &cancelled, CANCEL_ORDER),
        (CANCEL_ORDER, json!("COMPLETED"), &json!(null), OPEN),
        (CANCEL_ORDER, json!("COMPLETED"), &cancelled, OPEN),
        (CANCEL_ORDER, json!("CANCELED"), &completed, OPEN),
    ] {
        let body = json!({ "queueName": queue, "status": status, "endedReason": reason });
        assert_eq!(of_body(&body), event, "{body}");
    }
    let mut body = json("jelp/complete_order_with_reason");
    cut(&mut body, "/queueName");
    assert_eq!(of_body(&body), OPEN);
}

#[test]
fn the_marks_of_two_events_show_neither() {
    let marks = [
        (ASSIGN_DRIVER, "driver", json!({})),
        (COMMENT, "comment", json!("x")),
        (TRACKING, "trackingUrl", json!("x")),
        (STATUS_CHANGE, "statusBranch", json!("x")),
    ];
    for (event, name, mark) in &marks {
        assert_eq!(of_body(&json!({ *name: mark })), *event);
        for (_, other, also) in marks.iter().filter(|(_, other, _)| other != name) {
            assert_eq!(of_body(&json!({ *name: mark, *other: also })), OPEN, "{name} {other}");
            assert_eq!(of_body(&json!({ *name: mark, *other: null })), *event, "{name} {other}");
        }
    }
}

#[test]
fn what_shows_no_event_is_open() {
    for body in [
        json!({}),
        json!([]),
        json!(null),
        json!("comment"),
        json!({ "driver": null, "comment": "", "trackingUrl": {}, "statusBranch": [] }),
        json!({ "driver": "Ann" }),
        json!({ "_id": "66a0", "status": "TRANSIT" }),
        json!({ "orderStep": "TRANSIT", "status": "TRANSIT" }),
    ] {
        assert_eq!(of_body(&body), OPEN, "{body}");
    }
}

#[test]
fn every_spelling_of_a_status_is_one() {
    for text in ["IN TRANSIT", "IN_TRANSIT", "in-transit", " In \t  Transit ", "_in__transit-"] {
        assert_eq!(status(Fields::of(&json!({ "status": text }))).as_deref(), Some("IN TRANSIT"), "{text}");
    }
    assert_eq!(status(Fields::of(&json!({ "orderStep": "a", "status": "b" }))).as_deref(), Some("A"));
    for none in [json!(null), json!(""), json!(" _ - "), json!({}), json!(true)] {
        assert_eq!(status(Fields::of(&json!({ "status": none }))), None, "{none}");
    }
}
