//! Syrve's webhook.

use courier_domain::account::MatchOrdersBy;
use courier_domain::inbound::InboundEvent;
use lambda_http::Body;
use lambda_http::http::Response;
use serde_json::{Value, json};

use super::super::SyrveReceiver;
use super::{SENT, read, receipt, refusal, request};
use crate::http::LARGEST_BODY;
use crate::testing::events::fixture;
use crate::testing::{HandClock, Memory, Outbox, SYRVE_TOKEN, account, secrets};

type Receiver = SyrveReceiver<Memory, Outbox<InboundEvent>, HandClock>;

fn receiver() -> Receiver {
    SyrveReceiver {
        accounts: Memory::with_account(account(MatchOrdersBy::OrderId), secrets()),
        orders: Outbox::default(),
        shifts: Outbox::default(),
        clock: HandClock::default(),
    }
}

async fn post(receiver: &Receiver, body: &Value) -> Response<Body> {
    let header = Some(("Authorization", SYRVE_TOKEN));
    receiver.handle(&request("/webhooks/syrve/demo", header, body.to_string())).await
}

fn queued(receiver: &Receiver) -> [usize; 2] {
    [receiver.orders.items().len(), receiver.shifts.items().len()]
}

#[tokio::test]
async fn each_event_goes_to_the_queue_of_its_function_and_the_rest_is_counted() {
    let receiver = receiver();
    assert_eq!(read(&post(&receiver, &fixture("syrve/mixed_events")).await), receipt(4, 2, 2));
    assert_eq!(queued(&receiver), [1, 1]);
    let [order] = receiver.orders.items().try_into().unwrap();
    assert_eq!((order.kind.as_str(), order.account_id.as_str()), ("DeliveryOrderUpdate", "demo"));
    assert_eq!(order.body, fixture("syrve/mixed_events")[0], "as it was written");
}

#[tokio::test]
async fn an_empty_array_and_a_single_object_are_fine() {
    let receiver = receiver();
    assert_eq!(read(&post(&receiver, &json!([])).await), receipt(0, 0, 0));
    assert_eq!(read(&post(&receiver, &fixture("syrve/order_created")[0]).await), receipt(1, 1, 0));
}

#[tokio::test]
async fn the_token_may_be_bare_or_after_bearer_and_must_be_the_accounts() {
    let receiver = receiver();
    let body = fixture("syrve/order_created").to_string();
    let bearer = format!("Bearer {SYRVE_TOKEN}");
    let loud = format!("BEARER   {SYRVE_TOKEN} ");
    for (token, status) in [
        (Some(SYRVE_TOKEN), 200),
        (Some(&bearer), 200),
        (Some(&loud), 200),
        (Some("Bearer wrong"), 401),
        (Some("Bearer "), 401),
        (Some("captain-webhook-token"), 401),
        (Some(""), 401),
        (None, 401),
    ] {
        let header = token.map(|token| ("Authorization", token));
        let answer = receiver.handle(&request("/webhooks/syrve/demo", header, body.clone())).await;
        assert_eq!(read(&answer).0, status, "{token:?}");
    }
    assert_eq!(queued(&receiver), [3, 0]);
}

#[tokio::test]
async fn an_account_that_is_unknown_or_has_no_syrve_is_404() {
    let receiver = receiver();
    let body = fixture("syrve/order_created").to_string();
    let header = Some(("Authorization", SYRVE_TOKEN));
    for path in ["/webhooks/syrve/nobody", "/webhooks/syrve/NOT-A-SLUG", "/webhooks/syrve/"] {
        assert_eq!(refusal(&receiver.handle(&request(path, header, body.clone())).await), (404, None));
    }
    receiver.accounts.edit_account(|account| account.syrve = None);
    assert_eq!(refusal(&post(&receiver, &json!([])).await), (404, None));
}

