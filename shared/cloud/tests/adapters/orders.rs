//! An event is one read and one transaction, applied once whatever is delivered twice or at the same time.

use courier_domain::command::FollowUp;
use courier_domain::order::ServiceType;
use courier_domain::ports::{Committed, Directory, Orders, TimelineEntry, Versioned};
use futures::future::join_all;

use crate::common::*;

fn with_follow_up(text: &str, second: i64) -> TimelineEntry {
    TimelineEntry { follow_up: follow_up(1, text), ..entry(text, second) }
}

#[tokio::test]
async fn order_event_and_command_are_written_in_one_request() {
    let store = Store::new().await;
    let (order, told) = (courier_order(1, 0), with_follow_up("one", 0));
    let done = store.table.commit_order(commit(fresh(order.clone()), told.clone())).await.unwrap();
    assert_eq!((done, store.requests.take()), (Committed::Done, 1));
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!((whole.order, whole.timeline), (order, vec![told]));
    assert_eq!(whole.commands, [command(1, "one")]);
}

#[tokio::test]
async fn the_same_event_again_writes_nothing_and_hands_on_the_same_again() {
    let store = Store::new().await;
    store.table.commit_order(commit(fresh(courier_order(1, 0)), with_follow_up("one", 0))).await.unwrap();
    let again = commit(Versioned { value: courier_order(1, 5), version: 1 }, entry("one", 5));
    let duplicate = Committed::Duplicate(follow_up(1, "one"));
    assert_eq!(store.table.commit_order(again).await.unwrap(), duplicate);
    let read = store.table.read_order(&demo(), Some(order_id(1)), &[]).await.unwrap();
    assert_eq!(read.order, Some(Versioned { value: courier_order(1, 0), version: 1 }));
}

#[tokio::test]
async fn an_order_that_somebody_else_wrote_meanwhile_is_a_conflict_and_nothing_is_written() {
    let store = Store::new().await;
    store.table.commit_order(commit(fresh(courier_order(1, 0)), entry("one", 0))).await.unwrap();
    let before = store.items().await.len();
    for stale in [0, 2] {
        let order = Versioned { value: courier_order(1, 5), version: stale };
        let answer = store.table.commit_order(commit(order, with_follow_up("two", 5))).await.unwrap();
        assert_eq!(answer, Committed::Conflict);
    }
    assert_eq!(store.items().await.len(), before);
    let order = Versioned { value: courier_order(1, 5), version: 1 };
    let answer = store.table.commit_order(commit(order, with_follow_up("two", 5))).await.unwrap();
    assert_eq!(answer, Committed::Done);
}

#[tokio::test]
async fn an_event_without_a_change_is_remembered_and_leaves_the_order_alone() {
    let store = Store::new().await;
    store.table.commit_order(commit(fresh(courier_order(1, 0)), entry("one", 0))).await.unwrap();
    let late = || {
        let mut late = commit(fresh(courier_order(1, 0)), entry("late", 1));
        late.order = None;
        late
    };
    assert_eq!(store.table.commit_order(late()).await.unwrap(), Committed::Done);
    assert_eq!(store.table.commit_order(late()).await.unwrap(), Committed::Duplicate(FollowUp::default()));
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.timeline, [entry("one", 0), entry("late", 1)]);
}

#[tokio::test]
async fn a_mark_that_has_expired_does_not_count_although_it_is_still_there() {
    let store = Store::new().await;
    let other = |second| {
        let mut commit = commit(fresh(order(1, 0, ServiceType::Other)), entry("one", second));
        commit.order = None;
        commit
    };
    assert_eq!(store.table.commit_order(other(0)).await.unwrap(), Committed::Done);
    let duplicate = Committed::Duplicate(FollowUp::default());
    assert_eq!(store.table.commit_order(other(90 * DAY - 1)).await.unwrap(), duplicate);
    assert_eq!(store.items().await.len(), 1);
    assert_eq!(store.table.commit_order(other(90 * DAY)).await.unwrap(), Committed::Done);
}

#[tokio::test]
async fn orders_for_couriers_and_all_events_are_kept_for_ninety_days_and_other_orders_for_seven() {
    for (service, days) in [(ServiceType::DeliveryByCourier, 90), (ServiceType::Other, 7)] {
        let store = Store::new().await;
        store.table.commit_order(commit(fresh(order(1, 0, service)), entry("one", 0))).await.unwrap();
        let [event, order] = [90, days].map(|days| Some(at(days * DAY).as_second()));
        assert_eq!(store.expiries().await, [("EVENT#one".into(), event), ("ORDER".into(), order)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_events_at_the_same_time_one_is_first_and_the_others_read_again() {
    let store = Store::new().await;
    let writes = (0..12)
        .map(|n| store.table.commit_order(commit(fresh(courier_order(1, n)), entry(&format!("key-{n}"), n))));
    let answers: Vec<_> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| **answer == Committed::Done).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == Committed::Conflict).count(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_delivered_many_times_at_once_is_applied_once() {
    let store = Store::new().await;
    let writes = (0..12)
        .map(|_| store.table.commit_order(commit(fresh(courier_order(1, 0)), with_follow_up("one", 0))));
    let answers: Vec<_> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| **answer == Committed::Done).count(), 1);
    let duplicate = Committed::Duplicate(follow_up(1, "one"));
    assert_eq!(answers.iter().filter(|answer| **answer == duplicate).count(), 11);
}
