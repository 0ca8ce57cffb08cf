//! Where a shift is opened or closed: in the place that was asked for, the driver's own, one that Syrve knows, the account's
//! default.

use std::time::Duration;

use courier_clients::CallError;
use courier_domain::command::{CommandKind, CommandState};

use super::{Desk, asked, clock_desk, desk_of, is_held, later};
use crate::queue::Verdict;
use crate::testing::events::shift_at;
use crate::testing::{
    ANN, BAR, Bridge, KITCHEN, fault, held_back, login_rejected, rejected, throttled, token_busy,
    unavailable, words,
};

/// A place of the restaurant's that no shift was ever in.
const ELSEWHERE: &str = "a5561d5e-0000-4000-8000-000000000009";
const NO_PLACE: &str = "no terminal group is known for this driver: none of a shift, and the account has no \
                        syrve.terminal_group_id";

/// The calls of a first step that Syrve accepts.
async fn calls(desk: &Desk) -> Vec<String> {
    desk.pos.update(Ok("c-1"));
    assert_eq!(desk.step().await, later(1));
    desk.pos.calls()
}

fn by_default(desk: &Desk, group: &str) {
    desk.bridge.memory.edit_account(|account| {
        account.syrve.as_mut().unwrap().terminal_group_id = Some(group.parse().unwrap());
    });
}

#[tokio::test]
async fn a_shift_is_closed_where_it_is_open_and_opened_where_the_last_one_was() {
    let open_in_the_bar =
        [shift_at(1, ANN, BAR, true), shift_at(2, ANN, KITCHEN, true), shift_at(3, ANN, KITCHEN, false)];
    let last_in_the_kitchen =
        [shift_at(1, ANN, BAR, true), shift_at(2, ANN, BAR, false), shift_at(3, ANN, KITCHEN, false)];
    for (events, open, call) in [
        (open_in_the_bar, false, format!("close at {BAR}")),
        (last_in_the_kitchen, true, format!("open at {KITCHEN}")),
    ] {
        let bridge = Bridge::default();
        bridge.tell_all(&events).await;
        let desk = asked(bridge, 10, open).await;
        by_default(&desk, ELSEWHERE);
        assert_eq!(calls(&desk).await, [call]);
    }
}

#[tokio::test]
async fn a_place_that_was_asked_for_comes_before_all_others() {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift_at(1, ANN, KITCHEN, false)]).await;
    let (driver_id, terminal_group_id) = (ANN.parse().unwrap(), Some(BAR.parse().unwrap()));
    let kind = CommandKind::ClockIn { driver_id, terminal_group_id, role_id: None };
    bridge.clock.advance(Duration::from_secs(10));
    let command = bridge.request(true, kind).await;
    let desk = desk_of(bridge, &command);
    assert_eq!(calls(&desk).await, [format!("open at {BAR}")]);
}

#[tokio::test]
async fn a_place_that_only_syrve_knows_is_asked_for_and_kept_with_the_command() {
    let desk = clock_desk(10, true).await;
    by_default(&desk, ELSEWHERE);
    desk.pos.groups(Ok(vec![BAR, KITCHEN])).own_groups(Ok(vec![KITCHEN, BAR])).update(Err(unavailable()));
    assert_eq!(desk.step().await, later(2));
    assert_eq!(desk.pos.calls(), ["where".to_owned(), "own places".to_owned(), format!("open at {BAR}")]);
    assert_eq!(calls(&desk).await, [format!("open at {BAR}")], "it is not asked for again");
}

#[tokio::test]
async fn another_restaurants_place_is_none() {
    for (own, default, call) in [
        (vec![KITCHEN], None, Some(KITCHEN)),
        (vec![], Some(ELSEWHERE), Some(ELSEWHERE)),
        (vec![ELSEWHERE], None, None),
    ] {
        let desk = clock_desk(10, true).await;
        if let Some(group) = default {
            by_default(&desk, group);
        }
        desk.pos.groups(Ok(vec![BAR, KITCHEN])).own_groups(Ok(own));
        if let Some(group) = call {
            let asked = ["where".to_owned(), "own places".to_owned(), format!("open at {group}")];
            assert_eq!(calls(&desk).await, asked);
        } else {
            assert_eq!(desk.run().await, (1, Verdict::Dead(NO_PLACE.into())));
        }
    }
}

#[tokio::test]
async fn whose_the_default_is_needs_no_question() {
    let desk = clock_desk(10, true).await;
    by_default(&desk, BAR);
    desk.pos.groups(Ok(vec![KITCHEN, BAR]));
    assert_eq!(calls(&desk).await, ["where".to_owned(), format!("open at {BAR}")]);
}

#[tokio::test]
async fn whose_a_place_is_that_nobody_may_ask_about_is_left_to_syrve() {
    let desk = clock_desk(10, true).await;
    desk.pos
        .groups(Ok(vec![BAR]))
        .own_groups(Err(CallError::Forbidden { words: words("Right is not allowed") }));
    assert_eq!(calls(&desk).await, ["where".to_owned(), "own places".to_owned(), format!("open at {BAR}")]);
}

