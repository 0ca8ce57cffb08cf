//! What follows from each way a call can fail.

use courier_clients::CallError;
use courier_domain::account::AccountSecrets;
use courier_domain::command::CommandState;
use courier_domain::secret::Secret;
use serde_json::json;

use super::{Desk, announced_desk, later, made_desk, on_duty_desk, with_comment};
use crate::queue::Verdict;
use crate::testing::{
    ORDER, Trouble, fault, held_back, login_rejected, no_answer, rejected, throttled, unavailable,
    unreachable,
};

const ALL: [&str; 5] = [
    "create_order",
    "update_order",
    "upsert_driver",
    "clock_in_driver",
    "update_order_status being_prepared",
];

/// A desk with a command of that label that the fleet can carry out in one call.
async fn desk_with(label: &str) -> Desk {
    match label {
        "create_order" => announced_desk().await,
        "upsert_driver" => on_duty_desk().await,
        "clock_in_driver" => {
            let desk = on_duty_desk().await;
            assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
            desk
        }
        _ => {
            let desk = made_desk().await;
            desk.bridge.tell_all(&[with_comment(1, "CookingStarted", "Ring thrice")]).await;
            desk
        }
    }
}

#[tokio::test]
async fn a_failure_before_the_fleet_was_reached_is_tried_again_after_longer_and_longer_pauses() {
    for label in ALL {
        let desk = desk_with(label).await;
        desk.fleet.calls();
        for seconds in [2, 4, 8] {
            desk.fleet.fails(unreachable().await);
            assert_eq!(desk.step(label).await, later(seconds), "{label}");
            assert_eq!(desk.state(label), CommandState::Queued);
        }
        desk.fleet.fails(unavailable());
        assert_eq!(desk.step(label).await, later(16));
        desk.fleet.fails(throttled(45));
        assert_eq!(desk.step(label).await, later(45), "as long as the fleet asks for");
        let words = desk.command(label).last_error.unwrap();
        assert_eq!(words, "Captain.AI is called too often: too many requests");
        assert_eq!(desk.step(label).await, Verdict::Done);
        assert_eq!((desk.counts(label), desk.command(label).last_error), ((6, 0), None));
        let calls = desk.fleet.calls();
        assert!(calls.len() == 6 && calls.iter().all(|call| *call == calls[0]), "{calls:?}");
    }
}

/// Failures after which nobody knows whether the call was carried out.
async fn doubts() -> [CallError; 2] {
    [fault(), no_answer().await]
}

#[tokio::test]
async fn a_creation_of_unknown_outcome_is_looked_up_before_it_is_repeated() {
    for error in doubts().await {
        let desk = announced_desk().await;
        desk.fleet.fails(error);
        assert_eq!(desk.step("create_order").await, later(2));
        assert_eq!(desk.state("create_order"), CommandState::Sending);
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        assert_eq!(desk.fleet.calls(), ["create", "find", "create"], "it was not made");
        assert_eq!(desk.counts("create_order").0, 2);
        assert!(desk.is_made_once());
    }
    for error in doubts().await {
        let desk = announced_desk().await;
        desk.fleet.trouble(Trouble::Unheard(error));
        assert_eq!(desk.step("create_order").await, later(2));
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        assert_eq!(desk.fleet.calls(), ["create", "find"], "it was made");
        assert_eq!(desk.counts("create_order").0, 1);
        assert!(desk.is_made_once());
    }
}

#[tokio::test]
async fn every_other_call_of_unknown_outcome_is_repeated() {
    for label in ALL.iter().filter(|label| **label != "create_order") {
        for error in doubts().await {
            let desk = desk_with(label).await;
            desk.fleet.calls();
            desk.fleet.trouble(Trouble::Unheard(error));
            assert_eq!(desk.step(label).await, later(2), "{label}");
            assert_eq!(desk.state(label), CommandState::Sending);
            assert_eq!(desk.step(label).await, Verdict::Done);
            let calls = desk.fleet.calls();
            assert!(matches!(calls.as_slice(), [one, two] if one == two), "{calls:?}");
        }
    }
}

