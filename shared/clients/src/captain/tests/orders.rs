//! Orders: what is sent, and what is made of each answer.

use courier_domain::command::KitchenStatus;

use super::*;

fn found(tracking_url: Option<&str>) -> FleetOrder {
    FleetOrder { uuid: ORDER.to_owned(), tracking_url: tracking_url.map(str::to_owned) }
}

#[tokio::test]
async fn an_order_is_made_and_its_id_told() {
    let order = json!({"kind": "delivery", "partners_unique_internal_order_id": PARTNERS_ID,
        "recipient": {"full_name": "Ann \"A\" Ó"}, "financial_record": {"delivery_fee": "2.50"}});
    for (answer, tracking_url) in [
        (
            json!({"uuid": ORDER, "tracking_link": "https://t.test/1", "status": "created"}),
            Some("https://t.test/1"),
        ),
        (json!({"uuid": ORDER, "tracking_url": "https://t.test/2"}), Some("https://t.test/2")),
        (json!({"uuid": ORDER, "tracking_link": null}), None),
        (json!({"uuid": ORDER, "tracking_link": ""}), None),
    ] {
        let world = World::new().await;
        sending("POST", ORDERS_PATH, order.clone())
            .respond_with(says(201, answer))
            .mount(&world.server)
            .await;
        let made = world.client.create_order(&world.login, &order, None).await.unwrap();
        assert_eq!(made, Creation::New(found(tracking_url)));
    }
}

#[tokio::test]
async fn an_order_that_is_there_already_is_no_error() {
    for (status, body) in [
        (422, json!({"errors": ["Partners unique internal order has already been taken"]})),
        (422, json!({"errors": {"partners_unique_internal_order_id": ["is not unique"]}})),
        (409, json!({"error": "Order already exists"})),
        (400, json!({"message": "partners_unique_internal_order_id is taken"})),
    ] {
        assert_eq!(
            World::answering(says(status, body)).await.create().await.unwrap(),
            Creation::AlreadyThere
        );
    }
}

#[tokio::test]
async fn an_order_that_is_refused_keeps_captains_words() {
    let tree = json!({"errors": {"recipient": {"full_name": ["must be filled"]}, "kind": ["is unknown"]}});
    let error = World::answering(says(422, tree)).await.create().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Final);
    let told = "refused the call with status 422: kind: is unknown; recipient.full_name: must be filled";
    assert_eq!(error.to_string(), told);
    let list = json!({"errors": ["Account uuid can't be blank"]});
    let error = World::answering(says(422, list)).await.create().await.unwrap_err();
    assert_eq!(error.to_string(), "refused the call with status 422: Account uuid can't be blank");
}

