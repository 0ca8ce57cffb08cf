//! What is sent with calls: a parameter for each subscription, read once for each version of it.

use courier_cloud::secrets::ParameterStore;
use courier_domain::ports::SubscriptionVault;
use courier_domain::secret::Secret;
use courier_domain::subscription::{Subscription, SubscriptionSecrets};
use futures::future::join_all;
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::common::*;

async fn store(answers: Vec<ResponseTemplate>) -> (ParameterStore, MockServer) {
    let server = server(InTurn::new(answers)).await;
    (ParameterStore::new(aws(server.uri()).ssm(), "/courier-bridge/test".into()), server)
}

fn secrets(text: &str) -> SubscriptionSecrets {
    SubscriptionSecrets {
        auth_token: Secret::new(format!("token-{text}")),
        signing: Secret::new(format!("whsec_{text}")),
        previous: Vec::new(),
    }
}

fn parameter(secrets: &SubscriptionSecrets) -> ResponseTemplate {
    let value = serde_json::to_string(secrets).unwrap();
    ok(json!({ "Parameter": { "Name": "n", "Type": "SecureString", "Value": value } }))
}

fn name(number: u128) -> String {
    format!("/courier-bridge/test/accounts/demo/subscriptions/{}", id(number))
}

fn versioned(number: u128, secrets_version: u32) -> Subscription {
    Subscription { secrets_version, ..subscription(&demo(), number) }
}

async fn read(store: &ParameterStore, number: u128, version: u32) -> Option<SubscriptionSecrets> {
    let found = store.subscription_secrets(&versioned(number, version)).await.unwrap();
    found.map(|secrets| (*secrets).clone())
}

#[tokio::test]
async fn secrets_are_read_decrypted_and_once_for_many_callers() {
    let (store, server) = store(vec![parameter(&secrets("one"))]).await;
    for found in join_all((0..20).map(|_| read(&store, 1, 1))).await {
        assert_eq!(found, Some(secrets("one")));
    }
    assert_eq!(asked(&server).await, [json!({ "Name": name(1), "WithDecryption": true })]);
}

#[tokio::test]
async fn a_rotation_counts_at_once_and_others_keep_their_copies() {
    let answers = ["one", "two", "three"].map(|text| parameter(&secrets(text)));
    let (store, server) = store(answers.to_vec()).await;
    assert_eq!(read(&store, 1, 1).await, Some(secrets("one")));
    assert_eq!(read(&store, 2, 1).await, Some(secrets("two")));
    assert_eq!(read(&store, 1, 2).await, Some(secrets("three")));
    for _ in 0..5 {
        assert_eq!(read(&store, 1, 2).await, Some(secrets("three")));
        assert_eq!(read(&store, 2, 1).await, Some(secrets("two")));
    }
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn secrets_are_written_encrypted_and_deleted_whether_they_are_there_or_not() {
    let answers = vec![
        ok(json!({ "Version": 1 })),
        ok(json!({})),
        error("ParameterNotFound", json!({})),
        error("AccessDeniedException", json!({})),
    ];
    let (store, server) = store(answers).await;
    store.write_subscription_secrets(&demo(), id(1), &secrets("one")).await.unwrap();
    for _ in 0..2 {
        store.delete_subscription_secrets(&demo(), id(1)).await.unwrap();
    }
    let denied = store.delete_subscription_secrets(&demo(), id(1)).await.unwrap_err();
    assert_eq!(denied.to_string(), "ssm is unavailable");
    let asked = asked(&server).await;
    let written = &asked[0];
    assert_eq!((&written["Type"], &written["Overwrite"]), (&json!("SecureString"), &json!(true)));
    let value: Value = serde_json::from_str(written["Value"].as_str().unwrap()).unwrap();
    assert_eq!(value, json!({ "auth_token": "token-one", "signing": "whsec_one", "previous": [] }));
    assert!(asked.iter().all(|request| request["Name"] == name(1)));
}

#[tokio::test]
async fn the_longest_secrets_fit_into_one_parameter() {
    let answers = vec![ok(json!({ "Version": 1 }))];
    let (store, server) = store(answers).await;
    // Characters that are written as two.
    let mut long = SubscriptionSecrets { auth_token: Secret::new("\"".repeat(1024)), ..secrets("one") };
    while let Some(longer) = long.rotated_to(Secret::new(format!("whsec_{}", "A".repeat(88))), at(0)) {
        long = longer;
    }
    store.write_subscription_secrets(&demo(), id(1), &long).await.unwrap();
    assert!(asked(&server).await[0]["Value"].as_str().unwrap().len() <= 4096);
}

#[tokio::test]
async fn that_there_are_none_or_that_they_cannot_be_read_is_not_remembered() {
    let damaged = ok(json!({ "Parameter": { "Value": r#"{"auth_token": hunter2"# } }));
    let answers = vec![
        error("ParameterNotFound", json!({})),
        damaged,
        error("AccessDeniedException", json!({})),
        parameter(&secrets("one")),
    ];
    let (store, _server) = store(answers).await;
    assert_eq!(read(&store, 1, 1).await, None);
    for _ in 0..2 {
        let failed = store.subscription_secrets(&versioned(1, 1)).await.unwrap_err();
        assert!(!format!("{failed:?}").contains("hunter2"), "{failed:?}");
    }
    assert_eq!(read(&store, 1, 1).await, Some(secrets("one")));
}
