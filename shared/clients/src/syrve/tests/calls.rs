//! What is sent, and what is made of a good answer.

use courier_domain::order::SyrveStatus;
use wiremock::matchers::{body_json, header_exists};

use super::*;
use crate::syrve::CommandStatus;

async fn ready() -> World {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world
}

#[tokio::test]
async fn an_update_carries_the_delivery_date_only_when_it_is_given() {
    let world = ready().await;
    world.answers_updates(accepted()).await;
    let date = Some("2026-03-01 17:48:12.000");
    let accepted = world
        .client
        .update_order_delivery_status(
            &world.login,
            &organization(),
            &order(),
            PosStatus::Delivered,
            date,
            None,
        )
        .await
        .unwrap();
    assert_eq!(accepted.as_str(), CORRELATION);
    world.update().await.unwrap();
    let delivered = json!({"organizationId": ORGANIZATION, "orderId": ORDER,
        "deliveryStatus": "Delivered", "deliveryDate": "2026-03-01 17:48:12.000"});
    let on_way = json!({"organizationId": ORGANIZATION, "orderId": ORDER, "deliveryStatus": "OnWay"});
    assert_eq!(world.bodies(UPDATE_PATH).await, [delivered, on_way]);
}

#[tokio::test]
async fn a_call_has_the_headers_of_the_contract() {
    let world = ready().await;
    post(UPDATE_PATH)
        .and(header("authorization", "Bearer token-1"))
        .and(header("content-type", "application/json"))
        .and(header("timeout", "15"))
        .and(header("user-agent", concat!("courier-bridge/", env!("CARGO_PKG_VERSION"))))
        .respond_with(accepted())
        .mount(&world.server)
        .await;
    world.update().await.unwrap();
    assert_eq!(world.bodies(TOKEN_PATH).await, [json!({"apiLogin": LOGIN})]);
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_base_url_does_no_harm() {
    let mut world = ready().await;
    world.answers_updates(accepted()).await;
    world.login.base_url.push('/');
    world.update().await.unwrap();
}

#[tokio::test]
async fn credentials_with_an_application_ask_for_the_newer_token() {
    let mut world = World::new().await;
    world.answers_updates(accepted()).await;
    world.login.credentials = Credentials::V2 {
        api_key: Secret::new(LOGIN),
        app_id: "0a1b".to_owned(),
        client_secret: Secret::new("client-secret"),
    };
    post("/api/v2/access_token")
        .and(body_json(json!({"apiKey": LOGIN, "appId": "0a1b", "clientSecret": "client-secret"})))
        .respond_with(token_answer("token-2"))
        .mount(&world.server)
        .await;
    world.update().await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 0);
}

async fn status_for(answer: ResponseTemplate) -> Result<CommandStatus, CallError> {
    let world = ready().await;
    post(STATUS_PATH)
        .and(header_exists("authorization"))
        .and(body_json(json!({"organizationId": ORGANIZATION, "correlationId": CORRELATION})))
        .respond_with(answer)
        .mount(&world.server)
        .await;
    world.client.command_status(&world.login, &organization(), &CORRELATION.to_owned().into()).await
}

async fn status_of(answer: Value) -> CommandStatus {
    status_for(ResponseTemplate::new(200).set_body_json(answer)).await.unwrap()
}

#[tokio::test]
async fn a_command_is_in_progress_until_syrve_says_otherwise() {
    assert_eq!(status_of(json!({"state": "Success"})).await, CommandStatus::Success);
    assert_eq!(status_of(json!({"state": "success", "more": 1})).await, CommandStatus::Success);
    assert_eq!(status_of(json!({"state": "InProgress"})).await, CommandStatus::InProgress);
    assert_eq!(status_of(json!({"state": "Pondering"})).await, CommandStatus::InProgress);
}

#[tokio::test]
async fn a_failed_command_says_why_in_whatever_field_it_does() {
    let reason = async |answer| match status_of(answer).await {
        CommandStatus::Error { reason } => reason.map(|words| words.to_string()),
        other => panic!("{other:?}"),
    };
    let both = json!({"state": "Error", "errorReason": "Order is closed\n", "exception": {"a": 1}});
    assert_eq!(reason(both).await.as_deref(), Some("Order is closed"));
    assert_eq!(reason(json!({"state": "Error", "exception": "Boom"})).await.as_deref(), Some("Boom"));
    let object = json!({"state": "Error", "errorReason": null, "exception": {"code": 7}});
    assert_eq!(reason(object).await.as_deref(), Some(r#"{"code":7}"#));
    assert_eq!(reason(json!({"state": "Error", "exception": null})).await, None);
}

#[tokio::test]
async fn a_command_that_syrve_does_not_remember_is_forgotten() {
    assert_eq!(status_for(refused(410, "gone")).await.unwrap(), CommandStatus::Forgotten);
    let unknown = refused(400, "Command not found in commands storage");
    assert_eq!(status_for(unknown).await.unwrap(), CommandStatus::Forgotten);
    assert!(matches!(status_for(refused(400, "bad")).await, Err(CallError::Rejected { status: 400, .. })));
}

async fn order_in(orders: Value) -> Result<Option<SyrveStatus>, CallError> {
    let world = ready().await;
    post(BY_ID_PATH)
        .and(body_json(json!({"organizationId": ORGANIZATION, "orderIds": [ORDER]})))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"orders": orders})))
        .mount(&world.server)
        .await;
    world.client.order_status(&world.login, &organization(), &order()).await
}

#[tokio::test]
async fn an_orders_status_is_read_from_its_own_entry() {
    let other = json!({"id": ORGANIZATION, "order": {"status": "Closed"}});
    let ours = json!({"id": ORDER.to_uppercase(), "order": {"status": "OnWay", "sum": 25.9}});
    assert_eq!(order_in(json!([other, ours])).await.unwrap(), Some(SyrveStatus::OnWay));
    let new = json!([{"id": ORDER, "order": {"status": "Teleported"}}]);
    assert_eq!(order_in(new).await.unwrap(), Some(SyrveStatus::Unknown("Teleported".to_owned())));
}

#[tokio::test]
async fn an_order_that_is_missing_or_empty_has_no_status() {
    assert_eq!(order_in(json!([])).await.unwrap(), None);
    assert_eq!(
        order_in(json!([{"id": ORDER, "creationStatus": "Error", "order": null}])).await.unwrap(),
        None
    );
    assert_eq!(order_in(json!([{"id": ORDER}])).await.unwrap(), None);
    assert!(matches!(order_in(json!("none")).await, Err(CallError::Malformed { .. })));
}
