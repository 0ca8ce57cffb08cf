//! Drivers who moved, by the minute: added without looking, each once, and one event of a minute for good.

use courier_domain::event::DomainEvent;
use courier_domain::ids::{AccountId, DriverId};
use courier_domain::notification::MovesKey;
use courier_domain::ports::{Moved, Moves};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::common::*;

fn minute(of: AccountId, second: i64) -> MovesKey {
    MovesKey::at(of, at(second))
}

fn ids(numbers: &[usize]) -> Vec<DriverId> {
    numbers.iter().map(|n| driver_id(*n)).collect()
}

async fn add(store: &Store, second: i64, numbers: &[usize]) -> bool {
    store.table.add_moves(&minute(demo(), second), &ids(numbers)).await.unwrap()
}

async fn moved(store: &Store, second: i64) -> Moved {
    store.table.moved(&minute(demo(), second)).await.unwrap()
}

#[tokio::test]
async fn drivers_are_collected_once_each_and_a_message_is_asked_for_until_it_is_queued() {
    let store = Store::new().await;
    assert_eq!(moved(&store, 0).await, Moved::default());
    assert!(add(&store, 0, &[3, 1, 3]).await);
    assert!(add(&store, 1, &[2, 1]).await);
    store.table.moves_queued(&minute(demo(), 2)).await.unwrap();
    assert!(!add(&store, 3, &[4]).await);
    assert_eq!(moved(&store, 4).await, Moved { drivers: ids(&[1, 2, 3, 4]), event: None });
}

#[tokio::test]
async fn each_change_is_one_request_and_none_where_nobody_moved() {
    let store = Store::new().await;
    assert!(!add(&store, 0, &[]).await);
    assert_eq!(store.requests.take(), 0);
    add(&store, 0, &[1, 2, 3]).await;
    assert_eq!(store.requests.take(), 1);
    moved(&store, 0).await;
    assert_eq!(store.requests.take(), 1);
}

#[tokio::test]
async fn a_process_adds_a_driver_to_a_minute_once() {
    let store = Store::new().await;
    for _ in 0..2 {
        assert!(add(&store, 0, &[1, 2]).await);
    }
    assert_eq!(store.requests.take(), 2, "somebody else may have queued the message meanwhile");
    store.elsewhere().moves_queued(&minute(demo(), 0)).await.unwrap();
    assert!(!add(&store, 1, &[1]).await);
    assert_eq!(store.requests.take(), 1);
    for numbers in [&[1][..], &[2, 1], &[1, 2]] {
        assert!(!add(&store, 2, numbers).await);
    }
    assert_eq!(store.requests.take(), 0);
    assert!(!add(&store, 3, &[1, 3]).await);
    assert!(add(&store, 60, &[1]).await);
    store.table.moves_queued(&minute(demo(), 60)).await.unwrap();
    assert!(!add(&store, 61, &[1]).await);
    assert_eq!(store.requests.take(), 3);
    assert_eq!(moved(&store, 0).await.drivers, ids(&[1, 2, 3]));
}

