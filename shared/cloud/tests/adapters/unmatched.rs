//! What waits for an order: found by account, the newest change first, page by page, and gone once it has joined.

use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::order::{Order, OrderRef, ServiceType};
use courier_domain::ports::{Directory, Link, OrderCommit, Orders, Unmatched, Versioned, Waiting};
use courier_domain::report::{FleetNews, OrderChange, OrderReport};

use crate::common::*;

fn news(second: i64, refs: &[OrderRef]) -> OrderReport {
    let news = FleetNews::status(DeliveryStatus::Collected);
    let change = OrderChange::Fleet(Provider::Jelp, Box::new(news));
    OrderReport { refs: refs.to_vec(), ..report(1, second, change) }
}

/// An event waits under all of its names, the best first.
async fn wait(store: &Store, second: i64, refs: &[OrderRef]) {
    let report = news(second, refs);
    let waiting = Waiting { key: report.stamp.key.clone(), report };
    let mut commit = waiting_under(refs, &waiting);
    commit.entry = entry(waiting.key.as_str(), second);
    store.table.commit_order(commit).await.unwrap();
}

fn waiting_under(refs: &[OrderRef], event: &Waiting) -> OrderCommit {
    let link = Link { waiting: vec![event.clone()], ..Link::default() };
    let mut commit = waiting(&refs[0], fresh(link.clone()), entry("any", 0));
    commit.links = refs.iter().map(|name| (name.clone(), fresh(link.clone()))).collect();
    commit
}

fn name(kind: &str, number: i64) -> OrderRef {
    OrderRef::new(kind, number.to_string())
}

async fn all(store: &Store, limit: i32) -> Vec<Unmatched> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.table.list_unmatched(&demo(), limit, after.as_deref()).await.unwrap();
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn an_event_that_waits_under_several_names_is_shown_once_with_all_of_them() {
    let store = Store::new().await;
    let names = [name("jelp_folio", 1), name("jelp_public_id", 2)];
    wait(&store, 5, &names).await;
    let [shown] = all(&store, 10).await.try_into().unwrap();
    assert_eq!((shown.order_id, shown.name.as_ref()), (None, Some(&names[0])));
    assert_eq!(shown.names, names);
    let events: Vec<_> = shown.events.iter().map(|event| (event.key.as_str(), event.at)).collect();
    assert_eq!(events, [("key-5", at(5))]);
    assert_eq!(store.table.unmatched(&demo(), &shown.id).await.unwrap(), Some(shown));
    assert_eq!(store.table.unmatched(&account("other"), &names[0].value).await.unwrap(), None);
}

#[tokio::test]
async fn pages_go_on_where_the_last_ended_and_the_newest_comes_first() {
    let store = Store::new().await;
    for second in 0..5 {
        wait(&store, second, &[name("jelp", second)]).await;
    }
    for limit in [1, 2, 5, 100] {
        let seen: Vec<_> = all(&store, limit).await.iter().map(|shown| shown.events[0].at).collect();
        assert_eq!(seen, [4, 3, 2, 1, 0].map(at), "{limit}");
    }
    assert!(store.table.list_unmatched(&account("other"), 10, None).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_name_that_leads_to_its_order_is_shown_no_more() {
    let store = Store::new().await;
    wait(&store, 5, &[name("jelp", 1)]).await;
    let [shown] = all(&store, 10).await.try_into().unwrap();
    let link = Link { order_id: Some(order_id(1)), linked_at: Some(at(6)), waiting: Vec::new() };
    let mut joined = commit(fresh(courier_order(1, 6)), entry("six", 6));
    joined.links = vec![(name("jelp", 1), Versioned { value: link, version: 1 })];
    store.table.commit_order(joined).await.unwrap();
    assert_eq!(all(&store, 10).await, []);
    assert_eq!(store.table.unmatched(&demo(), &shown.id).await.unwrap(), None);
}

#[tokio::test]
async fn an_order_that_only_a_fleet_told_of_is_shown_until_syrve_announces_it_or_says_that_it_is_none() {
    let store = Store::new().await;
    let mut order = Order::new(order_id(1));
    order.apply(&news(3, &[]));
    store.table.commit_order(commit(fresh(order.clone()), entry("three", 3))).await.unwrap();
    let [shown] = all(&store, 10).await.try_into().unwrap();
    assert_eq!((shown.order_id, &shown.name), (Some(order_id(1)), &None));
    assert_eq!(shown.events.len(), 1);
    assert_eq!(store.table.unmatched(&demo(), &order_id(1).to_string()).await.unwrap(), Some(shown));
    for (version, service) in [(1, ServiceType::Other), (2, ServiceType::DeliveryByCourier)] {
        let details = Box::new(details(4));
        order.apply(&report(
            1,
            3 + i64::try_from(version).unwrap(),
            OrderChange::Syrve { service: Some(service), details },
        ));
        let told = entry(&format!("told-{version}"), 4);
        store.table.commit_order(commit(Versioned { value: order.clone(), version }, told)).await.unwrap();
        assert_eq!(all(&store, 10).await, [], "{service:?}");
    }
}
