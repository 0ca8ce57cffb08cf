//! Replays: one event or all since a time, each marked as one and sent beside what was sent before.

use std::collections::BTreeSet;
use std::time::Duration;

use courier_domain::event::EventName;
use courier_domain::notification::{Notification, NotificationState, NotifyMessage};
use courier_domain::subscription::Disabled;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{Caller, Told};
use super::calls::{event, notification};
use super::{add_account, body};
use crate::testing::{Fault, at};

impl Caller {
    /// A subscription that was told of so many events, one a second from now on. All of them are in the past.
    async fn told_of(&self, events: u32) -> (String, Uuid) {
        let (path, id) = self.subscribed().await;
        for number in 0..events {
            self.keep(notification(id, number));
        }
        self.clock.advance(Duration::from_hours(1));
        (path, id)
    }

    async fn replay(&self, path: &str, body: &Value) -> Told {
        self.post_with(&format!("{path}/replay"), body).await
    }

    /// What a replay stored, in the order in which it was queued.
    fn replayed(&self, replay_id: &Value) -> Vec<Notification> {
        let state = self.memory.state();
        let keys = self.notify.outbox.items().into_iter().map(|(message, delay)| {
            assert_eq!(delay, Duration::ZERO);
            let NotifyMessage::Replay(key) = message else { panic!("not a replay") };
            key
        });
        let of_call = keys.filter(|key| json!(key.replay_id) == *replay_id);
        of_call.map(|key| state.told.notifications[&key].value.clone()).collect()
    }
}

fn times(notifications: &[Notification]) -> Vec<Timestamp> {
    notifications.iter().map(|one| one.created_at).collect()
}

fn seconds(range: std::ops::Range<i64>) -> Vec<Timestamp> {
    range.map(at).collect()
}

#[tokio::test]
async fn one_event_is_sent_again_as_a_notification_of_its_own() {
    let caller = Caller::with_account();
    let (path, id) = caller.told_of(3).await;
    let told = caller.replay(&path, &json!({ "event_uuid": event(1) })).await;
    let replay: Uuid = told.body["replay_id"].as_str().unwrap().parse().unwrap();
    let expected = json!({ "replay_id": replay, "queued": 1, "left_out": 0, "next_since": null });
    assert_eq!((told.status, &told.body), (202, &expected));
    let again = caller.replayed(&told.body["replay_id"]);
    assert_eq!(again, [notification(id, 1).replayed(replay, at(3600))]);
    assert_eq!((again[0].state, again[0].attempts), (NotificationState::Waiting, 0));
    let before = caller.memory.state().told.notifications[&notification(id, 1).key].value.clone();
    assert_eq!(before, notification(id, 1), "what was sent stays as it was");
    let second = caller.replay(&path, &json!({ "event_uuid": event(1) })).await.body;
    assert_ne!(second["replay_id"], told.body["replay_id"]);
    assert_eq!(caller.replayed(&second["replay_id"]).len(), 1);
}

