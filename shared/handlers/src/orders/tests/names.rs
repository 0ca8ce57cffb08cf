//! Names that change hands: an order number comes back after a day.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::inbound::InboundEvent;
use serde_json::json;

use crate::testing::events::{all_of_fleet, captain, fixture, job_of, syrve_order_of};
use crate::testing::{Bridge, ORDER, at, with_all_fleets};

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

/// Jelp's first word on an order with the number 577, of that day.
fn new_at_jelp(second: i64, folio: &str) -> InboundEvent {
    let mut body = fixture("jelp/order_new");
    (body["_id"], body["folio"]) = (json!(format!("66a0{folio}")), json!(folio));
    body["updatedAt"] = json!(at(second).to_string());
    body["orderStep"] = json!("TRANSIT");
    all_of_fleet(Provider::Jelp, &["order_new"], &body, second).remove(0)
}

#[tokio::test]
async fn a_fleets_own_id_goes_before_a_number_that_has_come_back() {
    let bridge = Bridge::matching(MatchOrdersBy::Number);
    let named = |second, status, uuid: &str| {
        job_of(second, status, &json!({ "partners_unique_internal_order_id": "577", "order_uuid": uuid }))
    };
    bridge
        .tell_all(&[announced(ORDER, 0), named(HOUR, "collected", "6992"), announced(NEXT, 24 * HOUR)])
        .await;
    bridge.tell_all(&[named(25 * HOUR, "dropped_off", "6992"), named(26 * HOUR, "collected", "7003")]).await;
    assert_eq!(delivery(&bridge, ORDER), Some(DeliveryStatus::DroppedOff));
    assert_eq!(delivery(&bridge, NEXT), Some(DeliveryStatus::Collected));
}

#[tokio::test]
async fn the_number_that_jelp_repeats_as_a_name_of_its_own_does_not_lead_to_yesterdays_order() {
    let bridge = Bridge::of(with_all_fleets(MatchOrdersBy::Number));
    bridge.tell_all(&[announced(ORDER, 0), new_at_jelp(HOUR, "FOLIO-1")]).await;
    bridge.tell_all(&[new_at_jelp(24 * HOUR, "FOLIO-2"), announced(NEXT, 25 * HOUR)]).await;
    let of = |order: &str| {
        let state = bridge.memory.state();
        let folio = state.orders[&order.parse().unwrap()]
            .value
            .refs
            .iter()
            .find(|name| name.kind == "jelp_folio")
            .cloned();
        folio.map(|name| name.value)
    };
    assert_eq!((of(ORDER).as_deref(), of(NEXT).as_deref()), (Some("FOLIO-1"), Some("FOLIO-2")));
    assert_eq!(delivery(&bridge, NEXT), Some(DeliveryStatus::Collected));
}

#[tokio::test]
async fn a_number_of_one_fleet_and_an_id_of_another_lead_to_one_order_whichever_comes_first() {
    let story = |order: [usize; 4]| {
        let under_id = captain(
            "order_assigned",
            5,
            &json!({ "partners_unique_internal_order_id": ORDER, "order_uuid": "6992" }),
        );
        let by_uuid = job_of(60, "assigned_and_accepted_by_driver", &json!({ "order_uuid": "6992" }));
        let all = [announced(ORDER, 0), new_at_jelp(120, "FOLIO-1"), under_id, by_uuid];
        order.map(|place| all[place].clone())
    };
    let mut orders = Vec::new();
    for places in [[0, 1, 2, 3], [1, 2, 3, 0], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let mut account = with_all_fleets(MatchOrdersBy::OrderId);
        account.fleets.get_mut(&Provider::Jelp).unwrap().match_orders_by = Some(MatchOrdersBy::Number);
        let bridge = Bridge::of(account);
        bridge.tell_all(&story(places)).await;
        assert_eq!(bridge.timeline().len(), 4, "{places:?}");
        let order = bridge.order();
        assert_eq!(order.carrier(), Some(Provider::Jelp));
        assert_eq!(
            order.deliveries[&Provider::Captain].current(),
            Some(DeliveryStatus::AssignedAndAcceptedByDriver)
        );
        orders.push(courier_domain::order::Order { requested: None, last_told: Vec::new(), ..order });
    }
    assert!(orders.iter().all(|order| *order == orders[0]));
}
