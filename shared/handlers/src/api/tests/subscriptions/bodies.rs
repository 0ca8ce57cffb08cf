//! What is wrong with a body, and whose subscription it is: each problem names its field, and none changes anything.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{API_TOKEN, Caller};
use super::{ALL, TOKEN, add_account, body};

/// A body with one field changed.
fn with(field: &str, value: Value) -> Value {
    let mut body = body();
    body[field] = value;
    body
}

#[tokio::test]
async fn a_wrong_body_is_refused_by_its_field() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let (row, secrets) = (caller.row(id), caller.secrets_of(id));
    for (body, field) in [
        (json!([]), "body"),
        (json!({ "auth_token": TOKEN }), "url"),
        (with("url", Value::Null), "url"),
        (with("url", json!(5)), "url"),
        (with("url", json!("")), "url"),
        (with("url", json!("http://shop.test/")), "url"),
        (with("url", json!("https://10.0.0.1/")), "url"),
        (with("items_url", json!("https://10.0.0.1/")), "items_url"),
        (with("items_url", json!(true)), "items_url"),
        (with("auth_token", json!("7-chars")), "auth_token"),
        (with("auth_token", json!("x".repeat(1025))), "auth_token"),
        (with("auth_token", json!("with a space")), "auth_token"),
        (with("auth_token", json!("line\r\nbreak")), "auth_token"),
        (with("auth_token", json!("ümlaut-token")), "auth_token"),
        (with("events", json!([])), "events"),
        (with("events", json!("order_assigned")), "events"),
        (with("events", json!(["order_created"])), "events.0"),
        (with("events", json!(["order_assigned", "Order_Assigned"])), "events.1"),
        (with("events", json!(["order_assigned", 7])), "events.1"),
        (with("colour", json!("red")), "colour"),
        (with("id", json!(id)), "id"),
    ] {
        assert_eq!(caller.post_with(ALL, &body).await.problem(), (400, field), "{body}");
        assert_eq!(caller.put_at(&path, &body).await.problem(), (400, field), "{body}");
    }
    for text in [&b"{"[..], b"", b"\xff"] {
        assert_eq!(caller.send("POST", ALL, Some(API_TOKEN), text).await.problem(), (400, "body"));
        assert_eq!(caller.send("PUT", &path, Some(API_TOKEN), text).await.problem(), (400, "body"));
    }
    assert_eq!((caller.row(id), caller.secrets_of(id)), (row, secrets));
    assert_eq!(caller.memory.state().told.secrets.len(), 1);
}

#[tokio::test]
async fn a_new_one_needs_a_token_which_is_not_the_word_that_stands_for_one() {
    let caller = Caller::with_account();
    for stand_in in [json!("set"), Value::Null] {
        assert_eq!(caller.post_with(ALL, &with("auth_token", stand_in)).await.problem(), (400, "auth_token"));
    }
    for length in [8, 1024] {
        let told = caller.post_with(ALL, &with("auth_token", json!("~".repeat(length)))).await;
        assert_eq!(told.status, 201, "{}", told.text);
    }
}

#[tokio::test]
async fn a_problem_tells_the_rule_and_never_quotes() {
    let caller = Caller::with_account();
    let told = caller.post_with(ALL, &with("url", json!("https://10.0.0.1/hidden"))).await;
    assert_eq!(told.body["detail"], "leads to an address that is not called");
    let told = caller.post_with(ALL, &with("events", json!(["secret-event"]))).await;
    let detail = told.body["detail"].as_str().unwrap();
    assert!(detail.contains("agent.radar_locations.created") && !detail.contains("secret"), "{detail}");
}

/// Every call that names a subscription.
fn calls(base: &str) -> [(&'static str, String, Value); 9] {
    [
        ("GET", base.to_owned(), json!({})),
        ("PUT", base.to_owned(), body()),
        ("POST", format!("{base}/rotate_secret"), json!({})),
        ("POST", format!("{base}/disable"), json!({})),
        ("POST", format!("{base}/enable"), json!({})),
        ("GET", format!("{base}/notifications"), json!({})),
        ("GET", format!("{base}/attempts"), json!({})),
        ("POST", format!("{base}/replay"), json!({ "since": "2026-06-28T16:00:00Z" })),
        ("DELETE", base.to_owned(), json!({})),
    ]
}

#[tokio::test]
async fn another_accounts_subscription_is_not_there() {
    let caller = Caller::with_account();
    add_account(&caller, "other");
    let (_, id) = caller.subscribed().await;
    let (row, secrets) = (caller.row(id), caller.secrets_of(id));
    let strangers = [
        format!("/accounts/other/subscriptions/{id}"),
        format!("/accounts/nobody/subscriptions/{id}"),
        format!("{ALL}/{}", Uuid::from_u128(1)),
        format!("{ALL}/not-a-uuid"),
    ];
    for (method, path, body) in strangers.iter().flat_map(|base| calls(base)) {
        let told = caller.send(method, &path, Some(API_TOKEN), body.to_string().as_bytes()).await;
        assert_eq!(told.problem(), (404, ""), "{method} {path}");
    }
    assert_eq!(caller.get("/accounts/other/subscriptions").await.body["items"], json!([]));
    for (method, body) in [("GET", json!({})), ("POST", body())] {
        let path = "/accounts/nobody/subscriptions";
        let told = caller.send(method, path, Some(API_TOKEN), body.to_string().as_bytes()).await;
        assert_eq!(told.problem(), (404, ""), "{method}");
    }
    assert_eq!((caller.row(id), caller.secrets_of(id)), (row, secrets));
    assert!(caller.notify.outbox.items().is_empty());
}

#[tokio::test]
async fn nothing_is_answered_without_the_table() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    for (method, path, body) in calls(&path) {
        caller.memory.state().reads_to_fail = 1;
        let told = caller.send(method, &path, Some(API_TOKEN), body.to_string().as_bytes()).await;
        assert_eq!(told.problem(), (503, ""), "{method} {path}");
    }
    assert_eq!(caller.row(id).secrets_held_until, None);
}
