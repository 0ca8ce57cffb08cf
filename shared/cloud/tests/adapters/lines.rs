//! The line to a subscription: the domain's rules hold over all processes, a change is one request, and a line of a
//! subscription that was deleted does not come back.

use courier_domain::ports::{Lines, Subscriptions};
use courier_domain::subscription::{CallEnd, Line, Place};
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::Request;

use crate::common::*;

async fn take(store: &Store, subject: &str, now: Timestamp) -> Place {
    store.table.take_place(&demo(), line_id(1), subject, false, now).await.unwrap()
}

async fn leave(store: &Store, subject: &str, end: CallEnd, now: Timestamp) -> Line {
    store.table.leave_place(&demo(), line_id(1), subject, end, now).await.unwrap()
}

async fn stored(store: &Store) -> Line {
    store.elsewhere().line(&demo(), line_id(1)).await.unwrap()
}

#[tokio::test]
async fn a_place_is_taken_and_given_back_with_one_request_each() {
    let store = Store::new().await;
    assert_eq!(take(&store, "order:1", at(0)).await, Place::Taken { until: at(25) });
    assert_eq!(store.requests.take(), 2, "the first time the line is looked for");
    assert_eq!(take(&store, "order:2", at(1)).await, Place::Taken { until: at(26) });
    assert_eq!(store.requests.take(), 1);
    let left = leave(&store, "order:1", SUCCESS, at(2)).await;
    assert_eq!(store.requests.take(), 1);
    assert_eq!(left.open, [("order:2".to_owned(), at(26))].into());
    assert_eq!(stored(&store).await, left);
}

#[tokio::test]
async fn no_place_is_refused_because_of_what_was_so_a_while_ago() {
    let store = Store::new().await;
    take(&store, "order:1", at(0)).await;
    store.requests.take();
    assert_eq!(take(&store, "order:1", at(1)).await, Place::Busy);
    assert_eq!(store.requests.take(), 1, "it is looked at again");
    let elsewhere = store.elsewhere();
    elsewhere.leave_place(&demo(), line_id(1), "order:1", SUCCESS, at(2)).await.unwrap();
    assert_eq!(take(&store, "order:1", at(3)).await, Place::Taken { until: at(28) });
}

#[tokio::test]
async fn what_another_process_wrote_counts_and_costs_one_more_request() {
    let store = Store::new().await;
    let elsewhere = store.elsewhere();
    take(&store, "order:1", at(0)).await;
    elsewhere.take_place(&demo(), line_id(1), "order:2", false, at(1)).await.unwrap();
    store.requests.take();
    assert_eq!(take(&store, "order:3", at(2)).await, Place::Taken { until: at(27) });
    assert_eq!(store.requests.take(), 2);
    assert_eq!(stored(&store).await.open.len(), 3);
    elsewhere.take_place(&demo(), line_id(1), "order:4", false, at(3)).await.unwrap();
    assert_eq!(take(&store, "order:4", at(4)).await, Place::Busy);
}

#[tokio::test]
async fn failures_in_a_row_are_counted_whoever_made_the_calls() {
    let store = Store::new().await;
    let processes = [store.elsewhere(), store.elsewhere()];
    let mut now = at(0);
    for n in 0..20 {
        let process = &processes[n % 2];
        let place = process.take_place(&demo(), line_id(1), "order:1", false, now).await.unwrap();
        assert!(matches!(place, Place::Taken { .. }), "{n}: {place:?}");
        let line = process.leave_place(&demo(), line_id(1), "order:1", FAILURE, now).await.unwrap();
        now = line.resume_at.unwrap_or(now);
    }
    let line = stored(&store).await;
    assert_eq!((line.failures, line.failing_since, line.resume_at), (20, Some(at(0)), Some(now)));
    assert_eq!(take(&store, "order:1", at(1)).await, Place::Paused(now));
}

