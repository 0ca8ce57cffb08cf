//! Keys and tokens: rotated without a gap, changed by one at a time, and never left in two minds.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::secret::Secret;
use courier_domain::subscription::{Disabled, Subscription};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{API_TOKEN, Caller};
use super::{TOKEN, body, demo};
use crate::testing::{Fault, State, at};

fn with_token(token: &str) -> Value {
    let mut body = body();
    body["auth_token"] = json!(token);
    body
}

fn keys(caller: &Caller, id: Uuid) -> Vec<String> {
    let now = caller.clock.now();
    caller.secrets_of(id).signing_at(now).map(|key| key.expose().to_owned()).collect()
}

#[tokio::test]
async fn both_keys_sign_for_a_day_after_a_rotation() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let old = keys(&caller, id).remove(0);
    let told = caller.post(&format!("{path}/rotate_secret")).await;
    let new = told.body["signing_secret"].as_str().unwrap().to_owned();
    assert_eq!((told.status, &told.body["previous_valid_until"]), (200, &json!(at(24 * 60 * 60))));
    assert_ne!(new, old);
    assert_eq!(keys(&caller, id), [new.clone(), old]);
    assert_eq!((caller.row(id).secrets_version, caller.row(id).secrets_held_until), (2, None));
    assert_eq!(caller.secrets_of(id).auth_token.expose(), TOKEN);
    caller.clock.advance(Duration::from_hours(24));
    assert_eq!(keys(&caller, id), [new]);
}

#[tokio::test]
async fn another_token_is_sent_at_once() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let key = keys(&caller, id);
    let mut body = with_token("another-token");
    body["url"] = json!("https://shop.test/new");
    assert_eq!(caller.put_at(&path, &body).await.body["url"], "https://shop.test/new");
    assert_eq!((caller.row(id).secrets_version, caller.row(id).secrets_held_until), (2, None));
    assert_eq!(caller.secrets_of(id).auth_token.expose(), "another-token");
    assert_eq!(keys(&caller, id), key);
}

#[tokio::test]
async fn a_token_whose_change_was_cut_off_counts_once_it_is_written_again() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    // Kept, and under the version of which others have a copy with the old one.
    let token = Secret::new("another-token");
    caller.memory.state().told.secrets.get_mut(&(demo(), id)).unwrap().auth_token = token;
    let kept = caller.secrets_of(id);
    assert_eq!(caller.put_at(&path, &with_token("another-token")).await.status, 200);
    assert_eq!((caller.row(id).secrets_version, caller.secrets_of(id)), (2, kept));
}

#[tokio::test]
async fn who_changes_secrets_keeps_others_out_for_as_long_as_a_call_may_take() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.edit(id, |subscription| subscription.secrets_held_until = Some(at(30)));
    let before = caller.secrets_of(id);
    caller.clock.advance(Duration::from_millis(28_500));
    for told in [
        caller.post(&format!("{path}/rotate_secret")).await,
        caller.put_at(&path, &with_token("another-token")).await,
    ] {
        assert_eq!((told.problem(), told.retry_after.as_deref()), ((409, ""), Some("2")));
        let detail = told.body["detail"].as_str().unwrap();
        assert!(detail.ends_with(&format!("try again after {}", at(30))), "{detail}");
    }
    assert_eq!(caller.secrets_of(id), before);
    assert_eq!(caller.put_at(&path, &with_token("set")).await.status, 200, "all else may be changed");
    assert_eq!(caller.row(id).secrets_held_until, Some(at(30)));
    caller.clock.advance(Duration::from_millis(1500));
    assert_eq!(caller.post(&format!("{path}/rotate_secret")).await.status, 200);
}

/// Done after a change has taken hold, just before it is written.
fn meanwhile(caller: &Caller, rival: impl FnOnce(&mut State) + Send + 'static) {
    let second: Box<dyn FnOnce(&mut State) + Send> = Box::new(rival);
    caller.memory.state().rival = Some(Box::new(|state| state.rival = Some(second)));
}

