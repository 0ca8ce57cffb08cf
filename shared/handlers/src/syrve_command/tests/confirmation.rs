//! What became of a call that Syrve accepted.

use courier_clients::syrve::CommandStatus;
use courier_domain::command::CommandState;

use super::{IN_PROGRESS, SUCCESS, desk, later};
use crate::queue::Verdict;
use crate::testing::{Fault, refused, rejected, terminal_silent, throttled, unavailable};

#[tokio::test]
async fn a_command_goes_from_queued_over_sent_to_confirmed() {
    let desk = desk("collected").await;
    assert_eq!(desk.state(), CommandState::Queued);
    desk.pos.update(Ok("c-1"));
    assert_eq!(desk.step().await, later(1));
    let sent = desk.command();
    assert_eq!(
        (sent.state, sent.attempts, sent.correlation_id.as_deref()),
        (CommandState::Sent, 1, Some("c-1"))
    );
    for seconds in [2, 4, 8, 16] {
        desk.pos.question(IN_PROGRESS);
        assert_eq!(desk.step().await, later(seconds));
    }
    desk.pos.question(SUCCESS);
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!(desk.state(), CommandState::Confirmed);
    assert_eq!(desk.told(), [("update_order_delivery_status OnWay confirmed".to_owned(), true)]);
    assert!(desk.commands.ledger.bus.items().is_empty());
    assert_eq!(desk.step().await, Verdict::Done, "a message that comes once more is done with");
}

#[tokio::test]
async fn after_the_last_question_the_order_itself_tells() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).look(Ok(Some("OnWay")));
    for _ in 0..5 {
        desk.pos.question(IN_PROGRESS);
    }
    assert_eq!(desk.run().await, (6, Verdict::Done));
    assert_eq!(desk.pos.calls().last().map(String::as_str), Some("look"));
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn a_call_that_stays_in_progress_is_not_repeated_and_given_up_after_a_quarter_of_an_hour() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1"));
    for _ in 0..60 {
        desk.pos.question(IN_PROGRESS).look(Ok(Some("Waiting")));
    }
    let (receives, Verdict::Dead(reason)) = desk.run().await else { panic!("it is not given up") };
    assert_eq!(reason, "given up after 15 minutes: the order is Waiting in Syrve");
    assert!(receives <= 25, "{receives} of the 60 receives that the queue allows");
    assert_eq!(desk.pos.calls().iter().filter(|call| call.starts_with("set")).count(), 1);
}

#[tokio::test]
async fn an_error_although_the_order_is_there_is_a_success() {
    for status in ["OnWay", "Delivered", "Closed"] {
        let desk = desk("collected").await;
        desk.pos.update(Ok("c-1")).question(Ok(refused("WrongDeliveryStatus"))).look(Ok(Some(status)));
        assert_eq!(desk.run().await, (2, Verdict::Done));
        assert_eq!((desk.state(), desk.command().last_error), (CommandState::Confirmed, None));
    }
}

#[tokio::test]
async fn an_error_is_the_end_in_syrves_own_words() {
    let desk = desk("collected").await;
    desk.pos
        .update(Ok("c-1"))
        .question(Ok(refused("IllegalDeliveryStatus")))
        .look(Ok(Some("CookingStarted")));
    assert_eq!(desk.run().await, (2, Verdict::Dead("IllegalDeliveryStatus".into())));
    let command = desk.command();
    assert_eq!(
        (command.state, command.last_error.as_deref()),
        (CommandState::Failed, Some("IllegalDeliveryStatus"))
    );
}

#[tokio::test]
async fn an_error_is_believed_only_once_the_order_was_seen() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(Ok(refused("Common"))).look(Err(unavailable()));
    desk.step().await;
    assert_eq!(desk.step().await, later(2));
    desk.pos.question(Ok(refused("Common"))).look(Ok(Some("OnWay")));
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn an_error_stands_if_the_order_may_not_be_seen() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(Ok(refused("Common"))).look(Err(rejected()));
    assert_eq!(desk.run().await, (2, Verdict::Dead("Common".into())));
}

#[tokio::test]
async fn a_forgotten_command_is_looked_into_and_called_again_if_the_order_is_not_there() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(Ok(CommandStatus::Forgotten)).look(Ok(None));
    desk.pos.update(Ok("c-2")).question(SUCCESS);
    assert_eq!(desk.run().await, (3, Verdict::Done));
    assert_eq!(desk.pos.calls(), ["set OnWay", "ask c-1", "look", "set OnWay", "ask c-2"]);
}

#[tokio::test]
async fn a_question_that_fails_is_asked_again_and_not_before_syrve_allows_it() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(Err(terminal_silent())).question(Err(throttled(30)));
    assert_eq!(desk.step().await, later(1));
    assert_eq!(desk.step().await, later(2));
    assert_eq!(desk.step().await, later(30));
    desk.pos.question(SUCCESS);
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!(desk.command().attempts, 1);
}

#[tokio::test]
async fn a_limit_that_never_ends_does_not_keep_a_command_for_ever() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).look(Err(throttled(30)));
    for _ in 0..60 {
        desk.pos.question(Err(throttled(30)));
    }
    let (receives, Verdict::Dead(reason)) = desk.run().await else { panic!("it is not given up") };
    assert!(reason.starts_with("given up after 15 minutes") && receives < 40, "{receives} {reason}");
}

#[tokio::test]
async fn a_question_that_is_refused_is_not_repeated_and_the_order_is_looked_at() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(Err(rejected())).look(Ok(Some("OnWay")));
    assert_eq!(desk.run().await, (3, Verdict::Done));
    assert_eq!(desk.pos.calls(), ["set OnWay", "ask c-1", "look"]);
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn whoever_loses_a_race_for_the_command_looks_again() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    desk.step().await;
    desk.bridge.memory.state().faults = [Some(Fault::Conflict)].into();
    assert_eq!(desk.step().await, later(1));
    assert_eq!((desk.state(), desk.told()), (CommandState::Sent, vec![]));
}
