//! Logins: known by a hash that nobody is shown, refused by the other system, and tried again once somebody corrects them.

use std::time::Duration;

use courier_domain::account::Account;
use courier_domain::gate::Refusal;
use serde_json::{Value, json};

use super::{Caller, whole_account};
use crate::testing::at;

fn stored(caller: &Caller, id: &str) -> Account {
    caller.memory.state().accounts[&id.parse().unwrap()].value.clone()
}

/// The hashes of an account's login and keys.
fn keys(caller: &Caller, id: &str) -> [Option<String>; 2] {
    let account = stored(caller, id);
    [account.syrve.unwrap().login_key, account.captain.unwrap().login_key]
}

fn changed(pointer: &str, value: &str) -> Value {
    let mut body = whole_account();
    *body.pointer_mut(pointer).unwrap() = json!(value);
    body
}

#[tokio::test]
async fn accounts_that_share_a_login_share_its_key_and_others_do_not() {
    let caller = Caller::new();
    caller.put("a", &whole_account()).await;
    caller.put("b", &changed("/syrve/webhook_token", "another-webhook-token")).await;
    let [login, fleet] = keys(&caller, "a");
    assert!(login.is_some() && fleet.is_some());
    assert_eq!(keys(&caller, "b"), [login.clone(), fleet.clone()]);
    for (pointer, value) in [("/syrve/api_login", "another"), ("/syrve/base_url", "https://other.test")] {
        caller.put("b", &changed(pointer, value)).await;
        let [other, same] = keys(&caller, "b");
        assert!(other.is_some() && other != login && same == fleet, "{pointer}");
    }
    for (pointer, value) in
        [("/fleets/captain/integration_key", "another"), ("/fleets/captain/developer_key", "another")]
    {
        caller.put("b", &changed(pointer, value)).await;
        let [same, other] = keys(&caller, "b");
        assert!(other.is_some() && other != fleet && same == login, "{pointer}");
    }
}

#[tokio::test]
async fn a_fleet_without_keys_has_no_key_and_a_login_that_is_kept_keeps_its_own() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let [login, fleet] = keys(&caller, "demo");
    let mut body = whole_account();
    body["syrve"].as_object_mut().unwrap().remove("api_login");
    caller.put("demo", &body).await;
    assert_eq!(keys(&caller, "demo"), [login, fleet]);
    body = whole_account();
    body["dispatch_to"] = Value::Null;
    body["fleets"]["captain"].as_object_mut().unwrap().remove("developer_key");
    let caller = Caller::new();
    caller.put("demo", &body).await;
    assert_eq!(keys(&caller, "demo")[1], None);
}

#[tokio::test]
async fn no_answer_shows_a_key() {
    let caller = Caller::new();
    let answers = [
        caller.put("demo", &whole_account()).await,
        caller.get("/accounts/demo").await,
        caller.get("/accounts").await,
    ];
    for key in keys(&caller, "demo").into_iter().flatten() {
        assert!(answers.iter().all(|told| !told.text.contains(&key) && !told.text.contains("login_key")));
    }
}

fn refusal(words: &str) -> Refusal {
    Refusal { since: at(5), until: at(605), words: words.into() }
}

/// An account whose login and keys are refused.
async fn refused() -> Caller {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let [login, fleet] = keys(&caller, "demo").map(Option::unwrap);
    let mut state = caller.memory.state();
    state.refusals.insert(login, refusal("Apilogin has been blocked."));
    state.refusals.insert(fleet, refusal("Invalid developer key"));
    state.refusals.insert("somebody-elses".into(), refusal("not ours"));
    drop(state);
    caller
}

#[tokio::test]
async fn a_refused_login_is_shown_with_the_words_and_when_it_is_tried_again() {
    let caller = refused().await;
    caller.clock.advance(Duration::from_secs(30));
    let shown = caller.get("/accounts/demo").await.body;
    let error = |words: &str| json!({ "message": words, "since": at(5), "tried_again_at": at(605) });
    assert_eq!(shown["syrve"]["login_error"], error("Apilogin has been blocked."));
    assert_eq!(shown["fleets"]["captain"]["key_error"], error("Invalid developer key"));
    let listed = caller.get("/accounts").await.body["items"][0].take();
    assert_eq!(listed["syrve"].get("login_error"), None);
    assert_eq!(listed["fleets"]["captain"].get("key_error"), None);
}

#[tokio::test]
async fn whoever_writes_the_account_lets_its_logins_be_tried_again_and_no_others() {
    let caller = refused().await;
    let told = caller.put("demo", &whole_account()).await;
    for shown in [told.body, caller.get("/accounts/demo").await.body] {
        assert_eq!(shown["syrve"]["login_error"], Value::Null);
        assert_eq!(shown["fleets"]["captain"]["key_error"], Value::Null);
    }
    let left: Vec<_> = caller.memory.state().refusals.keys().cloned().collect();
    assert_eq!(left, ["somebody-elses"]);
}

#[tokio::test]
async fn that_no_token_is_given_is_shown_and_tried_again_like_a_refused_call() {
    let caller = Caller::new();
    let mut body = whole_account();
    body["syrve"]["app_id"] = json!("app");
    let mut credentials = |secret: &str| {
        body["syrve"]["client_secret"] = json!(secret);
        body.clone()
    };
    let key = || stored(&caller, "demo").syrve.unwrap().credentials_key.unwrap();
    caller.put("demo", &credentials("wrong")).await;
    let wrong = key();
    caller.memory.state().refusals.insert(wrong.clone(), refusal("no such client"));
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!(shown["syrve"]["login_error"]["message"], "no such client");
    let told = caller.put("demo", &credentials("wrong")).await;
    assert_eq!(told.body["syrve"]["login_error"], Value::Null);
    caller.put("demo", &credentials("right")).await;
    assert_ne!(key(), wrong);
    assert!(!told.text.contains(&wrong) && !told.text.contains("credentials_key"));
}

#[tokio::test]
async fn a_body_that_is_refused_lets_nothing_be_tried_again() {
    let caller = refused().await;
    assert_eq!(caller.put("demo", &changed("/time_zone", "Mars/Olympus")).await.status, 400);
    assert_eq!(caller.memory.state().refusals.len(), 3);
}

#[tokio::test]
async fn a_fleet_or_pos_that_there_is_not_has_no_error() {
    let caller = refused().await;
    caller.memory.edit_account(|account| account.captain = None);
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!(shown["fleets"]["captain"], Value::Null);
    assert!(shown["syrve"]["login_error"].is_object());
}
