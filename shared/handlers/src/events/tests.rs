//! Messages that no retry can help, and what else is told than orders and drivers.

use std::time::Duration;

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::order::OrderRef;
use serde_json::{Value, json};

use crate::queue::Verdict;
use crate::testing::events::{announced, captain, fixture, job, joined, of_fleet, shift};
use crate::testing::stories::{loss, story};
use crate::testing::{Bridge, ORDER, at, with_all_fleets};

mod documented;

fn reason(verdict: Verdict) -> String {
    match verdict {
        Verdict::Dead(reason) => reason,
        other => panic!("{other:?} is not dead"),
    }
}

#[tokio::test]
async fn a_message_that_is_no_event_is_dead() {
    let bridge = Bridge::default();
    for text in ["", "null", "{}", "not json"] {
        let verdict = bridge.message(Sender::Fleet(Provider::Captain), "", text).await.unwrap();
        assert!(reason(verdict).contains("not an event"));
    }
}

#[tokio::test]
async fn an_event_of_an_account_that_is_gone_is_dead() {
    let bridge = Bridge::default();
    bridge.memory.state().accounts.clear();
    for event in [announced(0), job(1, "collected"), shift(1, "ffc60000-0000-4000-8000-000000000017", true)] {
        assert!(reason(bridge.tell(&event).await.unwrap()).contains("account"));
    }
    assert!(bridge.memory.state().entries.is_empty());
}

#[tokio::test]
async fn an_event_that_cannot_be_mapped_is_dead_with_the_field_as_reason() {
    let bridge = Bridge::default();
    let mut order = announced(0);
    order.body["eventInfo"]["order"]["status"] = json!(["private"]);
    let mut job = job(1, "collected");
    job.body["data"]["published_at"] = json!("private");
    job.body["created_at"] = json!(null);
    let mut shift = shift(1, "ffc60000-0000-4000-8000-000000000017", true);
    shift.body["eventInfo"]["opened"] = json!("private");
    for (event, field) in
        [(order, "eventInfo.order.status"), (job, "data.published_at"), (shift, "eventInfo.opened")]
    {
        let reason = reason(bridge.tell(&event).await.unwrap());
        assert!(reason.contains(field) && !reason.contains("private"), "{reason}");
    }
    assert_eq!(bridge.memory.requests(), (0, 0));
}

#[tokio::test]
async fn an_event_that_names_no_order_is_dead() {
    let bridge = Bridge::default();
    let mut nameless = job(1, "collected");
    for name in ["order_uuid", "order_description", "partners_unique_internal_order_id"] {
        nameless.body["data"][name] = json!(null);
    }
    assert!(reason(bridge.tell(&nameless).await.unwrap()).contains("names no order"));
}

#[tokio::test]
async fn a_report_that_is_ready_is_kept_on_the_account() {
    let bridge = Bridge::default();
    bridge.tell_all(&[captain("analytics_report_ready", 1, &json!({}))]).await;
    let state = bridge.memory.state();
    assert_eq!(state.reports.keys().collect::<Vec<_>>(), ["5a1e00000001"]);
}

#[tokio::test]
async fn a_report_that_another_event_told_of_already_is_not_told_again() {
    let bridge = Bridge::default();
    let ready = |second, url: &str| captain("analytics_report_ready", second, &json!({ "url": url }));
    bridge.tell_all(&[ready(1, "https://reports.test/r"), ready(2, "https://reports.test/r")]).await;
    assert_eq!(bridge.bus.items().len(), 1);
    bridge.tell_all(&[ready(3, "https://reports.test/another")]).await;
    assert_eq!(bridge.bus.items().len(), 2, "with another link it is news");
}

#[tokio::test]
async fn a_report_that_is_ready_is_an_event_which_a_redelivery_does_not_make_twice() {
    let bridge = Bridge::default();
    let ready = captain("analytics_report_ready", 1, &json!({ "url": "https://reports.test/r" }));
    bridge.bus.sent().to_fail = 1;
    assert!(bridge.tell(&ready).await.is_err());
    bridge.tell_all(std::slice::from_ref(&ready)).await;
    bridge.clock.advance(Duration::from_mins(1));
    bridge.tell_all(&[ready, captain("analytics_report_ready", 2, &json!({}))]).await;
    let [first, again, other] = bridge.bus.items().try_into().unwrap();
    let detail = json!({ "provider": "captain", "report": "5a1e00000001", "url": "https://reports.test/r" });
    assert_eq!((first.name.as_str(), &first.detail), ("analytics_report_ready", &detail));
    assert_eq!((first.subject().as_str(), first.occurred_at), ("account", at(1)));
    assert_eq!(first.event_uuid, again.event_uuid);
    assert_ne!(first.event_uuid, other.event_uuid);
    assert_eq!(other.detail["url"], json!(null));
}

