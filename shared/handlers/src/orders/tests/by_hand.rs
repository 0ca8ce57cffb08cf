//! Events that an operator joins with an order, since nothing else says that they are about it.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{DeliveryStatus, PosStatus};
use courier_domain::inbound::InboundEvent;
use courier_domain::order::OrderRef;
use serde_json::json;

use crate::testing::events::{announced, job_of, joined, syrve_order_of};
use crate::testing::{Bridge, ORDER};

const NEXT: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f09";
const HOUR: i64 = 3600;

fn number() -> OrderRef {
    OrderRef::new("number", "577")
}

fn uuid() -> OrderRef {
    OrderRef::new("captain", "6992")
}

fn under_number(second: i64, status: &str) -> InboundEvent {
    job_of(second, status, &json!({ "partners_unique_internal_order_id": "577" }))
}

fn under_uuid(second: i64, status: &str) -> InboundEvent {
    job_of(second, status, &json!({ "order_uuid": "6992" }))
}

fn announced_next(second: i64) -> InboundEvent {
    syrve_order_of(NEXT, second, "WaitCooking", "DeliveryByCourier")
}

fn status(bridge: &Bridge, order: &str) -> Option<DeliveryStatus> {
    bridge.memory.state().orders[&order.parse().unwrap()].value.delivery().current()
}

fn waiting(bridge: &Bridge, name: &OrderRef) -> usize {
    bridge.memory.state().links[name].value.waiting.len()
}

#[tokio::test]
async fn what_waits_joins_with_its_commands_and_the_name_leads_there_from_then_on() {
    let bridge = Bridge::default();
    let accepted = under_uuid(5, "assigned_and_accepted_by_driver");
    bridge.tell_all(&[announced(0), accepted, under_uuid(6, "collected")]).await;
    assert_eq!((bridge.asked(), waiting(&bridge, &uuid())), (vec![], 2));
    bridge.tell_all(&[joined(60, ORDER, uuid(), 6)]).await;
    assert_eq!((bridge.asked(), waiting(&bridge, &uuid())), (vec![PosStatus::OnWay], 0));
    let timeline: Vec<_> = bridge.timeline().into_iter().map(|(event, _)| event).collect();
    assert_eq!(timeline.len(), 4);
    assert!(timeline.contains(&"joined".to_owned()), "{timeline:?}");
    bridge.tell_all(&[under_uuid(70, "dropped_off")]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}

#[tokio::test]
async fn a_second_word_on_it_changes_nothing() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0), under_uuid(6, "collected")]).await;
    bridge.tell_all(&[joined(60, ORDER, uuid(), 6), joined(61, ORDER, uuid(), 6)]).await;
    assert_eq!((bridge.asked(), bridge.timeline().len()), (vec![PosStatus::OnWay], 4));
}

#[tokio::test]
async fn what_waits_under_the_other_names_of_a_waiting_event_joins_too() {
    let bridge = Bridge::default();
    let both = json!({ "order_uuid": "6992", "order_description": "577" });
    let short = json!({ "order_description": "577" });
    bridge
        .tell_all(&[announced(0), job_of(5, "assigned_to_driver", &both), job_of(6, "collected", &short)])
        .await;
    bridge.tell_all(&[joined(60, ORDER, uuid(), 5)]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
}

#[tokio::test]
async fn an_order_that_had_its_number_a_day_ago_gets_what_waits_under_it() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(0), under_number(20 * HOUR, "collected")]).await;
    assert_eq!((bridge.asked(), waiting(&bridge, &number())), (vec![], 1), "too far from the announcement");
    bridge.tell_all(&[joined(21 * HOUR, ORDER, number(), 20 * HOUR)]).await;
    assert_eq!((status(&bridge, ORDER), waiting(&bridge, &number())), (Some(DeliveryStatus::Collected), 0));
    bridge.tell_all(&[under_number(22 * HOUR, "dropped_off")]).await;
    assert_eq!(bridge.asked(), [PosStatus::OnWay, PosStatus::Delivered]);
}

#[tokio::test]
async fn what_is_older_than_a_day_joins_the_order_of_its_day_and_the_number_stays_with_todays() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(0), announced_next(72 * HOUR), under_number(HOUR, "dropped_off")]).await;
    assert_eq!((status(&bridge, ORDER), status(&bridge, NEXT)), (None, None));
    bridge.tell_all(&[joined(73 * HOUR, ORDER, number(), HOUR)]).await;
    assert_eq!((status(&bridge, ORDER), waiting(&bridge, &number())), (Some(DeliveryStatus::DroppedOff), 0));
    bridge.tell_all(&[under_number(74 * HOUR, "collected")]).await;
    assert_eq!(status(&bridge, NEXT), Some(DeliveryStatus::Collected));
}

#[tokio::test]
async fn what_is_older_than_a_day_can_join_todays_order_which_keeps_its_number() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced_next(72 * HOUR), under_number(HOUR, "collected")]).await;
    bridge.tell_all(&[joined(73 * HOUR, NEXT, number(), HOUR)]).await;
    assert_eq!(status(&bridge, NEXT), Some(DeliveryStatus::Collected));
    bridge.tell_all(&[under_number(74 * HOUR, "dropped_off")]).await;
    assert_eq!(status(&bridge, NEXT), Some(DeliveryStatus::DroppedOff));
}

#[tokio::test]
async fn events_of_two_days_under_one_number_join_one_day_after_the_other() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[under_number(HOUR, "dropped_off"), under_number(48 * HOUR, "collected")]).await;
    let pick_up = |order, second| syrve_order_of(order, second, "WaitCooking", "DeliveryByCourier");
    // Both under another number than the fleet's.
    for (order, second) in [(ORDER, 0), (NEXT, 47 * HOUR)] {
        let mut event = pick_up(order, second);
        event.body["eventInfo"]["order"]["number"] = json!(1);
        bridge.tell_all(&[event]).await;
    }
    bridge.tell_all(&[joined(49 * HOUR, NEXT, number(), 48 * HOUR)]).await;
    assert_eq!((status(&bridge, NEXT), status(&bridge, ORDER)), (Some(DeliveryStatus::Collected), None));
    assert_eq!(waiting(&bridge, &number()), 1, "the older one is not lost");
    bridge
        .tell_all(&[joined(50 * HOUR, ORDER, number(), HOUR), under_number(51 * HOUR, "dropped_off")])
        .await;
    assert_eq!(status(&bridge, ORDER), Some(DeliveryStatus::DroppedOff));
    assert_eq!((status(&bridge, NEXT), waiting(&bridge, &number())), (Some(DeliveryStatus::DroppedOff), 0));
}

#[tokio::test]
async fn a_name_that_led_to_another_order_leads_where_the_operator_says() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(0), under_number(20 * HOUR, "collected")]).await;
    let mut next = announced_next(20 * HOUR);
    next.body["eventInfo"]["order"]["number"] = json!(1);
    bridge
        .tell_all(&[
            next,
            joined(21 * HOUR, NEXT, number(), 20 * HOUR),
            under_number(22 * HOUR, "dropped_off"),
        ])
        .await;
    assert_eq!((status(&bridge, ORDER), status(&bridge, NEXT)), (None, Some(DeliveryStatus::DroppedOff)));
}
