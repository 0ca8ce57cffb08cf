//! Events under other names of an order: read with it in one request, kept until it is known, joined when it is.

use courier_domain::order::OrderRef;
use courier_domain::ports::{Committed, Directory, Link, OrderCommit, Orders, Versioned, Waiting};
use courier_domain::report::OrderChange;

use crate::common::*;

fn names() -> [OrderRef; 2] {
    [OrderRef::new("captain:order", "42"), OrderRef::new("number", "577")]
}

fn link_with(text: &str) -> Link {
    let report = report(1, 3, OrderChange::Nothing);
    Link { waiting: vec![Waiting { key: key(text), report }], ..Link::default() }
}

#[tokio::test]
async fn an_order_and_its_names_are_read_in_one_request() {
    let store = Store::new().await;
    let [known, unknown] = names();
    let link = Link { order_id: Some(order_id(1)), linked_at: Some(at(0)), waiting: Vec::new() };
    let mut write = commit(fresh(courier_order(1, 0)), entry("one", 0));
    write.links = vec![(known.clone(), fresh(link.clone()))];
    assert_eq!(store.table.commit_order(write).await.unwrap(), Committed::Done);
    store.requests.take();

    let asked = [unknown, known];
    let read = store.table.read_order(&demo(), Some(order_id(1)), &asked).await.unwrap();
    assert_eq!(store.requests.take(), 1);
    assert_eq!(read.order, Some(Versioned { value: courier_order(1, 0), version: 1 }));
    assert_eq!(read.links, [fresh(Link::default()), Versioned { value: link, version: 1 }]);
}

#[tokio::test]
async fn a_name_given_twice_is_read_like_one() {
    let store = Store::new().await;
    let [name, _] = names();
    let link = link_with("one");
    store.table.commit_order(waiting(&name, fresh(link.clone()), entry("one", 0))).await.unwrap();
    let read = store.table.read_order(&demo(), None, &[name.clone(), name]).await.unwrap();
    let stored = Versioned { value: link, version: 1 };
    assert_eq!(read.links, [stored.clone(), stored]);
    assert!(read.order.is_none());
}

#[tokio::test]
async fn nothing_to_read_asks_nothing() {
    let store = Store::new().await;
    let read = store.table.read_order(&demo(), None, &[]).await.unwrap();
    assert!(read.order.is_none() && read.links.is_empty());
    assert_eq!(store.requests.take(), 0);
}

#[tokio::test]
async fn an_event_that_waits_under_a_name_is_processed_once() {
    let store = Store::new().await;
    let [name, _] = names();
    let first = waiting(&name, fresh(link_with("one")), entry("one", 0));
    assert_eq!(store.table.commit_order(first.clone()).await.unwrap(), Committed::Done);
    assert!(matches!(store.table.commit_order(first).await.unwrap(), Committed::Duplicate(_)));
}

#[tokio::test]
async fn a_link_that_somebody_else_wrote_meanwhile_is_a_conflict() {
    let store = Store::new().await;
    let [name, _] = names();
    store.table.commit_order(waiting(&name, fresh(link_with("one")), entry("one", 0))).await.unwrap();
    let stale = waiting(&name, fresh(link_with("two")), entry("two", 1));
    assert_eq!(store.table.commit_order(stale).await.unwrap(), Committed::Conflict);
    let next = Versioned { value: link_with("two"), version: 1 };
    let answer = store.table.commit_order(waiting(&name, next, entry("two", 1))).await.unwrap();
    assert_eq!(answer, Committed::Done);
}

#[tokio::test]
async fn what_waited_joins_the_orders_timeline_in_the_same_transaction() {
    let store = Store::new().await;
    let [name, _] = names();
    store.table.commit_order(waiting(&name, fresh(link_with("early")), entry("early", 3))).await.unwrap();
    store.requests.take();
    let found = Link { order_id: Some(order_id(1)), linked_at: Some(at(5)), waiting: Vec::new() };
    let join = OrderCommit {
        joined: vec![entry("early", 3)],
        links: vec![(name, Versioned { value: found, version: 1 })],
        ..commit(fresh(courier_order(1, 0)), entry("order", 5))
    };
    assert_eq!(store.table.commit_order(join).await.unwrap(), Committed::Done);
    assert_eq!(store.requests.take(), 1);
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.timeline, [entry("early", 3), entry("order", 5)]);
}
