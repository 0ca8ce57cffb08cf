//! Whether it is called: given up by the bridge, disabled and enabled by people, and what writing another URL means for that.

use std::time::Duration;

use courier_domain::subscription::Disabled;
use serde_json::{Value, json};

use super::super::Caller;
use super::body;
use crate::testing::{Fault, at};

/// A body with two URLs.
fn urls(url: &str, items_url: &str) -> Value {
    json!({ "url": format!("https://shop.test/{url}"), "items_url": format!("https://shop.test/{items_url}") })
}

fn told(disabled: Option<&Disabled>) -> Option<(&str, bool)> {
    disabled.map(|disabled| (disabled.reason.as_str(), disabled.told))
}

#[tokio::test]
async fn one_that_was_given_up_says_why_and_is_enabled_by_one_call() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.disable(id);
    let shown = caller.get(&path).await.body;
    let disabled = json!({ "at": at(99), "reason": "100 calls in a row failed" });
    assert_eq!((&shown["state"], &shown["disabled"]), (&json!("disabled"), &disabled));
    assert_eq!((&shown["failures"], &shown["failing_since"]), (&json!(100), &json!(at(0))));
    let told = caller.put_at(&path, &body()).await.body;
    assert_eq!(told["state"], "disabled", "writing the same URL does not enable it");

    let enabled = caller.post(&format!("{path}/enable")).await;
    assert_eq!((enabled.status, &enabled.body["state"]), (200, &json!("enabled")));
    assert_eq!((&enabled.body["failures"], &enabled.body["failing_since"]), (&json!(0), &Value::Null));
    assert_eq!(enabled.body, caller.get(&path).await.body);
    assert_eq!(caller.post(&format!("{path}/enable")).await.body, enabled.body, "and once more");
}

#[tokio::test]
async fn enabling_one_that_fails_clears_its_failures() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.disable(id);
    caller.edit(id, |subscription| subscription.disabled = None);
    assert_eq!(caller.get(&path).await.body["failures"], 100);
    caller.post(&format!("{path}/enable")).await;
    assert_eq!(caller.get(&path).await.body["failures"], 0);
}

#[tokio::test]
async fn one_is_not_enabled_before_its_failures_are_forgotten() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.disable(id);
    caller.memory.state().faults = [Some(Fault::Lost)].into();
    assert_eq!(caller.post(&format!("{path}/enable")).await.problem().0, 503);
    let shown = caller.get(&path).await.body;
    assert_eq!((&shown["state"], &shown["failures"]), (&json!("disabled"), &json!(0)));
}

#[tokio::test]
async fn an_operator_disables_it_with_a_reason_or_without_one() {
    let caller = Caller::with_account();
    let longest = "ü".repeat(200);
    for (body, reason) in [
        ("", "disabled by an operator"),
        ("{}", "disabled by an operator"),
        (r#"{"reason": null}"#, "disabled by an operator"),
        (r#"{"reason": " it holds up others "}"#, "it holds up others"),
        (&format!(r#"{{"reason": "{longest}"}}"#), longest.as_str()),
    ] {
        let (path, id) = caller.subscribed().await;
        let answer = caller.disabled(&path, body).await;
        let (disabled, now) = (&answer.body["disabled"], caller.now());
        assert_eq!((answer.status, &answer.body["state"]), (200, &json!("disabled")), "{}", answer.text);
        assert_eq!(
            (disabled, &answer.body["updated_at"]),
            (&json!({ "at": now, "reason": reason }), &json!(now))
        );
        assert_eq!(answer.body["items_disabled"], Value::Null, "it has one URL");
        assert_eq!(caller.get(&path).await.body, answer.body);
        // With its next event the bus hears of it.
        let row = caller.row(id).disabled;
        assert_eq!(told(row.as_ref()), Some((reason, false)));
        assert_eq!(row.map(|disabled| disabled.by_operator), Some(true));
        caller.clock.advance(Duration::from_mins(1));
        let again = caller.disabled(&path, r#"{"reason": "another"}"#).await;
        assert_eq!((again.status, &again.body), (200, &answer.body), "it stays as it was");
        let enabled = caller.post(&format!("{path}/enable")).await.body;
        assert_eq!((&enabled["state"], &enabled["disabled"]), (&json!("enabled"), &Value::Null));
    }
}

#[tokio::test]
async fn both_urls_are_disabled_and_one_that_was_given_up_keeps_its_reason() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.put_at(&path, &urls("events", "items")).await;
    caller.disable(id);
    let answer = caller.disabled(&path, r#"{"reason": "moved"}"#).await.body;
    assert_eq!(answer["disabled"], json!({ "at": at(99), "reason": "100 calls in a row failed" }));
    assert_eq!(answer["items_disabled"], json!({ "at": at(0), "reason": "moved" }));
    let row = caller.row(id);
    assert_eq!(told(row.disabled.as_ref()), Some(("100 calls in a row failed", true)));
    assert_eq!(told(row.items_disabled.as_ref()), Some(("moved", false)));
    let enabled = caller.post(&format!("{path}/enable")).await.body;
    assert_eq!((&enabled["disabled"], &enabled["items_disabled"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_wrong_reason_disables_nothing() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let before = caller.row(id);
    for (body, field) in [
        (json!({ "reason": "" }).to_string(), "reason"),
        (json!({ "reason": "  " }).to_string(), "reason"),
        (json!({ "reason": "x".repeat(201) }).to_string(), "reason"),
        (json!({ "reason": 5 }).to_string(), "reason"),
        (json!({ "because": "of" }).to_string(), "because"),
        ("{".to_owned(), "body"),
    ] {
        assert_eq!(caller.disabled(&path, &body).await.problem(), (400, field), "{body}");
    }
    assert_eq!(caller.row(id), before);
}

#[tokio::test]
async fn a_url_that_is_written_in_place_of_a_disabled_one_is_called() {
    let caller = Caller::with_account();
    let (path, _) = caller.subscribed().await;
    let off = async || {
        caller.put_at(&path, &urls("events", "items")).await;
        caller.disabled(&path, "").await;
    };
    let bare = json!({ "url": "https://shop.test/events" });
    for (body, main, items) in [
        (urls("events", "items"), true, true),
        (urls("other", "items"), false, true),
        (urls("events", "other"), true, false),
        (bare.clone(), true, false),
    ] {
        off().await;
        let mut with_token = body.clone();
        with_token["auth_token"] = json!("another-token");
        for body in [body, with_token] {
            let shown = caller.put_at(&path, &body).await.body;
            let is_disabled = ["disabled", "items_disabled"].map(|name| !shown[name].is_null());
            assert_eq!(is_disabled, [main, items], "{body}");
            assert_eq!(shown["state"], if main { "disabled" } else { "enabled" });
        }
    }
}

#[tokio::test]
async fn items_that_get_a_url_of_their_own_stay_stopped_by_an_operator() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let bare = json!({ "url": "https://shop.test/events" });
    let is_stopped = async |before: &Value| {
        caller.put_at(&path, before).await;
        let shown = caller.put_at(&path, &urls("events", "items")).await.body;
        !shown["items_disabled"].is_null()
    };
    let stopped = caller.disabled(&path, "").await.body;
    assert!(is_stopped(&bare).await, "it had none");
    assert_eq!(caller.get(&path).await.body["items_disabled"], stopped["disabled"]);
    assert!(is_stopped(&bare).await, "it was taken away meanwhile");
    let other = json!({ "url": "https://shop.test/other" });
    assert!(!is_stopped(&other).await, "items were called at another URL since");
    caller.disable(id);
    assert!(!is_stopped(&bare).await, "the URL for all else was given up");
}
