//! Sending to queues: batches of ten that also fit into one request, entries that were refused tried again by themselves,
//! and the group and deduplication ids that keep the events of one order or driver in order and single.

mod batch;
mod commands;
mod notify;

use std::time::Duration;

use aws_sdk_sqs::Client;
use courier_domain::inbound::InboundEvent;
use courier_domain::ports::{EventQueue, PortError, QueueError, Reachable, Redelivery, SyncQueue};
use courier_domain::sync::SyncMessage;
use futures::{StreamExt, stream};

use crate::lazy::Lazy;
use crate::message::encode;
use batch::{Outgoing, Turn, hashed, into_batches};

pub use commands::CommandQueues;

/// Requests under way at once: a call with thousands of events is answered within its sender's patience.
const PARALLEL: usize = 32;
const TRIES: u32 = 4;
/// SQS keeps a message invisible for at most 12 hours, seconds.
const LONGEST_DELAY: i32 = 43_200;
/// It keeps a new message back for at most 15 minutes, seconds.
const LONGEST_WAIT: i32 = 900;

/// A queue that keeps an order, or one that does not: its name says which.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Lazy<Client>,
    url: String,
}

impl Queue {
    /// The queue at `url`.
    pub fn new(client: impl Into<Lazy<Client>>, url: String) -> Self {
        Self { client: client.into(), url }
    }

    fn is_fifo(&self) -> bool {
        is_fifo(&self.url)
    }

    /// Sends all messages; the number that could not be sent after several tries.
    async fn send(&self, messages: Vec<Outgoing>) -> usize {
        let batches = into_batches(messages);
        stream::iter(batches)
            .map(|batch| self.send_batch(batch))
            .buffer_unordered(PARALLEL)
            .fold(0, |unsent, failed| async move { unsent + failed })
            .await
    }

    /// Sends all messages one batch after the other, up to the first that cannot be sent: sent again, those behind it
    /// must not be ahead of it. The number that was not sent.
    async fn send_in_order(&self, messages: Vec<Outgoing>) -> usize {
        let mut batches = into_batches(messages).into_iter();
        for batch in batches.by_ref() {
            let unsent = self.send_batch(batch).await;
            if unsent > 0 {
                return unsent + batches.map(|batch| batch.len()).sum::<usize>();
            }
        }
        0
    }

    /// One batch, and of it what was refused again. The SDK itself repeats requests that failed as a whole.
    async fn send_batch(&self, mut batch: Vec<Outgoing>) -> usize {
        for attempt in 1..=TRIES {
            let entries = batch.iter().enumerate();
            let entries = entries.filter_map(|(n, message)| message.entry(n, self.is_fifo())).collect();
            let call = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
            match call.send().await {
                Ok(answer) => {
                    let refused: Vec<usize> =
                        answer.failed().iter().filter_map(|f| f.id().parse().ok()).collect();
                    batch = batch
                        .into_iter()
                        .enumerate()
                        .filter(|(n, _)| refused.contains(n))
                        .map(|(_, m)| m)
                        .collect();
                }
                Err(error) => {
                    let error = error.into_service_error();
                    tracing::warn!(attempt, code = error.meta().code(), "queue refused a batch");
                }
            }
            if batch.is_empty() || attempt == TRIES {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50 << attempt)).await;
        }
        batch.len()
    }
}

/// A wait in whole seconds, which is how a queue counts, at most `longest`. Up, not down: what came back a moment too early
/// would have to wait once more.
fn whole_seconds(wait: Duration, longest: i32) -> i32 {
    let seconds = wait.as_nanos().div_ceil(Duration::from_secs(1).as_nanos());
    i32::try_from(seconds).map_or(longest, |seconds| seconds.min(longest))
}

/// SQS wants the names of FIFO queues to end so.
pub(crate) fn is_fifo(url: &str) -> bool {
    url.rsplit('.').next() == Some("fifo")
}

fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> PortError {
    PortError::Unavailable { service: "sqs", source: Box::new(error) }
}

impl EventQueue for Queue {
    async fn send_events(&self, events: &[InboundEvent]) -> Result<(), QueueError> {
        let mut messages = Vec::with_capacity(events.len());
        for (index, event) in events.iter().enumerate() {
            messages.push(Outgoing {
                body: encode(event).ok_or(QueueError::TooLarge { index })?,
                turn: Turn::InGroup {
                    group: hashed(&[event.account_id.as_str(), &event.subject]),
                    deduplication: hashed(&[event.account_id.as_str(), event.key.as_str()]),
                },
            });
        }
        match self.send(messages).await {
            0 => Ok(()),
            unsent => Err(QueueError::Unsent { unsent }),
        }
    }
}

impl Redelivery for Queue {
    async fn come_back(&self, receipt: &str, delay: Duration) -> Result<(), PortError> {
        let seconds = whole_seconds(delay, LONGEST_DELAY);
        let call = self.client.change_message_visibility().queue_url(&self.url).receipt_handle(receipt);
        call.visibility_timeout(seconds).send().await.map_err(unavailable)?;
        Ok(())
    }
}

impl Reachable for Queue {
    async fn ping(&self) -> Result<(), PortError> {
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        call.attribute_names("QueueArn".into()).send().await.map_err(unavailable)?;
        Ok(())
    }
}

impl SyncQueue for Queue {
    async fn send_syncs(&self, messages: &[(SyncMessage, Duration)]) -> Result<(), PortError> {
        let outgoing = |(message, delay): &(SyncMessage, Duration)| {
            let seconds = whole_seconds(*delay, LONGEST_WAIT);
            Ok(Outgoing {
                body: serde_json::to_string(message)?,
                turn: Turn::After { seconds, tenant: None },
            })
        };
        let messages: Result<_, serde_json::Error> = messages.iter().map(outgoing).collect();
        match self.send(messages.map_err(unavailable)?).await {
            0 => Ok(()),
            unsent => Err(unavailable(QueueError::Unsent { unsent })),
        }
    }
}
