//! Lists and single orders as operators see them: sorted, page by page, and never of another account.

use courier_domain::ids::AccountId;
use courier_domain::order::{Order, ServiceType};
use courier_domain::ports::{Directory, Listed, OrderFilter, Orders, TimelineEntry};

use crate::common::*;

async fn with_orders(account: &AccountId, seconds: &[i64]) -> Store {
    let store = Store::new().await;
    add_orders(&store, account, seconds).await;
    store
}

async fn add_orders(store: &Store, account: &AccountId, seconds: &[i64]) {
    for second in seconds {
        let order = courier_order(*second, *second);
        store.table.commit_order(commit_for(account.clone(), order, entry("one", 0))).await.unwrap();
    }
}

fn first(limit: usize) -> OrderFilter {
    OrderFilter { limit, ..OrderFilter::default() }
}

fn seconds(orders: &[Order]) -> Vec<i64> {
    let made = |order: &Order| order.details.get().unwrap().created_at.unwrap();
    orders.iter().map(|order| made(order).duration_since(at(0)).as_secs()).collect()
}

/// All pages, and how many there were.
async fn all(store: &Store, mut filter: OrderFilter, keep: fn(&Order) -> bool) -> (Vec<i64>, usize) {
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = store.table.list_orders(&demo(), &filter, keep).await.unwrap();
        assert!(page.items.len() <= filter.limit);
        seen.extend(seconds(&page.items));
        pages += 1;
        filter.after = page.next;
        if filter.after.is_none() {
            return (seen, pages);
        }
    }
}

#[tokio::test]
async fn an_orders_timeline_is_told_by_the_senders_time_and_not_by_arrival() {
    let store = Store::new().await;
    for (n, second) in (0_u64..).zip([5, 1, 3]) {
        let order = courier_domain::ports::Versioned { value: courier_order(1, 0), version: n };
        store.table.commit_order(commit(order, entry(&format!("at-{second}"), second))).await.unwrap();
    }
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    let told: Vec<_> = whole.timeline.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(told, ["at-1", "at-3", "at-5"]);
}

#[tokio::test]
async fn a_timeline_of_more_than_one_page_is_whole() {
    let store = Store::new().await;
    let long = |n: i64| TimelineEntry { event: "e".repeat(100_000), ..entry(&format!("key-{n}"), n) };
    store.table.commit_order(commit(fresh(courier_order(1, 0)), entry("order", 100))).await.unwrap();
    for n in 0..15 {
        let mut late = commit(fresh(courier_order(1, 0)), long(n));
        late.order = None;
        store.table.commit_order(late).await.unwrap();
    }
    store.requests.take();
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!((whole.timeline.len(), store.requests.take()), (16, 2));
}

#[tokio::test]
async fn an_order_that_was_never_announced_is_not_shown() {
    let store = Store::new().await;
    let none_of_ours = order(1, 0, ServiceType::Other);
    store.table.commit_order(commit(fresh(none_of_ours), entry("one", 0))).await.unwrap();
    assert!(store.table.whole_order(&demo(), order_id(1)).await.unwrap().is_none());
    assert!(store.table.list_orders(&demo(), &first(10), |_| true).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn orders_are_listed_newest_first_across_pages() {
    let store = with_orders(&demo(), &[30, 10, 50, 20, 40]).await;
    assert_eq!(all(&store, first(10), |_| true).await, (vec![50, 40, 30, 20, 10], 1));
    assert_eq!(all(&store, first(2), |_| true).await.0, [50, 40, 30, 20, 10]);
}

#[tokio::test]
async fn orders_of_a_day_begin_with_its_first_instant_and_end_before_the_next() {
    let next = 2 * DAY;
    let store = with_orders(&demo(), &[DAY - 1, DAY, DAY + 1, next - 1, next]).await;
    let day = OrderFilter { from: Some(at(DAY)), until: Some(at(next)), ..first(2) };
    assert_eq!(all(&store, day, |_| true).await.0, [next - 1, DAY + 1, DAY]);
}

#[tokio::test]
async fn a_filter_fills_pages_from_as_many_reads_as_it_takes() {
    let store = with_orders(&demo(), &(0..20).collect::<Vec<_>>()).await;
    let every_fifth = |order: &Order| seconds(std::slice::from_ref(order))[0] % 5 == 0;
    let page = store.table.list_orders(&demo(), &first(3), every_fifth).await.unwrap();
    assert_eq!(seconds(&page.items), [15, 10, 5]);
    assert_eq!(all(&store, first(3), every_fifth).await.0, [15, 10, 5, 0]);
    assert_eq!(all(&store, first(3), |_| false).await, (vec![], 1));
}

#[tokio::test]
async fn a_cursor_stays_a_place_in_a_list_with_other_bounds() {
    let store = with_orders(&demo(), &[10, 20, 30, 40]).await;
    let after = store.table.list_orders(&demo(), &first(2), |_| true).await.unwrap().next;
    let bounded = |from: i64, until: i64| OrderFilter {
        from: Some(at(from)),
        until: Some(at(until)),
        after: after.clone(),
        ..first(10)
    };
    for (from, until, rest) in
        [(0, 50, vec![20, 10]), (0, 15, vec![10]), (35, 50, vec![]), (15, 25, vec![20])]
    {
        let page = store.table.list_orders(&demo(), &bounded(from, until), |_| true).await.unwrap();
        assert_eq!(seconds(&page.items), rest, "{from}..{until}");
    }
}

#[tokio::test]
async fn one_account_never_sees_anothers_orders_not_even_with_its_cursor() {
    let store = with_orders(&account("other"), &[10, 20, 30]).await;
    let stolen = store.table.list_orders(&account("other"), &first(1), |_| true).await.unwrap().next;
    assert!(stolen.is_some());
    let filter = OrderFilter { after: stolen, ..first(10) };
    let nothing = Listed { items: Vec::new(), next: None };
    assert_eq!(store.table.list_orders(&demo(), &filter, |_| true).await.unwrap(), nothing);
    assert_eq!(store.table.list_orders(&demo(), &first(10), |_| true).await.unwrap(), nothing);
    assert!(store.table.whole_order(&demo(), order_id(10)).await.unwrap().is_none());

    add_orders(&store, &demo(), &[15, 25, 35]).await;
    let page = store.table.list_orders(&demo(), &filter, |_| true).await.unwrap();
    assert_eq!(seconds(&page.items), [25, 15]);
}

#[tokio::test]
async fn a_cursor_that_is_no_place_is_no_way_out_of_the_account() {
    let store = with_orders(&account("other"), &[10, 20, 30]).await;
    for forged in ["", "#", "1", "zzz", "1772000020000#", "1772000020000#x", "ACCOUNT#other#ORDERS"] {
        let filter = OrderFilter { after: Some(forged.into()), ..first(10) };
        let page = store.table.list_orders(&demo(), &filter, |_| true).await.unwrap();
        assert!(page.items.is_empty(), "{forged}");
    }
}
