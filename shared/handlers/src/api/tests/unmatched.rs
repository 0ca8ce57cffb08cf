//! Events of fleets that wait for an order: shown, and joined by hand.

use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::order::OrderRef;
use serde_json::{Value, json};

use super::{API_TOKEN, Caller};
use crate::events::Join;
use crate::testing::events::{announced, job, job_of, syrve_order};
use crate::testing::{Bridge, Fault, ORDER, at};

const OTHER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f09";
const PATH: &str = "/accounts/demo/unmatched";

fn by_uuid(second: i64, status: &str) -> InboundEvent {
    job_of(second, status, &json!({ "order_uuid": "6992", "order_description": "588" }))
}

/// Two events wait under a fleet's own name, one under the id of an order that Syrve has not announced, and another order is
/// announced.
async fn caller() -> (Bridge, Caller) {
    let bridge = Bridge::default();
    let mut other = announced(0);
    other.body["eventInfo"]["id"] = json!(OTHER);
    bridge
        .tell_all(&[other, by_uuid(6, "collected"), by_uuid(5, "assigned_to_driver"), job(7, "collected")])
        .await;
    let caller = Caller::on(bridge.memory.clone());
    (bridge, caller)
}

async fn items(caller: &Caller) -> Vec<Value> {
    let told = caller.get(PATH).await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.body["items"].as_array().unwrap().clone()
}

/// The item that waits under a name, and the one that waits under an order's id.
async fn both(caller: &Caller) -> [Value; 2] {
    let items = items(caller).await;
    let find = |named: bool| items.iter().find(|item| item["order_id"].is_null() == named).cloned().unwrap();
    assert_eq!(items.len(), 2);
    [find(true), find(false)]
}

#[tokio::test]
async fn what_waits_is_shown_with_its_names_and_events_and_nothing_that_people_wrote() {
    let (_, caller) = caller().await;
    let [named, by_id] = both(&caller).await;
    let expected =
        json!([{ "kind": "captain", "value": "6992" }, { "kind": "captain_description", "value": "588" }]);
    for name in expected.as_array().unwrap() {
        assert!(named["names"].as_array().unwrap().contains(name), "{named}");
    }
    assert_eq!((&named["order_id"], &named["since"]), (&Value::Null, &json!(at(5).to_string())));
    let mut events: Vec<_> = named["events"].as_array().unwrap().clone();
    events.sort_by_key(|event| event["at"].to_string());
    let told: Vec<_> = events.iter().map(|event| (&event["source"], &event["event"])).collect();
    let source = json!("captain");
    assert_eq!(
        told,
        [
            (&source, &json!("job_delivery_status_updated assigned_to_driver")),
            (&source, &json!("job_delivery_status_updated collected")),
        ]
    );
    assert!(events.iter().all(|event| event["key"].is_string()));
    assert_eq!(by_id["order_id"], ORDER);
    assert_eq!((&by_id["since"], by_id["events"].as_array().unwrap().len()), (&json!(at(7).to_string()), 1));
}

#[tokio::test]
async fn nothing_waits_once_syrve_has_announced_the_order() {
    let (bridge, caller) = caller().await;
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(items(&caller).await.len(), 1);
    let quiet = Caller::with_account();
    assert_eq!(items(&quiet).await, Vec::<Value>::new());
    assert_eq!(quiet.get(PATH).await.body["next_cursor"], Value::Null);
}

