//! Copies of what is sent with calls: few reads at a time, however many subscriptions a process has just met, and an error
//! that says whether the store or the secrets are at fault.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use courier_cloud::secrets::ParameterStore;
use courier_domain::ports::{PortError, SubscriptionVault};
use futures::future::join_all;
use serde_json::json;
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::common::*;

fn store(server: &MockServer) -> ParameterStore {
    ParameterStore::new(aws(server.uri()).ssm(), "/courier-bridge/test".into())
}

fn parameter(text: &str) -> ResponseTemplate {
    ok(json!({ "Parameter": { "Name": "n", "Type": "SecureString", "Value": text } }))
}

const SECRETS: &str = r#"{"auth_token":"token","signing":"whsec_key"}"#;

#[tokio::test]
async fn at_most_eight_secrets_are_read_at_a_time_and_each_once() {
    let delay = Duration::from_millis(200);
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let arrived = Arc::clone(&arrivals);
    let server = server(move |_: &Request| {
        arrived.lock().unwrap().push(Instant::now());
        parameter(SECRETS).set_delay(delay)
    })
    .await;
    let (store, started) = (store(&server), Instant::now());
    let wanted: Vec<_> = (0..50).map(|n| subscription(&demo(), n % 25)).collect();
    let found = join_all(wanted.iter().map(|one| store.subscription_secrets(one))).await;
    assert!(found.into_iter().all(|secrets| secrets.is_ok_and(|secrets| secrets.is_some())));
    assert!(started.elapsed() < delay * 25, "they were read one after the other");
    let arrivals = arrivals.lock().unwrap();
    assert_eq!(arrivals.len(), 25);
    // The ninth has to wait for the answer to one before it.
    assert!(arrivals.windows(9).all(|nine| nine[8] - nine[0] >= delay), "{arrivals:?}");
}

#[tokio::test]
async fn damaged_secrets_are_told_from_a_store_that_is_down_by_all_who_wait_for_them() {
    let server = server(InTurn::new([
        parameter(r#"{"auth_token": hunter2"#),
        error("AccessDeniedException", json!({})),
        parameter(SECRETS),
    ]))
    .await;
    let (store, one) = (store(&server), subscription(&demo(), 1));
    let damaged = join_all((0..5).map(|_| store.subscription_secrets(&one))).await;
    for error in damaged.into_iter().map(Result::unwrap_err) {
        assert!(matches!(error, PortError::Unreadable { .. }), "{error:?}");
        assert_eq!(error.to_string(), "a subscription's secrets cannot be read");
    }
    let down = store.subscription_secrets(&one).await.unwrap_err();
    assert!(matches!(down, PortError::Unavailable { service: "ssm", .. }), "{down:?}");
    assert!(store.subscription_secrets(&one).await.unwrap().is_some(), "neither is remembered");
    assert_eq!(asked(&server).await.len(), 3);
}
