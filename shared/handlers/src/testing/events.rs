//! Inbound events made of the fixtures that the black-box suite uses too, changed at the places a test is about.

use courier_domain::delivery::Provider;
use courier_domain::ids::EventKey;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::order::OrderRef;
use courier_providers::contract::{Call, fleet};
use courier_providers::{RawEvent, syrve};
use lambda_http::http::HeaderMap;
use serde_json::{Value, json};

use super::{KITCHEN, ORDER, at};
use crate::events::Join;

pub(crate) fn fixture(path: &str) -> Value {
    let path = format!("{}/../../tests/fixtures/{path}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))).unwrap()
}

fn inbound(sender: Sender, second: i64, raw: RawEvent) -> InboundEvent {
    InboundEvent {
        account_id: "demo".parse().unwrap(),
        sender,
        kind: raw.kind,
        key: raw.key,
        subject: raw.subject,
        received_at: at(second),
        body: raw.body,
    }
}

pub(crate) fn of_syrve(body: &Value) -> InboundEvent {
    let mut events = syrve::webhook::split(body.to_string().as_bytes()).unwrap();
    inbound(Sender::Syrve, 0, events.remove(0).raw)
}

pub(crate) fn of_captain(body: &Value) -> InboundEvent {
    of_fleet(Provider::Captain, &[], body)
}

/// The event of a call of a fleet, with the rest of its path.
pub(crate) fn of_fleet(provider: Provider, rest: &[&str], body: &Value) -> InboundEvent {
    all_of_fleet(provider, rest, body, 0).remove(0)
}

/// All events of a call that was received at `second`.
pub(crate) fn all_of_fleet(
    provider: Provider,
    rest: &[&str],
    body: &Value,
    second: i64,
) -> Vec<InboundEvent> {
    let (body, headers) = (body.to_string(), HeaderMap::new());
    let call = Call { rest, query: "", headers: &headers, body: body.as_bytes(), received_at: at(second) };
    let split = fleet(provider).split(&call).unwrap();
    split.events.into_iter().map(|event| inbound(Sender::Fleet(provider), second, event)).collect()
}

/// Syrve's word on the order at `second`: its status, and how it reaches the guest.
pub(crate) fn syrve_order(second: i64, status: &str, service: &str) -> InboundEvent {
    syrve_order_of(ORDER, second, status, service)
}

pub(crate) fn syrve_order_of(order: &str, second: i64, status: &str, service: &str) -> InboundEvent {
    told(order, second, status, service, |_| {})
}

/// Syrve's word on an order for a courier, with this changed of it.
pub(crate) fn syrve_order_with(second: i64, status: &str, change: impl FnOnce(&mut Value)) -> InboundEvent {
    told(ORDER, second, status, "DeliveryByCourier", change)
}

fn told(
    order: &str,
    second: i64,
    status: &str,
    service: &str,
    change: impl FnOnce(&mut Value),
) -> InboundEvent {
    let mut body = fixture("syrve/order_created")[0].take();
    let info = &mut body["eventInfo"];
    info["id"] = json!(order);
    info["timestamp"] = json!(at(second).as_millisecond());
    info["externalNumber"] = json!("EXT-577");
    info["order"]["status"] = json!(status);
    info["order"]["orderType"]["orderServiceType"] = json!(service);
    change(&mut info["order"]);
    of_syrve(&body)
}

/// An operator's word, at `second`, that a name under which the newest event is of `newest` means this order.
pub(crate) fn joined(second: i64, order: &str, name: OrderRef, newest: i64) -> InboundEvent {
    let join = Join { order_id: order.parse().unwrap(), name, at: at(newest) };
    let key = EventKey::hashed(["joined", order, &second.to_string()]);
    let (kind, subject) = ("joined".to_owned(), format!("order:{order}"));
    inbound(Sender::Operator, second, RawEvent { kind, key, subject, body: json!(join) })
}

pub(crate) fn announced(second: i64) -> InboundEvent {
    syrve_order(second, "WaitCooking", "DeliveryByCourier")
}

pub(crate) fn shift(second: i64, driver: &str, opened: bool) -> InboundEvent {
    shift_at(second, driver, KITCHEN, opened)
}

pub(crate) fn shift_at(second: i64, driver: &str, terminal_group: &str, opened: bool) -> InboundEvent {
    let mut body = fixture("syrve/shift_opened")[0].take();
    body["eventTime"] = json!(at(second).strftime("%Y-%m-%d %H:%M:%S.000").to_string());
    body["eventInfo"]["id"] = json!(driver);
    body["eventInfo"]["opened"] = json!(opened);
    body["eventInfo"]["terminalGroupId"] = json!(terminal_group);
    of_syrve(&body)
}

/// A Captain.AI event at `second`, with these members of its data instead of the fixture's; `null` removes one.
pub(crate) fn captain(name: &str, second: i64, data: &Value) -> InboundEvent {
    let mut body = fixture(&format!("captain/{name}"));
    let members = body["data"].as_object_mut().unwrap();
    members.insert("published_at".into(), json!(at(second).as_second()));
    for (name, value) in data.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    body["event_uuid"] = json!(format!("{name}-{second}-{data}").chars().take(120).collect::<String>());
    of_captain(&body)
}

/// The delivery reached a status at `second`.
pub(crate) fn job(second: i64, status: &str) -> InboundEvent {
    captain("job_delivery_status_updated", second, &json!({ "job_delivery_status": status }))
}

/// The same, from a fleet that knows the order by these names only.
pub(crate) fn job_of(second: i64, status: &str, names: &Value) -> InboundEvent {
    let mut data = json!({
        "partners_unique_internal_order_id": null, "order_uuid": null, "order_description": null,
        "job_delivery_status": status,
    });
    data.as_object_mut().unwrap().extend(names.as_object().unwrap().clone());
    captain("job_delivery_status_updated", second, &data)
}
