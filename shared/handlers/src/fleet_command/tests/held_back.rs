//! Calls that the gate does not let through: nothing was sent, so nothing is counted.

use courier_clients::CallError;
use courier_domain::account::AccountSecrets;
use courier_domain::command::CommandState;
use courier_domain::secret::Secret;

use super::{announced_desk, is_held, later, on_duty_desk};
use crate::queue::Verdict;
use crate::testing::{Trouble, fault, held_back, login_held, login_rejected, token_busy, unavailable};

type Held = fn() -> CallError;

/// What the gate says, and the words that the command keeps.
const HELD: [(Held, &str); 2] = [
    (|| held_back(20), "Captain.AI is not called now: calls are held back"),
    (|| login_held(20), "Captain.AI is not called now: it refused the login: Apilogin has been blocked."),
];

#[tokio::test]
async fn a_call_that_is_held_back_waits_as_long_as_said_and_is_no_attempt() {
    for (held, words) in HELD {
        let desk = announced_desk().await;
        for _ in 0..20 {
            desk.fleet.fails(held());
            assert!(is_held(&desk.step("create_order").await, 20));
            assert_eq!(
                (desk.state("create_order"), desk.counts("create_order")),
                (CommandState::Queued, (0, 0))
            );
        }
        assert_eq!(desk.command("create_order").last_error.as_deref(), Some(words));
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        assert_eq!(desk.counts("create_order"), (1, 0));
    }
}

