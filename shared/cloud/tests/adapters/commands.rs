//! A command is read with its order, and written by one caller at a time.

use courier_domain::command::{Command, CommandState};
use courier_domain::ports::{Commands, Directory, Orders, TimelineEntry, Versioned};

use crate::common::*;

async fn with_command() -> Store {
    let store = Store::new().await;
    let told = TimelineEntry { follow_up: follow_up(1, "one"), ..entry("one", 0) };
    store.table.commit_order(commit(fresh(courier_order(1, 0)), told)).await.unwrap();
    store.requests.take();
    store
}

fn sent(version: u64) -> Versioned<Command> {
    let value = Command { state: CommandState::Sent, attempts: 1, ..command(1, "one") };
    Versioned { value, version }
}

#[tokio::test]
async fn a_command_and_its_order_are_read_in_one_request() {
    let store = with_command().await;
    let read = store.table.read_command(&demo(), order_id(1), &command(1, "one").id).await.unwrap();
    let (stored, order) = read.unwrap();
    assert_eq!(store.requests.take(), 1);
    assert_eq!(stored, Versioned { value: command(1, "one"), version: 1 });
    assert_eq!(order, courier_order(1, 0));
}

#[tokio::test]
async fn a_command_of_another_order_or_account_is_not_found() {
    let store = with_command().await;
    let id = command(1, "one").id;
    assert!(store.table.read_command(&demo(), order_id(2), &id).await.unwrap().is_none());
    assert!(store.table.read_command(&account("other"), order_id(1), &id).await.unwrap().is_none());
    assert!(store.table.read_command(&demo(), order_id(1), &command(1, "two").id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_new_state_and_its_line_in_the_timeline_are_written_together() {
    let store = with_command().await;
    assert!(store.table.commit_command(sent(1), Some(entry("command", 20))).await.unwrap());
    assert_eq!(store.requests.take(), 1);
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.commands, [sent(0).value]);
    assert_eq!(whole.timeline.len(), 2);
}

#[tokio::test]
async fn a_command_that_somebody_else_wrote_meanwhile_is_left_alone() {
    let store = with_command().await;
    assert!(store.table.commit_command(sent(1), None).await.unwrap());
    assert!(!store.table.commit_command(sent(1), Some(entry("command", 20))).await.unwrap());
    assert!(!store.table.commit_command(sent(0), None).await.unwrap());
    let whole = store.table.whole_order(&demo(), order_id(1)).await.unwrap().unwrap();
    assert_eq!(whole.timeline.len(), 1);
}