#[tokio::test]
async fn a_table_that_fails_while_the_account_is_read_leaves_the_event_in_its_queue() {
    let bridge = Bridge::default();
    bridge.memory.state().reads_to_fail = 1;
    assert!(bridge.tell(&announced(0)).await.is_err());
}

fn all_fleets() -> Bridge {
    Bridge::of(with_all_fleets(MatchOrdersBy::OrderId))
}

/// An event of a fixture that is sent to this end of the fleet's URL, after a change of its body.
fn edited(provider: Provider, file: &str, rest: &[&str], edit: impl FnOnce(&mut Value)) -> InboundEvent {
    let mut body = fixture(file);
    edit(&mut body);
    of_fleet(provider, rest, &body)
}

#[tokio::test]
async fn an_event_that_leaves_open_what_happened_is_dead_and_says_what_to_do() {
    let open = |file: &str| edited(Provider::Bringg, file, &[], |_| ());
    let ended = edited(Provider::Jelp, "jelp/complete_order", &["order_update"], |body| {
        body.as_object_mut().unwrap().remove("queueName");
    });
    let unsaid = edited(Provider::Radaro, "radaro/updated_pickup", &[], |body| {
        body["new_values"] = json!("Testa Example");
    });
    for (event, part) in [
        (open("bringg/open__way_point"), "webhook_type"),
        (open("bringg/open__wrapped_way_point"), "webhook_type"),
        (open("bringg/open__location"), "webhook_type"),
        (ended, "event"),
        (unsaid, "new_values"),
    ] {
        let bridge = all_fleets();
        let reason = reason(bridge.tell(&event).await.unwrap());
        assert!(reason.contains(part) && !reason.contains("Testa"), "{reason}");
        assert_eq!(bridge.memory.requests(), (0, 0));
    }
}

#[tokio::test]
async fn an_event_of_a_fleet_that_contradicts_itself_is_dead() {
    let cancelled = edited(Provider::Jelp, "jelp/complete_order", &["complete_order"], |body| {
        body["status"] = json!("CANCELED");
    });
    let other_url = edited(Provider::Jelp, "jelp/complete_order", &["comment"], |_| ());
    for (event, field) in [(cancelled, "status"), (other_url, "queueName")] {
        assert!(reason(all_fleets().tell(&event).await.unwrap()).starts_with(field));
    }
}

#[tokio::test]
async fn an_event_of_every_fleet_whose_account_is_gone_is_dead() {
    for provider in Provider::ALL {
        let bridge = all_fleets();
        bridge.memory.state().accounts.clear();
        let event = loss(provider, MatchOrdersBy::OrderId);
        assert!(reason(bridge.tell(&event).await.unwrap()).contains("account"), "{provider:?}");
    }
}

#[tokio::test]
async fn a_fleet_that_was_taken_out_of_the_account_still_has_its_events_applied() {
    for provider in Provider::ALL {
        let bridge = all_fleets();
        let events = story(provider, MatchOrdersBy::OrderId);
        bridge.memory.edit_account(|account| account.fleets.clear());
        bridge.tell_all(&[announced(0)]).await;
        for event in events {
            assert_eq!(bridge.tell(&event).await.unwrap(), Verdict::Done, "{provider:?} {}", event.kind);
        }
    }
}

#[tokio::test]
async fn a_word_of_an_operator_that_cannot_be_read_is_dead() {
    let bridge = all_fleets();
    for body in [json!(null), json!({}), json!({ "order_id": "577", "name": "x", "at": "y" })] {
        let mut event = joined(1, ORDER, OrderRef::new("captain", "6992"), 0);
        event.body = body;
        assert!(reason(bridge.tell(&event).await.unwrap()).contains("joins"));
    }
    assert_eq!(bridge.memory.requests(), (0, 0));
}

#[tokio::test]
async fn an_event_of_syrves_in_the_queue_of_fleets_is_dead() {
    let bridge = all_fleets();
    let text = serde_json::to_string(&announced(0)).unwrap();
    let verdict = bridge.message(Sender::Operator, "DeliveryOrderUpdate", &text).await.unwrap();
    assert!(reason(verdict).contains("Syrve"));
}
