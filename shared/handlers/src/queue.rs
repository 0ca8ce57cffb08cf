//! Taking messages from a FIFO queue. Groups are worked on side by side, the messages of one group one after the other.
//! A message that must wait holds back the rest of its group, and comes back after a delay of our choosing: a re-sent
//! message would lose its place, and AWS stops chains of re-sends.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use courier_domain::ports::{DeadLetters, PortError, Redelivery};
use futures::future::join_all;
use tokio::time::{Instant, timeout_at};

use crate::http::chain;

#[cfg(test)]
mod tests;

/// The pause before a message that there was no time for comes back.
const AGAIN: Duration = Duration::from_secs(1);

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is done with.
    Done,
    /// It must come back after a while.
    Later(Duration),
    /// No retry can help; it is kept, with the reason.
    Dead(String),
}

/// The queue a function reads, and where its dead letters go.
#[derive(Debug)]
pub struct Inbox<R, D> {
    /// The way back into the queue.
    pub queue: R,
    /// Where messages go that no retry can help.
    pub dead_letters: D,
}

impl<R: Redelivery, D: DeadLetters> Inbox<R, D> {
    /// Handles a batch within `time`; the answer names the messages that stay in the queue. What is not done by then is
    /// broken off and comes back: a function that Lambda ends loses the answer, and with it every order of the batch
    /// waits for the queue's own timeout. Every handler can be broken off, since it can also crash.
    pub async fn work<F, T>(&self, batch: SqsEvent, time: Duration, handle: F) -> SqsBatchResponse
    where
        F: Fn(String, u32) -> T,
        T: Future<Output = Result<Verdict, PortError>>,
    {
        let end = Instant::now() + time;
        let groups = into_groups(batch.records).into_iter();
        let kept = join_all(groups.map(|group| self.work_group(group, end, &handle))).await;
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = kept.into_iter().flatten().map(failure).collect();
        response
    }

    async fn work_group<F, T>(&self, group: Vec<SqsMessage>, end: Instant, handle: &F) -> Vec<String>
    where
        F: Fn(String, u32) -> T,
        T: Future<Output = Result<Verdict, PortError>>,
    {
        let mut messages = group.into_iter();
        while let Some(message) = messages.next() {
            let receives = number(&message, "ApproximateReceiveCount");
            let body = message.body.clone().unwrap_or_default();
            let verdict = if Instant::now() < end {
                timeout_at(end, self.handle_one(&message, body, receives, handle)).await
            } else {
                Ok(Ok(Verdict::Later(AGAIN)))
            };
            let verdict = verdict.unwrap_or_else(|_| {
                log_retry(&message, receives, "out of time", "message broken off");
                Ok(Verdict::Later(AGAIN))
            });
            let delay = match verdict {
                Ok(Verdict::Later(delay)) => delay,
                Ok(_) => continue,
                Err(error) => {
                    log_retry(&message, receives, &chain(&error), "message not handled");
                    backoff(receives)
                }
            };
            return self.hold_back(std::iter::once(message).chain(messages), delay).await;
        }
        Vec::new()
    }

    async fn handle_one<F, T>(
        &self,
        message: &SqsMessage,
        body: String,
        receives: u32,
        handle: &F,
    ) -> Result<Verdict, PortError>
    where
        F: Fn(String, u32) -> T,
        T: Future<Output = Result<Verdict, PortError>>,
    {
        match handle(body.clone(), receives).await {
            Ok(Verdict::Dead(reason)) => self.bury(message, &body, &reason).await,
            Err(error) if error.is_final() => self.bury(message, &body, &chain(&error)).await,
            other => other,
        }
    }

    /// Does what a verdict says with a message that stands for itself; its id, if it stays in the queue.
    pub(crate) async fn settle(&self, message: SqsMessage, body: String, verdict: Verdict) -> Option<String> {
        let verdict = match verdict {
            Verdict::Dead(reason) => self.bury(&message, &body, &reason).await,
            other => Ok(other),
        };
        let delay = match verdict {
            Ok(Verdict::Later(delay)) => delay,
            Ok(_) => return None,
            Err(error) => {
                let receives = number(&message, "ApproximateReceiveCount");
                log_retry(&message, receives, &chain(&error), "dead letter not kept");
                backoff(receives)
            }
        };
        self.hold_back(std::iter::once(message), delay).await.pop()
    }

    /// A returned message keeps its whole group waiting until every returned message of the group is visible again, so
    /// all of them get the same delay.
    async fn hold_back(&self, messages: impl Iterator<Item = SqsMessage>, delay: Duration) -> Vec<String> {
        let calls = messages.map(|message| async move {
            let receipt = message.receipt_handle.unwrap_or_default();
            if let Err(error) = self.queue.come_back(&receipt, delay).await {
                tracing::warn!(error = chain(&error), "message comes back after the queue's own timeout");
            }
            message.message_id.unwrap_or_default()
        });
        join_all(calls).await
    }

    /// The time at which the message was sent is part of its key: one that was replayed and is refused again within SQS's
    /// five minutes is another dead letter, and must not be taken for the first.
    async fn bury(&self, message: &SqsMessage, body: &str, reason: &str) -> Result<Verdict, PortError> {
        let (group, message_id) = whose(message);
        let key = format!(
            "{}-{}",
            attribute(message, "MessageDeduplicationId"),
            attribute(message, "SentTimestamp")
        );
        self.dead_letters.keep(body, group, &key, reason).await?;
        tracing::error!(outcome = "dead_letter", group, message_id, reason, "message kept as a dead letter");
        Ok(Verdict::Done)
    }
}

fn attribute<'a>(message: &'a SqsMessage, name: &str) -> &'a str {
    message.attributes.get(name).map_or("", String::as_str)
}

/// For a log line: the message's group, a hash that all messages of one order or driver share, and its id.
fn whose(message: &SqsMessage) -> (&str, &str) {
    (attribute(message, "MessageGroupId"), message.message_id.as_deref().unwrap_or_default())
}

/// Logs that a message comes back, which an alarm may count.
fn log_retry(message: &SqsMessage, receives: u32, error: &str, what: &'static str) {
    let (group, message_id) = whose(message);
    tracing::error!(outcome = "retry", group, message_id, receives, error, "{what}");
}

/// The pause after a failure of something the bridge stands on: 1 s, doubled with every receive, at most a minute.
pub(crate) fn backoff(receives: u32) -> Duration {
    Duration::from_secs((1_u64 << receives.saturating_sub(1).min(6)).min(60))
}

pub(crate) fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}

pub(crate) fn number(message: &SqsMessage, attribute: &str) -> u32 {
    message.attributes.get(attribute).and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// The messages by group, each group in the order of the batch.
fn into_groups(messages: Vec<SqsMessage>) -> Vec<Vec<SqsMessage>> {
    let mut groups: Vec<Vec<SqsMessage>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for message in messages {
        let group = message.attributes.get("MessageGroupId").cloned().unwrap_or_default();
        let place = *places.entry(group).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(message),
            None => groups.push(vec![message]),
        }
    }
    groups
}
