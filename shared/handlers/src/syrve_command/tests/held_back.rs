//! Calls that the gate does not let through: nothing was sent, so nothing is counted.

use courier_clients::CallError;
use courier_domain::account::AccountSecrets;
use courier_domain::command::CommandState;
use courier_domain::secret::Secret;

use super::{SUCCESS, desk, is_held, later};
use crate::queue::Verdict;
use crate::testing::{fault, held_back, login_held, unavailable};

type Held = fn() -> CallError;

/// What the gate says, and the words that the command keeps.
const HELD: [(Held, &str); 2] = [
    (|| held_back(20), "Syrve is not called now: calls are held back"),
    (|| login_held(20), "Syrve is not called now: it refused the login: Apilogin has been blocked."),
];

#[tokio::test]
async fn a_call_that_is_held_back_waits_as_long_as_said_and_is_no_attempt() {
    for (held, words) in HELD {
        let desk = desk("collected").await;
        for _ in 0..20 {
            desk.pos.update(Err(held()));
            assert!(is_held(&desk.step().await, 20));
            assert_eq!((desk.state(), desk.counts()), (CommandState::Queued, (0, 0)));
        }
        assert_eq!(desk.command().last_error.as_deref(), Some(words));
        desk.pos.update(Ok("c-1")).question(SUCCESS);
        assert_eq!(desk.run().await, (2, Verdict::Done));
        assert_eq!((desk.counts(), desk.command().last_error), ((1, 0), None));
    }
}

#[tokio::test]
async fn a_question_that_is_held_back_is_not_counted() {
    for (held, words) in HELD {
        let desk = desk("collected").await;
        desk.pos.update(Ok("c-1"));
        assert_eq!(desk.step().await, later(1));
        for _ in 0..20 {
            desk.pos.question(Err(held()));
            assert!(is_held(&desk.step().await, 20));
            assert_eq!((desk.state(), desk.counts()), (CommandState::Sent, (1, 0)));
        }
        assert_eq!(desk.command().last_error.as_deref(), Some(words));
        desk.pos.question(SUCCESS);
        assert_eq!(desk.step().await, Verdict::Done);
        assert!(desk.pos.calls().iter().skip(1).all(|call| call == "ask c-1"));
    }
}

#[tokio::test]
async fn a_look_that_is_held_back_leaves_the_outcome_open_and_is_not_counted() {
    for (held, _) in HELD {
        let desk = desk("collected").await;
        desk.pos.update(Err(fault()));
        assert_eq!(desk.step().await, later(2));
        for _ in 0..20 {
            desk.pos.look(Err(held()));
            assert!(is_held(&desk.step().await, 20));
            assert_eq!((desk.state(), desk.counts()), (CommandState::Sending, (1, 0)));
        }
        desk.pos.look(Ok(Some("OnWay")));
        assert_eq!(desk.step().await, Verdict::Done);
        assert_eq!(desk.state(), CommandState::Confirmed);
    }
}

#[tokio::test]
async fn what_is_held_back_is_given_up_only_at_the_end_of_its_time_and_says_why() {
    for (held, words) in HELD {
        for asks in [false, true] {
            let desk = desk("collected").await;
            if asks {
                desk.pos.update(Ok("c-1"));
                assert_eq!(desk.step().await, later(1));
            }
            for _ in 0..100 {
                desk.pos.update(Err(held())).question(Err(held())).look(Err(held()));
            }
            let made = desk.command().created_at;
            let (_, Verdict::Dead(reason)) = desk.run().await else { panic!("it is not given up") };
            assert_eq!(reason, format!("given up after 15 minutes: {words}"));
            let age = desk.command().updated_at.duration_since(made).as_secs();
            assert!((901..960).contains(&age), "{age} s");
            assert_eq!(desk.command().attempts, u32::from(asks));
        }
    }
}

#[tokio::test]
async fn a_long_pause_is_looked_into_every_half_minute_since_a_person_may_end_it() {
    for held in [held_back, login_held] {
        let desk = desk("collected").await;
        desk.pos.update(Err(held(600)));
        assert_eq!(desk.step().await, later(30));
        desk.pos.update(Ok("c-1")).question(Err(held(600)));
        assert_eq!(desk.step().await, later(1));
        assert_eq!(desk.step().await, later(30));
    }
}

#[tokio::test]
async fn who_is_held_back_again_and_again_comes_less_often_until_a_call_is_made() {
    let desk = desk("collected").await;
    for _ in 0..2 {
        let mut waits = Vec::new();
        for _ in 0..8 {
            desk.pos.update(Err(held_back(0)));
            let Verdict::Later(delay) = desk.step().await else { panic!("it is over") };
            waits.push(delay.as_secs());
        }
        assert!(waits[0] <= 2 && waits[5..].iter().all(|wait| (16..=30).contains(wait)), "{waits:?}");
        desk.pos.update(Err(unavailable()));
        assert!(matches!(desk.step().await, Verdict::Later(_)));
    }
}

#[tokio::test]
async fn a_login_that_was_corrected_since_it_was_refused_is_used_at_once() {
    for times in [1, 10] {
        let desk = desk("collected").await;
        for time in 1..=times {
            desk.pos.update(Err(login_held(600)));
            if time < times {
                assert_eq!(desk.step().await, later(30));
            }
        }
        let right = Some(Secret::new("the right login"));
        desk.bridge.memory.state().corrected =
            Some(AccountSecrets { syrve_api_login: right, ..AccountSecrets::default() });
        desk.bridge.memory.edit_account(|account| {
            account.syrve.as_mut().unwrap().credentials_key = Some("another".to_owned());
        });
        let Verdict::Later(delay) = desk.step().await else { panic!("it is over") };
        assert!(delay.as_secs() <= 2, "{delay:?}");
        assert_eq!(desk.counts(), (0, 0));
        desk.pos.update(Ok("c-1"));
        assert_eq!(desk.step().await, later(1));
        let logins = desk.pos.script().logins.clone();
        assert_ne!(logins.first(), logins.last());
    }
}