#[tokio::test]
async fn what_waits_is_shown_page_by_page() {
    let (_, caller) = caller().await;
    let first = caller.get(&format!("{PATH}?limit=1")).await;
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let second = caller.get(&format!("{PATH}?limit=1&cursor={cursor}")).await;
    assert_eq!((second.status, &second.body["next_cursor"]), (200, &Value::Null));
    assert_ne!(first.body["items"][0]["id"], second.body["items"][0]["id"]);
    for (query, field) in
        [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=QQ", "cursor"), ("date=today", "date")]
    {
        assert_eq!(caller.get(&format!("{PATH}?{query}")).await.problem(), (400, field));
    }
    let of_drivers = caller.get("/accounts/nobody/unmatched").await;
    assert_eq!(of_drivers.problem().0, 404);
}

async fn join(caller: &Caller, id: &str, body: &Value) -> super::Told {
    caller.post_with(&format!("{PATH}/{id}/join"), body).await
}

#[tokio::test]
async fn what_waits_is_joined_with_an_order_by_the_function_behind_the_queue() {
    let (bridge, caller) = caller().await;
    let [named, _] = both(&caller).await;
    let told = join(&caller, named["id"].as_str().unwrap(), &json!({ "order_id": OTHER })).await;
    assert_eq!((told.status, &told.body["order_id"]), (202, &json!(OTHER)), "{}", told.text);
    assert_eq!(told.body["name"], json!({ "kind": "captain", "value": "6992" }));
    let [event] = caller.events.items().try_into().unwrap();
    assert_eq!((event.sender, event.kind.as_str()), (Sender::Operator, "joined"));
    assert_eq!((event.subject, event.account_id.as_str()), (format!("order:{OTHER}"), "demo"));
    let join: Join = serde_json::from_value(event.body.clone()).unwrap();
    let name = OrderRef::new("captain", "6992");
    assert_eq!(join, Join { order_id: OTHER.parse().unwrap(), name, at: at(6) });
    assert_eq!(items(&caller).await.len(), 2, "nothing is joined yet");
    let [event] = caller.events.items().try_into().unwrap();
    bridge.tell_all(&[event]).await;
    assert_eq!(items(&caller).await.len(), 1);
    let shown = caller.get(&format!("/accounts/demo/orders/{OTHER}")).await.body;
    assert_eq!(
        (&shown["delivery"]["status"], &shown["delivery"]["provider"]),
        (&json!("collected"), &json!("captain"))
    );
}

#[tokio::test]
async fn each_word_of_an_operator_is_an_event_of_its_own() {
    let (_, caller) = caller().await;
    let [named, _] = both(&caller).await;
    for _ in 0..2 {
        join(&caller, named["id"].as_str().unwrap(), &json!({ "order_id": OTHER })).await;
        caller.clock.advance(std::time::Duration::from_millis(1));
    }
    let [one, other] = caller.events.items().try_into().unwrap();
    assert_ne!(one.key, other.key);
}

#[tokio::test]
async fn what_cannot_be_joined_is_said_and_nothing_is_queued() {
    let (bridge, caller) = caller().await;
    let [named, by_id] = both(&caller).await;
    let (named, by_id) = (named["id"].as_str().unwrap(), by_id["id"].as_str().unwrap());
    let other = json!({ "order_id": OTHER });
    assert_eq!(join(&caller, "nothing", &other).await.problem(), (404, ""));
    assert_eq!(join(&caller, OTHER, &other).await.problem(), (404, ""), "it waits for nothing");
    assert_eq!(join(&caller, by_id, &other).await.problem(), (409, ""));
    for (body, field) in [
        (json!({ "order_id": ORDER }), "order_id"),
        (json!({ "order_id": "497f6eca-6276-4993-bfeb-000000000000" }), "order_id"),
        (json!({ "order_id": "577" }), "order_id"),
        (json!({ "order_id": null }), "order_id"),
        (json!({}), "order_id"),
        (json!({ "order_id": OTHER, "name": "x" }), "name"),
        (json!([]), "body"),
    ] {
        let told = join(&caller, named, &body).await;
        let (status, named) = told.problem();
        assert!(status == 400 && (named == field || field == "body"), "{body} {}", told.text);
    }
    let told = caller.send("POST", &format!("{PATH}/{named}/join"), Some(API_TOKEN), b"{").await;
    assert_eq!(told.problem(), (400, "body"));
    assert_eq!(caller.post_with("/accounts/nobody/unmatched/x/join", &other).await.problem().0, 404);
    assert!(caller.events.items().is_empty());
    bridge.tell_all(&[syrve_order(1, "WaitCooking", "DeliveryByClient")]).await;
    assert_eq!(join(&caller, named, &json!({ "order_id": ORDER })).await.problem(), (400, "order_id"));
}

#[tokio::test]
async fn a_queue_that_does_not_take_it_is_503() {
    let (_, caller) = caller().await;
    let [named, _] = both(&caller).await;
    caller.events.sent().faults = [Some(Fault::Lost)].into();
    let told = join(&caller, named["id"].as_str().unwrap(), &json!({ "order_id": OTHER })).await;
    assert_eq!(told.problem(), (503, ""));
}
