//! Orders, their events and what is committed of them, in few words.

use courier_domain::command::{Command, CommandKind, FollowUp};
use courier_domain::delivery::PosStatus;
use courier_domain::event::{About, Cause, DomainEvent};
use courier_domain::ids::{AccountId, EventKey, OrderId};
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::order::{Order, OrderDetails, OrderRef, ServiceType};
use courier_domain::ports::{Link, OrderCommit, Subject, TimelineEntry, Versioned};
use courier_domain::register::Stamp;
use courier_domain::report::{OrderChange, OrderReport};
use serde_json::json;

use super::{at, demo};

pub(crate) fn order_id(number: i64) -> OrderId {
    format!("00000000-0000-4000-8000-{number:012}").parse().unwrap()
}

pub(crate) fn key(text: &str) -> EventKey {
    text.parse().unwrap()
}

pub(crate) fn details(second: i64) -> OrderDetails {
    OrderDetails {
        status: "Waiting".to_owned().into(),
        number: Some(577),
        external_number: None,
        terminal_group_id: None,
        customer: None,
        phone: None,
        address: None,
        comment: None,
        items: Vec::new(),
        total: None,
        payments: Vec::new(),
        to_collect: None,
        created_at: Some(at(second)),
        promised_at: None,
        asap: None,
        cooked_at: None,
        sent_at: None,
        delivered_at: None,
        closed_at: None,
        cancelled_at: None,
        cancel_reason: None,
        problem: None,
        courier_id: None,
        moved_from: None,
        moved_to: None,
    }
}

pub(crate) fn report(number: i64, second: i64, change: OrderChange) -> OrderReport {
    OrderReport {
        order_id: Some(order_id(number)),
        refs: vec![OrderRef::new("number", "577")],
        stamp: Stamp::new(at(second), key(&format!("key-{second}"))),
        source: "syrve".into(),
        event: "DeliveryOrderUpdate".into(),
        change,
    }
}

/// An order that Syrve made at `second`, for a courier or not.
pub(crate) fn order(number: i64, second: i64, service: ServiceType) -> Order {
    let mut order = Order::new(order_id(number));
    let details = Box::new(details(second));
    order.apply(&report(number, second, OrderChange::Syrve { service: Some(service), details }));
    order
}

pub(crate) fn courier_order(number: i64, second: i64) -> Order {
    order(number, second, ServiceType::DeliveryByCourier)
}

pub(crate) fn fresh<T>(value: T) -> Versioned<T> {
    Versioned { value, version: 0 }
}

pub(crate) fn entry(text: &str, second: i64) -> TimelineEntry {
    TimelineEntry {
        key: key(text),
        at: at(second),
        recorded_at: at(second),
        source: "syrve".into(),
        event: "DeliveryOrderUpdate".into(),
        applied: true,
        follow_up: FollowUp::default(),
    }
}

pub(crate) fn command(number: i64, cause: &str) -> Command {
    let kind = CommandKind::UpdateOrderDeliveryStatus {
        order_id: order_id(number),
        status: PosStatus::Delivered,
        delivered_at: Some(at(9)),
    };
    Command::new(demo(), kind, Stamp::new(at(9), key(cause)).ranked(4), &key(cause), at(10))
}

/// What an event hands on, with details of every shape.
pub(crate) fn follow_up(number: i64, cause: &str) -> FollowUp {
    let detail = json!({ "number": 577, "half": 0.5, "none": null, "list": [-1, "two", true], "in": {} });
    let (account, key) = (demo(), key(cause));
    let why = Cause { account: &account, key: &key, now: at(9) };
    let event = DomainEvent::new("order_created", About::Order(order_id(number)), at(9), why, detail);
    FollowUp { commands: vec![command(number, cause)], events: vec![event], ..FollowUp::default() }
}

/// The commit of one event of an order of account `demo`.
pub(crate) fn commit(order: Versioned<Order>, entry: TimelineEntry) -> OrderCommit {
    OrderCommit {
        account_id: demo(),
        subject: Subject::Order(order.value.order_id),
        order: Some(order),
        entry,
        joined: Vec::new(),
        links: Vec::new(),
    }
}

/// The same for another account.
pub(crate) fn commit_for(account: AccountId, order: Order, entry: TimelineEntry) -> OrderCommit {
    OrderCommit { account_id: account, ..commit(fresh(order), entry) }
}

/// The commit of an event that waits under a name.
pub(crate) fn waiting(name: &OrderRef, link: Versioned<Link>, entry: TimelineEntry) -> OrderCommit {
    OrderCommit {
        account_id: demo(),
        order: None,
        subject: Subject::Link(name.clone()),
        entry,
        joined: Vec::new(),
        links: vec![(name.clone(), link)],
    }
}

pub(crate) fn inbound(account: &str, subject: &str, text: &str, note: &str) -> InboundEvent {
    InboundEvent {
        account_id: account.parse().unwrap(),
        sender: Sender::Syrve,
        kind: "DeliveryOrderUpdate".into(),
        key: key(text),
        subject: subject.into(),
        received_at: at(0),
        body: json!({ "note": note }),
    }
}
