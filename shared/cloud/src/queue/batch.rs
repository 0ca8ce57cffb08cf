//! Messages before they are sent, and the batches that they are sent in: at most ten, and together no larger than one
//! request.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use courier_domain::ids::EventKey;

use crate::message::LARGEST;

/// SQS takes ten messages a request.
const BATCH: usize = 10;

/// One message before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) body: String,
    pub(super) turn: Turn,
}

/// When a message is received.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    /// After the others of its group that were sent before, and once however often it is sent; where the queue keeps an
    /// order.
    InGroup { group: String, deduplication: String },
    /// After so many seconds; where the queue keeps no order: the others take no delay for a single message. A queue that
    /// knows whose each message is lets nobody wait for a tenant that has many.
    After { seconds: i32, tenant: Option<String> },
}

impl Outgoing {
    /// The entry of a batch. SQS refuses what is not of the queue's kind.
    pub(super) fn entry(&self, number: usize, is_fifo: bool) -> Option<SendMessageBatchRequestEntry> {
        let entry = SendMessageBatchRequestEntry::builder().id(number.to_string()).message_body(&self.body);
        let entry = match &self.turn {
            Turn::InGroup { group, deduplication } if is_fifo => {
                entry.message_group_id(group).message_deduplication_id(deduplication)
            }
            Turn::After { seconds, tenant } if !is_fifo => {
                entry.delay_seconds(*seconds).set_message_group_id(tenant.clone())
            }
            _ => entry,
        };
        entry.build().ok()
    }
}

/// Group and deduplication ids take few characters and little length; senders' ids are neither short nor tame.
pub(super) fn hashed(parts: &[&str]) -> String {
    EventKey::hashed(parts.iter().copied()).to_string()
}

/// At most ten messages and at most one message's size limit together, which is also the limit of a request.
pub(super) fn into_batches(messages: Vec<Outgoing>) -> Vec<Vec<Outgoing>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Outgoing {
        Outgoing { body: "x".repeat(length), turn: Turn::After { seconds: 0, tenant: None } }
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