fn stored(state: &mut State, id: Uuid) -> &mut Subscription {
    let stored = state.told.subscriptions.get_mut(&(demo(), id)).unwrap();
    stored.version += 1;
    &mut stored.value
}

#[tokio::test]
async fn a_subscription_that_is_disabled_during_a_change_stays_so_and_is_changed() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let disable = move |state: &mut State| {
        stored(state, id).disabled =
            Some(Disabled { at: at(1), reason: "gone".into(), by_operator: false, told: true });
    };
    meanwhile(&caller, disable);
    let told = caller.post(&format!("{path}/rotate_secret")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(keys(&caller, id)[0], told.body["signing_secret"].as_str().unwrap());
    meanwhile(&caller, disable);
    let mut body = with_token("another-token");
    body["events"] = json!(["order_assigned"]);
    let told = caller.put_at(&path, &body).await;
    assert_eq!((told.status, &told.body["state"]), (200, &json!("disabled")), "{}", told.text);
    assert_eq!(told.body["events"], json!(["order_assigned"]));
    assert_eq!((caller.row(id).secrets_version, caller.row(id).secrets_held_until), (3, None));
}

#[tokio::test]
async fn a_subscription_that_is_deleted_during_a_change_leaves_no_secrets() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    meanwhile(&caller, move |state| {
        state.told.subscriptions.remove(&(demo(), id));
    });
    assert_eq!(caller.post(&format!("{path}/rotate_secret")).await.problem(), (409, ""));
    assert!(caller.memory.state().told.secrets.is_empty());
}

#[tokio::test]
async fn who_lost_hold_does_not_tell_a_key() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    meanwhile(&caller, move |state| stored(state, id).secrets_held_until = Some(at(90)));
    let told = caller.post(&format!("{path}/rotate_secret")).await;
    assert_eq!(told.problem(), (409, ""));
    assert!(!told.text.contains("whsec_"));
    assert_eq!(caller.row(id).secrets_version, 1, "the other one counts them");
}

#[tokio::test]
async fn a_change_that_failed_lets_go() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let before = caller.secrets_of(id);
    for (method, path) in [("POST", format!("{path}/rotate_secret")), ("PUT", path.clone())] {
        caller.memory.state().rival = Some(Box::new(|state| state.reads_to_fail = 1));
        let body = with_token("another-token").to_string();
        let told = caller.send(method, &path, Some(API_TOKEN), body.as_bytes()).await;
        assert_eq!(told.problem(), (503, ""), "{method}");
        assert_eq!((caller.row(id).secrets_held_until, caller.row(id).secrets_version), (None, 1));
        assert_eq!(caller.secrets_of(id), before);
    }
    assert_eq!(caller.post(&format!("{path}/rotate_secret")).await.status, 200);
}

#[tokio::test]
async fn a_change_that_could_not_be_written_puts_the_secrets_back() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let before = caller.secrets_of(id);
    for (fault, version) in [(Fault::Lost, 2), (Fault::Unheard, 4)] {
        caller.memory.state().faults = [None, Some(fault)].into();
        let told = caller.post(&format!("{path}/rotate_secret")).await;
        assert_eq!(told.problem(), (503, ""), "{fault:?}");
        assert_eq!(caller.secrets_of(id), before, "{fault:?}");
        let row = caller.row(id);
        assert_eq!((row.secrets_held_until, row.secrets_version), (None, version), "{fault:?}");
    }
    assert_eq!(caller.post(&format!("{path}/rotate_secret")).await.status, 200);
}

#[tokio::test]
async fn lost_secrets_are_made_anew_by_writing_a_token() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.memory.state().told.secrets.clear();
    assert_eq!(caller.post(&format!("{path}/rotate_secret")).await.problem(), (409, ""));
    assert_eq!(caller.put_at(&path, &with_token("another-token")).await.status, 200);
    assert_eq!(caller.secrets_of(id).auth_token.expose(), "another-token");
    assert_eq!(caller.post(&format!("{path}/rotate_secret")).await.status, 200);
}
