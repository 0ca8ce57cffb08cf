//! Syrve does not give its list: refused for good, for now, or not asked at all.

use std::time::Duration;

use courier_clients::CallError;
use courier_domain::account::AccountSecrets;
use courier_domain::secret::Secret;
use courier_domain::sync::SyncState;

use super::{Desk, actives};
use crate::queue::Verdict;
use crate::testing::{
    API_LOGIN, fault, held_back, login_held, login_rejected, no_answer, rejected, terminal_silent, throttled,
    token_busy, unavailable, unreachable, words,
};

/// A restaurant with couriers, of whom one vanishes with the next list, unless it cannot be had.
pub(super) async fn desk() -> Desk {
    let desk = Desk::dispatching();
    desk.list(actives(1..=5)).run().await;
    desk.forget();
    desk.bridge.clock.advance(super::INTERVAL);
    desk.list(actives(1..=4));
    desk
}

/// How a call fails. An error cannot be cloned.
type Failing = fn() -> CallError;

/// A failure of the first call, and of the second.
fn at_either_call(make: Failing) -> [Vec<Option<CallError>>; 2] {
    [vec![Some(make())], vec![None, Some(make())]]
}

/// Nothing was touched, and what was known before is known still.
pub(super) fn is_untouched(desk: &Desk) {
    assert_eq!((desk.driver_writes(), desk.asked()), (vec![], vec![]));
    assert!(desk.driver(5).active());
    assert!(desk.stored().unwrap().succeeded_at.is_some());
}

#[tokio::test]
async fn a_refusal_is_shown_in_syrves_words_and_left_to_the_next_run() {
    let blocked: Failing = || CallError::LoginBlocked { words: words("Apilogin has been blocked.") };
    let forbidden = || CallError::Forbidden { words: words("Right \"Read drivers\" is not allowed") };
    let unauthorized = || CallError::Unauthorized { words: words("Token is not valid") };
    let table: [(Failing, &str); 6] = [
        (login_rejected, "Syrve refused the login with status 401: Login is not known"),
        (blocked, "Syrve blocked the login: Apilogin has been blocked."),
        (forbidden, "Syrve does not let the login make this call: Right \"Read drivers\" is not allowed"),
        (unauthorized, "Syrve refused a new token: Token is not valid"),
        (rejected, "Syrve refused the call with status 400: WrongOrganization"),
        (|| login_held(300), "Syrve is not called now: it refused the login: Apilogin has been blocked."),
    ];
    for (make, text) in table {
        for failures in at_either_call(make) {
            let (desk, calls) = (desk().await, failures.len());
            desk.lists.fail(failures);
            assert_eq!(desk.receive(&desk.message()).await.unwrap(), Verdict::Done, "{text}");
            assert_eq!((desk.error().as_deref(), desk.lists.calls().len()), (Some(text), calls));
            assert_eq!((desk.stored().unwrap().state, desk.counts()), (SyncState::Failed, [0; 4]));
            is_untouched(&desk);
            desk.run().await;
            assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 1, 4]), "the next run makes it good");
        }
    }
}

#[tokio::test]
async fn a_login_that_was_corrected_meanwhile_is_tried_at_once_instead_of_being_an_error() {
    for make in [login_rejected as Failing, || login_held(300)] {
        let desk = desk().await;
        let corrected = Some(Secret::new("the right login"));
        let corrected = AccountSecrets { syrve_api_login: corrected, ..AccountSecrets::default() };
        desk.bridge.memory.state().corrected = Some(corrected);
        desk.lists.sees("the right login", &[super::organization()]);
        desk.lists.fail([Some(make())]);
        let message = desk.message();
        assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Later(Duration::from_secs(1)));
        assert_eq!(desk.error(), None);
        desk.bridge.clock.advance(Duration::from_secs(1));
        assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
        assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 1, 4]));
        let calls = desk.lists.calls();
        assert_eq!(calls[1..], ["organizations of the right login", "couriers of 1 for the right login"]);
    }
}

#[tokio::test]
async fn an_organization_that_the_login_does_not_see_is_not_asked_about() {
    let desk = desk().await;
    desk.lists.sees(API_LOGIN, &[]);
    assert_eq!(desk.receive(&desk.message()).await.unwrap(), Verdict::Done);
    assert_eq!(desk.lists.calls(), [format!("organizations of {API_LOGIN}")]);
    let text = "the organization is not among those that the API login may see";
    assert_eq!(desk.error().as_deref(), Some(text));
    is_untouched(&desk);
}

#[tokio::test]
async fn an_organization_that_the_answer_leaves_out_has_no_list_rather_than_an_empty_one() {
    let desk = desk().await;
    desk.lists.leave_out(super::organization());
    assert_eq!(desk.receive(&desk.message()).await.unwrap(), Verdict::Done);
    assert_eq!(desk.error().as_deref(), Some("Syrve's answer leaves the organization out"));
    is_untouched(&desk);
}

