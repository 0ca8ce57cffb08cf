//! Queues: batches, refusals of single messages, and the ids that keep one subject's events in order and single.

use std::collections::BTreeSet;
use std::time::Duration;

use courier_cloud::message::decode;
use courier_cloud::queue::Queue;
use courier_domain::command::CommandMessage;
use courier_domain::inbound::InboundEvent;
use courier_domain::ports::{CommandQueue, EventQueue, QueueError, Reachable, Redelivery};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::common::*;

fn queue(server: &MockServer) -> Queue {
    Queue::new(aws(server.uri()).sqs(), format!("{}/1/events.fifo", server.uri()))
}

fn events(count: usize) -> Vec<InboundEvent> {
    (0..count).map(|n| inbound("demo", "order:1", &format!("key-{n}"), "note")).collect()
}

fn entries(request: &Value) -> &Vec<Value> {
    request["Entries"].as_array().unwrap()
}

/// Takes every message but those whose body holds `word`, while `refuses` says so.
fn taking(request: &Request, word: &str, refuses: bool) -> ResponseTemplate {
    let (mut taken, mut failed) = (Vec::new(), Vec::new());
    for entry in entries(&body(request)) {
        if refuses && entry["MessageBody"].as_str().unwrap().contains(word) {
            failed.push(json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": false }));
        } else {
            taken.push(json!({ "Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "x" }));
        }
    }
    ok(json!({ "Successful": taken, "Failed": failed }))
}

async fn taking_all() -> MockServer {
    server(|request: &Request| taking(request, "", false)).await
}

#[tokio::test]
async fn twenty_five_events_are_three_requests_and_each_is_there_once() {
    let server = taking_all().await;
    let events = events(25);
    queue(&server).send_events(&events).await.unwrap();
    let asked = asked(&server).await;
    let mut sizes: Vec<_> = asked.iter().map(|request| entries(request).len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 10, 10]);
    let sent: BTreeSet<_> = asked
        .iter()
        .flat_map(entries)
        .map(|entry| decode(entry["MessageBody"].as_str().unwrap()).unwrap().key)
        .collect();
    assert_eq!(sent, events.into_iter().map(|event| event.key).collect());
}

#[tokio::test]
async fn no_events_are_no_requests() {
    let server = taking_all().await;
    queue(&server).send_events(&[]).await.unwrap();
    assert_eq!(asked(&server).await.len(), 0);
}

#[tokio::test]
async fn a_message_refused_once_is_sent_again_alone() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = server(move |request: &Request| {
        taking(request, "key-3", first.swap(false, std::sync::atomic::Ordering::SeqCst))
    })
    .await;
    queue(&server).send_events(&events(10)).await.unwrap();
    let asked = asked(&server).await;
    assert_eq!(asked.iter().map(|request| entries(request).len()).collect::<Vec<_>>(), [10, 1]);
    assert!(entries(&asked[1])[0]["MessageBody"].as_str().unwrap().contains("key-3"));
}

#[tokio::test]
async fn messages_refused_for_ever_are_counted() {
    let server = server(|request: &Request| taking(request, "key-2", true)).await;
    let error = queue(&server).send_events(&events(25)).await.unwrap_err();
    assert!(matches!(error, QueueError::Unsent { unsent: 6 }), "{error}");
}

#[tokio::test]
async fn a_queue_that_is_not_there_leaves_all_unsent() {
    let gone = error("QueueDoesNotExist", json!({ "message": "gone" }));
    let server = server(InTurn::new([gone])).await;
    let error = queue(&server).send_events(&events(12)).await.unwrap_err();
    assert!(matches!(error, QueueError::Unsent { unsent: 12 }), "{error}");
    assert!(queue(&server).ping().await.is_err());
}

#[tokio::test]
async fn an_event_too_large_for_a_message_stops_all_before_any_is_sent() {
    let server = taking_all().await;
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from_u32(0x4e00 + (state >> 40) as u32 % 20_000).unwrap()
    };
    let note: String = (0..1_000_000).map(|_| noise()).collect();
    let events = [events(2), vec![inbound("demo", "order:1", "large", &note)]].concat();
    let error = queue(&server).send_events(&events).await.unwrap_err();
    assert!(matches!(error, QueueError::TooLarge { index: 2 }), "{error}");
    assert_eq!(asked(&server).await.len(), 0);
}

/// Group and deduplication id of each event.
async fn ids(events: &[InboundEvent]) -> Vec<[String; 2]> {
    let server = taking_all().await;
    queue(&server).send_events(events).await.unwrap();
    let asked = asked(&server).await;
    let id = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let names = ["MessageGroupId", "MessageDeduplicationId"];
    entries(&asked[0]).iter().map(|entry| names.map(|name| id(entry, name))).collect()
}

#[tokio::test]
async fn one_subject_is_one_group_and_one_event_one_message() {
    let event = |account, subject, key| inbound(account, subject, key, "note");
    let [a, b, again, c, d] = <[_; 5]>::try_from(
        ids(&[
            event("demo", "order:1", "key-1"),
            event("demo", "order:1", "key-2"),
            event("demo", "order:1", "key-1"),
            event("demo", "order:2", "key-3"),
            event("other", "order:1", "key-1"),
        ])
        .await,
    )
    .unwrap();
    assert_eq!(a, again);
    assert_eq!(a[0], b[0]);
    assert_ne!(a[1], b[1]);
    assert_ne!(a[0], c[0]);
    assert!(a[0] != d[0] && a[1] != d[1]);
    assert!(
        [a, b, c, d]
            .iter()
            .flatten()
            .all(|id| id.len() <= 128 && id.bytes().all(|c| c.is_ascii_alphanumeric()))
    );
}

#[tokio::test]
async fn a_command_goes_into_its_orders_group_by_reference() {
    let server = taking_all().await;
    let commands = [command(1, "one"), command(1, "two"), command(2, "one")];
    queue(&server).send_commands(&commands).await.unwrap();
    let asked = asked(&server).await;
    let sent = entries(&asked[0]);
    assert_eq!(sent[0]["MessageGroupId"], sent[1]["MessageGroupId"]);
    assert_ne!(sent[0]["MessageGroupId"], sent[2]["MessageGroupId"]);
    let ids: BTreeSet<_> = sent.iter().map(|entry| entry["MessageDeduplicationId"].to_string()).collect();
    assert_eq!(ids.len(), 3);
    let message: CommandMessage = serde_json::from_str(sent[0]["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(message, crate::common::message(&commands[0]));
    let words: Value = serde_json::from_str(sent[0]["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(words["order_id"], order_id(1).to_string());
}

#[tokio::test]
async fn a_message_comes_back_after_its_delay_not_before_it_and_at_most_after_twelve_hours() {
    let server = server(InTurn::new([ok(json!({}))])).await;
    let a_moment_more = Duration::from_millis(8373);
    for delay in
        [Duration::ZERO, Duration::from_secs(16), a_moment_more, Duration::from_nanos(1), Duration::MAX]
    {
        queue(&server).come_back("receipt", delay).await.unwrap();
    }
    let asked = asked(&server).await;
    assert_eq!(
        asked.iter().map(|r| r["VisibilityTimeout"].as_i64()).collect::<Vec<_>>(),
        [Some(0), Some(16), Some(9), Some(1), Some(43_200)]
    );
    assert_eq!(asked[0]["ReceiptHandle"], "receipt");
}
