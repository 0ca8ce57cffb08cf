//! Commands that something newer made pointless.

use courier_clients::CallError::TokenUnavailable;
use courier_domain::command::CommandState;

use super::{Desk, announced_desk, desk, later, made_desk, on_duty_desk, with_comment};
use crate::queue::Verdict;
use crate::testing::events::{announced, shift, syrve_order};
use crate::testing::{ANN, ORDER, Trouble, fault, held_back, rejected, throttled, unavailable};

const CANCEL: &str = "update_order_status cancelled";

async fn cancel(desk: &Desk) {
    desk.bridge.tell_all(&[syrve_order(9, "Cancelled", "DeliveryByCourier")]).await;
}

fn is_superseded(desk: &Desk, label: &str, reason: &str) {
    let command = desk.command(label);
    assert_eq!(
        (command.state, command.last_error.as_deref()),
        (CommandState::Superseded, Some(reason)),
        "{label}"
    );
}

#[tokio::test]
async fn an_order_cancelled_before_its_creation_was_tried_is_never_sent_and_its_cancellation_neither() {
    for (status, service, reason) in [
        ("Cancelled", "DeliveryByCourier", "the order is closed or cancelled in Syrve"),
        ("WaitCooking", "DeliveryByClient", "the order is not for a courier any more"),
    ] {
        let desk = announced_desk().await;
        desk.bridge.tell_all(&[syrve_order(9, status, service)]).await;
        assert_eq!(desk.work().await, [""; 0]);
        assert_eq!(desk.fleet.calls(), [""; 0]);
        is_superseded(&desk, "create_order", reason);
        is_superseded(&desk, CANCEL, "the order is not known to the fleet");
        assert!(desk.commands.ledger.bus.items().is_empty(), "nobody need be told");
    }
}

#[tokio::test]
async fn an_order_cancelled_after_its_creation_was_tried_is_made_and_cancelled_there() {
    for (failure, calls) in [
        (unavailable(), &["create", "create", "status o-1 cancelled"][..]),
        (fault(), &["create", "find", "create", "status o-1 cancelled"]),
    ] {
        let desk = announced_desk().await;
        desk.fleet.fails(failure);
        assert_eq!(desk.step("create_order").await, later(2));
        cancel(&desk).await;
        assert_eq!(desk.work().await, [""; 0]);
        assert_eq!(desk.fleet.calls(), calls);
        assert_eq!([desk.state("create_order"), desk.state(CANCEL)], [CommandState::Confirmed; 2]);
    }
}

#[tokio::test]
async fn an_order_that_the_fleet_makes_late_and_lists_later_still_is_cancelled_there() {
    for failure in [unavailable(), fault()] {
        let desk = announced_desk().await;
        desk.fleet.fails(failure);
        assert_eq!(desk.step("create_order").await, later(2));
        desk.bridge.tell_all(&[syrve_order(9, "WaitCooking", "DeliveryByClient")]).await;
        desk.fleet.script().make(ORDER, &serde_json::json!({}));
        desk.fleet.script().short_list = true;
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        for pause in [2, 4] {
            assert_eq!(desk.step(CANCEL).await, later(pause), "it is there and not in the list yet");
        }
        desk.fleet.script().short_list = false;
        assert_eq!(desk.work().await, [""; 0]);
        let script = desk.fleet.script();
        assert_eq!((script.made, &script.orders[ORDER].statuses[..]), (1, &["cancelled".to_owned()][..]));
    }
}

#[tokio::test]
async fn an_order_that_is_never_listed_is_looked_for_until_its_cancellation_is_out_of_time() {
    let desk = announced_desk().await;
    desk.fleet.script().make(ORDER, &serde_json::json!({}));
    desk.fleet.script().short_list = true;
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    cancel(&desk).await;
    assert_eq!(desk.work().await, ["given up after 4 hours: Captain.AI does not have the order"]);
    assert_eq!(desk.state(CANCEL), CommandState::Failed);
}

