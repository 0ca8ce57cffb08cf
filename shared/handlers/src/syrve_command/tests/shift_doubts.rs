//! What became of a shift where the call's answer, or what Syrve says of the call, does not tell.

use courier_clients::syrve::CommandStatus;
use courier_domain::command::CommandState;

use super::{Desk, IN_PROGRESS, SUCCESS, asked, later};
use crate::queue::Verdict;
use crate::testing::events::shift;
use crate::testing::{
    ANN, Bridge, KITCHEN, error_field, fault, held_back, login_held, no_answer, refused, rejected,
    terminal_silent, token_busy, unavailable,
};

/// Ann works in the kitchen, and is to come in or go out.
async fn desk(open: bool) -> Desk {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift(1, ANN, !open)]).await;
    asked(bridge, 10, open).await
}

/// The calls, without the place.
fn calls(desk: &Desk) -> Vec<String> {
    desk.pos.calls().iter().map(|call| call.replace(&format!(" at {KITCHEN}"), "")).collect()
}

fn is_done(desk: &Desk, open: bool) {
    assert_eq!((desk.state(), desk.command().last_error), (CommandState::Confirmed, None));
    assert_eq!(desk.bridge.driver().clocked_in(), open);
}

#[tokio::test]
async fn an_error_in_an_answer_of_200_is_no_failure_where_the_shift_is_as_wanted() {
    for (open, call) in [(true, "open"), (false, "close")] {
        let desk = desk(open).await;
        desk.pos.update(Err(error_field("Personal session is already so"))).shift(Ok(open));
        assert_eq!(desk.run().await, (1, Verdict::Done));
        assert_eq!(calls(&desk), [call, "is open"]);
        is_done(&desk, open);
    }
}

#[tokio::test]
async fn an_error_in_an_answer_of_200_is_the_end_in_syrves_words_where_it_is_not() {
    for open in [true, false] {
        let desk = desk(open).await;
        desk.pos.update(Err(error_field("Role is required"))).shift(Ok(!open));
        assert_eq!(desk.run().await, (1, Verdict::Dead("Syrve refused the call: Role is required".into())));
        assert_eq!(desk.state(), CommandState::Failed);
        assert_eq!(desk.bridge.driver().clocked_in(), !open);
    }
}

#[tokio::test]
async fn an_error_in_an_answer_of_200_waits_for_a_look_and_stands_if_none_is_allowed() {
    let desk = desk(true).await;
    desk.pos.update(Err(error_field("Role is required"))).shift(Err(unavailable())).shift(Ok(true));
    assert_eq!(desk.step().await, later(2));
    assert_eq!(desk.step().await, Verdict::Done);
    is_done(&desk, true);
    let blind = self::desk(true).await;
    blind.pos.update(Err(error_field("Role is required"))).shift(Err(rejected()));
    assert_eq!(blind.run().await, (1, Verdict::Dead("Syrve refused the call: Role is required".into())));
}

#[tokio::test]
async fn a_refused_call_is_not_made_again_however_often_it_cannot_be_looked_at() {
    let desk = desk(true).await;
    desk.pos.update(Err(error_field("Role is required")));
    for error in [unavailable(), held_back(7), login_held(7), fault(), token_busy()] {
        desk.pos.shift(Err(error));
        assert!(matches!(desk.step().await, Verdict::Later(_)));
        assert_eq!((desk.state(), desk.counts().0), (CommandState::Sending, 1));
    }
    desk.pos.shift(Ok(false));
    assert_eq!(desk.step().await, Verdict::Dead("Syrve refused the call: Role is required".into()));
    let [called, looks @ ..] = &calls(&desk)[..] else { panic!("no calls") };
    assert!(called == "open" && looks.len() == 6 && looks.iter().all(|call| call == "is open"), "{looks:?}");
}

