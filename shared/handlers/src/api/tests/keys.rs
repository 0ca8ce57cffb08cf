//! Keys with which Bringg's calls are checked: a new one takes over, and the old one is good for a day.

use std::time::Duration;

use courier_domain::account::WebhookKeys;
use courier_domain::clock::Clock;
use courier_domain::delivery::Provider;
use courier_domain::secret::TokenSet;
use serde_json::json;

use super::{Caller, with_all_fleets};
use crate::testing::at;

const DAY: Duration = Duration::from_hours(24);

async fn caller() -> Caller {
    let caller = Caller::new();
    assert_eq!(caller.put("demo", &with_all_fleets()).await.status, 201);
    caller
}

fn keys(caller: &Caller) -> WebhookKeys {
    caller.memory.state().secrets.values().next().unwrap().webhook_keys[&Provider::Bringg].clone()
}

fn client_secrets(caller: &Caller) -> TokenSet {
    let state = caller.memory.state();
    let account = &state.accounts.values().next().unwrap().value;
    account.fleets[&Provider::Bringg].oauth.clone().unwrap().client_secrets
}

/// The body with a new JWT key.
fn with_key(key: &str) -> serde_json::Value {
    let mut body = with_all_fleets();
    body["fleets"]["bringg"]["jwt"]["key"] = json!(key.repeat(8));
    body
}

#[tokio::test]
async fn a_key_that_is_written_takes_over_and_the_old_one_is_good_for_a_day() {
    let caller = caller().await;
    let old = keys(&caller);
    assert!(old.jwt.is_some() && old.previous_jwt.is_none());
    caller.clock.advance(Duration::from_mins(1));
    assert_eq!(caller.put("demo", &with_key("other-key")).await.status, 200);
    let new = keys(&caller);
    let previous = new.previous_jwt.clone().unwrap();
    assert_eq!((Some(&previous.key), previous.until), (old.jwt.as_ref(), at(60 + 86_400)));
    assert_ne!(new.jwt, old.jwt);
    assert_eq!(new.access_tokens, old.access_tokens, "tokens that were given stay good");
}

#[tokio::test]
async fn the_same_key_again_is_no_rotation() {
    let caller = caller().await;
    caller.put("demo", &with_key("other-key")).await;
    let before = keys(&caller);
    caller.clock.advance(DAY / 2);
    for body in [with_key("other-key"), caller.get("/accounts/demo").await.body] {
        assert_eq!(caller.put("demo", &body).await.status, 200);
        assert_eq!(keys(&caller), before);
    }
}

#[tokio::test]
async fn a_way_that_is_given_up_leaves_no_key_and_comes_back_with_a_new_one() {
    let caller = caller().await;
    let before = keys(&caller);
    for (gone, left) in [("jwt", "oauth"), ("oauth", "jwt")] {
        let mut body = with_all_fleets();
        body["fleets"]["bringg"].as_object_mut().unwrap().remove(gone);
        assert_eq!(caller.put("demo", &body).await.status, 200);
        let kept = keys(&caller);
        assert_eq!((kept.jwt.is_some(), kept.previous_jwt.is_some()), (left == "jwt", false));
        assert_eq!(kept.access_tokens.is_some(), left == "oauth");
    }
    caller.put("demo", &with_all_fleets()).await;
    assert_ne!(keys(&caller).access_tokens, before.access_tokens);
    let mut body = with_all_fleets();
    body["fleets"]["bringg"] = json!({ "webhook_token": "secret-bringg-token" });
    assert_eq!(caller.put("demo", &body).await.status, 200);
    assert!(caller.memory.state().secrets.values().all(|secrets| secrets.webhook_keys.is_empty()));
}

#[tokio::test]
async fn a_rotated_key_is_shown_once_and_the_old_one_is_good_for_a_day() {
    let caller = caller().await;
    let old = keys(&caller);
    let told = caller.post("/accounts/demo/webhook_tokens/bringg_jwt/rotate").await;
    assert_eq!((told.status, &told.body["previous_valid_until"]), (200, &json!(at(86_400).to_string())));
    let new = keys(&caller);
    assert_eq!(told.body["webhook_token"], new.jwt.as_ref().unwrap().expose());
    assert_eq!(new.previous_jwt.map(|previous| previous.key), old.jwt);
    assert!(!caller.get("/accounts/demo").await.text.contains(new.jwt.unwrap().expose()));
    let mut body = with_all_fleets();
    let as_shown = json!({ "key": told.body["webhook_token"], "key_encoding": "base64" });
    body["fleets"]["bringg"]["jwt"].as_object_mut().unwrap().extend(as_shown.as_object().unwrap().clone());
    let before = keys(&caller);
    assert_eq!(
        (caller.put("demo", &body).await.status, keys(&caller)),
        (200, before),
        "it can be written as it is"
    );
}

#[tokio::test]
async fn a_rotated_client_secret_is_shown_once_and_the_old_one_is_good_for_a_day() {
    let caller = caller().await;
    let told = caller.post("/accounts/demo/webhook_tokens/bringg_oauth/rotate").await;
    assert_eq!((told.status, &told.body["previous_valid_until"]), (200, &json!(at(86_400).to_string())));
    let new = told.body["webhook_token"].as_str().unwrap().to_owned();
    let takes = |token: &str| client_secrets(&caller).accepts(token, caller.clock.now());
    assert_eq!((takes(&new), takes("secret-client-secret")), (true, true));
    caller.clock.advance(DAY);
    assert_eq!((takes(&new), takes("secret-client-secret")), (true, false));
}

#[tokio::test]
async fn only_what_the_account_has_can_be_rotated() {
    let caller = Caller::new();
    let mut body = with_all_fleets();
    body["fleets"]["bringg"] = json!({ "webhook_token": "secret-bringg-token" });
    caller.put("demo", &body).await;
    for (sender, status) in [
        ("bringg", 200),
        ("bringg_jwt", 404),
        ("bringg_oauth", 404),
        ("jelp", 200),
        ("radaro", 409),
        ("jelp_jwt", 404),
        ("glovo", 404),
    ] {
        let told = caller.post(&format!("/accounts/demo/webhook_tokens/{sender}/rotate")).await;
        assert_eq!(told.status, status, "{sender}");
    }
    let none = Caller::with_account();
    for sender in ["bringg", "bringg_jwt", "bringg_oauth", "jelp"] {
        let told = none.post(&format!("/accounts/demo/webhook_tokens/{sender}/rotate")).await;
        assert_eq!(told.status, 404, "{sender}");
    }
}

#[tokio::test]
async fn the_longest_keys_of_all_senders_fit_into_one_parameter_of_the_store() {
    let caller = Caller::new();
    let mut body = with_all_fleets();
    let longest = |letter: &str| json!(letter.repeat(512));
    for field in ["api_login", "app_id", "client_secret"] {
        body["syrve"][field] = longest("s");
    }
    for field in ["integration_key", "developer_key"] {
        body["fleets"]["captain"][field] = longest("c");
    }
    for letter in ["a", "b"] {
        body["fleets"]["bringg"]["jwt"]["key"] = json!(letter.repeat(256));
        let told = caller.put("demo", &body).await;
        assert!(told.status < 300, "{}", told.text);
    }
    let secrets = caller.memory.state().secrets.values().next().cloned().unwrap();
    assert!(secrets.webhook_keys[&Provider::Bringg].previous_jwt.is_some());
    let stored = serde_json::to_string(&secrets).unwrap();
    assert!(stored.len() <= 4096, "{}", stored.len());
}
