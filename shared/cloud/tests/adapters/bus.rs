//! The bus: ten events a request, and a refused event is an error, not a loss.

use courier_cloud::bus::{Bus, SOURCE};
use courier_domain::event::{About, Cause, DomainEvent};
use courier_domain::ports::EventBus;
use serde_json::{Value, json};

use crate::common::*;

fn events(count: i64) -> Vec<DomainEvent> {
    (0..count)
        .map(|n| {
            DomainEvent::new(
                "order_created",
                About::Order(order_id(n)),
                at(n),
                Cause { account: &demo(), key: &key("one"), now: at(n) },
                json!({}),
            )
        })
        .collect()
}

#[tokio::test]
async fn an_event_goes_to_the_bus_by_its_name_and_whole() {
    let server = server(InTurn::new([ok(json!({ "FailedEntryCount": 0, "Entries": [] }))])).await;
    let bus = Bus::new(aws(server.uri()).eventbridge(), "bridge-bus".into());
    bus.publish(&events(12)).await.unwrap();
    let asked = asked(&server).await;
    let sizes: Vec<_> = asked.iter().map(|request| request["Entries"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10, 2]);
    let entry = &asked[0]["Entries"][0];
    let detail: DomainEvent = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(detail, events(1)[0]);
    let named = ["EventBusName", "Source", "DetailType"].map(|name| entry[name].as_str().unwrap());
    assert_eq!(named, ["bridge-bus", SOURCE, "order_created"]);
}

#[tokio::test]
async fn no_events_are_no_request() {
    let server = server(InTurn::new([ok(json!({}))])).await;
    Bus::new(aws(server.uri()).eventbridge(), "bus".into()).publish(&[]).await.unwrap();
    assert_eq!(asked(&server).await, Vec::<Value>::new());
}

#[tokio::test]
async fn one_refused_event_is_an_error() {
    let refused = json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "ThrottlingException" }] });
    let server = server(InTurn::new([ok(refused)])).await;
    let bus = Bus::new(aws(server.uri()).eventbridge(), "bus".into());
    let error = bus.publish(&events(2)).await.unwrap_err();
    assert_eq!(error.to_string(), "eventbridge is unavailable");
}
