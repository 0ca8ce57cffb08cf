//! Each command in its system's queue, and queues that keep no order.

use std::time::Duration;

use courier_cloud::queue::{CommandQueues, Queue};
use courier_domain::command::{Command, CommandMessage};
use courier_domain::ids::EventKey;
use courier_domain::ports::{CommandQueue, EventQueue, PortError, Reachable, SyncQueue};
use courier_domain::sync::SyncMessage;
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use crate::common::*;

fn queue(server: &MockServer, name: &str) -> Queue {
    Queue::new(aws(server.uri()).sqs(), format!("{}/1/{name}", server.uri()))
}

fn queues(syrve: &MockServer, fleet: &MockServer) -> CommandQueues {
    CommandQueues { syrve: queue(syrve, "syrve.fifo"), fleet: queue(fleet, "fleet.fifo") }
}

fn entries(request: &Value) -> &Vec<Value> {
    request["Entries"].as_array().unwrap()
}

async fn taking_all() -> MockServer {
    server(|request: &Request| {
        let all = entries(&body(request)).clone();
        let taken: Vec<_> = all.iter().map(|entry| json!({ "Id": entry["Id"], "MessageId": "m" })).collect();
        ok(json!({ "Successful": taken, "Failed": [] }))
    })
    .await
}

async fn taking_none() -> MockServer {
    let gone: ResponseTemplate = error("QueueDoesNotExist", json!({ "message": "gone" }));
    server(InTurn::new([gone])).await
}

/// All entries in the order in which they were sent.
async fn sent(server: &MockServer) -> Vec<Value> {
    asked(server).await.iter().flat_map(entries).cloned().collect()
}

fn ids(sent: &[Value]) -> Vec<String> {
    let id = |entry: &Value| -> CommandMessage {
        serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap()
    };
    sent.iter().map(|entry| id(entry).command_id.to_string()).collect()
}

#[tokio::test]
async fn each_command_goes_to_its_systems_queue_in_order() {
    let (syrve, fleet) = (taking_all().await, taking_all().await);
    let commands = [upsert(1, "a"), clock_in(1, "b"), upsert(2, "c"), command(1, "d"), upsert(1, "e")];
    queues(&syrve, &fleet).send_commands(&commands).await.unwrap();
    let fleet = sent(&fleet).await;
    assert_eq!(ids(&fleet), ["upsert_driver-a", "upsert_driver-c", "upsert_driver-e"]);
    assert_eq!(ids(&sent(&syrve).await), ["clockin-b", "update_order_delivery_status-Delivered-d"]);
    let message = serde_json::from_str::<Value>(fleet[0]["MessageBody"].as_str().unwrap()).unwrap();
    let named = json!({ "account_id": "demo", "driver_id": "driver-0001", "command_id": "upsert_driver-a" });
    assert_eq!(message, named);
}

#[tokio::test]
async fn commands_about_one_order_or_driver_are_one_group_and_each_one_message() {
    let (syrve, fleet) = (taking_all().await, taking_all().await);
    let other = Command { account_id: account("other"), ..upsert(1, "a") };
    let commands = [upsert(1, "a"), upsert(1, "b"), upsert(2, "a"), other, upsert(1, "a"), command(1, "a")];
    queues(&syrve, &fleet).send_commands(&commands).await.unwrap();
    let sent = [sent(&fleet).await, sent(&syrve).await].concat();
    let group = |parts: [&str; 3]| json!(EventKey::hashed(parts).to_string());
    let [one, two] = ["driver-0001", "driver-0002"].map(|id| group(["demo", "driver", id]));
    let groups: Vec<_> = sent.iter().map(|entry| entry["MessageGroupId"].clone()).collect();
    let order = group(["demo", "order", &order_id(1).to_string()]);
    let elsewhere = group(["other", "driver", "driver-0001"]);
    assert_eq!(groups, [one.clone(), one.clone(), two, elsewhere, one, order]);
    let single: Vec<_> = sent.iter().map(|entry| entry["MessageDeduplicationId"].to_string()).collect();
    assert_eq!(single[0], single[4]);
    assert_eq!(single.iter().collect::<std::collections::BTreeSet<_>>().len(), 5);
}

