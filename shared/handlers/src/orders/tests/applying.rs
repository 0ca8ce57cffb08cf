//! One event after the other, each once.

use courier_domain::delivery::{DeliveryStatus, PosStatus};

use crate::queue::Verdict;
use crate::testing::events::{announced, job, syrve_order};
use crate::testing::{Bridge, Fault, ORDER, at};

#[tokio::test]
async fn an_event_costs_one_read_one_transaction_and_one_send() {
    let bridge = Bridge::default();
    for event in [announced(10), job(20, "collected"), job(15, "assigned_to_driver")] {
        let before = bridge.memory.requests();
        assert_eq!(bridge.tell(&event).await.unwrap(), Verdict::Done);
        let after = bridge.memory.requests();
        assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1), "{}", event.kind);
    }
    assert_eq!(bridge.commands.sent().calls, 1);
    assert_eq!(bridge.bus.sent().calls, 2);
}

#[tokio::test]
async fn a_delivery_from_announcement_to_the_door_asks_for_three_statuses() {
    let bridge = Bridge::default();
    let story = ["assigned_to_driver", "assigned_and_accepted_by_driver", "collected", "dropped_off"]
        .map(str::to_owned);
    bridge.tell(&announced(0)).await.unwrap();
    for (second, status) in (1..).zip(&story) {
        bridge.tell(&job(second, status)).await.unwrap();
    }
    assert_eq!(bridge.asked(), [PosStatus::Waiting, PosStatus::OnWay, PosStatus::Delivered]);
    assert_eq!(bridge.order().delivery().delivered_at(), Some(at(4)));
    assert!(bridge.timeline().iter().all(|(_, applied)| *applied));
    assert_eq!(bridge.timeline().len(), 5);
    assert!(bridge.event_names().starts_with(&["order_created".to_owned()]));
}

#[tokio::test]
async fn the_command_is_stored_with_the_change_and_then_sent() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0), job(1, "collected")]).await;
    let [sent] = bridge.commands.items().try_into().unwrap();
    let state = bridge.memory.state();
    let stored = state.commands.get(&(sent.subject(), sent.id.clone())).unwrap();
    assert_eq!((&stored.value, stored.version), (&sent, 1));
}

#[tokio::test]
async fn a_late_event_shows_nothing_new_and_stays_visible() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0), job(20, "dropped_off")]).await;
    let shown = |bridge: &Bridge| {
        let order = bridge.order();
        let delivery = order.delivery();
        (
            delivery.current(),
            delivery.status_stamp().cloned(),
            delivery.driver.clone(),
            order.requested.clone(),
        )
    };
    let before = shown(&bridge);
    bridge.tell_all(&[job(10, "collected")]).await;
    assert_eq!(shown(&bridge), before);
    assert_eq!(bridge.asked(), [PosStatus::Delivered]);
    assert!(bridge.timeline().contains(&("job_delivery_status_updated collected".to_owned(), false)));
}

#[tokio::test]
async fn whoever_loses_a_race_applies_its_event_to_what_the_winner_wrote() {
    let bridge = Bridge::default();
    bridge.tell_all(&[announced(0)]).await;
    bridge.memory.state().rival = Some(Box::new(|state| {
        let order = state.orders.get_mut(&ORDER.parse().unwrap()).unwrap();
        order
            .value
            .deliveries
            .entry(courier_domain::delivery::Provider::Captain)
            .or_default()
            .order_status
            .offer(
                &courier_domain::register::Stamp::new(at(5), "rival".parse().unwrap()),
                "by the rival".to_owned(),
            );
        order.version += 1;
    }));
    bridge.tell_all(&[job(1, "collected")]).await;
    let order = bridge.order();
    assert_eq!(order.delivery().order_status.get().map(String::as_str), Some("by the rival"));
    assert_eq!(order.delivery().current().map(DeliveryStatus::as_str), Some("collected"));
    assert_eq!(bridge.asked(), [PosStatus::OnWay]);
}

#[tokio::test]
async fn an_order_that_others_write_all_the_time_is_tried_again_later() {
    let bridge = Bridge::default();
    bridge.memory.state().faults = [Some(Fault::Conflict); 6].into();
    let error = bridge.tell(&announced(0)).await.unwrap_err();
    assert!(crate::http::chain(&error).contains("6 times"), "{error}");
    bridge.tell_all(&[announced(0)]).await;
    assert_eq!(bridge.event_names().first().map(String::as_str), Some("order_created"));
}

#[tokio::test]
async fn an_order_that_syrve_closed_or_gave_to_the_guest_is_not_asked_for_anything() {
    for (status, service) in [("Closed", "DeliveryByCourier"), ("WaitCooking", "DeliveryByClient")] {
        let bridge = Bridge::default();
        bridge.tell_all(&[announced(0), syrve_order(1, status, service), job(2, "collected")]).await;
        assert_eq!(bridge.asked(), [], "{status} {service}");
        assert_eq!(bridge.order().delivery().current().map(DeliveryStatus::as_str), Some("collected"));
    }
}

#[tokio::test]
async fn an_unreadable_table_leaves_the_event_in_its_queue() {
    let bridge = Bridge::default();
    bridge.memory.state().reads_to_fail = 1;
    assert!(bridge.tell(&announced(0)).await.is_err());
    assert!(bridge.memory.state().orders.is_empty());
}