#[tokio::test]
async fn an_order_that_is_refused_while_its_creation_is_in_doubt_is_cancelled_there_once_it_is_listed() {
    for cancelled_before in [true, false] {
        let desk = announced_desk().await;
        desk.fleet.fails(fault());
        assert_eq!(desk.step("create_order").await, later(2));
        if cancelled_before {
            cancel(&desk).await;
        }
        desk.fleet.works().fails(rejected());
        assert!(matches!(desk.step("create_order").await, Verdict::Dead(_)));
        if !cancelled_before {
            cancel(&desk).await;
        }
        assert_eq!(desk.step(CANCEL).await, later(2));
        desk.fleet.script().make(ORDER, &serde_json::json!({}));
        assert_eq!(desk.step(CANCEL).await, Verdict::Done);
        assert_eq!(desk.fleet.script().orders[ORDER].statuses, ["cancelled"]);
    }
}

#[tokio::test]
async fn an_order_that_surely_was_not_made_is_not_made_for_its_cancellation() {
    for failure in [throttled(2), TokenUnavailable(Box::new(unavailable())), held_back(1)] {
        let desk = announced_desk().await;
        desk.fleet.fails(failure);
        assert!(matches!(desk.step("create_order").await, Verdict::Later(_)));
        cancel(&desk).await;
        desk.fleet.calls();
        assert_eq!(desk.work().await, [""; 0]);
        assert_eq!(desk.fleet.calls(), [""; 0]);
        is_superseded(&desk, "create_order", "the order is closed or cancelled in Syrve");
        is_superseded(&desk, CANCEL, "the order is not known to the fleet");
    }
}

#[tokio::test]
async fn an_order_in_doubt_that_somebody_carries_and_that_is_cancelled_then_is_cancelled_there() {
    let desk = announced_desk().await;
    desk.fleet.fails(fault());
    assert_eq!(desk.step("create_order").await, later(2));
    desk.bridge.tell_all(&[syrve_order(8, "OnWay", "DeliveryByCourier")]).await;
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    cancel(&desk).await;
    assert_eq!(desk.step(CANCEL).await, later(2));
    desk.fleet.script().make(ORDER, &serde_json::json!({}));
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.script().orders[ORDER].statuses, ["cancelled"]);
}

#[tokio::test]
async fn a_creation_is_not_repeated_for_an_order_that_somebody_else_carries() {
    let desk = announced_desk().await;
    desk.fleet.fails(fault());
    assert_eq!(desk.step("create_order").await, later(2));
    desk.bridge.tell_all(&[syrve_order(9, "OnWay", "DeliveryByCourier")]).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "find"]);
    is_superseded(&desk, "create_order", "the order is on its way or delivered in Syrve");
}

#[tokio::test]
async fn an_order_cancelled_while_its_creation_is_in_doubt_is_cancelled_there_if_it_is_found() {
    let desk = announced_desk().await;
    desk.fleet.trouble(Trouble::Unheard(fault()));
    assert_eq!(desk.step("create_order").await, later(2));
    cancel(&desk).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "find", "status o-1 cancelled"]);
    assert_eq!([desk.state("create_order"), desk.state(CANCEL)], [CommandState::Confirmed; 2]);
}

#[tokio::test]
async fn an_order_that_was_there_when_its_creation_was_tried_is_cancelled_there() {
    let desk = announced_desk().await;
    desk.fleet.script().make(ORDER, &serde_json::json!({}));
    desk.fleet.works().fails(unavailable());
    assert!(matches!(desk.step("create_order").await, Verdict::Later(_)));
    cancel(&desk).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.script().orders[ORDER].statuses, ["cancelled"]);
}

#[tokio::test]
async fn an_order_that_the_fleet_never_got_is_offered_again_when_a_courier_is_wanted_again() {
    let desk = announced_desk().await;
    desk.bridge.tell_all(&[syrve_order(1, "OnWay", "DeliveryByCourier")]).await;
    assert_eq!(desk.work().await, [""; 0]);
    is_superseded(&desk, "create_order", "the order is on its way or delivered in Syrve");
    desk.bridge.tell_all(&[syrve_order(2, "CookingStarted", "DeliveryByCourier")]).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "status o-1 being_prepared"]);
}

