//! Captain.AI's webhook.

use courier_domain::account::MatchOrdersBy;
use courier_domain::inbound::InboundEvent;
use courier_providers::captain::Captain;
use lambda_http::Body;
use lambda_http::http::Response;
use serde_json::{Value, json};

use super::super::{FleetReceiver, NoSecrets};
use super::{SENT, read, receipt, refusal, request};
use crate::testing::events::fixture;
use crate::testing::{CAPTAIN_TOKEN, HandClock, Memory, Outbox, account, secrets};

type Receiver = FleetReceiver<Memory, NoSecrets, Outbox<InboundEvent>, HandClock>;

fn receiver() -> Receiver {
    FleetReceiver {
        fleet: &Captain,
        secrets: NoSecrets,
        accounts: Memory::with_account(account(MatchOrdersBy::OrderId), secrets()),
        events: Outbox::default(),
        clock: HandClock::default(),
    }
}

async fn post(receiver: &Receiver, body: &Value) -> Response<Body> {
    let header = Some(("Auth-Token", CAPTAIN_TOKEN));
    receiver.handle(&request("/webhooks/captain/demo", header, body.to_string())).await
}

#[tokio::test]
async fn every_published_event_is_queued_on_both_urls() {
    for (path, name) in [
        ("/webhooks/captain/demo", "order_assigned"),
        ("/webhooks/captain/demo", "agent_radar_locations_created"),
        ("/webhooks/captain/demo/items", "item_status_updated"),
        ("/webhooks/captain/demo/items", "order_kds_print_request"),
    ] {
        let receiver = receiver();
        let body = fixture(&format!("captain/{name}"));
        let header = Some(("auth-token", CAPTAIN_TOKEN));
        let answer = receiver.handle(&request(path, header, body.to_string())).await;
        assert_eq!(read(&answer), receipt(1, 1, 0));
        let [event] = receiver.events.items().try_into().unwrap();
        assert_eq!((event.key.as_str(), event.body), (body["event_uuid"].as_str().unwrap(), body.clone()));
    }
}

#[tokio::test]
async fn an_unknown_event_is_counted_and_not_kept() {
    let receiver = receiver();
    assert_eq!(read(&post(&receiver, &fixture("captain/event_unknown")).await), receipt(1, 0, 1));
    receiver.accounts.edit_account(|account| account.enabled = false);
    assert_eq!(read(&post(&receiver, &fixture("captain/order_assigned")).await), receipt(1, 0, 1));
    assert!(receiver.events.items().is_empty());
}

#[tokio::test]
async fn a_wrong_token_or_account_is_refused() {
    let receiver = receiver();
    let body = fixture("captain/order_assigned").to_string();
    for (path, header, status) in [
        ("/webhooks/captain/demo", None, 401),
        ("/webhooks/captain/demo", Some(("Auth-Token", "")), 401),
        ("/webhooks/captain/demo", Some(("Auth-Token", "wrong")), 401),
        ("/webhooks/captain/demo", Some(("Authorization", CAPTAIN_TOKEN)), 401),
        ("/webhooks/captain/nobody", Some(("Auth-Token", CAPTAIN_TOKEN)), 404),
        ("/webhooks/captain", Some(("Auth-Token", CAPTAIN_TOKEN)), 404),
    ] {
        let answer = receiver.handle(&request(path, header, body.clone())).await;
        assert_eq!(refusal(&answer), (status, None), "{path} {header:?}");
    }
    assert!(receiver.events.items().is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_event_names_the_field() {
    let receiver = receiver();
    for (name, value, field) in [
        ("event_name", json!(5), "event_name"),
        ("event_uuid", json!(null), "event_uuid"),
        ("event_uuid", json!(SENT.repeat(20)), "event_uuid"),
        ("data", json!(SENT), "data"),
    ] {
        let mut body = fixture("captain/order_assigned");
        body[name] = value;
        assert_eq!(refusal(&post(&receiver, &body).await), (400, Some(field.into())));
    }
    assert_eq!(refusal(&post(&receiver, &json!([])).await), (400, Some("body".into())));
}

#[tokio::test]
async fn an_event_that_does_not_fit_or_cannot_be_queued_is_refused() {
    let receiver = receiver();
    receiver.events.sent().to_fail = 1;
    assert_eq!(refusal(&post(&receiver, &fixture("captain/order_assigned")).await), (503, None));
    receiver.events.sent().too_large = Some(0);
    let answer = post(&receiver, &fixture("captain/order_assigned")).await;
    assert_eq!(refusal(&answer), (413, Some("body".into())));
    assert!(receiver.events.items().is_empty());
}
