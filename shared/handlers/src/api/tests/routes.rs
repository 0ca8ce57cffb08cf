//! Which calls there are, and who may make them.

use super::super::{LATER, SERVED};
use super::{API_TOKEN, Caller};

#[tokio::test]
async fn nothing_but_health_is_answered_without_a_token() {
    let caller = Caller::with_account();
    for (method, path) in [
        ("GET", "/accounts"),
        ("GET", "/accounts/demo"),
        ("PUT", "/accounts/demo"),
        ("DELETE", "/accounts/demo"),
        ("POST", "/accounts/demo/drivers/sync"),
        ("POST", "/accounts/demo/drivers/ann/clock_in"),
        ("POST", "/accounts/demo/drivers/ann/clock_out"),
        ("GET", "/accounts/demo/unmatched"),
        ("POST", "/accounts/demo/unmatched/x/join"),
        ("POST", "/accounts/demo/fleets/bringg/undelivered"),
        ("POST", "/accounts/demo/subscriptions"),
        ("GET", "/accounts/demo/subscriptions"),
        ("POST", "/accounts/demo/subscriptions/x/rotate_secret"),
        ("POST", "/accounts/demo/subscriptions/x/disable"),
        ("GET", "/accounts/demo/subscriptions/x/attempts"),
        ("POST", "/accounts/demo/subscriptions/x/replay"),
        ("POST", "/health"),
        ("GET", "/nowhere"),
    ] {
        for token in [None, Some(""), Some("wrong"), Some("syrve-webhook-token")] {
            let told = caller.send(method, path, token, b"").await;
            assert_eq!(told.problem(), (401, ""), "{method} {path} {token:?}");
        }
    }
    for token in [API_TOKEN, "another-token"] {
        assert_eq!(caller.send("GET", "/accounts/demo", Some(token), b"").await.status, 200);
    }
}

#[tokio::test]
async fn a_path_that_does_not_exist_is_404() {
    let caller = Caller::with_account();
    for path in [
        "",
        "/",
        "/nowhere",
        "/accounts/demo/nowhere",
        "/accounts/demo/orders/1/2",
        "/accounts/nobody",
        "/accounts/NOT-A-SLUG",
        "/accounts/nobody/orders",
        "/accounts/nobody/drivers",
        "/accounts/demo/drivers/nobody",
        "/accounts/demo/orders/497f6eca-6276-4993-bfeb-53cbbbba6f08",
    ] {
        assert_eq!(caller.get(path).await.problem().0, 404, "{path}");
    }
    assert_eq!(caller.get("/accounts/demo/orders/577").await.problem(), (400, "order_id"));
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405_and_says_which_it_takes() {
    let caller = Caller::with_account();
    for (method, path, allow) in [
        ("POST", "/accounts", "GET"),
        ("PATCH", "/accounts/demo", "PUT, GET, DELETE"),
        ("GET", "/accounts/demo/webhook_tokens/syrve/rotate", "POST"),
        ("DELETE", "/accounts/demo/orders", "GET"),
        ("GET", "/accounts/demo/drivers/ann/clock_in", "POST"),
        ("PUT", "/accounts/demo/drivers/sync", "POST, GET"),
        ("POST", "/accounts/demo/unmatched", "GET"),
        ("GET", "/accounts/demo/unmatched/x/join", "POST"),
        ("GET", "/accounts/demo/fleets/bringg/undelivered", "POST"),
        ("PUT", "/accounts/demo/subscriptions", "POST, GET"),
        ("POST", "/accounts/demo/subscriptions/x", "GET, PUT, DELETE"),
        ("GET", "/accounts/demo/subscriptions/x/rotate_secret", "POST"),
        ("PUT", "/accounts/demo/subscriptions/x/disable", "POST"),
        ("DELETE", "/accounts/demo/subscriptions/x/attempts", "GET"),
    ] {
        let told = caller.send(method, path, Some(API_TOKEN), b"").await;
        assert_eq!((told.problem().0, told.allow.as_deref()), (405, Some(allow)), "{method} {path}");
    }
}

#[tokio::test]
async fn a_published_call_that_is_not_served_yet_is_501() {
    let caller = Caller::with_account();
    for (method, path) in [
        ("POST", "/accounts/demo/orders/1/delivery_status"),
        ("GET", "/accounts/demo/commands"),
        ("POST", "/accounts/demo/commands/1/retry"),
        ("POST", "/accounts/demo/reports"),
        ("GET", "/accounts/demo/reports/1"),
    ] {
        assert_eq!(caller.send(method, path, Some(API_TOKEN), b"").await.problem().0, 501, "{method} {path}");
    }
}

/// A path of this pattern.
fn path(pattern: &[&str]) -> String {
    pattern.iter().map(|part| if part.starts_with('*') { "/demo" } else { part }).fold(
        String::new(),
        |path, part| {
            if part.starts_with('/') { path + part } else { path + "/" + part }
        },
    )
}

#[tokio::test]
async fn what_is_listed_as_served_is_served_and_nothing_else() {
    for (_, pattern) in SERVED.iter().chain(&LATER) {
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE"] {
            let caller = Caller::with_account();
            let told = caller.send(method, &path(pattern), Some(API_TOKEN), b"").await;
            let covers = |routes: &[(&str, &[&str])]| {
                routes.iter().any(|(verb, other)| {
                    *verb == method
                        && super::super::covers(other, &path(pattern).split('/').skip(1).collect::<Vec<_>>())
                })
            };
            let expected = if covers(&LATER) { Some(501) } else { Some(405).filter(|_| !covers(&SERVED)) };
            if let Some(status) = expected {
                assert_eq!(told.status, status, "{method} {pattern:?}");
            } else {
                let is_route = ![405, 501].contains(&told.status) && told.body["detail"] != "no such path";
                assert!(is_route, "{method} {pattern:?} {}", told.text);
            }
        }
    }
}
