//! How a failed command is handed on, and messages that lead nowhere.

use courier_domain::command::CommandState;

use super::{announced_desk, later, on_duty_desk, with_comment};
use crate::queue::Verdict;
use crate::testing::events::announced;
use crate::testing::{ANN, Fault, ORDER, fault, rejected, unavailable};

#[tokio::test]
async fn an_order_that_the_fleet_does_not_take_is_a_dead_letter_an_event_and_two_lines_in_the_timeline() {
    let desk = announced_desk().await;
    desk.fleet.fails(rejected());
    assert!(matches!(desk.step("create_order").await, Verdict::Dead(_)));
    let told = desk.told();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.contains(&("order_not_dispatched".to_owned(), true)));
    assert!(told.contains(&("create_order failed".to_owned(), false)));
    let [event] = desk.commands.ledger.bus.items().try_into().unwrap();
    assert_eq!((event.name.as_str(), event.order_id), ("command_failed", Some(ORDER.parse().unwrap())));
    assert_eq!(event.detail["kind"], "create_order");
    assert!(event.detail["error"].as_str().unwrap().contains("WrongOrganization"));
}

#[tokio::test]
async fn an_order_that_was_refused_is_offered_again_when_syrve_says_more_of_it() {
    let desk = announced_desk().await;
    desk.fleet.fails(rejected());
    assert!(matches!(desk.step("create_order").await, Verdict::Dead(_)));
    assert_eq!(desk.bridge.order().dispatch, None);
    let first = desk.sent("create_order").id;
    desk.bridge.tell_all(&[with_comment(1, "WaitCooking", "The right address")]).await;
    assert_ne!(desk.sent("create_order").id, first);
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(desk.fleet.script().orders[ORDER].body["special_instructions"], "The right address");
    assert!(desk.is_made_once());
}

#[tokio::test]
async fn what_was_to_be_changed_of_an_order_that_was_refused_is_superseded() {
    let desk = announced_desk().await;
    desk.bridge.tell_all(&[with_comment(1, "CookingStarted", "Ring twice")]).await;
    desk.fleet.fails(rejected());
    assert!(matches!(desk.step("create_order").await, Verdict::Dead(_)));
    for label in ["update_order", "update_order_status being_prepared"] {
        assert_eq!((desk.step(label).await, desk.state(label)), (Verdict::Done, CommandState::Superseded));
    }
    assert_eq!(desk.fleet.calls(), ["create"]);
}

#[tokio::test]
async fn a_change_that_fails_leaves_the_order_as_it_is_known() {
    let desk = announced_desk().await;
    desk.bridge.tell_all(&[with_comment(1, "CookingStarted", "Ring twice")]).await;
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    desk.fleet.fails(rejected());
    assert!(matches!(desk.step("update_order").await, Verdict::Dead(_)));
    assert!(desk.is_made_once() && desk.told().contains(&("update_order failed".to_owned(), false)));
    assert_eq!(desk.step("update_order_status being_prepared").await, Verdict::Done);
}

#[tokio::test]
async fn a_failed_command_about_a_driver_is_an_event_of_the_driver() {
    let desk = on_duty_desk().await;
    desk.fleet.fails(rejected());
    assert!(matches!(desk.step("upsert_driver").await, Verdict::Dead(_)));
    let [event] = desk.commands.ledger.bus.items().try_into().unwrap();
    assert_eq!((event.name.as_str(), event.order_id), ("command_failed", None));
    assert_eq!(event.driver_id, Some(ANN.parse().unwrap()));
    assert_eq!(event.detail["command_id"], desk.command("upsert_driver").id.as_str());
}