#[tokio::test]
async fn what_syrve_says_of_a_call_later_is_not_asked_again_where_it_cannot_be_looked_at() {
    let desk = desk(true).await;
    desk.pos.update(Ok("c-1")).question(Ok(refused("Role is required"))).shift(Err(held_back(7)));
    assert_eq!(desk.step().await, later(1));
    assert!(matches!(desk.step().await, Verdict::Later(_)));
    desk.pos.shift(Ok(false));
    assert_eq!(desk.step().await, Verdict::Dead("Role is required".into()));
    assert_eq!(calls(&desk), ["open", "ask c-1", "is open", "is open"]);
}

#[tokio::test]
async fn after_an_unknown_outcome_the_shift_is_looked_at_and_the_call_made_again_only_if_it_is_not_so() {
    for open in [true, false] {
        for error in [terminal_silent(), fault(), no_answer().await] {
            let done = desk(open).await;
            done.pos.update(Err(error)).shift(Ok(open));
            assert_eq!((done.step().await, done.state()), (later(2), CommandState::Sending));
            assert_eq!(done.step().await, Verdict::Done);
            assert_eq!(calls(&done)[1..], ["is open"]);
            is_done(&done, open);
        }
        let not_done = desk(open).await;
        not_done.pos.update(Err(fault())).shift(Ok(!open)).update(Ok("c-2")).question(SUCCESS);
        assert_eq!(not_done.run().await, (3, Verdict::Done));
        let call = if open { "open" } else { "close" };
        assert_eq!(calls(&not_done), [call, "is open", call, "ask c-2"]);
        assert_eq!(not_done.counts(), (2, 0));
        is_done(&not_done, open);
    }
}

#[tokio::test]
async fn a_shift_that_cannot_be_looked_at_stays_in_doubt() {
    let desk = desk(true).await;
    desk.pos.update(Err(fault())).shift(Err(unavailable())).shift(Err(fault())).shift(Ok(true));
    for seconds in [2, 2, 4] {
        assert_eq!((desk.step().await, desk.state()), (later(seconds), CommandState::Sending));
    }
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!(calls(&desk), ["open", "is open", "is open", "is open"]);
    is_done(&desk, true);
}

#[tokio::test]
async fn an_error_of_an_accepted_call_is_believed_only_where_the_shift_shows_it() {
    for open in [true, false] {
        let desk = desk(open).await;
        desk.pos.update(Ok("c-1")).question(Ok(refused("SessionAlreadyOpen"))).shift(Ok(open));
        assert_eq!(desk.run().await, (2, Verdict::Done));
        is_done(&desk, open);
        let failed = self::desk(open).await;
        failed.pos.update(Ok("c-1")).question(Ok(refused("NoSuchEmployee"))).shift(Ok(!open));
        assert_eq!(failed.run().await, (2, Verdict::Dead("NoSuchEmployee".into())));
        assert_eq!(failed.bridge.driver().clocked_in(), !open);
    }
}

#[tokio::test]
async fn a_forgotten_call_is_looked_into_and_made_again_if_the_shift_is_not_so() {
    let desk = desk(true).await;
    desk.pos.update(Ok("c-1")).question(Ok(CommandStatus::Forgotten)).shift(Ok(false));
    desk.pos.update(Ok("c-2")).question(SUCCESS);
    assert_eq!(desk.run().await, (3, Verdict::Done));
    assert_eq!(calls(&desk), ["open", "ask c-1", "is open", "open", "ask c-2"]);
    is_done(&desk, true);
}

#[tokio::test]
async fn after_the_last_question_the_shift_itself_tells() {
    let desk = desk(false).await;
    desk.pos.update(Ok("c-1"));
    for _ in 0..5 {
        desk.pos.question(IN_PROGRESS);
    }
    desk.pos.shift(Ok(false));
    assert_eq!(desk.run().await, (6, Verdict::Done));
    assert_eq!(calls(&desk).last().map(String::as_str), Some("is open"));
    is_done(&desk, false);
}
