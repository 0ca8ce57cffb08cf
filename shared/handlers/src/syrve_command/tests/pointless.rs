//! Commands that something newer made pointless.

use courier_domain::command::CommandState;
use courier_domain::inbound::InboundEvent;

use super::{Desk, SUCCESS, desk, later};
use crate::queue::Verdict;
use crate::testing::events::{job, syrve_order};
use crate::testing::{message, refused, terminal_silent};

/// What makes a command for `collected` pointless, with the reason that is given.
fn newer() -> [(InboundEvent, &'static str); 3] {
    [
        (job(9, "dropped_off"), "a newer status"),
        (syrve_order(9, "Cancelled", "DeliveryByCourier"), "closed or cancelled"),
        (syrve_order(9, "CookingCompleted", "DeliveryByClient"), "not for a courier"),
    ]
}

fn is_superseded(desk: &Desk, reason: &str) {
    let command = desk.command();
    assert_eq!(command.state, CommandState::Superseded, "{reason}");
    assert!(command.last_error.unwrap().contains(reason));
    assert_eq!(desk.told(), [("update_order_delivery_status OnWay superseded".to_owned(), false)]);
    assert!(desk.commands.ledger.bus.items().is_empty(), "nobody need be told");
}

#[tokio::test]
async fn a_command_that_was_not_sent_yet_is_superseded() {
    for (event, reason) in newer() {
        let desk = desk("collected").await;
        desk.bridge.tell_all(&[event]).await;
        assert_eq!(desk.step().await, Verdict::Done);
        is_superseded(&desk, reason);
        assert!(desk.pos.calls().is_empty());
    }
}

#[tokio::test]
async fn a_command_that_was_accepted_is_followed_to_its_end() {
    for (event, _) in newer() {
        let desk = desk("collected").await;
        desk.pos.update(Ok("c-1")).question(SUCCESS);
        assert_eq!(desk.step().await, later(1));
        desk.bridge.tell_all(&[event]).await;
        assert_eq!(desk.step().await, Verdict::Done);
        assert_eq!(desk.state(), CommandState::Confirmed);
    }
}

#[tokio::test]
async fn a_call_of_unknown_outcome_is_not_repeated_for_a_pointless_command() {
    for (event, reason) in newer() {
        let desk = desk("collected").await;
        desk.pos.update(Err(terminal_silent())).look(Ok(Some("Waiting")));
        desk.step().await;
        desk.bridge.tell_all(&[event]).await;
        assert_eq!(desk.step().await, Verdict::Done);
        is_superseded(&desk, reason);
    }
}

#[tokio::test]
async fn a_refusal_is_no_alarm_when_nobody_wants_the_status_any_more() {
    for (event, reason) in newer() {
        let desk = desk("collected").await;
        desk.pos.update(Ok("c-1")).question(Ok(refused("IllegalDeliveryStatus"))).look(Ok(Some("Waiting")));
        desk.step().await;
        desk.bridge.tell_all(&[event]).await;
        assert_eq!(desk.step().await, Verdict::Done);
        is_superseded(&desk, reason);
    }
}

#[tokio::test]
async fn an_order_seen_cancelled_in_syrve_gets_no_more_calls_before_its_webhook_says_so() {
    let desk = desk("collected").await;
    desk.pos.update(Err(terminal_silent())).look(Ok(Some("Cancelled")));
    desk.step().await;
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "closed or cancelled");
}

#[tokio::test]
async fn the_newest_of_several_commands_is_the_only_one_sent() {
    let desk = desk("assigned_and_accepted_by_driver").await;
    desk.bridge.tell_all(&[job(2, "collected"), job(3, "dropped_off")]).await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    for command in desk.bridge.commands.items() {
        while let Verdict::Later(_) = desk.commands.handle(&message(&command)).await.unwrap() {}
    }
    assert_eq!(desk.pos.calls(), ["set Delivered 2026-06-28 17:00:03.000", "ask c-1"]);
}
