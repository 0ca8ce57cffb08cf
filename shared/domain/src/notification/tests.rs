//! The schedule of 29 hours, and how a notification goes through it.

use std::time::Duration;

use serde_json::json;

use super::*;

const START: i64 = 1_800_000_000;
/// In the middle: neither earlier nor later than the plain doubling.
const EVEN: u32 = 200;

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).unwrap()
}

fn notification() -> Notification {
    Notification {
        key: NotificationKey {
            account_id: "demo".parse().unwrap(),
            subscription_id: Uuid::from_u128(1),
            event_uuid: Uuid::from_u128(2),
            replay_id: None,
        },
        event: EventName::OrderAssigned,
        subject: "order:1".into(),
        created_at: after(0),
        data: json!({ "order_uuid": "1" }).into(),
        state: NotificationState::Waiting,
        attempts: 0,
        earlier: 0,
        due_at: after(0),
        last_error: None,
        updated_at: after(0),
    }
}

fn attempt(of: &Notification, status: Option<u16>, error: Option<AttemptError>) -> Attempt {
    Attempt {
        key: of.key.clone(),
        event: of.event,
        number: of.attempts,
        at: after(0),
        duration_ms: 5,
        status,
        error,
        answer: String::new(),
        retry_after: None,
    }
}

fn refused(of: &Notification) -> Attempt {
    attempt(of, Some(500), Some(AttemptError::Status))
}

#[test]
fn fifteen_retries_take_29_hours() {
    let pauses: Vec<_> = (1..MOST_ATTEMPTS).map(|tries| retry_delay(tries, None, EVEN).as_secs()).collect();
    let doubled: Vec<_> = (0..12).map(|n| 10 << n).collect();
    assert_eq!(pauses, [doubled, vec![21_600; 3]].concat());
    let all: u64 = pauses.iter().sum();
    assert_eq!(all / 3600, 29);
}

#[test]
fn pauses_are_spread_by_a_fifth_to_both_sides() {
    let spread = |n| retry_delay(1, None, n);
    assert_eq!((spread(0), spread(400)), (Duration::from_secs(8), Duration::from_secs(12)));
    assert!((0..2000).map(spread).all(|pause| pause >= spread(0) && pause <= spread(400)));
    assert_eq!(retry_delay(u32::MAX, None, EVEN).as_secs(), 21_600);
}

#[test]
fn an_endpoint_may_ask_for_a_longer_pause_up_to_six_hours() {
    assert_eq!(retry_delay(1, Some(120), EVEN).as_secs(), 120);
    assert_eq!(retry_delay(5, Some(1), EVEN).as_secs(), 160);
    assert_eq!(retry_delay(1, Some(u64::MAX), EVEN).as_secs(), 21_600);
}

#[test]
fn it_is_tried_sixteen_times_and_then_given_up() {
    let (mut this, mut now) = (notification(), after(0));
    for number in 1..=MOST_ATTEMPTS {
        assert!(this.is_due(now), "call {number}");
        this.begin(now, now);
        this.end(&refused(&this), EVEN, now);
        assert_eq!(this.attempts, number);
        now = this.due_at;
    }
    assert_eq!(this.state, NotificationState::Failed);
    assert_eq!(this.last_error.as_deref(), Some("answered 500"));
    assert!(!this.is_due(now));
}

#[test]
fn a_dead_letter_that_is_put_back_has_all_its_tries_again() {
    let mut this = notification();
    for _ in 0..MOST_ATTEMPTS {
        this.begin(after(0), after(0));
        this.end(&refused(&this), EVEN, after(0));
    }
    this.take_up(after(9));
    assert!(this.is_due(after(9)));
    this.begin(after(9), after(30));
    this.end(&refused(&this), EVEN, after(10));
    assert_eq!((this.state, this.attempts, this.due_at), (NotificationState::Waiting, 17, after(20)));
}

#[test]
fn a_success_ends_it_and_its_error() {
    let mut this = notification();
    this.begin(after(0), after(25));
    this.end(&attempt(&this, None, Some(AttemptError::Timeout)), EVEN, after(15));
    assert_eq!(this.last_error.as_deref(), Some("timeout"));
    this.begin(after(25), after(50));
    this.end(&attempt(&this, Some(204), None), EVEN, after(26));
    assert_eq!((this.state, this.last_error), (NotificationState::Delivered, None));
}

#[test]
fn a_call_under_way_is_left_alone_until_it_must_have_ended() {
    let mut this = notification();
    this.begin(after(0), after(25));
    assert!(!this.is_due(after(24)));
    assert!(this.is_due(after(25)));
}

#[test]
fn what_is_due_and_waits_for_its_turn_is_tried_at_a_time_that_nobody_knows() {
    let mut this = notification();
    assert_eq!(this.next_attempt_at(after(0)), None);
    this.begin(after(0), after(25));
    assert_eq!(this.next_attempt_at(after(0)), None, "it is being tried");
    this.end(&refused(&this), EVEN, after(1));
    assert_eq!(this.next_attempt_at(after(1)), Some(after(11)));
    assert_eq!(this.next_attempt_at(after(11)), None);
}

#[test]
fn it_is_about_the_order_whose_item_it_is_about() {
    let of = |subject: &str| Notification { subject: subject.into(), ..notification() };
    assert_eq!(of("order:1").order_id(), Some("1"));
    assert_eq!(of("order:1:item:2").order_id(), Some("1"));
    assert_eq!(of("driver:order:1").order_id(), None);
}

#[test]
fn a_replay_is_another_call_of_the_same_event() {
    let mut this = notification();
    this.begin(after(0), after(25));
    let replay = this.replayed(Uuid::from_u128(9), after(30));
    assert_eq!((replay.attempts, replay.state, replay.due_at), (0, NotificationState::Waiting, after(30)));
    assert_eq!(replay.data, this.data);
    assert_eq!(this.key.webhook_id(), "00000000-0000-0000-0000-000000000002");
    let id = "00000000-0000-0000-0000-000000000002_00000000-0000-0000-0000-000000000009";
    assert_eq!(replay.key.webhook_id(), id);
}

#[test]
fn a_message_is_an_event_of_the_bus_or_a_request() {
    let (account, key) = ("demo".parse().unwrap(), "key".parse().unwrap());
    let cause = crate::event::Cause { account: &account, key: &key, now: after(1) };
    let event = DomainEvent::new("order_assigned", crate::event::About::Account, after(0), cause, json!({}));
    let of_bus = json!({ "version": "0", "detail-type": "order_assigned", "source": "courier-bridge", "detail": event });
    assert_eq!(NotifyMessage::read(&of_bus.to_string()), Ok(NotifyMessage::Event(Box::new(event))));
    for message in [
        NotifyMessage::Replay(notification().key),
        NotifyMessage::Moves(MovesKey::at("demo".parse().unwrap(), after(0))),
    ] {
        assert_eq!(NotifyMessage::read(&serde_json::to_string(&message).unwrap()), Ok(message));
    }
    for bad in ["", "[]", "{}", r#"{"detail-type":"x"}"#, r#"{"replay":{"account_id":"../x"}}"#] {
        assert!(NotifyMessage::read(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_minute_of_moves_ends_with_the_minute() {
    let key = MovesKey::at("demo".parse().unwrap(), "2026-06-28T16:29:59.9Z".parse().unwrap());
    assert_eq!(key.end().to_string(), "2026-06-28T16:30:00Z");
}
