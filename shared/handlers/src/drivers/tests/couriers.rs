//! Couriers of restaurants that are written to a fleet, other employees, and those of restaurants that are not.

use crate::testing::events::{shift, shift_at};
use crate::testing::{ANN, BAR, Bridge, Fault, KITCHEN, at};

#[tokio::test]
async fn a_fleet_hears_of_the_shifts_of_listed_couriers_only() {
    let bridge = Bridge::dispatching();
    bridge.tell_all(&[shift(1, ANN, true), shift(2, ANN, false)]).await;
    assert_eq!(bridge.labels(), [""; 0], "not a courier, as far as anybody knows");
    bridge.list(3, "Testa Example", true).await.unwrap();
    bridge.tell_all(&[shift(4, ANN, true), shift(5, ANN, false)]).await;
    assert_eq!(bridge.labels(), ["upsert_driver", "clock_in_driver", "clock_out_driver"]);
}

#[tokio::test]
async fn one_who_is_listed_while_on_duty_is_made_known_and_put_on_duty_in_this_order() {
    let bridge = Bridge::dispatching();
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    let before = bridge.memory.requests();
    bridge.list(2, "Testa Example", true).await.unwrap();
    let after = bridge.memory.requests();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 1));
    assert_eq!(bridge.labels(), ["upsert_driver", "clock_in_driver"]);
    let sent = bridge.commands.items();
    let state = bridge.memory.state();
    assert!(sent.iter().all(|sent| state.commands[&(sent.subject(), sent.id.clone())].value == *sent));
}

#[tokio::test]
async fn a_restaurant_that_writes_to_no_fleet_asks_none() {
    let bridge = Bridge::default();
    bridge.list(0, "Testa Example", true).await.unwrap();
    bridge.tell_all(&[shift(1, ANN, true), shift(2, ANN, false)]).await;
    assert_eq!(bridge.labels(), [""; 0]);
}

#[tokio::test]
async fn a_driver_open_in_two_places_is_on_duty_once_until_both_are_closed() {
    let bridge = Bridge::dispatching();
    bridge.list(0, "Testa Example", true).await.unwrap();
    bridge
        .tell_all(&[
            shift_at(1, ANN, KITCHEN, true),
            shift_at(2, ANN, BAR, true),
            shift_at(3, ANN, KITCHEN, false),
        ])
        .await;
    assert_eq!(bridge.labels(), ["upsert_driver", "clock_in_driver"]);
    bridge.tell_all(&[shift_at(4, ANN, BAR, false)]).await;
    assert_eq!(bridge.labels(), ["upsert_driver", "clock_in_driver", "clock_out_driver"]);
}

#[tokio::test]
async fn one_who_leaves_is_clocked_out_in_syrve_and_at_the_fleet_and_one_who_returns_is_known_again() {
    let bridge = Bridge::dispatching();
    bridge.list(0, "Testa Example", true).await.unwrap();
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    bridge.list(2, "Testa Example", false).await.unwrap();
    assert_eq!(bridge.labels()[2..], ["clockout", "clock_out_driver", "upsert_driver"]);
    assert!(!bridge.driver().clocked_in() && !bridge.driver().active());
    let names = ["driver_clocked_in", "driver_deactivated", "driver_clocked_out"];
    assert_eq!(bridge.event_names(), names);
    assert!(bridge.bus.items().iter().skip(1).all(|event| event.occurred_at == at(2)));
    bridge.list(3, "Testa Example", true).await.unwrap();
    assert_eq!(bridge.labels()[5..], ["upsert_driver"]);
    assert_eq!(bridge.event_names()[3..], ["driver_activated"]);
}

#[tokio::test]
async fn a_shift_told_again_sends_the_same_again_and_writes_nothing() {
    let bridge = Bridge::dispatching();
    bridge.list(0, "Testa Example", true).await.unwrap();
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    let (driver, sent) = (bridge.driver(), bridge.commands.items());
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    assert_eq!(bridge.driver(), driver);
    assert_eq!(bridge.commands.items()[sent.len()..], sent[1..]);
    assert_eq!(bridge.memory.state().commands.len(), 2);
}

#[tokio::test]
async fn what_was_written_of_a_driver_and_not_sent_is_sent_by_the_redelivery() {
    for fault in [Fault::Lost, Fault::Unheard] {
        let bridge = Bridge::dispatching();
        bridge.list(0, "Testa Example", true).await.unwrap();
        bridge.memory.state().faults = (fault == Fault::Unheard).then_some(Some(fault)).into_iter().collect();
        bridge.commands.sent().to_fail = u32::from(fault == Fault::Lost);
        assert!(bridge.tell(&shift(1, ANN, true)).await.is_err());
        assert_eq!(bridge.labels(), ["upsert_driver"], "{fault:?}");
        bridge.tell_all(&[shift(1, ANN, true)]).await;
        assert_eq!(bridge.labels()[1..], ["clock_in_driver"]);
        assert_eq!(bridge.memory.state().commands.len(), 2);
    }
}
