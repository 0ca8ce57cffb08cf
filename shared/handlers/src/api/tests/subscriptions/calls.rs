//! What was sent: lists of notifications and of calls, newest first, page by page.

use courier_domain::event::EventName;
use courier_domain::notification::{
    Attempt, AttemptError, KEPT_OF_ANSWER, Notification, NotificationKey, NotificationState,
};
use courier_domain::ports::Versioned;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::Caller;
use super::super::lists::pages;
use super::{ALL, demo};
use crate::testing::{ORDER, at};

/// The `number`th event, learned of in that second.
pub(super) fn notification(subscription: Uuid, number: u32) -> Notification {
    Notification {
        key: NotificationKey {
            account_id: demo(),
            subscription_id: subscription,
            event_uuid: event(number),
            replay_id: None,
        },
        event: EventName::OrderAssigned,
        subject: format!("order:{ORDER}"),
        created_at: at(i64::from(number)),
        data: json!({ "number": number }).into(),
        state: NotificationState::Delivered,
        attempts: 1,
        earlier: 0,
        due_at: at(i64::from(number)),
        last_error: None,
        updated_at: at(i64::from(number)),
    }
}

pub(super) fn event(number: u32) -> Uuid {
    // Not in the order in which they happened.
    Uuid::from_u128(u128::from(number.reverse_bits()) + 1)
}

impl Caller {
    /// Keeps a notification as if it had been sent.
    pub(super) fn keep(&self, notification: Notification) {
        let key = notification.key.clone();
        let stored = Versioned { value: notification, version: 1 };
        self.memory.state().told.notifications.insert(key, stored);
    }
}

fn attempt(of: &Notification, number: u32, at: Timestamp) -> Attempt {
    Attempt {
        key: of.key.clone(),
        event: of.event,
        number,
        at,
        duration_ms: 12,
        status: Some(200),
        error: None,
        answer: "thank you".into(),
        retry_after: None,
    }
}

#[tokio::test]
async fn a_notification_shows_how_far_it_is() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let delivered = notification(id, 1);
    let mut waiting = notification(id, 2);
    (waiting.state, waiting.due_at) = (NotificationState::Waiting, at(40));
    waiting.last_error = Some("answered 500".into());
    let mut of_driver = notification(id, 3);
    (of_driver.state, of_driver.subject) = (NotificationState::Sending, "driver:ann".into());
    (of_driver.event, of_driver.due_at) = (EventName::AgentEtaUpdated, at(28));
    let replayed = delivered.replayed(Uuid::from_u128(9), at(5));
    for one in [delivered, waiting, of_driver, replayed] {
        caller.keep(one);
    }
    let told = caller.get(&format!("{path}/notifications")).await.body;
    let expected = json!([
        {
            "event_uuid": event(3), "event_name": "agent_eta_updated", "order_id": null, "state": "sending",
            "attempts": 1, "created_at": at(3), "next_attempt_at": null, "last_error": null,
        },
        {
            "event_uuid": event(2), "event_name": "order_assigned", "order_id": ORDER, "state": "waiting",
            "attempts": 1, "created_at": at(2), "next_attempt_at": at(40), "last_error": "answered 500",
        },
        {
            "event_uuid": event(1), "event_name": "order_assigned", "order_id": ORDER, "state": "delivered",
            "attempts": 1, "created_at": at(1), "next_attempt_at": null, "last_error": null,
        },
    ]);
    assert_eq!((&told["items"], &told["next_cursor"]), (&expected, &Value::Null), "a replay is not listed");
}

#[tokio::test]
async fn an_attempt_shows_what_was_answered() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let one = notification(id, 1);
    let failed = Attempt {
        status: None,
        error: Some(AttemptError::Timeout),
        answer: String::new(),
        ..attempt(&one, 1, at(1))
    };
    let replay = Uuid::from_u128(9);
    let again = attempt(&one.replayed(replay, at(5)), 1, at(5));
    caller.memory.state().told.attempts = vec![failed, again];
    let told = caller.get(&format!("{path}/attempts")).await.body;
    let expected = json!([
        {
            "event_uuid": event(1), "event_name": "order_assigned", "attempt": 1, "replay_id": replay,
            "webhook_id": format!("{}_{replay}", event(1)), "at": at(5), "duration_ms": 12, "status": 200,
            "error": null, "answer": "thank you",
        },
        {
            "event_uuid": event(1), "event_name": "order_assigned", "attempt": 1, "replay_id": null,
            "webhook_id": event(1), "at": at(1), "duration_ms": 12, "status": null, "error": "timeout",
            "answer": "",
        },
    ]);
    assert_eq!((&told["items"], &told["next_cursor"]), (&expected, &Value::Null));
}

