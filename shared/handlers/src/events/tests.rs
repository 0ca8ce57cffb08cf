//! Messages that no retry can help, and what else is told than orders and drivers.

use courier_domain::delivery::Provider;
use courier_domain::inbound::Sender;
use serde_json::json;

use crate::queue::Verdict;
use crate::testing::Bridge;
use crate::testing::events::{announced, captain, job, shift};

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
    assert_eq!(bridge.memory.state().reports, ["5a1e00000001"]);
}

#[tokio::test]
async fn a_table_that_fails_while_the_account_is_read_leaves_the_event_in_its_queue() {
    let bridge = Bridge::default();
    bridge.memory.state().reads_to_fail = 1;
    assert!(bridge.tell(&announced(0)).await.is_err());
}
