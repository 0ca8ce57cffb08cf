//! Messages that are too late, are none, or are about an account that has changed since; and a table that does not answer.

use std::time::Duration;

use courier_domain::account::AccountSecrets;

use super::Desk;
use super::refusals::{desk, is_untouched};
use crate::queue::Verdict;
use crate::testing::Fault;

#[tokio::test]
async fn a_message_past_its_time_is_dropped_unread() {
    let desk = desk().await;
    let message = desk.message();
    desk.bridge.clock.advance(super::INTERVAL);
    let (before, requests) = (desk.stored(), desk.bridge.memory.requests());
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    assert_eq!((desk.stored(), desk.bridge.memory.requests()), (before, requests));
    assert_eq!(desk.lists.calls(), [""; 0]);
}

#[tokio::test]
async fn a_message_is_good_up_to_the_last_second() {
    let desk = desk().await;
    let message = desk.message();
    desk.bridge.clock.advance(Duration::from_secs(599));
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    assert_eq!(desk.counts(), [0, 0, 1, 4]);
}

#[tokio::test]
async fn a_message_that_is_no_sync_is_dead_and_not_quoted() {
    let desk = desk().await;
    for text in ["", "{}", "\"pr1vate\"", r#"{"run_at":"pr1vate","good_until":"pr1vate","accounts":[]}"#] {
        let Verdict::Dead(reason) = desk.sync.handle(text).await.unwrap() else { panic!("{text}") };
        assert!(
            reason.starts_with("the message is no sync (line ") && !reason.contains("pr1vate"),
            "{reason}"
        );
    }
    assert_eq!(desk.lists.calls(), [""; 0]);
}

#[tokio::test]
async fn an_account_that_was_disabled_deleted_or_lost_its_pos_meanwhile_is_left_alone() {
    let changes: [fn(&Desk); 4] = [
        |desk| desk.bridge.memory.edit_account(|account| account.enabled = false),
        |desk| desk.bridge.memory.edit_account(|account| account.syrve = None),
        |desk| desk.bridge.memory.state().accounts.clear(),
        |desk| {
            desk.bridge.memory.state().secrets.values_mut().for_each(|all| *all = AccountSecrets::default());
        },
    ];
    for change in changes {
        let desk = desk().await;
        let (before, message) = (desk.stored(), desk.message());
        change(&desk);
        assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
        assert_eq!((desk.stored(), desk.lists.calls()), (before, vec![]));
        is_untouched(&desk);
    }
}

#[tokio::test]
async fn a_table_that_cannot_be_read_is_tried_again_by_the_queue() {
    for reads in 1..=4 {
        let desk = desk().await;
        desk.bridge.memory.state().reads_to_fail = reads;
        desk.work(&desk.message()).await;
        assert_eq!(desk.counts(), [0, 0, 1, 4]);
    }
    let desk = desk().await;
    desk.bridge.memory.state().faults = [Some(Fault::Lost)].into();
    assert!(desk.receive(&desk.message()).await.is_err());
    assert_eq!(desk.lists.calls(), [""; 0], "nobody is asked for an account that was not claimed");
}