#[tokio::test]
async fn what_could_not_be_added_is_added_the_next_time() {
    let [down, up] = [error("AccessDeniedException", json!({})), ok(json!({ "Attributes": {} }))];
    let server = server(InTurn::new([ok(json!({})), down, up])).await;
    let table = courier_cloud::table::Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    let key = minute(demo(), 0);
    table.moves_queued(&key).await.unwrap();
    assert!(table.add_moves(&key, &ids(&[1])).await.is_err());
    for _ in 0..3 {
        table.add_moves(&key, &ids(&[1])).await.unwrap();
    }
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn minutes_and_accounts_do_not_mix_and_are_forgotten_after_a_month() {
    let store = Store::new().await;
    add(&store, 0, &[1]).await;
    add(&store, 60, &[2]).await;
    store.table.add_moves(&minute(account("other"), 0), &ids(&[3])).await.unwrap();
    assert_eq!(moved(&store, 0).await.drivers, ids(&[1]));
    assert_eq!(moved(&store, 60).await.drivers, ids(&[2]));
    let ends = [0, 0, 60].map(|second| minute(demo(), second).end().as_second() + 30 * DAY);
    let mut expiries: Vec<_> =
        store.expiries().await.into_iter().filter_map(|(_, expires)| expires).collect();
    expiries.sort_unstable();
    assert_eq!(expiries, ends);
}

fn told(detail: Value) -> DomainEvent {
    DomainEvent { detail, ..assigned(5) }
}

#[tokio::test]
async fn the_first_event_of_a_minute_is_kept_and_told_to_everybody() {
    let store = Store::new().await;
    let key = minute(demo(), 0);
    add(&store, 0, &[1]).await;
    let place = |n: u32| json!({ "driver_id": format!("driver-{n}"), "latitude": 53.35 + f64::from(n) });
    let first = told(json!({ "drivers": (0..2000).map(place).collect::<Vec<_>>(), "": {} }));
    assert_eq!(store.table.keep_moves_event(&key, &first).await.unwrap(), first);
    let second = told(json!({ "drivers": [] }));
    assert_eq!(store.table.keep_moves_event(&key, &second).await.unwrap(), first);
    assert_eq!(store.elsewhere().keep_moves_event(&key, &second).await.unwrap(), first);
    assert_eq!(moved(&store, 0).await, Moved { drivers: ids(&[1]), event: Some(first) });
}

#[tokio::test]
async fn an_event_is_kept_even_where_nobody_is_noted_and_later_moves_do_not_change_it() {
    let store = Store::new().await;
    let event = told(json!({ "drivers": [] }));
    store.table.keep_moves_event(&minute(demo(), 0), &event).await.unwrap();
    assert_eq!(moved(&store, 0).await, Moved { drivers: Vec::new(), event: Some(event.clone()) });
    assert!(add(&store, 0, &[1]).await);
    assert_eq!(moved(&store, 0).await, Moved { drivers: ids(&[1]), event: Some(event) });
    assert_eq!(store.expiries().await.len(), 1);
}

#[tokio::test]
async fn a_minute_that_is_full_takes_no_more_and_refuses_nobody() {
    let store = Store::new().await;
    let long = |n: usize| DriverId::try_from(format!("{n:0>128}")).unwrap();
    for hundred in 0..14 {
        let drivers: Vec<_> = (hundred * 100..(hundred + 1) * 100).map(long).collect();
        assert!(store.table.add_moves(&minute(demo(), 0), &drivers).await.unwrap());
    }
    let drivers: Vec<_> = (1400..1599).map(long).collect();
    assert!(store.table.add_moves(&minute(demo(), 0), &drivers).await.unwrap());
    let full = moved(&store, 0).await.drivers.len();
    assert_eq!(full, 1599);
    let late: Vec<_> = (2000..2100).map(long).collect();
    assert!(
        store.table.add_moves(&minute(demo(), 1), &late).await.unwrap(),
        "its message is still to be queued"
    );
    store.elsewhere().moves_queued(&minute(demo(), 1)).await.unwrap();
    assert!(!store.table.add_moves(&minute(demo(), 2), &late).await.unwrap());
    store.requests.take();
    assert!(!store.table.add_moves(&minute(demo(), 3), &[long(3000)]).await.unwrap());
    assert_eq!(store.requests.take(), 0, "it is known to be full");
    assert_eq!(moved(&store, 0).await.drivers.len(), full);
    assert!(store.table.add_moves(&minute(demo(), 60), &late).await.unwrap());
    assert_eq!(moved(&store, 60).await.drivers, late);
}

#[tokio::test]
async fn the_event_of_a_full_minute_fits_beside_its_drivers() {
    let store = Store::new().await;
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_digit((state >> 33) as u32 % 36, 36).unwrap()
    };
    let mut id = || DriverId::try_from((0..128).map(|_| noise()).collect::<String>()).unwrap();
    let drivers: Vec<_> = (0..1599).map(|_| id()).collect();
    for some in [&drivers[..1499], &drivers[1499..]] {
        store.table.add_moves(&minute(demo(), 0), some).await.unwrap();
    }
    let place = |(n, driver): (u32, &DriverId)| {
        let (latitude, longitude) = (53.35 + f64::from(n) / 7e5, -6.26 - f64::from(n) / 3e5);
        json!({ "driver_id": driver, "latitude": latitude, "longitude": longitude })
    };
    let event = told((0..1000).zip(&drivers).map(place).collect());
    assert_eq!(store.table.keep_moves_event(&minute(demo(), 0), &event).await.unwrap(), event);
    assert_eq!(moved(&store, 0).await.event, Some(event));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_drivers_added_by_many_at_once_are_all_there() {
    let store = Store::new().await;
    let adding = (0..50).map(|task| {
        let table = store.elsewhere();
        let drivers: Vec<_> = (task * 20..task * 20 + 30).map(driver_id).collect();
        async move { table.add_moves(&minute(demo(), 0), &drivers).await.unwrap() }
    });
    assert!(join_all(adding).await.into_iter().all(|asks| asks));
    let all: Vec<_> = (0..1010).map(driver_id).collect();
    assert_eq!(moved(&store, 0).await.drivers, all);
}
