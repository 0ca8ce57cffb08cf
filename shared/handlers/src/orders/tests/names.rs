//! Names that change hands: an order number comes back after a day.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::DeliveryStatus;
use courier_domain::inbound::InboundEvent;
use serde_json::json;

use crate::testing::events::{job_of, syrve_order_of};
use crate::testing::{Bridge, ORDER};

const NEXT: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f09";
const HOUR: i64 = 3600;

fn announced(order: &str, second: i64) -> InboundEvent {
    syrve_order_of(order, second, "WaitCooking", "DeliveryByCourier")
}

fn under_number(second: i64, status: &str) -> InboundEvent {
    job_of(second, status, &json!({ "partners_unique_internal_order_id": "577" }))
}

fn delivery(bridge: &Bridge, order: &str) -> Option<DeliveryStatus> {
    let state = bridge.memory.state();
    state.orders.get(&order.parse().unwrap()).and_then(|order| order.value.delivery().current())
}

#[tokio::test]
async fn yesterdays_number_is_not_followed_and_todays_order_gets_the_event() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(ORDER, 0), under_number(HOUR, "dropped_off")]).await;
    bridge.tell_all(&[under_number(24 * HOUR, "collected")]).await;
    assert_eq!(delivery(&bridge, ORDER), Some(DeliveryStatus::DroppedOff));
    bridge.tell_all(&[announced(NEXT, 23 * HOUR)]).await;
    assert_eq!(delivery(&bridge, NEXT), Some(DeliveryStatus::Collected));
    assert_eq!(delivery(&bridge, ORDER), Some(DeliveryStatus::DroppedOff));
}

#[tokio::test]
async fn a_number_is_followed_within_the_day() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(ORDER, 0), under_number(18 * HOUR, "collected")]).await;
    assert_eq!(delivery(&bridge, ORDER), Some(DeliveryStatus::Collected));
}

#[tokio::test]
async fn an_old_orders_late_event_does_not_take_the_number_back() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(ORDER, 0), announced(NEXT, 24 * HOUR)]).await;
    let closed = syrve_order_of(ORDER, 25 * HOUR, "Closed", "DeliveryByCourier");
    bridge.tell_all(&[closed, under_number(26 * HOUR, "collected")]).await;
    assert_eq!((delivery(&bridge, ORDER), delivery(&bridge, NEXT)), (None, Some(DeliveryStatus::Collected)));
}

#[tokio::test]
async fn an_event_replayed_days_later_does_not_reach_the_next_order_of_its_number() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[announced(NEXT, 72 * HOUR), under_number(0, "dropped_off")]).await;
    assert_eq!(delivery(&bridge, NEXT), None);
    bridge.tell_all(&[under_number(73 * HOUR, "collected")]).await;
    assert_eq!(delivery(&bridge, NEXT), Some(DeliveryStatus::Collected), "nor does it take the number away");
}

#[tokio::test]
async fn an_order_made_the_day_before_is_still_found_by_its_number() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let cooking = syrve_order_of(ORDER, 30 * HOUR, "CookingStarted", "DeliveryByCourier");
    bridge.tell_all(&[announced(ORDER, 0), cooking, under_number(31 * HOUR, "collected")]).await;
    assert_eq!(delivery(&bridge, ORDER), Some(DeliveryStatus::Collected));
}

#[tokio::test]
async fn what_waited_for_an_order_that_never_came_does_not_join_the_next_of_its_number() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    bridge.tell_all(&[under_number(0, "dropped_off"), announced(ORDER, 48 * HOUR)]).await;
    assert_eq!(delivery(&bridge, ORDER), None);
    assert_eq!(bridge.asked(), []);
    bridge.tell_all(&[under_number(49 * HOUR, "collected")]).await;
    assert_eq!(delivery(&bridge, ORDER), Some(DeliveryStatus::Collected));
}
