//! Orders: by day and state, and one whole.

use courier_domain::account::MatchOrdersBy;
use courier_domain::inbound::InboundEvent;
use serde_json::{Value, json};

use super::Caller;
use crate::testing::events::{announced, fixture, job, of_syrve};
use crate::testing::{Bridge, ORDER};

/// An order made at this wall clock time in Dublin; its id ends in `n`.
fn made(n: u32, at: &str) -> InboundEvent {
    let mut body = fixture("syrve/order_created")[0].take();
    body["eventInfo"]["id"] = json!(format!("497f6eca-6276-4993-bfeb-{n:012}"));
    body["eventInfo"]["order"]["whenCreated"] = json!(at);
    body["eventInfo"]["order"]["number"] = json!(n);
    of_syrve(&body)
}

async fn numbers(caller: &Caller, query: &str) -> Vec<Value> {
    let told = caller.get(&format!("/accounts/demo/orders{query}")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.body["items"].as_array().unwrap().iter().map(|item| item["number"].clone()).collect()
}

#[tokio::test]
async fn a_day_is_the_restaurants_also_when_the_clock_changes() {
    let bridge = Bridge::matching(MatchOrdersBy::OrderId);
    bridge
        .tell_all(&[
            made(1, "2026-03-28 23:59:59.999"),
            made(2, "2026-03-29 00:00:00.000"),
            made(3, "2026-03-29 23:59:59.999"),
            made(4, "2026-03-30 00:00:00.000"),
            made(5, "2026-10-25 00:00:00.000"),
            made(6, "2026-10-25 23:59:59.999"),
            made(7, "2026-10-26 00:00:00.000"),
        ])
        .await;
    let caller = Caller::on(bridge.memory.clone());
    assert_eq!(numbers(&caller, "?date=2026-03-29").await, [3, 2], "a day of 23 hours");
    assert_eq!(numbers(&caller, "?date=2026-10-25").await, [6, 5], "a day of 25 hours");
    assert_eq!(numbers(&caller, "?date=2026-06-28").await, Vec::<Value>::new());
    assert_eq!(numbers(&caller, "").await, [7, 6, 5, 4, 3, 2, 1], "newest first");
    bridge.memory.edit_account(|account| account.time_zone = "Asia/Tokyo".into());
    assert_eq!(numbers(&caller, "?date=2026-03-29").await, [2, 1]);
}

#[tokio::test]
async fn what_is_no_day_or_state_is_named() {
    let caller = Caller::with_account();
    for day in ["today", "2026-02-30", "28.06.2026", "2026-06"] {
        assert_eq!(caller.get(&format!("/accounts/demo/orders?date={day}")).await.problem(), (400, "date"));
    }
    assert_eq!(caller.get("/accounts/demo/orders?state=lost").await.problem(), (400, "state"));
}

#[tokio::test]
async fn a_state_is_syrves_or_the_deliverys() {
    let bridge = Bridge::default();
    bridge.tell_all(&[made(1, "2026-06-28 12:00:00.000"), announced(0), job(1, "collected")]).await;
    let caller = Caller::on(bridge.memory.clone());
    assert_eq!(numbers(&caller, "?state=collected").await, [577]);
    assert_eq!(numbers(&caller, "?state=WaitCooking").await, [577, 1]);
    assert_eq!(numbers(&caller, "?state=dropped_off").await, Vec::<Value>::new());
}

#[tokio::test]
async fn orders_are_listed_page_by_page_and_a_cursor_belongs_to_its_day() {
    let bridge = Bridge::default();
    for n in 1..=3 {
        bridge.tell_all(&[made(n, &format!("2026-06-28 12:00:0{n}.000"))]).await;
    }
    let caller = Caller::on(bridge.memory.clone());
    let told = caller.get("/accounts/demo/orders?date=2026-06-28&limit=2").await;
    let cursor = told.body["next_cursor"].as_str().unwrap();
    assert_eq!(numbers(&caller, &format!("?date=2026-06-28&limit=2&cursor={cursor}")).await, [1]);
    for other in ["", "&date=2026-06-27"] {
        let told = caller.get(&format!("/accounts/demo/orders?cursor={cursor}{other}")).await;
        assert_eq!(told.problem(), (400, "cursor"));
    }
}

#[tokio::test]
async fn an_order_is_shown_with_its_delivery_timeline_and_commands() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0), job(5, "dropped_off"), job(4, "collected")]).await;
    let caller = Caller::on(bridge.memory.clone());
    let shown = caller.get(&format!("/accounts/demo/orders/{ORDER}")).await.body;
    assert_eq!(
        (&shown["order_id"], &shown["number"], &shown["syrve_status"]),
        (&json!(ORDER), &json!(577), &json!("WaitCooking"))
    );
    assert_eq!(shown["syrve_timestamp"], "2026-06-28T16:00:00Z");
    let delivery = &shown["delivery"];
    assert_eq!((&delivery["provider"], &delivery["status"]), (&json!("captain"), &json!("dropped_off")));
    assert_eq!(
        (&delivery["delivered_at"], &delivery["occurred_at"]),
        (&json!("2026-06-28T16:00:05Z"), &json!("2026-06-28T16:00:05Z"))
    );
    let applied: Vec<_> = shown["timeline"].as_array().unwrap().iter().map(|line| &line["applied"]).collect();
    assert_eq!(applied, [true, false, true]);
    let first = &shown["timeline"][0];
    assert_eq!(
        (&first["source"], &first["event"]),
        (&json!("syrve"), &json!("DeliveryOrderUpdate WaitCooking"))
    );
    let [command] = shown["commands"].as_array().unwrap().as_slice() else { panic!("one command") };
    assert_eq!(
        (&command["kind"], &command["state"]),
        (&json!("update_order_delivery_status"), &json!("queued"))
    );
    assert_eq!((&command["attempts"], &command["last_error"]), (&json!(0), &Value::Null));
    assert_eq!(shown["customer"]["name"], "Testa Example");
}

#[tokio::test]
async fn an_order_that_only_a_fleet_knows_is_not_shown() {
    let bridge = Bridge::default();
    bridge.tell_all(&[job(1, "collected")]).await;
    let caller = Caller::on(bridge.memory.clone());
    assert_eq!(caller.get(&format!("/accounts/demo/orders/{ORDER}")).await.status, 404);
    assert_eq!(numbers(&caller, "").await, Vec::<Value>::new());
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(
        caller.get(&format!("/accounts/demo/orders/{ORDER}")).await.body["delivery"]["status"],
        "collected"
    );
}
