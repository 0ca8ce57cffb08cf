//! Failures on our side: the account says so for as long as they last, and waits for nobody once they are over.

use std::time::Duration;

use courier_domain::sync::SyncState;

use super::refusals::desk;
use super::{Desk, actives};
use crate::queue::Verdict;
use crate::testing::Fault;

/// A run in whose middle the table, or a queue, does not answer once.
async fn broken_off(break_it: impl Fn(&Desk)) -> Desk {
    let desk = desk().await;
    break_it(&desk);
    let message = desk.message();
    desk.receive(&message).await.unwrap_err();
    desk
}

fn table(desk: &Desk) {
    desk.bridge.memory.state().faults = [None, Some(Fault::Lost)].into();
}

fn queue(desk: &Desk) {
    desk.bridge.commands.sent().to_fail = 1;
}

#[tokio::test]
async fn a_run_that_is_broken_off_may_go_on_at_once() {
    for break_it in [table, queue] {
        let desk = broken_off(break_it).await;
        desk.bridge.clock.advance(Duration::from_secs(1));
        assert_eq!(desk.receive(&desk.message()).await.unwrap(), Verdict::Done);
        assert_eq!((desk.error(), desk.stored().unwrap().state), (None, SyncState::Succeeded));
        assert!(!desk.driver(5).active());
        assert!(desk.asked().contains(&"upsert_driver 5".to_owned()));
    }
}

#[tokio::test]
async fn a_failure_of_our_own_is_shown_until_a_run_ends_well() {
    for (break_it, name) in [(table as fn(&Desk), "dynamodb"), (queue, "sqs")] {
        let desk = broken_off(break_it).await;
        let words = format!("the bridge could not go on: {name} is unavailable");
        assert_eq!(desk.error().as_deref(), Some(words.as_str()));
        assert_eq!(desk.stored().unwrap().state, SyncState::Running, "it goes on");
        desk.run().await;
        assert_eq!(desk.error(), None);
    }
}

#[tokio::test]
async fn secrets_that_cannot_be_read_are_shown_and_written_of_once() {
    for is_new in [true, false] {
        let desk = if is_new { Desk::new() } else { desk().await };
        desk.list(actives(1..=4));
        desk.bridge.memory.state().secrets_to_fail = 3;
        let message = desk.message();
        let writes = desk.bridge.memory.requests().1;
        for _ in 0..3 {
            desk.receive(&message).await.unwrap_err();
            assert_eq!(desk.error().as_deref(), Some("the bridge could not go on: ssm is unavailable"));
        }
        assert_eq!(desk.bridge.memory.requests().1 - writes, 1);
        assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
        assert_eq!((desk.error(), desk.stored().unwrap().state), (None, SyncState::Succeeded));
    }
}
