//! Sending to FIFO queues: batches of ten that also fit into one request, entries that were refused tried again by
//! themselves, and the group and deduplication ids that keep the events of one order or driver in order and single.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use courier_domain::command::{Command, CommandMessage};
use courier_domain::ids::EventKey;
use courier_domain::inbound::InboundEvent;
use courier_domain::ports::{CommandQueue, EventQueue, PortError, QueueError, Reachable, Redelivery};
use futures::{StreamExt, stream};

use crate::lazy::Lazy;
use crate::message::{LARGEST, encode};

const BATCH: usize = 10;
/// Requests under way at once: a call with thousands of events is answered within its sender's patience.
const PARALLEL: usize = 32;
const TRIES: u32 = 4;
/// SQS keeps a message invisible for at most 12 hours, seconds.
const LONGEST_DELAY: i32 = 43_200;

/// One message before it is sent.
#[derive(Debug, Clone)]
struct Outgoing {
    body: String,
    group: String,
    deduplication: String,
}

/// A FIFO queue.
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

    /// Sends all messages; the number that could not be sent after several tries.
    async fn send(&self, messages: Vec<Outgoing>) -> usize {
        let batches = into_batches(messages);
        stream::iter(batches)
            .map(|batch| self.send_batch(batch))
            .buffer_unordered(PARALLEL)
            .fold(0, |unsent, failed| async move { unsent + failed })
            .await
    }

    /// One batch, and of it what was refused again. The SDK itself repeats requests that failed as a whole.
    async fn send_batch(&self, mut batch: Vec<Outgoing>) -> usize {
        for attempt in 1..=TRIES {
            let entries: Vec<_> =
                batch.iter().enumerate().filter_map(|(n, message)| entry(n, message)).collect();
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

fn entry(number: usize, message: &Outgoing) -> Option<SendMessageBatchRequestEntry> {
    SendMessageBatchRequestEntry::builder()
        .id(number.to_string())
        .message_body(&message.body)
        .message_group_id(&message.group)
        .message_deduplication_id(&message.deduplication)
        .build()
        .ok()
}

/// At most ten messages and at most one message's size limit together, which is also the limit of a request.
fn into_batches(messages: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
    let mut batches: Vec<Vec<Outgoing>> = Vec::new();
    let mut size = 0;
    for message in messages {
        let length = message.body.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH && size + length <= LARGEST => {
                size += length;
                batch.push(message);
            }
            _ => {
                size = length;
                batches.push(vec![message]);
            }
        }
    }
    batches
}

fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> PortError {
    PortError::Unavailable { service: "sqs", source: Box::new(error) }
}

/// Group and deduplication ids take few characters and little length; senders' ids are neither short nor tame.
fn hashed(parts: &[&str]) -> String {
    EventKey::hashed(parts.iter().copied()).to_string()
}

impl EventQueue for Queue {
    async fn send_events(&self, events: &[InboundEvent]) -> Result<(), QueueError> {
        let mut messages = Vec::with_capacity(events.len());
        for (index, event) in events.iter().enumerate() {
            messages.push(Outgoing {
                body: encode(event).ok_or(QueueError::TooLarge { index })?,
                group: hashed(&[event.account_id.as_str(), &event.subject]),
                deduplication: hashed(&[event.account_id.as_str(), event.key.as_str()]),
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
        let seconds = i32::try_from(delay.as_secs()).unwrap_or(LONGEST_DELAY).min(LONGEST_DELAY);
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

impl CommandQueue for Queue {
    async fn send_commands(&self, commands: &[Command]) -> Result<(), PortError> {
        let mut messages = Vec::with_capacity(commands.len());
        for command in commands {
            let (order_id, command_id) = (command.order_id(), command.id.clone());
            let order = order_id.to_string();
            let message = CommandMessage { account_id: command.account_id.clone(), order_id, command_id };
            messages.push(Outgoing {
                body: serde_json::to_string(&message).map_err(unavailable)?,
                group: hashed(&[command.account_id.as_str(), "order", &order]),
                deduplication: hashed(&[command.account_id.as_str(), &order, command.id.as_str()]),
            });
        }
        match self.send(messages).await {
            0 => Ok(()),
            unsent => Err(unavailable(QueueError::Unsent { unsent })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Outgoing {
        Outgoing { body: "x".repeat(length), group: String::new(), deduplication: String::new() }
    }

    #[test]
    fn a_batch_has_at_most_ten_messages_and_fits_into_one_request() {
        let sizes = |lengths: &[usize]| -> Vec<usize> {
            into_batches(lengths.iter().map(|n| message(*n)).collect()).iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(&[10; 25]), [10, 10, 5]);
        assert_eq!(sizes(&[LARGEST, 1, LARGEST - 1, 5, LARGEST]), [1, 2, 1, 1]);
        assert_eq!(sizes(&[]), Vec::<usize>::new());
    }
}
