//! What was sent to a subscription, page by page: in order, replays only where they belong, and never of another account.

use courier_domain::notification::{Attempt, Notification, NotificationKey};
use courier_domain::ports::{Listed, Notifications};
use jiff::{SignedDuration, Timestamp};

use crate::common::*;

async fn add(store: &Store, key: NotificationKey, second: i64) {
    let value = notification(key, second);
    store.table.write_notification(&fresh(value)).await.unwrap();
}

/// A call made for a notification that is not of interest.
async fn called(store: &Store, key: &NotificationKey, number: u32, second: i64) {
    let read = store.table.read_notifications(std::slice::from_ref(key)).await.unwrap().pop().unwrap();
    let notification = read.unwrap_or_else(|| fresh(notification(key.clone(), 0)));
    assert!(store.table.end_notification(&notification, &call(key.clone(), number, second)).await.unwrap());
}

async fn notifications(
    store: &Store,
    since: Option<Timestamp>,
    limit: i32,
    after: Option<&str>,
) -> Listed<Notification> {
    store.table.list_notifications(&demo(), id(1), since, limit, after).await.unwrap()
}

async fn attempts(store: &Store, event: Option<u128>, limit: i32, after: Option<&str>) -> Listed<Attempt> {
    store.table.list_attempts(&demo(), id(1), event.map(id), limit, after).await.unwrap()
}

fn events(page: &Listed<Notification>) -> Vec<u128> {
    page.items.iter().map(|one| one.key.event_uuid.as_u128()).collect()
}

/// Event, replay and number of each call.
fn calls(page: &Listed<Attempt>) -> Vec<(u128, Option<u128>, u32)> {
    let told =
        |one: &Attempt| (one.key.event_uuid.as_u128(), one.key.replay_id.map(|id| id.as_u128()), one.number);
    page.items.iter().map(told).collect()
}

/// All pages of notifications.
async fn all(store: &Store, since: Option<Timestamp>, limit: i32) -> Vec<u128> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = notifications(store, since, limit, after.as_deref()).await;
        assert!(page.items.len() <= usize::try_from(limit).unwrap());
        seen.extend(events(&page));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

/// All pages of calls.
async fn all_calls(store: &Store, event: Option<u128>, limit: i32) -> Vec<(u128, Option<u128>, u32)> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = attempts(store, event, limit, after.as_deref()).await;
        assert!(page.items.len() <= usize::try_from(limit).unwrap());
        seen.extend(calls(&page));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn notifications_are_listed_newest_first_and_since_a_time_oldest_first() {
    let store = Store::new().await;
    for (event, second) in [(1, 30), (2, 10), (3, 50), (4, 20), (5, 40)] {
        add(&store, notice(event, None), second).await;
    }
    add(&store, notice(1, Some(9)), 30).await;
    for limit in [1, 2, 5, 100] {
        assert_eq!(all(&store, None, limit).await, [3, 5, 1, 4, 2], "{limit}");
        assert_eq!(all(&store, Some(at(20)), limit).await, [4, 1, 5, 3], "{limit}");
    }
    assert_eq!(all(&store, Some(at(51)), 2).await, []);
    assert_eq!(all(&store, Some(Timestamp::MIN), 2).await, [2, 4, 1, 5, 3]);
}

#[tokio::test]
async fn a_listed_notification_is_whole_and_as_it_is_now() {
    let store = Store::new().await;
    let mut value = notification(notice(1, None), 5);
    store.table.write_notification(&fresh(value.clone())).await.unwrap();
    let attempt = call(notice(1, None), 1, 6);
    value.begin(at(6), at(30));
    value.end(&attempt, 0, at(7));
    let ended = courier_domain::ports::Versioned { value: value.clone(), version: 1 };
    store.table.end_notification(&ended, &attempt).await.unwrap();
    assert_eq!(notifications(&store, None, 10, None).await.items, [value]);
    assert_eq!(attempts(&store, None, 10, None).await.items, [attempt]);
}

#[tokio::test]
async fn a_time_between_two_milliseconds_is_taken_exactly() {
    let store = Store::new().await;
    let half = at(10) + SignedDuration::from_micros(500);
    add(&store, notice(1, None), 10).await;
    let later = Notification { created_at: half, ..notification(notice(2, None), 10) };
    store.table.write_notification(&fresh(later)).await.unwrap();
    assert_eq!(all(&store, Some(half), 10).await, [2]);
    assert_eq!(all(&store, Some(at(10)), 10).await, [1, 2]);
}

#[tokio::test]
async fn calls_are_listed_newest_first_replays_among_them() {
    let store = Store::new().await;
    let (own, replay, other) = (notice(1, None), notice(1, Some(9)), notice(2, None));
    // What came tenth is not before what came second.
    for number in 1..=11 {
        called(&store, &own, number, i64::from(number) * 10).await;
    }
    called(&store, &replay, 1, 55).await;
    called(&store, &replay, 2, 200).await;
    called(&store, &other, 1, 65).await;
    let mut expected: Vec<_> = (1..=11).rev().map(|number| (1, None, number)).collect();
    expected.insert(0, (1, Some(9), 2));
    expected.insert(7, (1, Some(9), 1));
    for limit in [1, 3, 13, 100] {
        assert_eq!(all_calls(&store, Some(1), limit).await, expected, "{limit}");
    }
    assert_eq!(all_calls(&store, Some(2), 10).await, [(2, None, 1)]);
    assert_eq!(all_calls(&store, Some(3), 10).await, []);
    expected.insert(6, (2, None, 1));
    for limit in [1, 4, 14, 100] {
        assert_eq!(all_calls(&store, None, limit).await, expected, "{limit}");
    }
}