#[tokio::test]
async fn a_failure_that_could_not_be_handed_on_is_handed_on_by_the_redelivery() {
    let desk = announced_desk().await;
    desk.fleet.fails(rejected());
    desk.commands.ledger.bus.sent().to_fail = 1;
    assert!(desk.receive("create_order").await.is_err());
    assert_eq!(desk.state("create_order"), CommandState::Failed);
    let (first, second) = (desk.step("create_order").await, desk.step("create_order").await);
    assert!(matches!(&first, Verdict::Dead(_)) && first == second);
    let events = desk.commands.ledger.bus.items();
    assert!(matches!(events.as_slice(), [one, two] if one == two), "the same event both times");
    assert_eq!(desk.fleet.calls(), ["create"]);
}

#[tokio::test]
async fn an_account_without_all_that_a_call_needs_cannot_send() {
    for missing in 0..4 {
        let desk = announced_desk().await;
        for secrets in desk.bridge.memory.state().secrets.values_mut().filter(|_| missing < 2) {
            match missing {
                0 => secrets.captain_integration_key = None,
                _ => secrets.captain_developer_key = None,
            }
        }
        desk.bridge.memory.edit_account(|account| match missing {
            2 => account.captain.as_mut().unwrap().account_uuid = None,
            3 => account.captain = None,
            _ => {}
        });
        let reason = "the account has no Captain.AI account or keys";
        assert_eq!(desk.step("create_order").await, Verdict::Dead(reason.into()), "{missing}");
        assert_eq!((desk.fleet.calls().len(), desk.state("create_order")), (0, CommandState::Failed));
        assert_eq!(desk.bridge.order().dispatch, None, "it is offered again once the keys are there");
    }
}

#[tokio::test]
async fn an_account_that_is_disabled_or_gone_sends_nothing_more() {
    for gone in [false, true] {
        let desk = announced_desk().await;
        if gone {
            desk.bridge.memory.state().accounts.clear();
        } else {
            desk.bridge.memory.edit_account(|account| account.enabled = false);
        }
        let reason = "the account is disabled or deleted";
        assert_eq!(desk.step("create_order").await, Verdict::Dead(reason.into()));
        assert!(desk.fleet.calls().is_empty());
    }
}

#[tokio::test]
async fn a_message_that_is_no_command_or_leads_to_none_is_dead() {
    let desk = announced_desk().await;
    for text in ["", "{}", "null"] {
        assert!(matches!(desk.commands.handle(text).await.unwrap(), Verdict::Dead(_)));
    }
    desk.bridge.memory.state().commands.clear();
    assert!(matches!(desk.step("create_order").await, Verdict::Dead(_)));
}

#[tokio::test]
async fn a_command_for_syrve_is_not_carried_out_at_the_fleet() {
    let desk = announced_desk().await;
    desk.bridge.tell_all(&[crate::testing::events::job(1, "collected")]).await;
    let reason = "it is no command for Captain.AI";
    assert_eq!(desk.step("update_order_delivery_status OnWay").await, Verdict::Dead(reason.into()));
    assert!(desk.fleet.calls().is_empty());
}

#[tokio::test]
async fn a_table_that_fails_leaves_the_message_in_its_queue_and_a_race_only_means_another_look() {
    let desk = announced_desk().await;
    desk.bridge.memory.state().reads_to_fail = 1;
    assert!(desk.receive("create_order").await.is_err());
    desk.bridge.memory.state().faults = [Some(Fault::Conflict)].into();
    assert_eq!(desk.step("create_order").await, later(1));
    assert!(desk.fleet.calls().is_empty(), "the mark comes before the call");
    desk.fleet.fails(unavailable());
    assert_eq!(desk.step("create_order").await, later(2));
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(desk.step("create_order").await, Verdict::Done, "a message that comes once more is done with");
    assert_eq!(desk.fleet.calls(), ["create", "create"]);
}

#[tokio::test]
async fn an_announcement_told_again_asks_for_nothing_new() {
    let desk = announced_desk().await;
    desk.fleet.fails(fault());
    desk.step("create_order").await;
    desk.bridge.tell_all(&[announced(0)]).await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["create", "find", "create"]);
    assert_eq!(desk.bridge.memory.state().commands.len(), 1);
}
