//! Subscriptions and what is sent to them, in few words.

use std::time::Duration;

use courier_domain::event::{About, Cause, DomainEvent, EventName};
use courier_domain::ids::AccountId;
use courier_domain::notification::{Attempt, AttemptError, Notification, NotificationKey};
use courier_domain::subscription::{CallEnd, LineId, Subscription};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{at, demo, key, order_id};

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A subscription of an account.
pub(crate) fn subscription(account: &AccountId, number: u128) -> Subscription {
    Subscription {
        id: id(number),
        account_id: account.clone(),
        url: "https://example.com/".into(),
        items_url: Some("https://example.com/items".into()),
        events: EventName::ALL.into(),
        disabled: None,
        items_disabled: None,
        secrets_version: 1,
        secrets_held_until: None,
        created_at: at(0),
        updated_at: at(1),
    }
}

/// The key of a notification to the first subscription of account `demo`.
pub(crate) fn notice(event: u128, replay: Option<u128>) -> NotificationKey {
    NotificationKey {
        account_id: demo(),
        subscription_id: id(1),
        event_uuid: id(event),
        replay_id: replay.map(id),
    }
}

/// A notification of an event that the bridge learned of at `second`.
pub(crate) fn notification(key: NotificationKey, second: i64) -> Notification {
    Notification::new(
        key,
        &assigned(second),
        EventName::OrderAssigned,
        json!({ "n": second }).into(),
        at(second),
    )
}

/// The event that an order was given to a driver.
pub(crate) fn assigned(second: i64) -> DomainEvent {
    let (account, cause) = (demo(), key(&format!("key-{second}")));
    let cause = Cause { account: &account, key: &cause, now: at(second) };
    DomainEvent::new("order_assigned", About::Order(order_id(1)), at(second), cause, json!({}))
}

/// The same with other data.
pub(crate) fn saying(data: Value) -> Notification {
    Notification { data: data.into(), ..notification(notice(1, None), 0) }
}

/// A call that failed.
pub(crate) fn call(key: NotificationKey, number: u32, second: i64) -> Attempt {
    Attempt {
        key,
        event: EventName::OrderAssigned,
        number,
        at: at(second),
        duration_ms: 120,
        status: Some(500),
        error: Some(AttemptError::Status),
        answer: String::new(),
        retry_after: Some(5),
    }
}

/// The line of a subscription's own URL.
pub(crate) fn line_id(number: u128) -> LineId {
    LineId { subscription: id(number), of_items: false }
}

const QUICK: Duration = Duration::from_millis(50);
pub(crate) const SUCCESS: CallEnd = CallEnd::Success { took: QUICK };
pub(crate) const FAILURE: CallEnd = CallEnd::Failure { took: QUICK, answered: true, retry_after: None };
