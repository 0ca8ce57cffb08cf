//! What the bridge understands of Bringg's events about orders.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::DeliveryStatus;
use courier_domain::inbound::Sender;
use courier_domain::report::FleetNews;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::event::{DRIVER, WAY_POINT};
use super::super::story::{ORDER, order, told};
use super::*;
use crate::lifecycle::{LIFECYCLE, Meaning};
use crate::testing::{account, any, event, json as fixture_json};

fn mapped(kind: &str, body: Value) -> Result<Report, MapError> {
    map(&event(Sender::Fleet(Provider::Bringg), kind, body), &account(MatchOrdersBy::OrderId))
}

fn news(kind: &str, body: Value) -> FleetNews {
    told(order(mapped(kind, body)))
}

/// A task that an event of this word is about, with a time.
fn body_for(kind: &str, word: &str) -> Value {
    let at = "2026-06-28T16:30:00Z";
    let (first, second) = match word {
        "pickup" => (json!(kind == "way_point_left"), json!(false)),
        "dropoff" => (json!(true), json!(kind == "way_point_left")),
        _ => (json!(null), json!(null)),
    };
    let points =
        json!([{ "id": 11, "position": 1, "done": first }, { "id": 12, "position": 2, "done": second }]);
    json!({ "id": 7, "external_id": ORDER, "status": if kind == TASK { json!(word) } else { json!(null) }, "updated_at": at, "way_points": points })
}

#[test]
fn every_row_of_the_table_is_what_its_event_means() {
    let rows: Vec<_> = LIFECYCLE.iter().filter(|row| row.provider == Provider::Bringg).collect();
    assert!(rows.len() > 20);
    for row in rows {
        let news = news(row.event, body_for(row.event, row.word));
        let told = news
            .status
            .map(|status| if news.implied { Meaning::Implies(status) } else { Meaning::Is(status) });
        assert_eq!(told, Some(row.meaning), "{} {}", row.event, row.word);
    }
}

#[test]
fn an_order_is_named_by_what_the_account_matches() {
    let report = order(mapped("order_created", body_for("order_created", "")));
    assert_eq!(report.order_id, Some(ORDER.parse().unwrap()));
    let by_number = |external: Value| {
        let body = json!({ "id": 7, "external_id": external });
        let event = event(Sender::Fleet(Provider::Bringg), "order_created", body);
        let report = order(map(&event, &account(MatchOrdersBy::Number)));
        report.refs.into_iter().map(|name| format!("{}={}", name.kind, name.value)).collect::<Vec<_>>()
    };
    assert_eq!(by_number(json!(577)), ["number=577", "bringg=7"]);
    assert_eq!(by_number(json!("7")), ["bringg=7"]);
}

#[test]
fn without_a_believable_time_an_event_only_moves_forward() {
    for at in [
        json!(null),
        json!("null"),
        json!("soon"),
        json!("2099-01-01T00:00:00Z"),
        json!("1970-01-01T00:00:00Z"),
    ] {
        let report = order(mapped("task_done", json!({ "task": { "id": 7, "updated_at": at } })));
        assert_eq!(report.stamp.at.to_string(), "2026-06-28T17:00:00Z");
        let news = told(report);
        assert_eq!((news.status, news.implied), (Some(DeliveryStatus::DroppedOff), true), "{at}");
    }
    let news = news("note_created", json!({ "task_id": 7, "note": "x" }));
    assert!(!news.implied, "a note implies nothing");
}

#[test]
fn a_status_that_nobody_knows_moves_nothing_and_is_shown() {
    for (status, event) in [
        (json!(5), "task 5"),
        (json!("77"), "task 77"),
        (json!("on_hold"), "task on_hold"),
        (json!("Ann at 12 Example Street"), "task (unreadable)"),
        (json!(9), "task unacknowledged"),
    ] {
        let report = order(mapped(TASK, json!({ "id": 7, "status": status })));
        assert_eq!(report.event, event);
        let news = told(report);
        assert!(news.status.is_none() && !news.implied && news.order_status.is_some(), "{status}");
    }
}

#[test]
fn what_leaves_open_what_happened_is_not_guessed() {
    for (kind, body) in [
        (TASK, json!({ "task": { "id": 7 } })),
        (WAY_POINT, json!({ "id": 9, "task_id": 7, "position": 2, "done": true })),
        (DRIVER, json!({ "user_id": 5, "lat": 1, "lng": 2 })),
        ("something_new", json!({ "id": 7, "status": 4 })),
    ] {
        let error = mapped(kind, body).unwrap_err().to_string();
        assert!(error.starts_with("webhook_type: "), "{kind}: {error}");
    }
}

#[test]
fn an_order_that_nothing_names_is_a_reason() {
    for (kind, body) in [
        ("order_created", json!({ "status": 0, "external_id": "two\nlines" })),
        ("way_point_left", json!({ "id": 9, "position": 2 })),
        ("note_created", json!({ "id": 9, "external_id": ORDER })),
        ("task_done", json!({ "task": { "id": "null" } })),
        ("task_done", json!([])),
    ] {
        let error = mapped(kind, body).unwrap_err().to_string();
        assert!(error.starts_with("task.id: ") && !error.contains("lines"), "{kind}: {error}");
    }
}

#[test]
fn numbers_and_nulls_as_texts_mean_the_same() {
    fn texts(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                members.iter().map(|(name, member)| (name.clone(), texts(member))).collect()
            }
            Value::Array(list) => list.iter().map(texts).collect(),
            Value::String(_) => value.clone(),
            other => json!(other.to_string()),
        }
    }
    for name in [
        "order_assigned",
        "driver_on_the_way__to_pickup",
        "driver_on_the_way__to_guest",
        "task_checked_in__guest",
        "order_cancelled",
    ] {
        let kind = name.split("__").next().unwrap();
        let body = fixture_json(&format!("bringg/{name}"));
        assert_eq!(mapped(kind, texts(&body)), mapped(kind, body), "{name}");
    }
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any::value(), place in 0usize..400, kind in prop::sample::select(&HANDLED[..])) {
        let name = if is_about_driver(kind) { "shift_ended" } else { "driver_on_the_way__to_guest" };
        let mut body = fixture_json(&format!("bringg/{name}"));
        any::replace(&mut body, place, &value);
        let _ = mapped(kind, body);
        let _ = mapped(kind, value.clone());
        let _ = mapped(TASK, json!({ "task": value.clone(), "id": 7, "status": value }));
    }
}
