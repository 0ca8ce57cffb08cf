//! How subscriptions, what was sent to them and the calls made for it are shown.

use courier_domain::notification::{Attempt, AttemptError, Notification};
use courier_domain::subscription::{Disabled, Line, Subscription};
use jiff::Timestamp;
use serde_json::{Value, json};

/// How calls to the URLs of a subscription go; as a new one's where it has none for items.
#[derive(Debug, Default)]
pub(super) struct SubscriptionLines {
    pub(super) main: Line,
    pub(super) items: Line,
}

pub(super) fn subscription_view(subscription: &Subscription, lines: &SubscriptionLines) -> Value {
    let shown = |disabled: Option<&Disabled>| {
        disabled.map(|disabled| json!({ "at": disabled.at, "reason": disabled.reason }))
    };
    json!({
        "id": subscription.id,
        "url": subscription.url,
        "items_url": subscription.items_url,
        "events": subscription.events,
        "auth_token": "set",
        "state": if subscription.disabled.is_some() { "disabled" } else { "enabled" },
        "disabled": shown(subscription.disabled.as_ref()),
        "items_disabled": shown(subscription.items_disabled.as_ref()),
        "failures": lines.main.failures,
        "failing_since": lines.main.failing_since,
        "items_failures": lines.items.failures,
        "items_failing_since": lines.items.failing_since,
        "created_at": subscription.created_at,
        "updated_at": subscription.updated_at,
    })
}

/// A notification, as it is at `now`.
pub(super) fn notification_view(notification: &Notification, now: Timestamp) -> Value {
    json!({
        "event_uuid": notification.key.event_uuid,
        "event_name": notification.event,
        "order_id": notification.order_id(),
        "state": notification.state.as_str(),
        "attempts": notification.attempts,
        "created_at": notification.created_at,
        "next_attempt_at": notification.next_attempt_at(now),
        "last_error": notification.last_error,
    })
}

pub(super) fn attempt_view(attempt: &Attempt) -> Value {
    json!({
        "event_uuid": attempt.key.event_uuid,
        "event_name": attempt.event,
        "attempt": attempt.number,
        "replay_id": attempt.key.replay_id,
        "webhook_id": attempt.key.webhook_id(),
        "at": attempt.at,
        "duration_ms": attempt.duration_ms,
        "status": attempt.status,
        "error": attempt.error.map(AttemptError::as_str),
        "answer": attempt.answer,
    })
}