#[tokio::test]
async fn while_the_fleet_cannot_be_asked_whether_it_has_the_order_it_stays_in_doubt_and_the_pauses_grow() {
    let desk = announced_desk().await;
    desk.fleet.trouble(Trouble::Unheard(fault()));
    assert_eq!(desk.step("create_order").await, later(2));
    for (error, seconds) in [(unavailable(), 4), (fault(), 8), (unreachable().await, 16), (throttled(40), 40)]
    {
        desk.fleet.fails(error);
        assert_eq!(desk.step("create_order").await, later(seconds));
        assert_eq!((desk.state("create_order"), desk.counts("create_order").0), (CommandState::Sending, 1));
    }
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["create", "find", "find", "find", "find", "find"]);
    assert!(desk.is_made_once());
}

#[tokio::test]
async fn an_order_that_is_there_stays_in_doubt_until_its_id_could_be_looked_up() {
    for error in [unavailable(), fault(), held_back(3)] {
        let desk = announced_desk().await;
        desk.fleet.script().make(ORDER, &json!({}));
        desk.fleet.works().fails(error);
        assert!(matches!(desk.step("create_order").await, Verdict::Later(_)));
        assert_eq!((desk.state("create_order"), desk.counts("create_order").0), (CommandState::Sending, 1));
        assert_eq!(desk.step("create_order").await, Verdict::Done);
        assert_eq!(desk.fleet.calls(), ["create", "find", "find"]);
        assert!(desk.is_made_once());
    }
}

#[tokio::test]
async fn an_order_that_is_there_is_taken_for_made_though_the_list_of_orders_is_refused() {
    let desk = announced_desk().await;
    desk.fleet.script().make(ORDER, &json!({}));
    desk.fleet.works().fails(rejected());
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!((desk.fleet.calls().len(), desk.state("create_order")), (2, CommandState::Confirmed));
    assert!(desk.bridge.order().dispatch.is_some_and(|dispatch| dispatch.made));
}

#[tokio::test]
async fn a_refusal_is_final_at_once() {
    for label in ALL {
        let desk = desk_with(label).await;
        desk.fleet.calls();
        desk.fleet.fails(rejected());
        let Verdict::Dead(reason) = desk.step(label).await else { panic!("{label} is not given up") };
        assert_eq!(reason, "Captain.AI refused the call with status 400: WrongOrganization");
        assert_eq!((desk.state(label), desk.fleet.calls().len()), (CommandState::Failed, 1));
    }
}

#[tokio::test]
async fn refused_keys_wait_unless_they_were_corrected_meanwhile() {
    for label in ["create_order", "upsert_driver"] {
        let wrong = desk_with(label).await;
        wrong.fleet.fails(login_rejected());
        assert!(matches!(wrong.step(label).await, Verdict::Later(_)));
        assert_eq!((wrong.state(label), wrong.counts(label)), (CommandState::Queued, (0, 0)));

        let corrected = desk_with(label).await;
        corrected.fleet.fails(login_rejected());
        corrected.bridge.memory.state().corrected = Some(AccountSecrets {
            captain_integration_key: Some(Secret::new("the right key")),
            captain_developer_key: Some(Secret::new("developer-key")),
            ..AccountSecrets::default()
        });
        assert_eq!((corrected.step(label).await, corrected.state(label)), (later(1), CommandState::Queued));
        assert_eq!(
            (corrected.step(label).await, corrected.state(label)),
            (Verdict::Done, CommandState::Confirmed)
        );
        let keys: Vec<_> = corrected
            .fleet
            .script()
            .logins
            .iter()
            .map(|login| login.integration_key.expose().to_owned())
            .collect();
        assert_eq!(keys, ["integration-key", "the right key"]);
    }
}

#[tokio::test]
async fn after_four_hours_a_failure_is_the_last_and_not_before() {
    for failure in [unavailable, fault] {
        for (minutes, given_up) in [(239, false), (241, true)] {
            let desk = announced_desk().await;
            desk.age(minutes);
            desk.fleet.fails(failure());
            match desk.step("create_order").await {
                Verdict::Dead(reason) => {
                    assert!(given_up && reason.starts_with("given up after 4 hours: Captain.AI"), "{reason}");
                    assert_eq!(desk.state("create_order"), CommandState::Failed);
                }
                other => assert!(!given_up && other == later(2), "{minutes} {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_command_that_waited_for_longer_is_still_tried_once() {
    let desk = announced_desk().await;
    desk.age(600);
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert!(desk.is_made_once());
}
