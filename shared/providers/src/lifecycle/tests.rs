//! The table itself, its copy in the documentation, and each of its rows as the fleet sends it.

use courier_domain::account::MatchOrdersBy;
use courier_domain::inbound::Sender;
use courier_domain::report::{OrderChange, Report};
use http::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::contract::{Call, fleet};
use crate::testing::{account, inbound};

#[test]
fn no_event_has_two_meanings() {
    let says = |row: &Row| (row.provider, row.event, row.word);
    for (place, row) in LIFECYCLE.iter().enumerate() {
        let first = LIFECYCLE.iter().position(|other| says(other) == says(row));
        assert_eq!(first, Some(place), "{row:?}");
    }
}

/// A call that says what the row does, and little else: the rest of its path, and its body.
fn call(row: &Row) -> (Vec<&'static str>, Value) {
    let (event, word, at) = (row.event, row.word, "2026-06-28T16:30:00Z");
    match row.provider {
        Captain => {
            let data = json!({ "order_uuid": "o1", "published_at": 1_782_664_200, "job_delivery_status": word, "order_status": word });
            (vec![], json!({ "event_name": event, "event_uuid": "e1", "data": data }))
        }
        Jelp => {
            let body = json!({ "_id": "j1", "folio": "F1", "publicId": "P1", "timestamp": at, "status": word,
                "orderStep": word, "endedAt": at, "driver": { "name": "Testa", "employeeCode": "7" } });
            (vec![event], body)
        }
        Radaro => {
            let job = json!({ "order_id": 1, "updated_at": at, "created_at": at, "status": word });
            (vec![], json!({ "event_type": event, "new_values": { "status": word }, "order_info": job }))
        }
        Bringg if event == "task" => {
            (vec![], json!({ "id": 1, "status": word, "updated_at": at, "way_points": [] }))
        }
        Bringg if event.starts_with("way_point") => {
            let option = match word {
                "pickup" => json!(0),
                "dropoff" => json!(1),
                _ => Value::Null,
            };
            let body = json!({ "id": 11, "task_id": 1, "position": 1, "pickup_dropoff_option": option, "updated_at": at,
                "checkin_time": at, "checkout_time": at });
            (vec![event], body)
        }
        Bringg => {
            let active = match word {
                "pickup" => json!(11),
                "dropoff" => json!(12),
                _ => Value::Null,
            };
            let way_points = json!([{ "id": 11, "position": 1 }, { "id": 12, "position": 2 }]);
            (
                vec![event],
                json!({ "id": 1, "user_id": 7, "updated_at": at, "active_way_point_id": active, "way_points": way_points }),
            )
        }
    }
}

#[test]
fn every_row_is_what_comes_of_such_a_call() {
    let (headers, account) = (HeaderMap::new(), account(MatchOrdersBy::OrderId));
    for row in LIFECYCLE {
        let (rest, body) = call(row);
        let text = body.to_string();
        let received_at = "2026-06-28T16:31:00Z".parse().unwrap();
        let call = Call { rest: &rest, query: "", headers: &headers, body: text.as_bytes(), received_at };
        let fleet = fleet(row.provider);
        let event = fleet.split(&call).unwrap().events.remove(0);
        assert_eq!(event.kind, row.event);
        let report = fleet.map(&inbound(Sender::Fleet(row.provider), event), &account).unwrap();
        let Report::Order(report) = report else { panic!("{row:?}: {report:?}") };
        let OrderChange::Fleet(provider, news) = report.change else {
            panic!("{row:?}: {:?}", report.change)
        };
        let (status, implied) = match row.meaning {
            Is(status) => (status, false),
            Implies(status) => (status, true),
        };
        assert_eq!((provider, news.status, news.implied), (row.provider, Some(status), implied), "{row:?}");
    }
}

#[test]
fn the_documentation_has_the_same_table() {
    let name = |provider| match provider {
        Captain => "Captain.AI",
        Jelp => "Jelp",
        Radaro => "Radaro",
        Bringg => "Bringg",
    };
    let line = |row: &Row| {
        let word = if row.word.is_empty() { String::new() } else { format!("`{}`", row.word) };
        let (how, status) = match row.meaning {
            Is(status) => ("is", status),
            Implies(status) => ("at least", status),
        };
        format!("| {} | `{}` | {word} | {how} | `{}` |", name(row.provider), row.event, status.as_str())
    };
    let expected: Vec<_> = LIFECYCLE.iter().map(line).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/fleets.md");
    let text = std::fs::read_to_string(path).unwrap();
    let start = "|---|---|---|---|---|\n";
    let table = text.split_once(start).unwrap().1.split_once("\n\n").unwrap().0;
    assert_eq!(table.lines().collect::<Vec<_>>(), expected, "it should be\n{}", expected.join("\n"));
}

#[test]
fn every_fleet_reaches_every_status_that_syrve_is_told() {
    for provider in Provider::ALL {
        for told in [Collected, DroppedOff] {
            let reaches = |row: &Row| row.provider == provider && row.meaning == Is(told);
            assert!(LIFECYCLE.iter().any(reaches), "{provider:?} {told:?}");
        }
    }
}

/// Of an event that means something whatever it says, an unknown word takes nothing away.
#[test]
fn what_is_not_in_the_table_means_nothing() {
    const NOTHING: (Option<DeliveryStatus>, bool) = (None, false);
    for row in LIFECYCLE {
        let whatever = Row { word: "", ..*row };
        let whatever = LIFECYCLE.iter().any(|of| Row { meaning: row.meaning, ..*of } == whatever);
        let alone = meaning(row.provider, row.event, "");
        assert_eq!(alone != NOTHING, whatever, "{row:?}");
        assert_eq!(meaning(row.provider, row.event, "waiting_at_kerb"), alone, "{row:?}");
        assert_eq!(meaning(row.provider, "order_eaten", row.word), NOTHING, "{row:?}");
    }
    for (provider, event, word) in [
        (Captain, "item_status_updated", "being_prepared"),
        (Captain, "job_delivery_status_updated", "COLLECTED"),
        (Captain, "updated", "delivered"),
        (Jelp, "status_change", "PENDING"),
        (Radaro, "job_delivery_status_updated", "collected"),
        (Radaro, "created", "delivered"),
        (Bringg, "task", "unacknowledged"),
    ] {
        assert_eq!(meaning(provider, event, word), NOTHING, "{provider:?} {event} {word}");
    }
}