#[tokio::test]
async fn what_syrve_refuses_to_tell_leaves_the_accounts_default() {
    let refusals = [rejected, || CallError::Forbidden { words: words("Right is not allowed") }];
    for refusal in refusals {
        let desk = clock_desk(10, true).await;
        by_default(&desk, KITCHEN);
        desk.pos.groups(Err(refusal()));
        assert_eq!(calls(&desk).await, ["where".to_owned(), format!("open at {KITCHEN}")]);

        let desk = clock_desk(10, true).await;
        by_default(&desk, KITCHEN);
        desk.pos.groups(Ok(vec![BAR])).own_groups(Err(refusal()));
        let asked = ["where".to_owned(), "own places".to_owned(), format!("open at {KITCHEN}")];
        assert_eq!(calls(&desk).await, asked);
    }
}

#[tokio::test]
async fn a_refused_login_is_no_answer_about_places() {
    let desk = clock_desk(10, true).await;
    by_default(&desk, KITCHEN);
    desk.pos.groups(Err(login_rejected()));
    assert_eq!(desk.step().await, later(30));
    assert_eq!((desk.pos.calls(), desk.state()), (vec!["where".to_owned()], CommandState::Queued));
}

#[tokio::test]
async fn the_restaurants_places_that_cannot_be_asked_for_now_are_asked_for_again() {
    let desk = clock_desk(10, true).await;
    for (error, seconds) in [(unavailable(), 2), (fault(), 4)] {
        desk.pos.groups(Ok(vec![BAR])).own_groups(Err(error));
        assert_eq!(desk.step().await, later(seconds));
    }
    desk.pos.groups(Ok(vec![BAR])).own_groups(Err(held_back(50)));
    assert!(matches!(desk.step().await, Verdict::Later(_)));
    assert_eq!((desk.state(), desk.counts().0), (CommandState::Queued, 2));
}

#[tokio::test]
async fn the_accounts_default_is_the_last_place() {
    for open in [true, false] {
        let desk = clock_desk(10, open).await;
        by_default(&desk, KITCHEN);
        desk.pos.groups(Ok(vec![]));
        let verb = if open { "open" } else { "close" };
        assert_eq!(calls(&desk).await, ["where".to_owned(), format!("{verb} at {KITCHEN}")]);
    }
}

#[tokio::test]
async fn without_any_place_the_command_fails_and_says_what_is_missing() {
    for open in [true, false] {
        let desk = clock_desk(10, open).await;
        desk.pos.groups(Ok(vec![]));
        assert_eq!(desk.run().await, (1, Verdict::Dead(NO_PLACE.into())));
        assert_eq!((desk.pos.calls(), desk.state()), (vec!["where".to_owned()], CommandState::Failed));
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_asked_for_now_is_asked_for_again_and_nothing_is_called() {
    let desk = clock_desk(10, true).await;
    for (error, seconds) in [(unavailable(), 2), (fault(), 4), (throttled(45), 45)] {
        desk.pos.groups(Err(error));
        assert_eq!(desk.step().await, later(seconds));
        assert_eq!(desk.state(), CommandState::Queued);
    }
    assert_eq!(desk.pos.calls(), ["where"; 3]);
    desk.pos.groups(Ok(vec![KITCHEN])).own_groups(Ok(vec![KITCHEN]));
    let asked = ["where".to_owned(), "own places".to_owned(), format!("open at {KITCHEN}")];
    assert_eq!(calls(&desk).await, asked);
}

#[tokio::test]
async fn a_place_that_may_not_be_asked_for_is_the_end_in_syrves_words() {
    let desk = clock_desk(10, true).await;
    desk.pos.groups(Err(rejected()));
    let words = "Syrve refused the call with status 400: WrongOrganization";
    assert_eq!(desk.run().await, (1, Verdict::Dead(words.into())));
    assert_eq!(desk.pos.calls(), ["where"]);
}

#[tokio::test]
async fn a_question_for_the_place_that_is_held_back_is_no_attempt() {
    let desk = clock_desk(10, true).await;
    for _ in 0..10 {
        desk.pos.groups(Err(held_back(7)));
        assert!(is_held(&desk.step().await, 7));
        assert_eq!((desk.state(), desk.counts()), (CommandState::Queued, (0, 0)));
    }
    desk.pos.groups(Err(token_busy()));
    assert!(matches!(desk.step().await, Verdict::Later(delay) if delay.as_secs() <= 2));
    assert_eq!(desk.command().attempts, 0);
}

#[tokio::test]
async fn a_place_that_cannot_be_asked_for_in_time_is_given_up() {
    for error in [unavailable, fault] {
        let desk = clock_desk(10, true).await;
        desk.age(16);
        desk.pos.groups(Err(error()));
        let (1, Verdict::Dead(reason)) = desk.run().await else { panic!("it is not given up") };
        assert!(reason.starts_with("given up after 15 minutes: Syrve "), "{reason}");
        assert_eq!(desk.pos.calls(), ["where"]);
    }
}

#[tokio::test]
async fn a_place_that_was_found_is_kept_though_the_call_is_held_back() {
    let desk = clock_desk(10, true).await;
    by_default(&desk, BAR);
    desk.pos.groups(Err(held_back(7)));
    assert!(is_held(&desk.step().await, 7));
    desk.pos.groups(Ok(vec![BAR])).update(Err(held_back(7)));
    assert!(is_held(&desk.step().await, 7));
    assert_eq!(desk.pos.calls(), ["where"; 2]);
    desk.pos.update(Err(held_back(7)));
    assert!(is_held(&desk.step().await, 7));
    assert_eq!(calls(&desk).await, [format!("open at {BAR}")], "it is not asked for again");
}
