//! How a failed command is handed on, and messages that lead nowhere.

use courier_domain::command::CommandState;

use super::{desk, later};
use crate::queue::Verdict;
use crate::testing::{ORDER, rejected, unavailable};

#[tokio::test]
async fn a_failed_command_is_an_event_a_dead_letter_and_a_line_in_the_timeline() {
    let desk = desk("collected").await;
    desk.pos.update(Err(rejected()));
    assert!(matches!(desk.step().await, Verdict::Dead(_)));
    assert_eq!(desk.told(), [("update_order_delivery_status OnWay failed".to_owned(), false)]);
    let [event] = desk.commands.ledger.bus.items().try_into().unwrap();
    assert_eq!((event.name.as_str(), event.order_id), ("command_failed", Some(ORDER.parse().unwrap())));
    assert!(event.detail["error"].as_str().unwrap().contains("WrongOrganization"));
    assert_eq!(event.detail["command_id"], desk.command().id.as_str());
}

#[tokio::test]
async fn a_failure_that_could_not_be_handed_on_is_handed_on_by_the_redelivery() {
    let desk = desk("collected").await;
    desk.pos.update(Err(rejected()));
    desk.commands.ledger.bus.sent().to_fail = 1;
    assert!(desk.receive().await.is_err());
    assert_eq!(desk.state(), CommandState::Failed);
    let (first, second) = (desk.receive().await.unwrap(), desk.receive().await.unwrap());
    assert!(matches!(&first, Verdict::Dead(_)) && first == second);
    let events = desk.commands.ledger.bus.items();
    assert!(matches!(events.as_slice(), [one, two] if one == two), "the same event both times");
    assert_eq!((desk.pos.calls().len(), desk.told().len()), (1, 1));
}

#[tokio::test]
async fn an_account_that_is_disabled_or_gone_sends_nothing_more() {
    for gone in [false, true] {
        let desk = desk("collected").await;
        if gone {
            desk.bridge.memory.state().accounts.clear();
        } else {
            desk.bridge.memory.edit_account(|account| account.enabled = false);
        }
        let Verdict::Dead(reason) = desk.step().await else { panic!("it is kept") };
        assert!(reason.contains("disabled or deleted"));
        assert!(desk.pos.calls().is_empty());
    }
}

#[tokio::test]
async fn an_account_without_an_api_login_cannot_send() {
    for no_syrve in [false, true] {
        let desk = desk("collected").await;
        if no_syrve {
            desk.bridge.memory.edit_account(|account| account.syrve = None);
        } else {
            desk.bridge.memory.state().secrets.clear();
        }
        let Verdict::Dead(reason) = desk.step().await else { panic!("it is kept") };
        assert!(reason.contains("no Syrve API login"));
        assert_eq!(desk.state(), CommandState::Failed);
    }
}

#[tokio::test]
async fn a_message_that_is_no_command_or_leads_to_none_is_dead() {
    let desk = desk("collected").await;
    for text in ["", "{}", "null"] {
        assert!(matches!(desk.commands.handle(text).await.unwrap(), Verdict::Dead(_)));
    }
    desk.bridge.memory.state().commands.clear();
    assert!(matches!(desk.step().await, Verdict::Dead(_)));
}

#[tokio::test]
async fn a_table_that_fails_leaves_the_message_in_its_queue() {
    let desk = desk("collected").await;
    desk.bridge.memory.state().reads_to_fail = 1;
    assert!(desk.receive().await.is_err());
    desk.pos.update(Err(unavailable()));
    assert_eq!(desk.step().await, later(2));
}