#[tokio::test]
async fn a_failure_that_may_pass_is_shown_and_the_same_message_makes_it_good() {
    let malformed: Failing = || CallError::Malformed { what: "no JSON" };
    let table: [(Failing, &str); 5] = [
        (unavailable, "Syrve is unavailable (status 503): down"),
        (|| throttled(100), "Syrve is called too often: too many requests"),
        (fault, "Syrve failed with status 500: broken"),
        (terminal_silent, "Syrve got no answer from the restaurant's terminal in time: no answer"),
        (malformed, "Syrve gave an answer that cannot be read: no JSON"),
    ];
    for (make, text) in table {
        for failures in at_either_call(make) {
            let desk = desk().await;
            desk.lists.fail(failures);
            comes_back(&desk, text).await;
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_off_half_way_is_as_good_as_none() {
    let table = [
        (unreachable().await, "Syrve could not be reached: "),
        (no_answer().await, "Syrve did not answer: "),
    ];
    for (error, text) in table {
        let desk = desk().await;
        desk.lists.fail([None, Some(error)]);
        comes_back(&desk, text).await;
    }
}

/// The message comes back after this failure, and then works.
async fn comes_back(desk: &Desk, text: &str) {
    let message = desk.message();
    let Verdict::Later(pause) = desk.receive(&message).await.unwrap() else { panic!("given up: {text}") };
    assert!((30..=120).contains(&pause.as_secs()), "{text}: {pause:?}");
    assert!(desk.error().unwrap().starts_with(text), "{:?}", desk.error());
    assert_eq!(desk.stored().unwrap().state, SyncState::Failed);
    is_untouched(desk);
    desk.bridge.clock.advance(pause);
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 1, 4]));
}

#[tokio::test]
async fn syrves_own_pause_is_kept_to_and_not_one_second_less() {
    let desk = desk().await;
    desk.lists.fail([None, Some(throttled(170))]);
    let Verdict::Later(pause) = desk.receive(&desk.message()).await.unwrap() else { panic!("given up") };
    assert!(pause.as_secs() >= 170, "{pause:?}");
}

#[tokio::test]
async fn a_call_that_is_held_back_puts_the_sync_off_without_an_error() {
    for failures in at_either_call(|| held_back(40)) {
        let (desk, calls) = (desk().await, failures.len());
        desk.lists.fail(failures);
        let message = desk.message();
        assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Later(Duration::from_secs(41)));
        assert_eq!((desk.error(), desk.lists.calls().len()), (None, calls));
        is_untouched(&desk);
        desk.bridge.clock.advance(Duration::from_secs(41));
        assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
        assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 1, 4]));
    }
}

#[tokio::test]
async fn a_call_that_may_soon_be_made_does_not_have_the_message_come_back_at_once() {
    let desk = desk().await;
    for seconds in [0, 2, 4] {
        desk.lists.fail([Some(held_back(seconds))]);
        let verdict = desk.receive(&desk.message()).await.unwrap();
        assert_eq!(verdict, Verdict::Later(Duration::from_secs(5)));
    }
}

#[tokio::test]
async fn an_account_that_was_put_off_is_free_for_whoever_comes_next() {
    let desk = desk().await;
    desk.lists.fail([Some(held_back(40))]);
    desk.receive(&desk.message()).await.unwrap();
    desk.bridge.clock.advance(Duration::from_secs(1));
    assert_eq!(desk.receive(&desk.message()).await.unwrap(), Verdict::Done);
    assert_eq!(desk.counts(), [0, 0, 1, 4]);
}

#[tokio::test]
async fn an_error_stays_while_the_next_run_is_put_off() {
    let desk = desk().await;
    desk.lists.fail([Some(login_rejected())]);
    desk.receive(&desk.message()).await.unwrap();
    desk.lists.fail([Some(held_back(40))]);
    desk.bridge.clock.advance(super::INTERVAL);
    desk.receive(&desk.message()).await.unwrap();
    assert!(desk.error().unwrap().contains("Login is not known"));
}

#[tokio::test]
async fn a_token_or_gate_that_cannot_be_had_is_waited_for_without_using_up_the_message() {
    let down = || CallError::Gate(crate::testing::down("dynamodb"));
    for make in [token_busy as Failing, down] {
        let desk = desk().await;
        let message = desk.message();
        // A queue gives a message only so often before it is kept as a dead letter, and a token may be out of reach for
        // minutes.
        desk.lists.fail((0..8).map(|_| Some(make())));
        let start = desk.now();
        desk.work(&message).await;
        assert!(
            desk.now().duration_since(start).as_secs() >= 120,
            "eight receives took {}",
            desk.now() - start
        );
        assert_eq!((desk.error(), desk.counts()), (None, [0, 0, 1, 4]));
    }
}
