//! Drivers: what is sent, and what is made of each answer.

use super::*;

const UPSERT_PATH: &str = "/v1/accounts/73f4c9af9f79/external-drivers/upsert";
const CLOCK_IN: &str = "/v1/accounts/{account_uuid}/drivers/{driver_uuid}/clock_in";

async fn upsert(answer: ResponseTemplate) -> Result<Option<String>, CallError> {
    let driver = json!({"first_name": "Bob", "last_name": "Lee", "active": false,
        "partners_external_identifier": "ffc60000-0000-4000-8000-000000000017"});
    let world = World::new().await;
    sending("PUT", UPSERT_PATH, driver.clone()).respond_with(answer).mount(&world.server).await;
    world.client.upsert_driver(&world.login, &driver, None).await
}

#[tokio::test]
async fn a_driver_is_made_or_changed_and_the_id_told() {
    let driver = json!({"account_uuid": ACCOUNT, "uuid": DRIVER, "active": false});
    assert_eq!(upsert(says(200, driver.clone())).await.unwrap().as_deref(), Some(DRIVER));
    assert_eq!(upsert(says(200, json!({"driver": driver}))).await.unwrap().as_deref(), Some(DRIVER));
    assert_eq!(upsert(says(200, json!({"driver": null, "uuid": null}))).await.unwrap(), None);
    assert_eq!(upsert(ResponseTemplate::new(204)).await.unwrap(), None);
    for body in ["<html>", "7", r#"{"uuid":7}"#] {
        assert!(matches!(upsert(unusual(200, body)).await, Err(CallError::Malformed { .. })), "{body}");
    }
    let refused = upsert(says(422, json!({"errors": ["First name can't be blank"]}))).await.unwrap_err();
    assert_eq!(refused.to_string(), "refused the call with status 422: First name can't be blank");
    assert_eq!(refused.outcome(), Outcome::Final);
}

#[tokio::test]
async fn a_driver_is_put_on_and_off_duty_and_any_success_will_do() {
    let answers = [
        says(200, json!({"message": "driver_clocked_out"})),
        says(200, json!({"message": "driver_already_clocked_out"})),
        ResponseTemplate::new(204),
        unusual(201, "ok"),
    ];
    for answer in answers {
        let world = World::new().await;
        let path = format!("/v1/accounts/{ACCOUNT}/drivers/{DRIVER}");
        request("POST", &format!("{path}/clock_in")).respond_with(answer.clone()).mount(&world.server).await;
        request("POST", &format!("{path}/clock_out")).respond_with(answer).mount(&world.server).await;
        world.client.clock_in_driver(&world.login, CLOCK_IN, DRIVER, None).await.unwrap();
        world.client.clock_out_driver(&world.login, DRIVER, None).await.unwrap();
        let requests = world.server.received_requests().await.unwrap();
        assert!(requests.iter().all(|request| request.body.is_empty()));
    }
}

#[tokio::test]
async fn a_path_of_ones_own_puts_a_driver_on_duty() {
    let world = World::new().await;
    let path = format!("/v2/on-duty/{DRIVER}");
    request("POST", &path).respond_with(ResponseTemplate::new(200)).mount(&world.server).await;
    world.client.clock_in_driver(&world.login, "/v2/on-duty/{driver_uuid}", DRIVER, None).await.unwrap();
    let nobody = world.client.clock_in_driver(&world.login, "/v2/on-duty", DRIVER, None).await;
    assert!(matches!(nobody, Err(CallError::Unsendable { .. })), "{nobody:?}");
}

#[tokio::test]
async fn a_path_that_is_not_there_says_so() {
    let world = World::new().await;
    let error = world.client.clock_in_driver(&world.login, CLOCK_IN, DRIVER, None).await.unwrap_err();
    assert!(matches!(error, CallError::Rejected { status: 404, .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Final);
}
