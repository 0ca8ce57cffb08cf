//! Orders that are made, changed and told of, and nothing goes wrong.

use courier_domain::command::CommandState;
use courier_domain::delivery::{DeliveryStatus, PosStatus, Provider};
use courier_domain::order::OrderRef;
use serde_json::json;

use super::{announced_desk, desk, made_desk, with_comment};
use crate::queue::Verdict;
use crate::testing::events::{announced, job_of, syrve_order, syrve_order_with};
use crate::testing::{ORDER, Trouble, fault};

#[tokio::test]
async fn an_order_is_made_under_our_name_with_the_accounts_keys() {
    let desk = announced_desk().await;
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(
        (desk.fleet.calls(), desk.state("create_order")),
        (vec!["create".to_owned()], CommandState::Confirmed)
    );
    let script = desk.fleet.script();
    let body = &script.orders[ORDER].body;
    assert_eq!(body["partners_unique_internal_order_id"], ORDER);
    assert_eq!(body["custom_fields"]["courier_bridge_account_id"], "demo");
    assert_eq!(body["recipient"]["full_name"], "Testa Example");
    let login = &script.logins[0];
    assert_eq!(
        (login.base_url.as_str(), login.account_uuid.as_str()),
        ("https://api.captain.ai", "73f4c9af9f79")
    );
    assert_eq!(
        (login.integration_key.expose(), login.developer_key.expose()),
        ("integration-key", "developer-key")
    );
    assert_eq!(login.requests_per_minute, 300);
}

#[tokio::test]
async fn the_fleets_id_and_link_are_kept_and_the_timeline_says_so() {
    let desk = made_desk().await;
    let order = desk.bridge.order();
    assert_eq!(order.fleet_order_id(Provider::Captain), Some("o-1"));
    assert!(order.dispatch.as_ref().is_some_and(|dispatch| dispatch.made));
    let tracking_url = order.delivery().tracking_url.get().map(String::as_str);
    assert_eq!(tracking_url, Some("https://track.test/o-1"));
    let link = desk.bridge.memory.state().links[&OrderRef::new("captain", "o-1")].value.clone();
    assert_eq!(link.order_id, Some(ORDER.parse().unwrap()));
    let told = desk.told();
    assert_eq!(told.len(), 2, "{told:?}");
    for line in ["order_dispatched", "create_order confirmed"] {
        assert!(told.contains(&(line.to_owned(), true)), "{line}");
    }
    assert_eq!(desk.bridge.event_names(), ["order_created", "syrve_order_status_updated"]);
}

#[tokio::test]
async fn an_event_that_carries_only_the_fleets_id_finds_its_order_before_or_after_the_answer() {
    for early in [true, false] {
        let desk = announced_desk().await;
        let collected = job_of(5, "collected", &json!({ "order_uuid": "o-1" }));
        if early {
            desk.bridge.tell_all(std::slice::from_ref(&collected)).await;
            assert_eq!(desk.bridge.order().delivery().current(), None, "nobody knows whose it is");
        }
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        if !early {
            desk.bridge.tell_all(&[collected]).await;
        }
        let current = desk.bridge.order().delivery().current();
        assert_eq!(current.and_then(DeliveryStatus::pos_status), Some(PosStatus::OnWay));
        let asked = desk.bridge.labels();
        assert!(asked.contains(&"update_order_delivery_status OnWay".to_owned()), "{asked:?}");
    }
}

#[tokio::test]
async fn an_order_that_is_there_already_is_looked_up_and_taken_for_made() {
    let desk = announced_desk().await;
    desk.fleet.script().make(ORDER, &json!({}));
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["create", "find"]);
    assert_eq!(desk.state("create_order"), CommandState::Confirmed);
    assert!(desk.is_made_once());
}

#[tokio::test]
async fn an_order_that_is_there_and_not_in_the_list_is_taken_for_made_without_its_id() {
    let desk = announced_desk().await;
    desk.fleet.script().make(ORDER, &json!({}));
    desk.fleet.script().short_list = true;
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(desk.state("create_order"), CommandState::Confirmed);
    let order = desk.bridge.order();
    assert!(order.dispatch.as_ref().is_some_and(|dispatch| dispatch.made));
    assert_eq!(order.fleet_order_id(Provider::Captain), None);
    // Any event that names both teaches it.
    let both = json!({ "order_uuid": "o-1", "partners_unique_internal_order_id": ORDER });
    desk.bridge
        .tell_all(&[
            job_of(5, "assigned_to_driver", &both),
            syrve_order(6, "CookingStarted", "DeliveryByCourier"),
        ])
        .await;
    assert_eq!(desk.step("update_order_status being_prepared").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["create", "find", "status o-1 being_prepared"]);
}

#[tokio::test]
async fn what_changes_is_sent_to_the_order_of_that_id_as_it_is_by_then() {
    let desk = made_desk().await;
    desk.bridge.tell_all(&[with_comment(1, "WaitCooking", "Ring thrice")]).await;
    assert_eq!(desk.step("update_order").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["update o-1"]);
    assert_eq!(desk.fleet.script().orders[ORDER].body["special_instructions"], "Ring thrice");
    assert_eq!(desk.state("update_order"), CommandState::Confirmed);
    assert!(desk.told().contains(&("update_order confirmed".to_owned(), true)));
}

#[tokio::test]
async fn an_id_that_no_answer_gave_is_looked_up_once_and_kept() {
    let desk = announced_desk().await;
    desk.fleet.script().make(ORDER, &json!({}));
    desk.bridge.tell_all(&[with_comment(1, "CookingStarted", "Ring thrice")]).await;
    assert_eq!(desk.step("update_order").await, Verdict::Done);
    assert_eq!(desk.step("update_order_status being_prepared").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["find", "update o-1", "status o-1 being_prepared"]);
    assert!(desk.is_made_once());
}

#[tokio::test]
async fn the_kitchens_progress_is_told_and_a_cancellation_with_its_reason() {
    let desk = made_desk().await;
    // Syrve may keep why an order was cancelled before.
    let word = |second, status| {
        syrve_order_with(second, status, |order| {
            order["cancelInfo"] = json!({ "cause": { "name": "Guest changed their mind" }, "comment": null });
        })
    };
    for (second, said, told) in [
        (1, "CookingStarted", "being_prepared"),
        (2, "CookingCompleted", "prepared"),
        (3, "Cancelled", "cancelled"),
    ] {
        desk.bridge.tell_all(&[word(second, said)]).await;
        assert_eq!(desk.step(&format!("update_order_status {told}")).await, Verdict::Done);
    }
    let reason = desk.bridge.order().details.get().and_then(|details| details.cancel_reason.clone());
    let cancelled = format!("cancelled ({})", reason.expect("the fixture gives a reason"));
    assert_eq!(desk.fleet.script().orders[ORDER].statuses, ["being_prepared", "prepared", &cancelled]);
    assert!(desk.told().contains(&("update_order_status cancelled confirmed".to_owned(), true)));
}

#[tokio::test]
async fn an_order_that_arrives_half_way_is_made_first_and_told_of_then() {
    let desk = desk();
    desk.bridge.tell_all(&[syrve_order(0, "CookingStarted", "DeliveryByCourier")]).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "status o-1 being_prepared"]);
}

#[tokio::test]
async fn an_order_made_by_a_call_whose_answer_was_lost_is_found_and_not_made_again() {
    let desk = desk();
    desk.bridge.tell_all(&[announced(0)]).await;
    desk.fleet.trouble(Trouble::Unheard(fault()));
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "find"]);
    assert!(desk.is_made_once());
}