#[tokio::test]
async fn many_commands_are_sent_ten_at_a_time_and_in_order() {
    let (syrve, fleet) = (taking_all().await, taking_all().await);
    let commands: Vec<_> = (0..25).map(|n| upsert(n, "a")).collect();
    queues(&syrve, &fleet).send_commands(&commands).await.unwrap();
    let sizes: Vec<_> = asked(&fleet).await.iter().map(|request| entries(request).len()).collect();
    assert_eq!(sizes, [10, 10, 5]);
    let drivers: Vec<_> = commands.iter().map(|command| command.subject().id()).collect();
    let in_turn = sent(&fleet).await;
    assert!(
        in_turn
            .iter()
            .zip(&drivers)
            .all(|(entry, driver)| entry["MessageBody"].as_str().unwrap().contains(driver))
    );
    assert!(asked(&syrve).await.is_empty());
}

#[tokio::test]
async fn behind_commands_that_cannot_be_queued_none_is() {
    let fleet = taking_none().await;
    let commands: Vec<_> = (0..25).map(|n| upsert(n, "a")).collect();
    let error = queue(&fleet, "fleet.fifo").send_commands(&commands).await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable { service: "sqs", .. }));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "25 events could not be queued");
    let tried = sent(&fleet).await;
    assert!(tried.iter().all(|entry| entry["MessageBody"].as_str().unwrap()
        < "{\"account_id\":\"demo\",\"driver_id\":\"driver-0010"));
}

#[tokio::test]
async fn a_queue_that_is_down_keeps_only_its_own_commands_back() {
    for down_is_syrve in [true, false] {
        let (down, up) = (taking_none().await, taking_all().await);
        let both = if down_is_syrve { queues(&down, &up) } else { queues(&up, &down) };
        let error = both.send_commands(&[clock_in(1, "a"), upsert(1, "a")]).await.unwrap_err();
        assert!(matches!(error, PortError::Unavailable { service: "sqs", .. }));
        assert_eq!(sent(&up).await.len(), 1);
        assert!(both.ping().await.is_err());
    }
}

#[tokio::test]
async fn both_queues_are_asked_whether_they_answer() {
    let server = server(InTurn::new([ok(json!({ "Attributes": {} }))])).await;
    queues(&server, &server).ping().await.unwrap();
    let mut asked: Vec<_> =
        asked(&server).await.iter().map(|request| request["QueueUrl"].to_string()).collect();
    asked.sort();
    assert!(asked[0].ends_with("fleet.fifo\"") && asked[1].ends_with("syrve.fifo\""), "{asked:?}");
}

fn turn(number: i64, delay: u64) -> (SyncMessage, Duration) {
    let accounts = vec![account(&format!("account-{number:02}"))];
    (
        SyncMessage { run_at: at(0), good_until: at(600), accounts, accept_losses: false, login: None },
        Duration::from_secs(delay),
    )
}

#[tokio::test]
async fn accounts_are_queued_to_be_received_when_their_turn_comes() {
    let server = taking_all().await;
    let delays = [0, 599, 900, 901, u64::MAX].into_iter().cycle();
    let turns: Vec<_> = (0..12).zip(delays).map(|(n, delay)| turn(n, delay)).collect();
    queue(&server, "driver-sync").send_syncs(&turns).await.unwrap();
    assert_eq!(asked(&server).await.len(), 2);
    let mut sent = sent(&server).await;
    sent.sort_by_key(|entry| entry["MessageBody"].to_string());
    let mut expected = turns;
    expected.sort_by_key(|(message, _)| message.accounts.clone());
    for (entry, (message, delay)) in sent.iter().zip(&expected) {
        let received: SyncMessage = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
        assert_eq!(&received, message);
        assert_eq!(entry["DelaySeconds"], delay.as_secs().min(900));
        assert!(entry.get("MessageGroupId").is_none() && entry.get("MessageDeduplicationId").is_none());
    }
}

#[tokio::test]
async fn accounts_that_cannot_be_queued_are_an_error() {
    let down = taking_none().await;
    let error = queue(&down, "driver-sync").send_syncs(&[turn(1, 0)]).await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable { service: "sqs", .. }));
    let idle = taking_all().await;
    queue(&idle, "driver-sync").send_syncs(&[]).await.unwrap();
    assert!(asked(&idle).await.is_empty());
}

#[tokio::test]
async fn a_queue_that_keeps_no_order_is_told_of_no_group() {
    let server = taking_all().await;
    queue(&server, "events").send_events(&[inbound("demo", "order:1", "key-1", "note")]).await.unwrap();
    queue(&server, "commands").send_commands(&[upsert(1, "a")]).await.unwrap();
    for entry in sent(&server).await {
        let mut names: Vec<_> = entry.as_object().unwrap().keys().cloned().collect();
        names.sort();
        assert_eq!(names, ["Id", "MessageBody"]);
    }
}
