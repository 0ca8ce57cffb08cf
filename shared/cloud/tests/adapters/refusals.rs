//! What the table's refusals mean: somebody was faster, or it is busy. Answers that the engine in this process never
//! gives are given by a server.

use courier_cloud::table::Table;
use courier_domain::command::FollowUp;
use courier_domain::order::OrderRef;
use courier_domain::ports::{Committed, Orders, PortError, Reachable};
use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use crate::common::*;

async fn committed(answer: ResponseTemplate) -> Result<Committed, PortError> {
    let server = server(InTurn::new([answer])).await;
    let table = Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    table.commit_order(commit(fresh(courier_order(1, 0)), entry("one", 0))).await
}

fn cancelled(codes: &[&str]) -> ResponseTemplate {
    let reasons: Vec<_> = codes.iter().map(|code| json!({ "Code": code })).collect();
    error("TransactionCanceledException", json!({ "Message": "cancelled", "CancellationReasons": reasons }))
}

#[tokio::test]
async fn a_transaction_that_met_another_is_a_conflict() {
    for codes in
        [["TransactionConflict", "None"], ["None", "TransactionConflict"], ["None", "ConditionalCheckFailed"]]
    {
        assert_eq!(committed(cancelled(&codes)).await.unwrap(), Committed::Conflict, "{codes:?}");
    }
}

#[tokio::test]
async fn a_transaction_cancelled_because_the_table_is_busy_is_tried_again_later() {
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded"] {
        let answer = committed(cancelled(&["None", code])).await;
        assert!(matches!(answer, Err(PortError::Unavailable { service: "dynamodb", .. })), "{code}");
    }
}

#[tokio::test]
async fn what_the_table_will_never_take_is_final_and_anything_else_is_not() {
    for refusal in
        [error("ValidationException", json!({ "message": "no" })), cancelled(&["None", "ValidationError"])]
    {
        let refused = committed(refusal).await.unwrap_err();
        assert!(refused.is_final() && refused.to_string().starts_with("dynamodb refuses this for good"));
    }
    let down = committed(error("AccessDeniedException", json!({ "message": "no" }))).await.unwrap_err();
    assert!(!down.is_final() && down.to_string() == "dynamodb is unavailable");
}

#[tokio::test]
async fn a_mark_without_what_was_handed_on_hands_on_nothing() {
    let answer = committed(cancelled(&["ConditionalCheckFailed", "None"])).await.unwrap();
    assert_eq!(answer, Committed::Duplicate(FollowUp::default()));
}

#[tokio::test]
async fn an_item_that_cannot_be_read_says_what_it_is() {
    let damaged = json!({ "Item": { "pk": { "S": "pk" }, "sk": { "S": "ORDER" }, "data": { "S": "?" } } });
    let server = server(InTurn::new([ok(damaged)])).await;
    let table = Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    let answer = table.read_order(&demo(), Some(order_id(1)), &[]).await;
    assert_eq!(answer.unwrap_err().to_string(), "an order cannot be read");
}

/// Leaves out the last key of every request that has more than one.
fn one_key_short(request: &Request) -> ResponseTemplate {
    let mut left = body(request)["RequestItems"][TABLE].clone();
    let keys = left["Keys"].as_array_mut().unwrap();
    let done: Vec<Value> =
        if keys.len() > 1 { keys.drain(..keys.len() - 1).collect() } else { std::mem::take(keys) };
    let items: Vec<_> = done
        .into_iter()
        .map(|mut key| {
            key["version"] = json!({ "N": "7" });
            key["data"] = json!({ "M": { "waiting": { "L": [] } } });
            key
        })
        .collect();
    let unprocessed = if keys.is_empty() { json!({}) } else { json!({ TABLE: left }) };
    ok(json!({ "Responses": { TABLE: items }, "UnprocessedKeys": unprocessed }))
}

#[tokio::test]
async fn keys_that_the_table_leaves_out_are_asked_for_again() {
    let server = server(one_key_short).await;
    let table = Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    let names = [OrderRef::new("number", "1"), OrderRef::new("number", "2"), OrderRef::new("number", "3")];
    let read = table.read_order(&demo(), None, &names).await.unwrap();
    assert_eq!(read.links.iter().map(|link| link.version).collect::<Vec<_>>(), [7, 7, 7]);
    let asked = asked(&server).await;
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|request| request["RequestItems"][TABLE]["ConsistentRead"] == true));
}

#[tokio::test]
async fn keys_that_are_left_out_for_ever_are_an_error_and_not_missing_items() {
    let server = server(|request: &Request| {
        ok(json!({ "Responses": {}, "UnprocessedKeys": body(request)["RequestItems"] }))
    })
    .await;
    let table = Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    let answer = table.read_order(&demo(), Some(order_id(1)), &[OrderRef::new("number", "1")]).await;
    assert!(matches!(answer, Err(PortError::Unavailable { .. })));
    assert_eq!(asked(&server).await.len(), 5);
}

#[tokio::test]
async fn a_table_that_answers_can_be_reached() {
    assert!(Store::new().await.table.ping().await.is_ok());
    let gone = server(InTurn::new([error("ResourceNotFoundException", json!({}))])).await;
    assert!(Table::new(aws(gone.uri()).dynamodb(), TABLE.into()).ping().await.is_err());
}