#[tokio::test]
async fn of_several_changes_the_newest_content_and_the_newest_status_are_sent() {
    let desk = made_desk().await;
    desk.bridge
        .tell_all(&[
            with_comment(1, "CookingStarted", "Ring once"),
            with_comment(2, "CookingStarted", "Ring twice"),
            with_comment(3, "CookingCompleted", "Ring thrice"),
        ])
        .await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["update o-1", "status o-1 prepared"]);
    assert_eq!(desk.fleet.script().orders[ORDER].body["special_instructions"], "Ring thrice");
    let superseded = desk.told().into_iter().filter(|(line, _)| line.ends_with("superseded"));
    let superseded: Vec<_> = superseded.map(|(line, _)| line).collect();
    let being_prepared = "update_order_status being_prepared superseded";
    assert_eq!(superseded.len(), 3, "{superseded:?}");
    assert!(superseded.contains(&being_prepared.to_owned()));
}

#[tokio::test]
async fn a_change_in_doubt_is_not_repeated_once_it_is_pointless() {
    let desk = made_desk().await;
    desk.bridge.tell_all(&[with_comment(1, "WaitCooking", "Ring twice")]).await;
    desk.fleet.fails(fault());
    assert_eq!(desk.step("update_order").await, later(2));
    cancel(&desk).await;
    assert_eq!(desk.step("update_order").await, Verdict::Done);
    is_superseded(&desk, "update_order", "the order is closed or cancelled in Syrve");
    assert_eq!(desk.fleet.calls(), ["update o-1"]);
}

#[tokio::test]
async fn a_driver_is_told_of_by_the_newest_state_only() {
    let desk = on_duty_desk().await;
    desk.bridge.tell_all(&[shift(3, ANN, false)]).await;
    desk.bridge.list(4, "Testa Other", true).await.unwrap();
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["upsert active", "out d-1", "upsert active"]);
    is_superseded(&desk, "clock_in_driver", "the driver has clocked in or out since");
    assert!(!desk.bridge.driver().told_fleet.is_some_and(|told| told.failed), "the newest was told");
    assert_eq!(desk.fleet.script().drivers[ANN].body["last_name"], "Other");
}

#[tokio::test]
async fn a_driver_who_is_back_is_made_active_before_going_on_duty_though_a_newer_name_follows() {
    let desk = on_duty_desk().await;
    desk.bridge.list(3, "Testa Example", false).await.unwrap();
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.script().drivers[ANN].body["active"], false);
    desk.fleet.calls();
    desk.bridge.list(4, "Testa Example", true).await.unwrap();
    desk.bridge.tell_all(&[shift(5, ANN, true)]).await;
    desk.bridge.list(6, "Testa Other", true).await.unwrap();
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["upsert active", "in /of/73f4c9af9f79/d-1/in", "upsert active"]);
    assert!(desk.fleet.script().drivers[ANN].on_duty);
}

#[tokio::test]
async fn an_account_that_is_not_written_to_captain_any_more_sends_nothing() {
    let why = "the account is not written to Captain.AI any more";
    let desk = announced_desk().await;
    desk.bridge.memory.edit_account(|account| account.dispatch_to = None);
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    is_superseded(&desk, "create_order", why);
    let in_doubt = announced_desk().await;
    in_doubt.fleet.fails(fault());
    in_doubt.step("create_order").await;
    in_doubt.bridge.memory.edit_account(|account| account.dispatch_to = None);
    assert_eq!(in_doubt.step("create_order").await, Verdict::Done);
    is_superseded(&in_doubt, "create_order", why);
    assert_eq!(in_doubt.fleet.calls(), ["create"]);
    let driver = on_duty_desk().await;
    driver.bridge.memory.edit_account(|account| account.dispatch_to = None);
    assert_eq!(driver.work().await, [""; 0]);
    assert_eq!(driver.fleet.calls(), [""; 0]);
    is_superseded(&driver, "upsert_driver", why);
}

#[tokio::test]
async fn an_order_of_an_account_that_dispatches_again_is_offered_with_syrves_next_word() {
    use courier_domain::delivery::Provider;
    let desk = desk();
    desk.bridge.tell_all(&[announced(0)]).await;
    desk.bridge.memory.edit_account(|account| account.dispatch_to = None);
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    desk.bridge.memory.edit_account(|account| account.dispatch_to = Some(Provider::Captain));
    desk.bridge.tell_all(&[with_comment(1, "CookingStarted", "Ring twice")]).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "status o-1 being_prepared"]);
}
