//! Drivers of one event, all or nothing, and the reports of a fleet.

use courier_domain::driver::Driver;
use courier_domain::ids::{DriverId, EventKey};
use courier_domain::ports::{Committed, Directory, Drivers, Reports, Versioned};

use crate::common::*;

#[tokio::test]
async fn ninety_nine_drivers_are_written_in_one_request_and_read_in_one() {
    let store = Store::new().await;
    let done = store.table.commit_drivers(&demo(), drivers(99, 0), entry("one", 0)).await.unwrap();
    assert_eq!((done, store.requests.take()), (Committed::Done, 1));
    let ids: Vec<DriverId> = (0..99).rev().map(driver_id).collect();
    let read = store.table.read_drivers(&demo(), &ids).await.unwrap();
    assert_eq!(store.requests.take(), 1);
    assert_eq!(read.iter().map(|driver| driver.value.driver_id.clone()).collect::<Vec<_>>(), ids);
    assert!(read.iter().all(|driver| driver.version == 1));
}

#[tokio::test]
async fn drivers_come_in_the_order_asked_for_and_unknown_ones_at_version_nought() {
    let store = Store::new().await;
    store.table.commit_drivers(&demo(), drivers(2, 0), entry("one", 0)).await.unwrap();
    let versions =
        |read: Vec<Versioned<Driver>>| read.iter().map(|driver| driver.version).collect::<Vec<_>>();
    let ids = [driver_id(7), driver_id(1), driver_id(1), driver_id(0)];
    assert_eq!(versions(store.table.read_drivers(&demo(), &ids).await.unwrap()), [0, 1, 1, 1]);
    assert_eq!(versions(store.table.read_drivers(&demo(), &ids[..1]).await.unwrap()), [0]);
    assert!(store.table.read_drivers(&demo(), &[]).await.unwrap().is_empty());
    assert_eq!(versions(store.table.read_drivers(&account("other"), &ids[1..2]).await.unwrap()), [0]);
}

#[tokio::test]
async fn the_same_event_of_drivers_again_changes_nothing() {
    let store = Store::new().await;
    store.table.commit_drivers(&demo(), drivers(2, 0), entry("one", 0)).await.unwrap();
    let again = store.table.commit_drivers(&demo(), drivers(2, 1), entry("one", 0)).await.unwrap();
    assert!(matches!(again, Committed::Duplicate(_)));
    assert_eq!(store.table.read_drivers(&demo(), &[driver_id(0)]).await.unwrap()[0].version, 1);
}

#[tokio::test]
async fn drivers_and_what_is_asked_of_them_are_written_together_and_asked_for_once() {
    let store = Store::new().await;
    let commands = vec![upsert(0, "one"), upsert(1, "one"), clock_in(1, "one")];
    let told = asking("one", 0, commands);
    let done = store.table.commit_drivers(&demo(), drivers(2, 0), told.clone()).await.unwrap();
    assert_eq!((done, store.requests.take()), (Committed::Done, 1));
    let again = store.table.commit_drivers(&demo(), drivers(2, 1), entry("one", 5)).await.unwrap();
    assert_eq!(again, Committed::Duplicate(told.follow_up));
    let shown = store.table.whole_driver(&demo(), &driver_id(1)).await.unwrap().unwrap();
    assert_eq!((shown.driver.version, shown.commands.len()), (1, 2));
}

#[tokio::test]
async fn every_write_says_when_it_was_and_keeps_a_driver_for_ninety_days_more() {
    let store = Store::new().await;
    for (version, second) in [(0, 0), (1, 40 * DAY)] {
        let told = entry(&format!("key-{second}"), second);
        store.table.commit_drivers(&demo(), drivers(1, version), told).await.unwrap();
        let read = store.table.read_drivers(&demo(), &[driver_id(0)]).await.unwrap();
        assert_eq!(read[0].value.updated_at, Some(at(second)));
        let expiries = store.expiries().await;
        assert!(expiries.contains(&("DRIVER".into(), Some(at(second + 90 * DAY).as_second()))));
    }
}

#[tokio::test]
async fn one_driver_that_somebody_else_wrote_meanwhile_holds_back_all() {
    let store = Store::new().await;
    store.table.commit_drivers(&demo(), drivers(1, 0), entry("one", 0)).await.unwrap();
    let answer = store.table.commit_drivers(&demo(), drivers(3, 0), entry("two", 0)).await.unwrap();
    assert_eq!(answer, Committed::Conflict);
    assert!(store.table.whole_driver(&demo(), &driver_id(2)).await.unwrap().is_none());
}

#[tokio::test]
async fn drivers_are_listed_by_id_page_by_page_and_per_account() {
    let store = Store::new().await;
    store.table.commit_drivers(&demo(), drivers(5, 0), entry("one", 0)).await.unwrap();
    store.table.commit_drivers(&account("other"), drivers(1, 0), entry("one", 0)).await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.table.list_drivers(&demo(), 2, after.as_ref()).await.unwrap();
        seen.extend(page.items.into_iter().map(|driver| driver.driver_id));
        let Some(next) = page.next else { break };
        after = Some(next.parse().unwrap());
    }
    assert_eq!(seen, (0..5).map(driver_id).collect::<Vec<_>>());
    assert!(store.table.whole_driver(&account("other"), &driver_id(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_report_is_remembered_for_thirty_days_and_may_be_told_of_twice() {
    let store = Store::new().await;
    let (one, other) = (Some("https://reports.example/1"), Some("https://reports.example/2"));
    for (second, url, told_by, is_new) in [
        (0, None, "a", true),
        // Handled once more, since it may not have been told of.
        (1, None, "a", true),
        (2, None, "b", false),
        (3, one, "b", true),
        (4, one, "c", false),
        (5, one, "b", true),
        (6, other, "c", true),
        (7, None, "c", true),
    ] {
        let key = EventKey::hashed([told_by]);
        let kept = store.table.keep_report(&demo(), "r-1", url, &key, at(second)).await.unwrap();
        assert_eq!(kept, is_new, "{second}");
    }
    assert_eq!(store.expiries().await, [("REPORT#r-1".into(), Some(at(30 * DAY + 7).as_second()))]);
}
