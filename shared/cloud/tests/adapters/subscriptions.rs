//! Subscriptions: all of an account in one request, written over a version, and gone with their line.

use courier_domain::ports::{Directory, Lines, Subscriptions, Versioned};
use courier_domain::subscription::{Disabled, Line, Place, Subscription};

use crate::common::*;

async fn all(store: &Store, of: &str) -> Vec<Versioned<Subscription>> {
    store.table.subscriptions(&account(of)).await.unwrap()
}

#[tokio::test]
async fn a_subscription_is_read_as_it_was_written() {
    let store = Store::new().await;
    let disabled = Some(Disabled { at: at(5), reason: "gone".into(), by_operator: false, told: true });
    let full = Subscription { disabled, secrets_held_until: Some(at(6)), ..subscription(&demo(), 1) };
    let empty = Subscription { url: String::new(), items_url: None, events: [].into(), ..full.clone() };
    for (version, value) in [(0, full), (1, empty)] {
        assert!(store.table.write_subscription(&Versioned { value: value.clone(), version }).await.unwrap());
        let stored = Some(Versioned { value, version: version + 1 });
        assert_eq!(store.table.subscription(&demo(), id(1)).await.unwrap(), stored);
    }
    assert_eq!(store.expiries().await, [(format!("SUBSCRIPTION#{}", id(1)), None)]);
}

#[tokio::test]
async fn all_of_an_account_are_one_request_and_nothing_else_of_it_is_among_them() {
    let store = Store::new().await;
    assert_eq!(all(&store, "demo").await, []);
    store.table.write_account(&fresh(restaurant("demo"))).await.unwrap();
    for (of, number) in [("demo", 3), ("demo", 1), ("other", 2), ("demo-2", 4)] {
        let added = fresh(subscription(&account(of), number));
        assert!(store.table.write_subscription(&added).await.unwrap());
        store.table.take_place(&account(of), line_id(number), "order:1", false, at(0)).await.unwrap();
    }
    store.requests.take();
    let ids: Vec<_> = all(&store, "demo").await.iter().map(|one| one.value.id).collect();
    assert_eq!((ids, store.requests.take()), (vec![id(1), id(3)], 1));
    assert_eq!(store.table.subscription(&demo(), id(2)).await.unwrap(), None);
    assert!(!store.table.delete_subscription(&demo(), id(2)).await.unwrap());
    assert_eq!(all(&store, "other").await.len(), 1);
}

#[tokio::test]
async fn a_hundred_large_subscriptions_are_all_there() {
    let store = Store::new().await;
    let url = format!("https://example.com/{}", "x".repeat(20_000));
    for number in 0..100 {
        let large = Subscription { url: url.clone(), ..subscription(&demo(), number) };
        store.table.write_subscription(&fresh(large)).await.unwrap();
    }
    store.requests.take();
    assert_eq!((all(&store, "demo").await.len(), store.requests.take()), (100, 2));
}

#[tokio::test]
async fn of_two_who_change_a_subscription_one_is_told_that_the_other_was_faster() {
    let store = Store::new().await;
    let write = |version, url: &str| {
        let value = Subscription { url: url.into(), ..subscription(&demo(), 1) };
        let table = store.elsewhere();
        async move { table.write_subscription(&Versioned { value, version }).await.unwrap() }
    };
    assert!(!write(1, "never there").await);
    assert!(write(0, "first").await);
    assert!(!write(0, "made twice").await);
    assert!(write(1, "second").await);
    assert!(!write(1, "stale").await);
    let stored = store.table.subscription(&demo(), id(1)).await.unwrap().unwrap();
    assert_eq!((stored.value.url.as_str(), stored.version), ("second", 2));
}

#[tokio::test]
async fn a_deleted_subscription_takes_its_line_along_and_is_not_written_again() {
    let store = Store::new().await;
    let value = subscription(&demo(), 1);
    store.table.write_subscription(&fresh(value.clone())).await.unwrap();
    let taken = store.table.take_place(&demo(), line_id(1), "order:1", false, at(0)).await.unwrap();
    assert!(matches!(taken, Place::Taken { .. }));
    assert!(store.table.delete_subscription(&demo(), id(1)).await.unwrap());
    assert_eq!(store.items().await, []);
    assert!(!store.table.delete_subscription(&demo(), id(1)).await.unwrap());
    assert!(!store.table.write_subscription(&Versioned { value, version: 1 }).await.unwrap());
    assert_eq!(store.table.line(&demo(), line_id(1)).await.unwrap(), Line::default());
}