#[tokio::test]
async fn everything_since_a_time_is_sent_again_in_order() {
    let caller = Caller::with_account();
    let (path, _) = caller.told_of(250).await;
    let told = caller.replay(&path, &json!({ "since": at(7) })).await;
    assert_eq!(
        (told.status, &told.body["queued"], &told.body["next_since"]),
        (202, &json!(243), &Value::Null)
    );
    let again = caller.replayed(&told.body["replay_id"]);
    assert_eq!(times(&again), seconds(7..250));
    let ids: BTreeSet<_> = again.iter().map(|one| one.key.replay_id).collect();
    assert_eq!(ids.len(), 1, "one id for the call");
    assert_eq!(caller.notify.outbox.sent().calls, 25, "in tens");
    let later = caller.replay(&path, &json!({ "since": "2026-06-28T20:00:00+02:00" })).await.body;
    assert_eq!((&later["queued"], &later["next_since"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn what_waits_failed_or_was_stopped_is_sent_again_too() {
    let caller = Caller::with_account();
    let (path, id) = caller.told_of(0).await;
    let states = [
        NotificationState::Waiting,
        NotificationState::Sending,
        NotificationState::Delivered,
        NotificationState::Failed,
        NotificationState::Stopped,
    ];
    for (number, state) in (0..).zip(states) {
        caller.keep(Notification { state, attempts: 16, ..notification(id, number) });
    }
    let told = caller.replay(&path, &json!({ "since": at(0) })).await;
    let again = caller.replayed(&told.body["replay_id"]);
    assert_eq!(again.len(), 5);
    assert!(again.iter().all(|one| (one.state, one.attempts) == (NotificationState::Waiting, 0)));
}

#[tokio::test]
async fn a_replay_sends_no_replay_and_nothing_of_others() {
    let caller = Caller::with_account();
    add_account(&caller, "other");
    let (path, _) = caller.told_of(2).await;
    let (_, neighbour) = caller.subscribed().await;
    caller.keep(notification(neighbour, 5));
    let told = caller.post_with("/accounts/other/subscriptions", &body()).await.body;
    let mut stranger = notification(told["id"].as_str().unwrap().parse().unwrap(), 6);
    stranger.key.account_id = "other".parse().unwrap();
    caller.keep(stranger);
    caller.replay(&path, &json!({ "since": at(0) })).await;
    let told = caller.replay(&path, &json!({ "since": at(0) })).await;
    assert_eq!(times(&caller.replayed(&told.body["replay_id"])), seconds(0..2));
    for unknown in [event(5), event(6), event(7)] {
        assert_eq!(caller.replay(&path, &json!({ "event_uuid": unknown })).await.problem(), (404, ""));
    }
}

#[tokio::test]
async fn what_is_learned_of_during_a_replay_is_left_to_itself() {
    let caller = Caller::with_account();
    let (path, id) = caller.told_of(2).await;
    // In the millisecond in which it begins, and after it.
    caller.keep(Notification { created_at: at(3600) + Duration::from_micros(500), ..notification(id, 3) });
    caller.keep(Notification { created_at: at(3600) + Duration::from_millis(1), ..notification(id, 4) });
    let told = caller.replay(&path, &json!({ "since": at(1) })).await;
    let expected = [at(1), at(3600) + Duration::from_micros(500)];
    assert_eq!(times(&caller.replayed(&told.body["replay_id"])), expected);
    assert_eq!(told.body["next_since"], Value::Null);
}

#[tokio::test]
async fn exactly_one_of_a_time_and_an_event_is_asked_for() {
    let caller = Caller::with_account();
    let (path, _) = caller.told_of(1).await;
    for (body, field) in [
        (json!({}), "since"),
        (json!({ "since": null, "event_uuid": null }), "since"),
        (json!({ "since": at(0), "event_uuid": event(0) }), "event_uuid"),
        (json!({ "since": "yesterday" }), "since"),
        (json!({ "since": "2026-06-28T16:00:00" }), "since"),
        (json!({ "since": 1_782_662_400 }), "since"),
        (json!({ "event_uuid": "0" }), "event_uuid"),
        (json!({ "event_uuid": 0 }), "event_uuid"),
        (json!({ "until": at(0) }), "until"),
        (json!([]), "body"),
    ] {
        assert_eq!(caller.replay(&path, &body).await.problem(), (400, field), "{body}");
    }
    assert_eq!(caller.post(&format!("{path}/replay")).await.problem(), (400, "body"));
    assert!(caller.notify.outbox.items().is_empty());
}

#[tokio::test]
async fn a_disabled_subscription_is_enabled_first() {
    let caller = Caller::with_account();
    let (path, id) = caller.told_of(2).await;
    caller.disable(id);
    for body in [json!({ "since": at(0) }), json!({ "event_uuid": event(0) })] {
        assert_eq!(caller.replay(&path, &body).await.problem(), (409, "url"));
    }
    assert!(caller.notify.outbox.items().is_empty());
    caller.post(&format!("{path}/enable")).await;
    assert_eq!(caller.replay(&path, &json!({ "since": at(0) })).await.body["queued"], 2);
}

#[tokio::test]
async fn only_events_of_the_url_that_is_disabled_are_left_out() {
    let caller = Caller::with_account();
    let (path, id) = caller.told_of(30).await;
    for number in 0..15 {
        caller.keep(Notification { event: EventName::ItemStatusUpdated, ..notification(id, number) });
    }
    let two = json!({ "url": "https://shop.test/events", "items_url": "https://shop.test/items" });
    caller.put_at(&path, &two).await;
    let disabled = || Some(Disabled { at: at(0), reason: "gone".into(), by_operator: false, told: true });
    let (item, order) = (json!({ "event_uuid": event(0) }), json!({ "event_uuid": event(20) }));
    for (main, items, refused, sent, queued) in [
        (None, disabled(), (&item, "items_url"), &order, seconds(15..30)),
        (disabled(), None, (&order, "url"), &item, seconds(0..15)),
    ] {
        caller.edit(id, |row| (row.disabled, row.items_disabled) = (main, items));
        assert_eq!(caller.replay(&path, refused.0).await.problem(), (409, refused.1));
        assert_eq!(caller.replay(&path, sent).await.body["queued"], 1);
        let told = caller.replay(&path, &json!({ "since": at(0) })).await.body;
        assert_eq!(
            (&told["queued"], &told["left_out"], &told["next_since"]),
            (&json!(15), &json!(15), &Value::Null)
        );
        assert_eq!(times(&caller.replayed(&told["replay_id"])), queued);
    }
    // It is told of nothing else than what goes to the one that is disabled.
    caller.edit(id, |row| {
        (row.disabled, row.items_disabled) = (None, disabled());
        row.events = [EventName::ItemStatusUpdated].into();
    });
    assert_eq!(caller.replay(&path, &json!({ "since": at(0) })).await.problem(), (409, "items_url"));
    // Without a URL of their own items go where all else does, whatever is said of the one that they had.
    caller.edit(id, |row| (row.disabled, row.items_url) = (None, None));
    assert_eq!(caller.replay(&path, &json!({ "since": at(0) })).await.body["queued"], 30);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_does_not_keep_a_call_from_ending_in_time() {
    let mut caller = Caller::with_account();
    let (path, id) = caller.told_of(30).await;
    caller.edit(id, |row| row.items_url = Some("https://shop.test/items".into()));
    caller.edit(id, |row| {
        row.disabled = Some(Disabled { at: at(0), reason: "gone".into(), by_operator: false, told: true });
    });
    caller.api.notify.takes = Duration::from_mins(1);
    let told = caller.replay(&path, &json!({ "since": at(0) })).await.body;
    let expected = (&json!(0), &json!(10), &json!(at(10)));
    assert_eq!((&told["queued"], &told["left_out"], &told["next_since"]), expected);
}

#[tokio::test]
async fn a_replay_is_put_off_while_too_much_waits() {
    let mut caller = Caller::with_account();
    let (path, _) = caller.told_of(20).await;
    caller.api.notify.of_others = 30_000;
    let told = caller.replay(&path, &json!({ "since": at(10) })).await;
    assert_eq!((told.status, &told.body["queued"]), (202, &json!(10)), "one that has begun goes on");
    let told = caller.replay(&path, &json!({ "since": at(0) })).await;
    assert_eq!((told.problem(), told.retry_after.as_deref()), ((429, ""), Some("60")));
    assert_eq!(caller.notify.outbox.items().len(), 10);
    let told = caller.replay(&path, &json!({ "event_uuid": event(0) })).await;
    assert_eq!((told.status, &told.body["queued"]), (202, &json!(1)), "a single event is one message");
    caller.api.notify.of_others = 29_989;
    assert_eq!(caller.replay(&path, &json!({ "since": at(0) })).await.body["queued"], 20);
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time_and_the_next_goes_on() {
    let mut caller = Caller::with_account();
    let (path, _) = caller.told_of(100).await;
    caller.api.notify.takes = Duration::from_secs(6);
    let (mut since, mut counts, mut sent) = (json!(at(0)), Vec::new(), BTreeSet::new());
    while !since.is_null() {
        let started = tokio::time::Instant::now();
        let told = caller.replay(&path, &json!({ "since": since })).await;
        assert!(started.elapsed() <= Duration::from_secs(26), "{:?}", started.elapsed());
        counts.push(told.body["queued"].as_u64().unwrap());
        sent.extend(times(&caller.replayed(&told.body["replay_id"])));
        since = told.body["next_since"].clone();
    }
    assert_eq!(counts, [40, 40, 20]);
    assert_eq!(sent, seconds(0..100).into_iter().collect());
}

#[tokio::test(start_paused = true)]
async fn however_slow_it_is_a_call_gets_something_done() {
    let mut caller = Caller::with_account();
    let (path, _) = caller.told_of(15).await;
    caller.api.notify.takes = Duration::from_mins(1);
    let told = caller.replay(&path, &json!({ "since": at(0) })).await.body;
    assert_eq!((&told["queued"], &told["next_since"]), (&json!(10), &json!(at(10))));
}

#[tokio::test(start_paused = true)]
async fn no_event_of_the_millisecond_in_which_a_call_ended_is_left_out() {
    let mut caller = Caller::with_account();
    let (path, id) = caller.told_of(5).await;
    // The table keeps them in order to the millisecond, so these may come in any.
    for (number, microseconds) in (6..).zip([900, 100, 800, 200, 700, 300, 600]) {
        let created_at = at(5) + Duration::from_micros(microseconds);
        caller.keep(Notification { created_at, ..notification(id, number) });
    }
    caller.api.notify.takes = Duration::from_mins(1);
    let told = caller.replay(&path, &json!({ "since": at(0) })).await.body;
    assert_eq!((&told["queued"], &told["next_since"]), (&json!(10), &json!(at(5))));
    caller.api.notify.takes = Duration::ZERO;
    let told = caller.replay(&path, &json!({ "since": told["next_since"] })).await.body;
    assert_eq!((&told["queued"], &told["next_since"]), (&json!(7), &Value::Null));
}

#[tokio::test]
async fn a_call_that_is_broken_off_says_how_far_it_came() {
    let caller = Caller::with_account();
    let (path, _) = caller.told_of(130).await;
    let mut faults = vec![None; 3];
    faults.push(Some(Fault::Lost));
    caller.notify.outbox.sent().faults = faults.into();
    let told = caller.replay(&path, &json!({ "since": at(0) })).await;
    assert_eq!(
        (told.status, &told.body["queued"], &told.body["next_since"]),
        (202, &json!(30), &json!(at(30)))
    );
    // The same when it is the table that cannot be written.
    caller.memory.state().faults = [vec![None; 20], vec![Some(Fault::Lost)]].concat().into();
    let told = caller.replay(&path, &json!({ "since": at(30) })).await;
    assert_eq!(
        (told.status, &told.body["queued"], &told.body["next_since"]),
        (202, &json!(20), &json!(at(50)))
    );
    assert_eq!(caller.replayed(&told.body["replay_id"]).len(), 20, "no message without its notification");
}

#[tokio::test]
async fn a_call_that_did_nothing_failed() {
    let caller = Caller::with_account();
    let (path, _) = caller.told_of(1).await;
    for body in [json!({ "since": at(0) }), json!({ "event_uuid": event(0) })] {
        caller.notify.outbox.sent().to_fail = 1;
        assert_eq!(caller.replay(&path, &body).await.problem().0, 503);
        caller.memory.state().faults = [Some(Fault::Lost)].into();
        assert_eq!(caller.replay(&path, &body).await.problem().0, 503);
        // Written by a request whose answer was lost, and found when it is repeated.
        caller.memory.state().faults = [Some(Fault::Conflict)].into();
        assert_eq!(caller.replay(&path, &body).await.status, 202);
    }
}