#[tokio::test]
async fn one_event_of_another_organization_refuses_the_whole_call() {
    let receiver = receiver();
    let mut body = fixture("syrve/mixed_events");
    body[1]["organizationId"] = json!("7bc05553-4b68-44e8-b7bc-37be63c6d9ff");
    assert_eq!(refusal(&post(&receiver, &body).await), (403, Some("[1].organizationId".into())));
    let mut body = fixture("syrve/order_created");
    body[0]["eventInfo"]["organizationId"] = json!("7bc05553-4b68-44e8-b7bc-37be63c6d9ff");
    assert_eq!(refusal(&post(&receiver, &body).await).0, 403);
    assert_eq!(queued(&receiver), [0, 0]);
}

#[tokio::test]
async fn a_body_that_is_no_array_of_events_is_400_and_names_the_field() {
    let receiver = receiver();
    let mut no_version = fixture("syrve/mixed_events");
    no_version[0]["eventInfo"]["timestamp"] = json!(SENT);
    let mut no_type = fixture("syrve/mixed_events");
    no_type[2]["eventType"] = json!(null);
    for (body, field) in [
        (json!(SENT), "body"),
        (json!([SENT]), "[0]"),
        (no_version, "[0].eventInfo.timestamp"),
        (no_type, "[2].eventType"),
    ] {
        assert_eq!(refusal(&post(&receiver, &body).await), (400, Some(field.to_owned())));
    }
    for text in ["", "{", SENT, "\u{0}"] {
        let header = Some(("Authorization", SYRVE_TOKEN));
        let answer = receiver.handle(&request("/webhooks/syrve/demo", header, text)).await;
        assert_eq!(refusal(&answer), (400, None), "{text}");
    }
    assert_eq!(queued(&receiver), [0, 0]);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_one_at_the_limit_is_read() {
    let receiver = receiver();
    let header = Some(("Authorization", SYRVE_TOKEN));
    for (length, status) in [(LARGEST_BODY, 200), (LARGEST_BODY + 1, 413)] {
        let body = format!("[{}]", " ".repeat(length - 2));
        let answer = receiver.handle(&request("/webhooks/syrve/demo", header, body)).await;
        assert_eq!(read(&answer).0, status);
    }
}

#[tokio::test]
async fn an_event_too_large_for_a_message_is_named_by_its_place_in_the_call() {
    let receiver = receiver();
    receiver.orders.sent().too_large = Some(0);
    let mut body = fixture("syrve/mixed_events");
    body.as_array_mut().unwrap().rotate_left(1);
    assert_eq!(body[3]["eventType"], "DeliveryOrderUpdate");
    assert_eq!(refusal(&post(&receiver, &body).await), (413, Some("[3]".into())));
    assert_eq!(queued(&receiver), [0, 0]);
}

#[tokio::test]
async fn a_disabled_account_answers_and_keeps_nothing() {
    let receiver = receiver();
    receiver.accounts.edit_account(|account| account.enabled = false);
    assert_eq!(read(&post(&receiver, &fixture("syrve/mixed_events")).await), receipt(4, 0, 4));
    assert_eq!(queued(&receiver), [0, 0]);
}

#[tokio::test]
async fn a_queue_or_table_that_fails_is_503_so_that_syrve_tries_again() {
    let receiver = receiver();
    for queue in [&receiver.orders, &receiver.shifts] {
        queue.sent().to_fail = 1;
        assert_eq!(refusal(&post(&receiver, &fixture("syrve/mixed_events")).await), (503, None));
    }
    receiver.accounts.state().reads_to_fail = 1;
    assert_eq!(refusal(&post(&receiver, &json!([])).await), (503, None));
}

#[tokio::test]
async fn the_token_before_a_rotation_is_good_for_a_day() {
    let receiver = receiver();
    receiver.accounts.edit_account(|account| {
        let syrve = account.syrve.as_mut().unwrap();
        syrve.webhook_tokens = syrve.webhook_tokens.rotated_to("another-token", crate::testing::at(0));
    });
    assert_eq!(read(&post(&receiver, &json!([])).await).0, 200);
    receiver.clock.advance(std::time::Duration::from_hours(24));
    assert_eq!(read(&post(&receiver, &json!([])).await).0, 401);
}
