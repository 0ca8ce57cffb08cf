//! Secrets: encrypted, one parameter per account, read seldom.

use courier_cloud::secrets::ParameterStore;
use courier_domain::account::AccountSecrets;
use courier_domain::ports::{SecretVault, Secrets};
use courier_domain::secret::Secret;
use futures::future::join_all;
use serde_json::json;
use wiremock::{MockServer, ResponseTemplate};

use crate::common::*;

async fn store(answers: Vec<ResponseTemplate>) -> (ParameterStore, MockServer) {
    let server = server(InTurn::new(answers)).await;
    (ParameterStore::new(aws(server.uri()).ssm(), "/courier-bridge/test".into()), server)
}

fn parameter(value: &str) -> ResponseTemplate {
    ok(json!({ "Parameter": { "Name": "n", "Type": "SecureString", "Value": value } }))
}

fn login(text: &str) -> AccountSecrets {
    AccountSecrets { syrve_api_login: Some(Secret::new(text)), ..AccountSecrets::default() }
}

#[tokio::test]
async fn secrets_are_read_decrypted_and_once_for_many_callers() {
    let (store, server) = store(vec![parameter(r#"{"syrve_api_login":"login"}"#)]).await;
    let id = demo();
    for answer in join_all((0..20).map(|_| store.secrets(&id))).await {
        assert_eq!(*answer.unwrap(), login("login"));
    }
    let asked = asked(&server).await;
    assert_eq!(asked, [json!({ "Name": "/courier-bridge/test/accounts/demo", "WithDecryption": true })]);
}

#[tokio::test]
async fn an_account_without_secrets_has_an_empty_set() {
    let (store, _server) = store(vec![error("ParameterNotFound", json!({}))]).await;
    assert_eq!(store.read(&demo()).await.unwrap(), AccountSecrets::default());
}

#[tokio::test]
async fn secrets_are_written_encrypted_and_used_at_once() {
    let answers =
        vec![parameter("{}"), ok(json!({ "Version": 1 })), parameter(r#"{"syrve_api_login":"new"}"#)];
    let (store, server) = store(answers).await;
    assert_eq!(*store.secrets(&demo()).await.unwrap(), AccountSecrets::default());
    store.write(&demo(), &login("new")).await.unwrap();
    assert_eq!(*store.secrets(&demo()).await.unwrap(), login("new"));
    let written = &asked(&server).await[1];
    assert_eq!((&written["Type"], &written["Overwrite"]), (&json!("SecureString"), &json!(true)));
    assert_eq!(written["Value"], r#"{"syrve_api_login":"new"}"#);
}

#[tokio::test]
async fn a_store_that_is_full_is_told_from_one_that_is_busy() {
    let answers = vec![
        error("ParameterLimitExceeded", json!({})),
        error("ValidationException", json!({})),
        error("TooManyUpdates", json!({})),
    ];
    let (store, _server) = store(answers).await;
    for (is_final, words) in [
        (true, "ssm refuses this for good: ParameterLimitExceeded"),
        (true, "ssm refuses this for good: ValidationException"),
        (false, "ssm is unavailable"),
    ] {
        let failed = store.write(&demo(), &login("new")).await.unwrap_err();
        assert_eq!((failed.is_final(), failed.to_string().as_str()), (is_final, words));
    }
}

#[tokio::test]
async fn deleting_what_is_not_there_is_fine_and_what_cannot_be_deleted_is_an_error() {
    let not_found = || error("ParameterNotFound", json!({}));
    let (gone, _server) = store(vec![not_found()]).await;
    gone.delete(&demo()).await.unwrap();
    let (denied, _server) = store(vec![error("AccessDeniedException", json!({}))]).await;
    assert_eq!(denied.delete(&demo()).await.unwrap_err().to_string(), "ssm is unavailable");
}

#[tokio::test]
async fn damaged_secrets_are_an_error_that_shows_nothing_of_them() {
    let (store, server) = store(vec![parameter(r#"{"syrve_api_login": hunter2"#)]).await;
    let error = store.secrets(&demo()).await.unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    assert!(store.secrets(&demo()).await.is_err());
    let requests = server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| operation(request) == "GetParameter") && requests.len() == 2);
}

#[tokio::test]
async fn secrets_that_were_read_just_now_are_not_read_again_whoever_asks() {
    let (store, server) = store(vec![parameter(r#"{"syrve_api_login":"login"}"#)]).await;
    for _ in 0..50 {
        store.secrets(&demo()).await.unwrap();
        store.forget(&demo()).await;
    }
    assert_eq!(asked(&server).await.len(), 1);
}
