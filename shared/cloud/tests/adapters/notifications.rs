//! Notifications: written over a version, ended together with the call that was made, whole whatever they say, and
//! forgotten after a month.

use courier_domain::notification::{
    Attempt, KEPT_OF_ANSWER, Notification, NotificationKey, NotificationState,
};
use courier_domain::ports::{Notifications, Versioned};
use serde_json::{Value, json};

use crate::common::*;

async fn write(store: &Store, value: &Notification, version: u64) -> bool {
    store.table.write_notification(&Versioned { value: value.clone(), version }).await.unwrap()
}

async fn read(store: &Store) -> Option<Versioned<Notification>> {
    store.table.read_notifications(&[notice(1, None)]).await.unwrap().pop().unwrap()
}

async fn attempts(store: &Store) -> Vec<Attempt> {
    store.table.list_attempts(&demo(), id(1), None, 10, None).await.unwrap().items
}

#[tokio::test]
async fn a_notification_is_read_as_it_was_written_and_over_its_version_only() {
    let store = Store::new().await;
    let mut value = notification(notice(1, None), 5);
    assert!(!write(&store, &value, 1).await);
    assert!(write(&store, &value, 0).await);
    assert!(!write(&store, &value, 0).await);
    value.begin(at(6), at(30));
    value.last_error = Some("answered 500".into());
    assert!(write(&store, &value, 1).await);
    value.stop(at(7));
    assert!(!write(&store, &value, 1).await);
    store.requests.take();
    let stored = read(&store).await.unwrap();
    assert_eq!(store.requests.take(), 1);
    assert_eq!((stored.version, stored.value.state), (2, NotificationState::Sending));
    assert_eq!(stored.value.attempts, 1);
}

#[tokio::test]
async fn what_an_event_says_comes_back_exactly_whatever_it_is() {
    let store = Store::new().await;
    let noise: String =
        (0..100_000_u32).map(|n| char::from_u32(33 + n.wrapping_mul(n) % 90).unwrap()).collect();
    let deep = (0..60).fold(json!(null), |inner, _| json!([inner]));
    let all = [
        json!({ "": "", "a": {}, "b": [], "c": [1, 0.1, -0.0, 1e-200, u64::MAX, i64::MIN, null, true] }),
        json!({ "published_at": 1_651_156_220.483_f64, "ö": "\u{0}\u{1f355}" }),
        json!({ "deep": deep, "noise": noise }),
        Value::Null,
        json!("text"),
    ];
    for (version, data) in (0..).zip(all) {
        assert!(write(&store, &saying(data.clone()), version).await);
        assert_eq!(*read(&store).await.unwrap().value.data, data);
    }
}

#[tokio::test]
async fn what_is_too_large_for_an_item_is_refused_for_good() {
    let store = Store::new().await;
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_u32(0x4e00 + (state >> 40) as u32 % 20_000).unwrap()
    };
    let large = saying((0..400_000).map(|_| noise()).collect::<String>().into());
    let large = Versioned { value: large, version: 0 };
    let written = store.table.write_notification(&large).await.unwrap_err();
    let ended = store.table.end_notification(&large, &call(notice(1, None), 1, 0)).await.unwrap_err();
    assert!(written.is_final() && ended.is_final(), "{written} {ended}");
    assert_eq!(store.items().await, []);
}

#[tokio::test]
async fn a_notification_and_its_call_are_written_both_or_neither() {
    let store = Store::new().await;
    let mut value = notification(notice(1, None), 5);
    write(&store, &value, 0).await;
    value.begin(at(6), at(30));
    write(&store, &value, 1).await;
    let text = "<p>Größe</p>".repeat(2000);
    let answer: String = text.chars().take(KEPT_OF_ANSWER - 2000).collect();
    let attempt = Attempt { answer, ..call(notice(1, None), 1, 6) };
    value.end(&attempt, 7, at(8));
    let end = |version| {
        let (value, attempt) = (value.clone(), attempt.clone());
        let table = store.table.clone();
        async move { table.end_notification(&Versioned { value, version }, &attempt).await.unwrap() }
    };
    for stale in [0, 1, 3] {
        assert!(!end(stale).await, "{stale}");
    }
    assert_eq!(attempts(&store).await, []);
    store.requests.take();
    assert!(end(2).await);
    assert_eq!(store.requests.take(), 1);
    assert_eq!(read(&store).await, Some(Versioned { value: value.clone(), version: 3 }));
    assert!(!end(2).await);
    assert_eq!(attempts(&store).await, [attempt]);
}

