//! The call itself: what it says, and what follows from each way it can fail.

use courier_clients::syrve::Credentials;
use courier_domain::account::AccountSecrets;
use courier_domain::command::CommandState;
use courier_domain::secret::Secret;

use super::{SUCCESS, desk, later};
use crate::queue::Verdict;
use crate::testing::{
    API_LOGIN, Fault, login_rejected, rejected, terminal_silent, throttled, token_busy, unavailable,
};

#[tokio::test]
async fn the_delivered_time_is_the_restaurants_wall_clock_and_comes_with_delivered_only() {
    for (status, call) in [
        ("assigned_and_accepted_by_driver", "set Waiting"),
        ("collected", "set OnWay"),
        ("dropped_off", "set Delivered 2026-06-28 17:00:01.000"),
    ] {
        let desk = desk(status).await;
        desk.pos.update(Ok("c-1"));
        assert_eq!(desk.step().await, later(1));
        assert_eq!(desk.pos.calls(), [call]);
    }
}

#[tokio::test]
async fn the_accounts_login_is_used_the_newer_kind_where_an_application_is_registered() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    desk.step().await;
    for secrets in desk.bridge.memory.state().secrets.values_mut() {
        secrets.syrve_app_id = Some("app".into());
        secrets.syrve_client_secret = Some(Secret::new("client-secret"));
    }
    desk.step().await;
    let logins = desk.pos.script().logins.clone();
    assert!(logins.iter().all(|login| login.base_url == "https://pos.test"));
    assert!(
        matches!(&logins[0].credentials, Credentials::V1 { api_login } if api_login.expose() == API_LOGIN)
    );
    assert!(matches!(&logins[1].credentials, Credentials::V2 { app_id, .. } if app_id == "app"));
}

#[tokio::test]
async fn the_mark_that_a_call_is_under_way_is_written_before_the_call() {
    let desk = desk("collected").await;
    desk.bridge.memory.state().faults = [Some(Fault::Lost)].into();
    assert!(desk.receive().await.is_err());
    assert_eq!((desk.pos.calls().len(), desk.state()), (0, CommandState::Queued));
    desk.bridge.memory.state().faults = [Some(Fault::Conflict)].into();
    assert_eq!(desk.step().await, later(1));
    assert_eq!(desk.pos.calls().len(), 0);
}

#[tokio::test]
async fn a_call_whose_result_could_not_be_written_is_an_unknown_outcome() {
    let desk = desk("collected").await;
    desk.pos.update(Ok("c-1")).look(Ok(Some("OnWay")));
    desk.bridge.memory.state().faults = [None, Some(Fault::Lost)].into();
    assert!(desk.receive().await.is_err());
    assert_eq!(desk.state(), CommandState::Sending);
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!(desk.pos.calls(), ["set OnWay", "look"]);
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn after_a_crash_the_order_is_looked_at_and_the_call_repeated_only_if_it_is_not_there() {
    let desk = desk("collected").await;
    desk.edit(|command| (command.state, command.attempts) = (CommandState::Sending, 1));
    desk.pos.look(Ok(Some("Waiting"))).update(Ok("c-2")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    assert_eq!(desk.pos.calls(), ["look", "set OnWay", "ask c-2"]);
    assert_eq!(desk.command().attempts, 2);
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_after_longer_and_longer_pauses() {
    let desk = desk("collected").await;
    for seconds in [2, 4, 8] {
        desk.pos.update(Err(unavailable()));
        assert_eq!(desk.step().await, later(seconds));
        assert_eq!(desk.state(), CommandState::Queued);
    }
    desk.pos.update(Err(throttled(45)));
    assert_eq!(desk.step().await, later(45), "as long as Syrve asks for");
    assert_eq!(desk.command().attempts, 4);
    assert!(desk.command().last_error.unwrap().contains("too many requests"));
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    assert_eq!((desk.command().attempts, desk.command().last_error), (5, None));
}

#[tokio::test]
async fn what_was_not_sent_is_no_attempt() {
    let desk = desk("collected").await;
    for seconds in [1..=2, 1..=4, 2..=8] {
        desk.pos.update(Err(token_busy()));
        let Verdict::Later(delay) = desk.step().await else { panic!("it is over") };
        assert!(seconds.contains(&delay.as_secs()), "{delay:?}");
        assert_eq!((desk.command().attempts, desk.state()), (0, CommandState::Queued));
    }
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.step().await, later(1), "the pauses begin anew");
    assert_eq!(desk.step().await, Verdict::Done);
}

#[tokio::test]
async fn an_unknown_outcome_is_looked_into_before_the_call_is_repeated() {
    let desk = desk("collected").await;
    desk.pos.update(Err(terminal_silent()));
    assert_eq!(desk.step().await, later(2));
    assert_eq!(desk.state(), CommandState::Sending);
    desk.pos.look(Err(unavailable())).look(Ok(Some("Delivered")));
    assert_eq!(desk.step().await, later(2));
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!((desk.state(), desk.command().attempts), (CommandState::Confirmed, 1));
    assert_eq!(desk.pos.calls(), ["set OnWay", "look", "look"]);
}

#[tokio::test]
async fn a_refusal_is_final_at_once() {
    let desk = desk("collected").await;
    desk.pos.update(Err(rejected()));
    let Verdict::Dead(reason) = desk.step().await else { panic!("it is not given up") };
    assert!(reason.contains("WrongOrganization"));
    assert_eq!(desk.state(), CommandState::Failed);
}

#[tokio::test]
async fn after_a_quarter_of_an_hour_a_failure_is_the_last() {
    for failure in [unavailable, token_busy] {
        let desk = desk("collected").await;
        desk.age(16);
        desk.pos.update(Err(failure()));
        let Verdict::Dead(reason) = desk.step().await else { panic!("it is not given up") };
        assert!(reason.starts_with("given up after 15 minutes"));
        assert_eq!(desk.state(), CommandState::Failed);
    }
}

#[tokio::test]
async fn a_command_that_waited_for_hours_is_still_tried_once() {
    let desk = desk("dropped_off").await;
    desk.age(180);
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn a_rejected_login_is_not_the_commands_fault_and_is_used_at_once_if_it_was_corrected() {
    let wrong = desk("collected").await;
    wrong.pos.update(Err(login_rejected()));
    assert_eq!(wrong.step().await, later(30));
    assert_eq!((wrong.state(), wrong.counts()), (CommandState::Queued, (0, 0)));
    wrong.age(16);
    wrong.pos.update(Err(login_rejected()));
    let words = "given up after 15 minutes: Syrve refused the login with status 401: Login is not known";
    assert_eq!(wrong.step().await, Verdict::Dead(words.into()));
    let corrected = desk("collected").await;
    corrected.pos.update(Err(login_rejected())).update(Ok("c-1"));
    let right = Some(Secret::new("the right login"));
    corrected.bridge.memory.state().corrected =
        Some(AccountSecrets { syrve_api_login: right, ..AccountSecrets::default() });
    assert_eq!((corrected.step().await, corrected.state()), (later(1), CommandState::Queued));
    assert_eq!((corrected.step().await, corrected.state()), (later(1), CommandState::Sent));
}
