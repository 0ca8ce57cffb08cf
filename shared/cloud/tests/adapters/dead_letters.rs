//! Dead letters keep the message as it was, and say why it is there.

use courier_cloud::dead_letters::DeadLetterQueue;
use courier_domain::ports::DeadLetters;
use serde_json::{Value, json};

use crate::common::*;

async fn kept(reason: &str) -> Value {
    kept_in("dead.fifo", "order:1", reason).await
}

async fn kept_in(name: &str, group: &str, reason: &str) -> Value {
    let server = server(InTurn::new([ok(json!({ "MessageId": "m" }))])).await;
    let queue = DeadLetterQueue::new(aws(server.uri()).sqs(), format!("{}/1/{name}", server.uri()));
    queue.keep("{\"as\":\"it was\"}", group, "key-1", reason).await.unwrap();
    asked(&server).await.remove(0)
}

#[tokio::test]
async fn the_message_is_kept_as_it_was_with_the_reason_beside_it() {
    let request = kept("`id` is not a UUID").await;
    assert_eq!(request["MessageBody"], "{\"as\":\"it was\"}");
    let reason = &request["MessageAttributes"]["reason"];
    assert_eq!(reason, &json!({ "DataType": "String", "StringValue": "`id` is not a UUID" }));
}

#[tokio::test]
async fn the_same_message_kept_again_is_the_same_message() {
    let (one, two) = (kept("first").await, kept("second").await);
    assert_eq!(one["MessageDeduplicationId"], two["MessageDeduplicationId"]);
    assert!(one["MessageDeduplicationId"].as_str().unwrap().len() <= 128);
    assert_eq!(one["MessageGroupId"], "order:1");
}

#[tokio::test]
async fn a_queue_that_keeps_no_order_is_told_of_the_group_that_a_message_has_and_of_no_more() {
    for (group, told) in [("demo", Some("demo")), ("", None)] {
        let request = kept_in("dead", group, "account gone").await;
        assert_eq!(request["MessageAttributes"]["reason"]["StringValue"], "account gone");
        assert_eq!(request.get("MessageGroupId").map(|group| group.as_str().unwrap()), told);
        assert!(request.get("MessageDeduplicationId").is_none());
    }
}

#[tokio::test]
async fn a_reason_that_a_queue_would_refuse_is_made_fit() {
    for (reason, fit) in [
        ("", "not given".into()),
        ("\u{0}\n", "not given".into()),
        ("a\u{7}b", "ab".into()),
        (&"é".repeat(5000), "é".repeat(1000)),
    ] {
        let request = kept(reason).await;
        assert_eq!(request["MessageAttributes"]["reason"]["StringValue"], fit);
    }
}