#[tokio::test]
async fn any_number_of_keys_is_read_in_their_order_a_hundred_at_a_time() {
    let store = Store::new().await;
    for event in (0..250).step_by(2) {
        write(&store, &notification(notice(event, None), 0), 0).await;
    }
    write(&store, &notification(notice(1, Some(7)), 0), 0).await;
    let mut keys: Vec<_> = (0..250).rev().map(|event| notice(event, None)).collect();
    keys.extend([notice(1, Some(7)), notice(1, Some(8)), notice(0, None), notice(249, None)]);
    store.requests.take();
    let found = store.table.read_notifications(&keys).await.unwrap();
    assert_eq!(store.requests.take(), 3);
    assert_eq!(found.len(), keys.len());
    let is_even = |key: &NotificationKey| key.event_uuid.as_u128().is_multiple_of(2);
    let is_stored = |key: &NotificationKey| key.replay_id.map_or(is_even(key), |replay| replay == id(7));
    for (key, found) in keys.iter().zip(&found) {
        assert_eq!(found.as_ref().map(|one| &one.value.key), is_stored(key).then_some(key));
    }
    assert_eq!(store.table.read_notifications(&[]).await.unwrap(), []);
    assert_eq!(store.requests.take(), 0);
}

#[tokio::test]
async fn many_notifications_of_a_hundred_kilobytes_are_read_whole() {
    let store = Store::new().await;
    let row = |n: u32| json!({ "agent_uuid": format!("driver-{n}"), "latitude": 53.3 + f64::from(n) / 1e5 });
    let data: Value = (0..2000).map(row).collect();
    assert!(data.to_string().len() > 90_000);
    let keys: Vec<_> = (0..20).map(|event| notice(event, None)).collect();
    for key in &keys {
        write(&store, &Notification { key: key.clone(), ..saying(data.clone()) }, 0).await;
    }
    let found = store.table.read_notifications(&keys).await.unwrap();
    assert!(found.iter().all(|one| one.as_ref().is_some_and(|one| *one.value.data == data)));
}

#[tokio::test]
async fn notifications_and_calls_are_kept_for_a_month_after_they_changed_last() {
    let store = Store::new().await;
    let mut value = notification(notice(1, None), 5);
    write(&store, &value, 0).await;
    let sk = format!("EVENT#{}", id(1));
    let month = |second: i64| Some(at(second).as_second() + 30 * DAY);
    assert_eq!(store.expiries().await, [(sk.clone(), month(5))]);
    let attempt = call(notice(1, None), 1, 6);
    value.end(&attempt, 0, at(8));
    store.table.end_notification(&Versioned { value, version: 1 }, &attempt).await.unwrap();
    assert_eq!(store.expiries().await, [(sk.clone(), month(8)), (format!("{sk}#CALL#000001"), month(6))]);
}

#[tokio::test]
async fn of_two_processes_that_begin_a_call_one_does() {
    let store = Store::new().await;
    let mut value = notification(notice(1, None), 0);
    write(&store, &value, 0).await;
    value.begin(at(1), at(30));
    let begun = futures::future::join_all((0..10).map(|_| {
        let (table, begun) = (store.elsewhere(), Versioned { value: value.clone(), version: 1 });
        async move { table.write_notification(&begun).await.unwrap() }
    }));
    assert_eq!(begun.await.into_iter().filter(|begun| *begun).count(), 1);
}
