//! A batch of messages, some of which cannot be done with now, or ever.

use std::sync::Mutex;

use super::*;
use crate::testing::{Letter, Outbox, down};

type Queue = Inbox<Outbox<(String, Duration)>, Outbox<Letter>>;

/// More than any of these tests takes.
const TIME: Duration = Duration::from_mins(1);

fn inbox() -> Queue {
    Inbox { queue: Outbox::default(), dead_letters: Outbox::default() }
}

/// `group/body`, received so many times. Message ids, receipts and deduplication ids are made of the body.
fn batch(messages: &[(&str, u32)]) -> SqsEvent {
    let record = |(text, receives): &(&str, u32)| {
        let (group, body) = text.split_once('/').unwrap();
        let mut message = SqsMessage::default();
        message.body = Some(body.to_owned());
        message.message_id = Some(format!("id-{body}"));
        message.receipt_handle = Some(format!("receipt-{body}"));
        message.attributes = [
            ("MessageGroupId", group.to_owned()),
            ("MessageDeduplicationId", format!("key-{body}")),
            ("SentTimestamp", format!("sent-{body}")),
            ("ApproximateReceiveCount", receives.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        message
    };
    let mut event = SqsEvent::default();
    event.records = messages.iter().map(record).collect();
    event
}

/// Works on a batch with answers by body, `Done` for the rest; the ids that stay, and the bodies in the order they came.
async fn work(
    inbox: &Queue,
    messages: &[(&str, u32)],
    answer: impl Fn(&str) -> Option<Result<Verdict, PortError>>,
) -> (Vec<String>, Vec<String>) {
    let seen = Mutex::new(Vec::new());
    let handle = |body: String, _receives: u32| {
        seen.lock().unwrap().push(body.clone());
        let answer = answer(&body).unwrap_or(Ok(Verdict::Done));
        async move { answer }
    };
    let response = inbox.work(batch(messages), TIME, handle).await;
    let kept = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    (kept, seen.into_inner().unwrap())
}

fn later(seconds: u64) -> Verdict {
    Verdict::Later(Duration::from_secs(seconds))
}

#[tokio::test]
async fn what_is_done_leaves_the_queue() {
    let inbox = inbox();
    let (kept, seen) = work(&inbox, &[("a/1", 1), ("b/2", 1), ("a/3", 1)], |_| None).await;
    assert_eq!((kept, seen.len(), inbox.queue.sent().calls), (vec![], 3, 0));
}

#[tokio::test]
async fn a_group_keeps_its_order_and_groups_do_not_wait_for_each_other() {
    let (first, second) = (tokio::sync::Notify::new(), Mutex::new(Vec::new()));
    let handle = |body: String, _| {
        let (first, second) = (&first, &second);
        async move {
            match body.as_str() {
                "1" => first.notified().await,
                "2" => first.notify_one(),
                _ => {}
            }
            second.lock().unwrap().push(body);
            Ok(Verdict::Done)
        }
    };
    inbox().work(batch(&[("a/1", 1), ("b/2", 1), ("a/3", 1)]), TIME, handle).await;
    let seen = second.into_inner().unwrap();
    assert_eq!(seen, ["2", "1", "3"], "the second group goes on while the first waits");
}

#[tokio::test]
async fn a_message_that_must_wait_holds_back_the_rest_of_its_group_for_the_same_time() {
    let inbox = inbox();
    let messages = [("a/1", 1), ("a/2", 1), ("b/3", 1), ("a/4", 1)];
    let (kept, seen) = work(&inbox, &messages, |body| (body == "2").then(|| Ok(later(7)))).await;
    assert_eq!(kept, ["id-2", "id-4"]);
    assert!(!seen.contains(&"4".to_owned()));
    let delay = Duration::from_secs(7);
    assert_eq!(inbox.queue.items(), [("receipt-2".to_owned(), delay), ("receipt-4".to_owned(), delay)]);
}

#[tokio::test]
async fn each_group_waits_for_its_own_time() {
    let inbox = inbox();
    let messages = [("a/1", 1), ("b/2", 1)];
    let (kept, _) = work(&inbox, &messages, |body| Some(Ok(later(if body == "1" { 1 } else { 60 })))).await;
    assert_eq!(kept, ["id-1", "id-2"]);
    let delays: Vec<_> = inbox.queue.items().into_iter().map(|(_, delay)| delay.as_secs()).collect();
    assert_eq!(delays, [1, 60]);
}

#[tokio::test]
async fn a_dead_message_is_kept_with_its_reason_and_the_group_goes_on() {
    let inbox = inbox();
    let dead = |body: &str| (body == "1").then(|| Ok(Verdict::Dead("no such field".into())));
    let (kept, seen) = work(&inbox, &[("a/1", 1), ("a/2", 1)], dead).await;
    assert_eq!((kept, seen), (vec![], vec!["1".to_owned(), "2".to_owned()]));
    let [body, group, key, reason] = ["1", "a", "key-1-sent-1", "no such field"].map(str::to_owned);
    assert_eq!(inbox.dead_letters.items(), [Letter { body, group, key, reason }]);
}

#[tokio::test]
async fn a_dead_message_that_cannot_be_kept_stays_in_the_queue() {
    let inbox = inbox();
    inbox.dead_letters.sent().to_fail = 1;
    let dead = |_: &str| Some(Ok(Verdict::Dead("no such field".into())));
    let (kept, _) = work(&inbox, &[("a/1", 3), ("a/2", 1)], dead).await;
    assert_eq!(kept, ["id-1", "id-2"]);
    assert_eq!(inbox.queue.items()[0], ("receipt-1".to_owned(), Duration::from_secs(4)));
}

#[tokio::test]
async fn failures_wait_longer_with_every_receive_up_to_a_minute() {
    let inbox = inbox();
    for receives in [1, 2, 3, 6, 7, 8, 1000] {
        let (kept, _) = work(&inbox, &[("a/1", receives)], |_| Some(Err(down("dynamodb")))).await;
        assert_eq!(kept, ["id-1"]);
    }
    let delays: Vec<_> = inbox.queue.items().into_iter().map(|(_, delay)| delay.as_secs()).collect();
    assert_eq!(delays, [1, 2, 4, 32, 60, 60, 60]);
}

#[tokio::test]
async fn a_message_whose_delay_was_refused_still_stays_in_the_queue() {
    let inbox = inbox();
    inbox.queue.sent().to_fail = 1;
    let (kept, _) = work(&inbox, &[("a/1", 1)], |_| Some(Ok(later(7)))).await;
    assert_eq!((kept, inbox.queue.items()), (vec!["id-1".to_owned()], vec![]));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_in_time_is_broken_off_and_comes_back_with_its_group() {
    let inbox = inbox();
    let slow = |body: String, _receives: u32| async move {
        if body == "2" {
            std::future::pending::<()>().await;
        }
        Ok(Verdict::Done)
    };
    let response = inbox.work(batch(&[("a/1", 1), ("a/2", 1), ("a/3", 1), ("b/4", 1)]), TIME, slow).await;
    let kept: Vec<_> = response.batch_item_failures.into_iter().map(|kept| kept.item_identifier).collect();
    assert_eq!(kept, ["id-2", "id-3"]);
    let back = ["receipt-2", "receipt-3"].map(|receipt| (receipt.to_owned(), Duration::from_secs(1)));
    assert_eq!(inbox.queue.items(), back);
}