#[tokio::test]
async fn a_page_of_an_events_calls_is_two_requests_however_much_its_replays_say() {
    let store = Store::new().await;
    let large = "x".repeat(20_000);
    for replay in 0..10 {
        let key = notice(1, Some(replay));
        let attempt = Attempt { answer: large.clone(), ..call(key.clone(), 1, 1) };
        let notification =
            Notification { data: serde_json::Value::from(large.clone()).into(), ..notification(key, 0) };
        assert!(store.table.end_notification(&fresh(notification), &attempt).await.unwrap());
    }
    store.requests.take();
    let page = attempts(&store, Some(1), 5, None).await;
    assert_eq!((page.items.len(), store.requests.take()), (5, 2));
    assert!(page.items.iter().all(|one| one.answer == large));
}

#[tokio::test]
async fn pages_end_before_a_megabyte_and_nothing_is_left_out() {
    let store = Store::new().await;
    let large = "x".repeat(20_000);
    for event in 0..120 {
        let key = notice(event, None);
        let second = i64::try_from(event).unwrap();
        let attempt = Attempt { answer: large.clone(), ..call(key.clone(), 1, second) };
        store.table.end_notification(&fresh(notification(key, second)), &attempt).await.unwrap();
    }
    let newest: Vec<_> = (0..120).rev().collect();
    assert_eq!(all(&store, None, 100).await, newest);
    let calls = all_calls(&store, None, 100).await;
    assert_eq!(calls.iter().map(|call| call.0).collect::<Vec<_>>(), newest);
}

#[tokio::test]
async fn a_cursor_stays_a_place_in_a_list_with_other_bounds() {
    let store = Store::new().await;
    for event in 1..=4 {
        add(&store, notice(event, None), i64::try_from(event).unwrap() * 10).await;
    }
    let after = notifications(&store, Some(at(0)), 2, None).await.next;
    for (since, rest) in [(0, vec![3, 4]), (15, vec![3, 4]), (25, vec![3, 4]), (35, vec![4])] {
        let page = notifications(&store, Some(at(since)), 10, after.as_deref()).await;
        assert_eq!(events(&page), rest, "{since}");
    }
    assert_eq!(events(&notifications(&store, None, 10, after.as_deref()).await), [1]);
}

#[tokio::test]
async fn nobody_sees_what_was_sent_to_others_not_even_with_their_cursor() {
    let store = Store::new().await;
    let others = [
        NotificationKey { account_id: account("other"), ..notice(1, None) },
        NotificationKey { subscription_id: id(2), ..notice(1, None) },
    ];
    for key in &others {
        for event in 1..=3 {
            let key = NotificationKey { event_uuid: id(event), ..key.clone() };
            called(&store, &key, 1, 10).await;
        }
        let list = store.table.list_notifications(&key.account_id, key.subscription_id, None, 1, None);
        let stolen = list.await.unwrap().next;
        let list = store.table.list_attempts(&key.account_id, key.subscription_id, None, 1, None);
        let stolen_call = list.await.unwrap().next;
        assert!(stolen.is_some() && stolen_call.is_some());
        for after in [None, stolen, stolen_call] {
            assert_eq!(events(&notifications(&store, None, 10, after.as_deref()).await), []);
            assert_eq!(events(&notifications(&store, Some(at(0)), 10, after.as_deref()).await), []);
            assert_eq!(calls(&attempts(&store, None, 10, after.as_deref()).await), []);
            assert_eq!(calls(&attempts(&store, Some(1), 10, after.as_deref()).await), []);
        }
    }
    assert_eq!(store.table.read_notifications(&[notice(1, None)]).await.unwrap(), [None]);
}

#[tokio::test]
async fn what_is_no_place_is_no_cursor() {
    let store = Store::new().await;
    called(&store, &notice(1, None), 1, 10).await;
    let long = format!("1772000010000#{}", "x".repeat(3000));
    let (one, digits) = (id(1), "9".repeat(3000));
    let forged = [
        String::new(),
        "#".into(),
        "1".into(),
        "zzz".into(),
        "1772000010000#".into(),
        "1772000010000#x".into(),
        "1772000010000##CALL#".into(),
        format!("1772000010000#{one}#REPLAY#"),
        format!("1772000010000#{one}#REPLAY#x#CALL#000001"),
        format!("1772000010000#{one}#CALL#x"),
        format!("{digits}#{one}#CALL#000001"),
        format!("1772000010000#{one}#CALL#{digits}"),
        format!("now#{one}"),
        "ACCOUNT#other".into(),
        long,
    ];
    for forged in &forged {
        let after = Some(forged.as_str());
        assert_eq!(events(&notifications(&store, None, 10, after).await), [1], "{forged}");
        assert_eq!(events(&notifications(&store, Some(at(0)), 10, after).await), [1], "{forged}");
        assert_eq!(calls(&attempts(&store, None, 10, after).await), [(1, None, 1)], "{forged}");
        assert_eq!(calls(&attempts(&store, Some(1), 10, after).await), [(1, None, 1)], "{forged}");
    }
}
