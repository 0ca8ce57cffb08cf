//! How fleets carry an order, as it is shown: the fleet in charge, and each that said anything.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use serde_json::{Value, json};

use super::Caller;
use crate::testing::events::{all_of_fleet, announced, fixture, job};
use crate::testing::stories::{loss, story};
use crate::testing::{ANN, Bridge, ORDER, with_all_fleets};

const BY: MatchOrdersBy = MatchOrdersBy::OrderId;

fn bridge() -> Bridge {
    let mut account = with_all_fleets(BY);
    let jelp = account.fleets.get_mut(&Provider::Jelp).unwrap();
    *jelp = crate::testing::stories::knows_by(BY, jelp);
    Bridge::of(account)
}

async fn shown(bridge: &Bridge) -> Value {
    let told = Caller::on(bridge.memory.clone()).get(&format!("/accounts/demo/orders/{ORDER}")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.body
}

/// An order that one fleet has carried to its end.
async fn carried_by(provider: Provider) -> Value {
    let bridge = bridge();
    bridge.tell_all(&[announced(0)]).await;
    bridge.tell_all(&story(provider, BY)).await;
    shown(&bridge).await
}

#[tokio::test]
async fn every_fleets_delivery_has_the_same_members() {
    for provider in Provider::ALL {
        let shown = carried_by(provider).await;
        let delivery = shown["delivery"].as_object().unwrap();
        assert_eq!((&delivery["provider"], &delivery["status"]), (&json!(provider), &json!("dropped_off")));
        let mut of_fleet = delivery.clone();
        of_fleet.remove("provider");
        assert_eq!(shown["deliveries"], json!({ provider.as_str(): of_fleet }), "{provider:?}");
        let members = [
            "status",
            "driver",
            "occurred_at",
            "delivered_at",
            "tracking_url",
            "order_status",
            "eta",
            "deliver_before",
            "description",
            "end_reason",
            "confirmation",
            "notes",
        ];
        assert!(members.iter().all(|name| of_fleet.contains_key(*name)) && of_fleet.len() == members.len());
        assert_eq!(delivery["delivered_at"], delivery["occurred_at"]);
        let listed = Caller::on({
            let bridge = bridge();
            bridge.tell_all(&[announced(0)]).await;
            bridge.tell_all(&story(provider, BY)).await;
            bridge.memory
        });
        let listed = listed.get("/accounts/demo/orders?state=dropped_off").await.body;
        assert_eq!(listed["items"][0]["delivery"], shown["delivery"], "{provider:?}");
    }
}

#[tokio::test]
async fn jelps_delivery_shows_driver_link_remark_and_how_it_ended() {
    let delivery = carried_by(Provider::Jelp).await["delivery"].clone();
    assert_eq!(
        delivery["driver"],
        json!({ "driver_id": ANN, "fleet_id": null, "name": "Dara Rider", "phone": "+353209100017", "carrier": null })
    );
    assert_eq!(delivery["tracking_url"], "https://tracking.jelp.example/577");
    assert_eq!(
        (&delivery["order_status"], &delivery["end_reason"]),
        (&json!("COMPLETED"), &json!("Handed over at the door"))
    );
    assert_eq!(
        delivery["notes"],
        json!([{ "at": "2026-06-28T16:14:00Z", "text": "The rider waits at the counter" }])
    );
}

#[tokio::test]
async fn radaros_delivery_shows_the_customers_word_and_what_was_changed() {
    let delivery = carried_by(Provider::Radaro).await["delivery"].clone();
    assert_eq!(delivery["driver"]["driver_id"], "radaro:4410018");
    assert_eq!(
        (&delivery["deliver_before"], &delivery["description"]),
        (&json!("2026-06-28T17:15:00Z"), &json!("Ring twice, the bell is soft"))
    );
    let confirmation = &delivery["confirmation"];
    assert_eq!(confirmation["confirmed"], true);
    assert!(!confirmation["rating"].is_null() && confirmation["comment"].is_string(), "{confirmation}");
    assert_eq!(delivery["delivered_at"], "2026-06-28T16:48:12.7Z", "the review is no second delivery");
}

#[tokio::test]
async fn bringgs_delivery_shows_the_last_driver_and_the_remarks() {
    let delivery = carried_by(Provider::Bringg).await["delivery"].clone();
    assert_eq!(
        (&delivery["driver"]["driver_id"], &delivery["driver"]["name"]),
        (&json!(ANN), &json!("Nora Quinn"))
    );
    let notes = delivery["notes"].as_array().unwrap();
    assert!(
        notes.iter().any(|note| note["text"] == "I stand before the blue gate and nobody comes."),
        "{notes:?}"
    );
    assert!(notes.is_sorted_by_key(|note| note["at"].to_string()));
}

#[tokio::test]
async fn of_two_fleets_both_are_shown_and_the_one_in_charge_counts() {
    let bridge = bridge();
    bridge.tell_all(&[announced(0), job(1, "collected")]).await;
    bridge.tell_all(&[loss(Provider::Captain, BY)]).await;
    assert_eq!(shown(&bridge).await["delivery"]["status"], "failed", "nobody else has it");
    bridge.tell_all(&story(Provider::Radaro, BY)[..8]).await;
    let before = shown(&bridge).await;
    assert_eq!(
        (&before["delivery"]["provider"], &before["delivery"]["status"]),
        (&json!("radaro"), &json!("collected"))
    );
    assert_eq!(before["deliveries"]["captain"]["status"], "failed");
    bridge.tell_all(&[job(20, "assigned_to_driver")]).await;
    let after = shown(&bridge).await;
    assert_eq!((&after["delivery"], &after["deliveries"]), (&before["delivery"], &before["deliveries"]));
    let late = after["timeline"].as_array().unwrap().iter().find(|line| {
        line["source"] == "captain" && line["event"] == "job_delivery_status_updated assigned_to_driver"
    });
    assert_eq!(late.unwrap()["applied"], false);
}

#[tokio::test]
async fn an_order_that_fleets_said_nothing_of_has_no_delivery() {
    let bridge = bridge();
    bridge.tell_all(&[announced(0)]).await;
    let shown = shown(&bridge).await;
    assert_eq!((&shown["delivery"], &shown["deliveries"]), (&Value::Null, &json!({})));
}

#[tokio::test]
async fn a_driver_is_shown_on_duty_and_available_by_each_fleet_that_says_so() {
    let bridge = bridge();
    for file in ["shift_started", "driver_unavailable_status_changed"] {
        let body = fixture(&format!("bringg/{file}"));
        bridge.tell_all(&all_of_fleet(Provider::Bringg, &[file], &body, 3600)).await;
    }
    let caller = Caller::on(bridge.memory.clone());
    for view in [
        caller.get("/accounts/demo/drivers").await.body["items"][0].clone(),
        caller.get(&format!("/accounts/demo/drivers/{ANN}")).await.body,
    ] {
        assert_eq!(view["driver_id"], ANN);
        assert_eq!(
            (&view["on_duty"], &view["available"]),
            (&json!({ "bringg": true }), &json!({ "bringg": false }))
        );
        assert_eq!(view["clocked_in"], false);
    }
}
