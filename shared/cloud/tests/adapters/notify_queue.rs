//! The queue of `notify`: ten messages a request, a delay for each, and its account beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use courier_cloud::queue::Queue;
use courier_domain::notification::{MovesKey, NotificationKey, NotifyMessage};
use courier_domain::ports::{NotifyQueue, PortError};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::common::*;

fn queue(server: &MockServer) -> Queue {
    Queue::new(aws(server.uri()).sqs(), format!("{}/1/notify", server.uri()))
}

fn entries(request: &Value) -> &Vec<Value> {
    request["Entries"].as_array().unwrap()
}

/// Takes every message but those whose body holds the word.
fn taking(request: &Request, refused: Option<&str>) -> ResponseTemplate {
    let all = entries(&body(request)).clone();
    let is_refused =
        |entry: &Value| refused.is_some_and(|word| entry["MessageBody"].as_str().unwrap().contains(word));
    let (failed, taken): (Vec<_>, Vec<_>) = all.into_iter().partition(is_refused);
    let taken: Vec<_> = taken.iter().map(|entry| json!({ "Id": entry["Id"], "MessageId": "m" })).collect();
    let failed: Vec<_> = failed
        .iter()
        .map(|entry| json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": false }))
        .collect();
    ok(json!({ "Successful": taken, "Failed": failed }))
}

async fn taking_all() -> MockServer {
    server(|request: &Request| taking(request, None)).await
}

fn replay(number: u128) -> NotifyMessage {
    NotifyMessage::Replay(notice(number, Some(9)))
}

#[tokio::test]
async fn every_kind_of_message_is_queued_as_it_is_read_with_its_account_and_delay() {
    let server = taking_all().await;
    let elsewhere = NotificationKey { account_id: account("other"), ..notice(1, Some(2)) };
    let messages = [
        NotifyMessage::Event(Box::new(assigned(5))),
        NotifyMessage::Moves(MovesKey::at(account("third"), at(0))),
        NotifyMessage::Replay(elsewhere),
    ];
    queue(&server).send_notify(&messages, Duration::from_secs(42)).await.unwrap();
    let asked = asked(&server).await;
    assert_eq!(asked.len(), 1);
    for ((entry, message), account) in
        entries(&asked[0]).iter().zip(&messages).zip(["demo", "third", "other"])
    {
        assert_eq!(NotifyMessage::read(entry["MessageBody"].as_str().unwrap()).as_ref(), Ok(message));
        assert_eq!((&entry["DelaySeconds"], &entry["MessageGroupId"]), (&json!(42), &json!(account)));
        assert!(entry.get("MessageDeduplicationId").is_none());
    }
}

#[tokio::test]
async fn messages_go_ten_at_a_time_and_at_most_a_quarter_of_an_hour_late() {
    let server = taking_all().await;
    let messages: Vec<_> = (0..25).map(replay).collect();
    queue(&server).send_notify(&messages, Duration::from_secs(5000)).await.unwrap();
    queue(&server).send_notify(&[], Duration::ZERO).await.unwrap();
    let asked = asked(&server).await;
    let mut sizes: Vec<_> = asked.iter().map(|request| entries(request).len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 10, 10]);
    assert!(asked.iter().flat_map(entries).all(|entry| entry["DelaySeconds"] == 900));
}

#[tokio::test]
async fn a_message_waits_for_the_whole_of_its_delay() {
    let server = taking_all().await;
    for millis in [0, 1, 61_001, 62_000, 899_500] {
        queue(&server).send_notify(&[replay(1)], Duration::from_millis(millis)).await.unwrap();
    }
    let delays: Vec<_> =
        asked(&server).await.iter().map(|request| entries(request)[0]["DelaySeconds"].clone()).collect();
    assert_eq!(delays, [0, 1, 62, 62, 900]);
}

#[tokio::test]
async fn what_waits_is_counted_with_what_is_in_hands_and_what_is_kept_back() {
    let counts = json!({ "Attributes": {
        "ApproximateNumberOfMessages": "12", "ApproximateNumberOfMessagesNotVisible": "30000",
        "ApproximateNumberOfMessagesDelayed": "3",
    } });
    let gone = error("QueueDoesNotExist", json!({ "message": "gone" }));
    let server = server(InTurn::new([ok(counts.clone()), gone])).await;
    assert_eq!(queue(&server).waiting().await.unwrap(), 30_015);
    let mut names: Vec<_> = asked(&server).await[0]["AttributeNames"].as_array().unwrap().clone();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, counts["Attributes"].as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    assert!(matches!(queue(&server).waiting().await, Err(PortError::Unavailable { service: "sqs", .. })));
}

#[tokio::test]
async fn a_message_refused_once_is_sent_again_alone_and_one_refused_for_ever_is_an_error() {
    let first = AtomicBool::new(true);
    let word = id(3).to_string();
    let refused = word.clone();
    let messages: Vec<_> = (0..10).map(replay).collect();
    let once = server(move |request: &Request| {
        taking(request, first.swap(false, Ordering::SeqCst).then_some(refused.as_str()))
    })
    .await;
    queue(&once).send_notify(&messages, Duration::ZERO).await.unwrap();
    let sizes: Vec<_> = asked(&once).await.iter().map(|request| entries(request).len()).collect();
    assert_eq!(sizes, [10, 1]);

    let always = server(move |request: &Request| taking(request, Some(&word))).await;
    let error = queue(&always).send_notify(&messages, Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable { service: "sqs", .. }));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "1 events could not be queued");
}