#[tokio::test]
async fn pages_show_everything_once() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let (_, other) = caller.subscribed().await;
    for number in 0..25 {
        for of in [id, other] {
            let one = notification(of, number);
            caller.memory.state().told.attempts.push(attempt(&one, number, at(i64::from(number))));
            caller.keep(one);
        }
    }
    let expected: Vec<Vec<Value>> = vec![
        (13..25).rev().map(|number| json!(event(number))).collect(),
        (1..13).rev().map(|number| json!(event(number))).collect(),
        vec![json!(event(0))],
    ];
    for list in ["notifications", "attempts"] {
        assert_eq!(pages(&caller, &format!("{path}/{list}"), 12, "event_uuid").await, expected, "{list}");
        assert_eq!(pages(&caller, &format!("{path}/{list}"), 25, "event_uuid").await.len(), 1, "{list}");
        assert_eq!(caller.get(&format!("{path}/{list}")).await.body["items"].as_array().unwrap().len(), 25);
    }
}

#[tokio::test]
async fn calls_of_one_event_are_listed_by_themselves() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let (one, other) = (notification(id, 1), notification(id, 2));
    let again = one.replayed(Uuid::from_u128(9), at(9));
    let calls = [(&one, 1, 1), (&other, 1, 2), (&one, 2, 11), (&again, 1, 12)];
    let calls = calls.map(|(of, number, second)| attempt(of, number, at(second)));
    caller.memory.state().told.attempts = calls.into();
    let list = format!("{path}/attempts?event_uuid={}", event(1));
    assert_eq!(
        pages(&caller, &list, 2, "at").await,
        [vec![json!(at(12)), json!(at(11))], vec![json!(at(1))]]
    );
    let none = format!("{path}/attempts?event_uuid={}", event(7));
    assert_eq!(pages(&caller, &none, 2, "at").await, [Vec::<Value>::new()]);
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let (other, _) = caller.subscribed().await;
    for number in 0..2 {
        let one = notification(id, number);
        caller.memory.state().told.attempts.push(attempt(&one, 1, at(0)));
        caller.keep(one);
    }
    for list in ["notifications", "attempts"] {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("cursor=%", "cursor"),
            ("cursor=QQ", "cursor"),
            ("state=failed", "state"),
        ] {
            assert_eq!(caller.get(&format!("{path}/{list}?{query}")).await.problem(), (400, field));
        }
        let told = caller.get(&format!("{path}/{list}?limit=1")).await;
        let cursor = told.body["next_cursor"].as_str().unwrap();
        let told = caller.get(&format!("{other}/{list}?cursor={cursor}")).await;
        assert_eq!(told.problem(), (400, "cursor"), "another subscription's {list}");
        assert_eq!(caller.get(&format!("{path}/{list}?cursor={cursor}")).await.status, 200);
    }
    assert_eq!(caller.get(&format!("{path}/attempts?event_uuid=7")).await.problem(), (400, "event_uuid"));
    assert_eq!(
        caller.get(&format!("{path}/notifications?event_uuid={}", event(1))).await.problem(),
        (400, "event_uuid"),
    );
    assert_eq!(caller.get(&format!("{ALL}?cursor=QQ")).await.problem(), (400, "cursor"));
}

#[tokio::test]
async fn answers_that_grow_do_not_make_a_page_that_cannot_be_answered() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    for number in 0..100 {
        // Each byte is six characters in JSON, and seven where that JSON is a text in JSON.
        let answer = "\u{1}".repeat(KEPT_OF_ANSWER);
        let call = Attempt { answer, ..attempt(&notification(id, number), 1, at(i64::from(number))) };
        caller.memory.state().told.attempts.push(call);
    }
    let told = caller.get(&format!("{path}/attempts?limit=100")).await;
    let size = json!(told.text).to_string().len();
    assert!(size < 6_000_000 && told.body["items"].as_array().unwrap().len() >= 10, "{size}");
    let pages = pages(&caller, &format!("{path}/attempts"), 100, "event_uuid").await;
    assert_eq!(pages.iter().map(Vec::len).sum::<usize>(), 100);
}
