//! Calls that the gate does not let through: nothing was sent, so nothing is counted.

use courier_clients::CallError;
use courier_domain::account::AccountSecrets;
use courier_domain::command::CommandState;
use courier_domain::secret::Secret;

use super::{announced_desk, later, on_duty_desk};
use crate::queue::Verdict;
use crate::testing::{Trouble, fault, held_back, login_held, token_busy};

type Held = fn() -> CallError;

/// What the gate says, and the words that the command keeps.
const HELD: [(Held, &str); 2] = [
    (|| held_back(20), "Captain.AI is not called for 20 s: calls are held back"),
    (
        || login_held(20),
        "Captain.AI is not called for 20 s: it refused the login: Apilogin has been blocked.",
    ),
];

#[tokio::test]
async fn a_call_that_is_held_back_waits_as_long_as_said_and_is_no_attempt() {
    for (held, words) in HELD {
        let desk = announced_desk().await;
        for _ in 0..20 {
            desk.fleet.fails(held());
            assert_eq!(desk.step("create_order").await, later(21));
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
            assert_eq!(desk.step("create_order").await, later(21));
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
        assert_eq!(desk.step("clock_in_driver").await, later(21));
        desk.fleet.works().fails(held());
        assert_eq!(desk.step("clock_in_driver").await, later(21));
        assert_eq!(
            (desk.state("clock_in_driver"), desk.counts("clock_in_driver")),
            (CommandState::Queued, (0, 0))
        );
        assert_eq!(desk.step("clock_in_driver").await, Verdict::Done);
        assert_eq!(
            desk.fleet.calls(),
            ["upsert active", "upsert active", "in /of/73f4c9af9f79/d-1/in", "in /of/73f4c9af9f79/d-1/in"]
        );
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
async fn keys_that_were_corrected_since_they_were_refused_are_used_at_once() {
    let desk = announced_desk().await;
    desk.fleet.trouble(Trouble::Unheard(fault()));
    assert_eq!(desk.step("create_order").await, later(2));
    desk.fleet.fails(login_held(600)).works();
    let corrected = AccountSecrets {
        captain_integration_key: Some(Secret::new("the right key")),
        captain_developer_key: Some(Secret::new("developer-key")),
        ..AccountSecrets::default()
    };
    desk.bridge.memory.state().corrected = Some(corrected);
    assert_eq!(desk.step("create_order").await, later(1));
    assert_eq!((desk.state("create_order"), desk.counts("create_order")), (CommandState::Sending, (1, 0)));
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    let logins = desk.fleet.script().logins.clone();
    assert_eq!(logins.last().unwrap().integration_key.expose(), "the right key");
}

#[tokio::test]
async fn where_nobody_says_how_long_the_pauses_grow() {
    let desk = announced_desk().await;
    for seconds in [1, 2, 4] {
        desk.fleet.fails(token_busy());
        assert_eq!(desk.step("create_order").await, later(seconds));
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
                other => assert_eq!(other, later(21)),
            }
            receives += 1;
        };
        // Once at 239 minutes, and then until 240 are over.
        assert_eq!((reason, receives), (format!("given up after 4 hours: {words}"), 4));
        assert_eq!(desk.counts("create_order"), (0, 0), "nothing was ever sent");
    }
}