#[tokio::test]
async fn clearing_a_line_forgets_failures_and_keeps_open_calls() {
    let store = Store::new().await;
    store.table.clear_line(&demo(), id(1)).await.unwrap();
    assert_eq!(store.items().await, [], "there was nothing to clear");
    for n in 0..12 {
        take(&store, "order:1", at(n * 100)).await;
        leave(&store, "order:1", FAILURE, at(n * 100)).await;
    }
    let now = at(1200);
    take(&store, "order:1", now).await;
    store.elsewhere().clear_line(&demo(), id(1)).await.unwrap();
    let open = [("order:1".to_owned(), at(1225))].into();
    assert_eq!(stored(&store).await, Line { open, ..Line::default() });
    assert_eq!(take(&store, "order:2", now).await, Place::Taken { until: at(1225) });
    assert_eq!(stored(&store).await.open.len(), 2);
}

#[tokio::test]
async fn a_call_that_ends_after_its_subscription_was_deleted_leaves_no_line() {
    let store = Store::new().await;
    for deleted_by_another in [false, true] {
        take(&store, "order:1", at(0)).await;
        let deleting = if deleted_by_another { store.elsewhere() } else { store.table.clone() };
        deleting.delete_subscription(&demo(), id(1)).await.unwrap();
        assert_eq!(leave(&store, "order:1", FAILURE, at(1)).await, Line::default());
        assert_eq!(store.items().await, []);
    }
}

#[tokio::test]
async fn a_line_that_nobody_calls_over_any_more_expires() {
    let store = Store::new().await;
    let expires = |second: i64| [("LINE".to_owned(), Some(at(second + 30 * DAY).as_second()))];
    take(&store, "order:1", at(5)).await;
    assert_eq!(store.expiries().await, expires(5));
    leave(&store, "order:1", SUCCESS, at(7)).await;
    assert_eq!(store.expiries().await, expires(7));
    store.table.clear_line(&demo(), id(1)).await.unwrap();
    assert_eq!(store.expiries().await, expires(7));
}

#[tokio::test]
async fn lines_of_other_subscriptions_and_accounts_are_others() {
    let store = Store::new().await;
    for n in 0..10 {
        take(&store, &format!("order:{n}"), at(0)).await;
    }
    assert_eq!(take(&store, "order:10", at(0)).await, Place::Full);
    for (of, number) in [(demo(), 2), (account("other"), 1)] {
        let place = store.table.take_place(&of, line_id(number), "order:10", false, at(0)).await.unwrap();
        assert_eq!(place, Place::Taken { until: at(25) });
    }
}

/// Refuses every write: another process has just written something else.
fn always_late(request: &Request) -> wiremock::ResponseTemplate {
    let version = body(request)["Item"]["version"]["N"].as_str().map_or(7, |n| n.parse().unwrap());
    let line = json!({ "M": { "open": { "M": {} }, "failures": { "N": "2" } } });
    let item: Value = json!({ "version": { "N": version.to_string() }, "data": line });
    if operation(request) == "GetItem" {
        return ok(json!({ "Item": item }));
    }
    error("ConditionalCheckFailedException", json!({ "message": "late", "Item": item }))
}

#[tokio::test]
async fn whoever_is_always_late_finds_no_place_and_is_told_when_a_call_was_not_noted() {
    let server = server(always_late).await;
    let table = courier_cloud::table::Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    assert_eq!(table.take_place(&demo(), line_id(1), "order:1", false, at(0)).await.unwrap(), Place::Full);
    assert_eq!(asked(&server).await.len(), 11);
    let left = table.leave_place(&demo(), line_id(1), "order:1", FAILURE, at(0)).await;
    let error = left.unwrap_err();
    assert!(!error.is_final() && error.to_string() == "dynamodb is unavailable");
    let requests = server.received_requests().await.unwrap();
    assert!(requests.iter().skip(1).all(|request| operation(request) == "PutItem"));
}