#[tokio::test]
async fn an_order_without_an_id_in_the_answer_is_an_unknown_outcome() {
    for body in ["", "[]", "{}", "<html>", r#"{"uuid":null}"#, r#"{"uuid":" "}"#, r#"{"uuid":7}"#] {
        let error = World::answering(unusual(201, body)).await.create().await.unwrap_err();
        assert!(matches!(error, CallError::Malformed { .. }), "{body}: {error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
}

async fn find_in(answer: ResponseTemplate) -> Result<Option<FleetOrder>, CallError> {
    let world = World::new().await;
    request("GET", ORDERS_PATH).respond_with(answer).mount(&world.server).await;
    let answer = world.client.find_order(&world.login, PARTNERS_ID, None).await;
    assert!(world.server.received_requests().await.unwrap()[0].body.is_empty());
    answer
}

#[tokio::test]
async fn an_order_is_found_by_our_id_in_a_list_of_either_form() {
    let list = json!([
        {"uuid": "000000000001", "partners_unique_internal_order_id": null},
        {"uuid": "000000000002", "partners_unique_internal_order_id": "POS-1", "recipient": {"age": 7}},
        {"uuid": "000000000003"},
        {"uuid": ORDER, "partners_unique_internal_order_id": PARTNERS_ID, "tracking_link": "https://t.test/1"},
    ]);
    for answer in [list.clone(), json!({"orders": list, "page": 1})] {
        assert_eq!(find_in(says(200, answer)).await.unwrap(), Some(found(Some("https://t.test/1"))));
    }
    for answer in [json!([]), json!({"orders": []}), json!([{"uuid": ORDER}])] {
        assert_eq!(find_in(says(200, answer)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_finds_nothing_and_says_so() {
    let ours = json!([{"partners_unique_internal_order_id": PARTNERS_ID}]);
    assert!(matches!(
        find_in(says(200, ours)).await,
        Err(CallError::Malformed { what: "the order has no id" })
    ));
    for body in ["", "<html>", "{}", r#"{"orders":null}"#, r#"[{"uuid":["Ann"]}]"#, "[{"] {
        let error = find_in(unusual(200, body)).await.unwrap_err();
        assert!(matches!(error, CallError::Malformed { .. }), "{body}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("Ann"));
    }
}

#[tokio::test]
async fn a_list_of_up_to_32_mib_is_looked_through() {
    let padded = |size: usize| {
        ResponseTemplate::new(200).set_body_bytes([b"[]".to_vec(), vec![b' '; size - 2]].concat())
    };
    assert_eq!(find_in(padded(32 << 20)).await.unwrap(), None);
    let error = find_in(padded((32 << 20) + 1)).await.unwrap_err();
    assert!(matches!(error, CallError::Malformed { what: "it is larger than 32 MiB" }), "{error:?}");
}

#[tokio::test]
async fn an_order_is_changed_with_a_patch() {
    let changes = json!({"items": [{"name": "Pizza", "price": "12.34"}]});
    for answer in [says(200, json!({"uuid": ORDER})), unusual(200, "not json"), ResponseTemplate::new(204)] {
        let world = World::new().await;
        sending("PATCH", ORDER_PATH, changes.clone()).respond_with(answer).mount(&world.server).await;
        world.client.update_order(&world.login, ORDER, &changes, None).await.unwrap();
    }
}

#[tokio::test]
async fn how_far_the_kitchen_is_is_said_in_captains_words() {
    for (status, reason, body) in [
        (KitchenStatus::BeingPrepared, None, json!({"status": "being_prepared"})),
        (KitchenStatus::Prepared, None, json!({"status": "prepared"})),
        (KitchenStatus::Cancelled, None, json!({"status": "cancelled"})),
        (
            KitchenStatus::Cancelled,
            Some("guest refused"),
            json!({"status": "cancelled", "cancellation_reason": "guest refused"}),
        ),
    ] {
        let world = World::new().await;
        let answer = says(200, json!({"uuid": ORDER}));
        let path = "/v1/order-status/6992dc85d681";
        sending("PATCH", path, body).respond_with(answer).mount(&world.server).await;
        world.client.update_order_status(&world.login, ORDER, status, reason, None).await.unwrap();
    }
}

#[tokio::test]
async fn an_id_that_is_none_is_not_sent() {
    let mut world = World::answering(ResponseTemplate::new(200)).await;
    let changes = json!({});
    for id in ["", "..", "../drivers", "6992dc85d681?x=1"] {
        let (login, client) = (&world.login, &world.client);
        let error = client.update_order(login, id, &changes, None).await.unwrap_err();
        assert!(matches!(error, CallError::Unsendable { .. }), "{error:?}");
        let status = client.update_order_status(login, id, KitchenStatus::Prepared, None, None).await;
        assert!(matches!(status, Err(CallError::Unsendable { .. })));
        world.login.account_uuid = id.to_owned();
        assert!(matches!(world.create().await, Err(CallError::Unsendable { .. })));
        assert!(world.client.find_order(&world.login, PARTNERS_ID, None).await.is_err());
    }
    assert_eq!(world.requests().await, 0);
    assert_eq!(world.gate.passed(), []);
}