#[tokio::test]
async fn a_look_that_is_held_back_leaves_the_creation_in_doubt() {
    for (held, _) in HELD {
        let desk = announced_desk().await;
        desk.fleet.trouble(Trouble::Unheard(fault()));
        assert_eq!(desk.step("create_order").await, later(2));
        for _ in 0..20 {
            desk.fleet.fails(held());
            assert!(is_held(&desk.step("create_order").await, 20));
            assert_eq!(
                (desk.state("create_order"), desk.counts("create_order")),
                (CommandState::Sending, (1, 0))
            );
        }
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        assert!(desk.is_made_once());
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_looked_up_yet_waits_with_its_call() {
    for (held, _) in HELD {
        let desk = on_duty_desk().await;
        desk.fleet.fails(held());
        assert!(is_held(&desk.step("clock_in_driver").await, 20));
        desk.fleet.works().fails(held());
        assert!(is_held(&desk.step("clock_in_driver").await, 20));
        assert_eq!(
            (desk.state("clock_in_driver"), desk.counts("clock_in_driver")),
            (CommandState::Queued, (0, 0))
        );
        assert_eq!(desk.step("clock_in_driver").await, Verdict::Done);
        assert_eq!(
            desk.fleet.calls(),
            ["upsert active", "in /of/73f4c9af9f79/d-1/in", "in /of/73f4c9af9f79/d-1/in"]
        );
    }
}

/// Whether the message comes back after minutes: nobody waits for it, and thousands may wait with it.
fn is_patient(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Later(delay) if (120..=240).contains(&delay.as_secs()))
}

#[tokio::test]
async fn what_is_told_of_drivers_waits_for_minutes_in_a_crowd_and_is_tried_for_a_day() {
    let desk = on_duty_desk().await;
    desk.fleet.script().down = Some(|| held_back(1));
    for label in ["upsert_driver", "clock_in_driver"] {
        assert!(is_held(&desk.step(label).await, 1), "{label}");
        desk.bridge.clock.advance(std::time::Duration::from_mins(1));
        assert!(is_patient(&desk.step(label).await), "{label}");
    }
    desk.age(23 * 60);
    for label in ["upsert_driver", "clock_in_driver"] {
        assert!(is_patient(&desk.step(label).await), "{label}");
    }
    desk.age(60);
    for label in ["upsert_driver", "clock_in_driver"] {
        assert!(matches!(desk.step(label).await, Verdict::Dead(_)), "{label}");
    }
}

#[tokio::test]
async fn that_a_call_is_held_back_is_written_once_and_again_for_another_reason() {
    let desk = announced_desk().await;
    let writes = || desk.bridge.memory.state().writes;
    let mut written = Vec::new();
    for error in [held_back(20), held_back(7), held_back(7), login_held(9), login_held(500), held_back(7)] {
        let before = writes();
        desk.fleet.fails(error);
        assert!(matches!(desk.step("create_order").await, Verdict::Later(_)));
        written.push(writes() - before);
    }
    assert_eq!(written, [1, 0, 0, 1, 0, 1]);
}

#[tokio::test]
async fn a_login_that_is_refused_is_not_the_commands_fault() {
    for by in [CommandState::Queued, CommandState::Sending] {
        let desk = announced_desk().await;
        if by == CommandState::Sending {
            desk.fleet.trouble(Trouble::Unheard(fault()));
            assert_eq!(desk.step("create_order").await, later(2));
        }
        let before = desk.counts("create_order");
        desk.fleet.fails(login_rejected());
        assert_eq!(desk.step("create_order").await, later(30));
        assert_eq!((desk.state("create_order"), desk.counts("create_order")), (by, before));
        let words = "Captain.AI refused the login with status 401: Login is not known";
        assert_eq!(desk.command("create_order").last_error.as_deref(), Some(words));
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        assert!(desk.is_made_once());
    }
}

#[tokio::test]
async fn secrets_are_read_again_only_where_the_account_has_another_login() {
    for (kept, reads) in [("its own", 1), ("none", 1), ("another", 2)] {
        let desk = announced_desk().await;
        desk.fleet.fails(login_held(600));
        assert_eq!(desk.step("create_order").await, later(30));
        let used = desk.fleet.script().logins[0].key();
        desk.bridge.memory.edit_account(|account| {
            let key = if kept == "its own" { used } else { kept.to_owned() };
            account.captain.as_mut().unwrap().login_key = Some(key).filter(|_| kept != "none");
        });
        let before = desk.bridge.memory.state().secret_reads;
        desk.fleet.fails(login_held(570));
        assert_eq!(desk.step("create_order").await, later(30));
        assert_eq!(desk.bridge.memory.state().secret_reads - before, reads);
    }
}

#[tokio::test]
async fn a_long_pause_is_looked_into_every_half_minute_since_a_person_may_end_it() {
    for held in [held_back, login_held] {
        let desk = announced_desk().await;
        desk.fleet.fails(held(600));
        assert_eq!(desk.step("create_order").await, later(30));
        assert_eq!(desk.step("create_order").await, Verdict::Done);
    }
}

#[tokio::test]
async fn who_is_held_back_again_and_again_comes_less_often_until_a_call_is_made() {
    let desk = announced_desk().await;
    for _ in 0..2 {
        let mut waits = Vec::new();
        for _ in 0..8 {
            desk.fleet.fails(held_back(0));
            let Verdict::Later(delay) = desk.step("create_order").await else { panic!("it is over") };
            waits.push(delay.as_secs());
        }
        assert!(waits[0] <= 2 && waits[5..].iter().all(|wait| (16..=30).contains(wait)), "{waits:?}");
        desk.fleet.fails(unavailable());
        assert!(matches!(desk.step("create_order").await, Verdict::Later(_)));
    }
}

#[tokio::test]
async fn keys_that_were_corrected_since_they_were_refused_are_used_at_once() {
    for times in [1, 10] {
        let desk = announced_desk().await;
        desk.fleet.trouble(Trouble::Unheard(fault()));
        assert_eq!(desk.step("create_order").await, later(2));
        for time in 1..=times {
            desk.fleet.fails(login_held(600));
            if time < times {
                assert_eq!(desk.step("create_order").await, later(30));
            }
        }
        let corrected = AccountSecrets {
            captain_integration_key: Some(Secret::new("the right key")),
            captain_developer_key: Some(Secret::new("developer-key")),
            ..AccountSecrets::default()
        };
        desk.bridge.memory.state().corrected = Some(corrected);
        desk.bridge.memory.edit_account(|account| {
            account.captain.as_mut().unwrap().login_key = Some("another".to_owned());
        });
        let Verdict::Later(delay) = desk.step("create_order").await else { panic!("it is over") };
        assert!(delay.as_secs() <= 2, "{delay:?}");
        assert_eq!(
            (desk.state("create_order"), desk.counts("create_order")),
            (CommandState::Sending, (1, 0))
        );
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        let logins = desk.fleet.script().logins.clone();
        assert_eq!(logins.last().unwrap().integration_key.expose(), "the right key");
    }
}

#[tokio::test]
async fn where_nobody_says_how_long_the_pauses_grow() {
    let desk = announced_desk().await;
    for seconds in [1..=2, 1..=4, 2..=8, 4..=16] {
        desk.fleet.fails(token_busy());
        let Verdict::Later(delay) = desk.step("create_order").await else { panic!("it is over") };
        assert!(seconds.contains(&delay.as_secs()), "{delay:?}");
        assert_eq!(desk.command("create_order").attempts, 0);
    }
}

#[tokio::test]
async fn what_is_held_back_is_given_up_only_at_the_end_of_its_time_and_says_why() {
    for (held, words) in HELD {
        let desk = announced_desk().await;
        desk.age(239);
        desk.fleet.script().down = Some(held);
        let mut receives = 1;
        let reason = loop {
            match desk.step("create_order").await {
                Verdict::Dead(reason) => break reason,
                other => assert!(is_held(&other, 20)),
            }
            receives += 1;
        };
        assert_eq!(reason, format!("given up after 4 hours: {words}"));
        assert!((3..=4).contains(&receives), "{receives} between 239 minutes and 240");
        assert_eq!(desk.counts("create_order"), (0, 0), "nothing was ever sent");
    }
}

#[tokio::test]
async fn a_creation_in_doubt_that_cannot_be_looked_up_in_time_was_tried_once() {
    for (held, words) in HELD {
        let desk = announced_desk().await;
        desk.fleet.trouble(Trouble::Unheard(fault())).fails(held());
        assert_eq!(desk.step("create_order").await, later(2));
        desk.age(241);
        assert_eq!(
            desk.step("create_order").await,
            Verdict::Dead(format!("given up after 4 hours: {words}"))
        );
        assert_eq!(desk.counts("create_order"), (1, 0));
    }
}
