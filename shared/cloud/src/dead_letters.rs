//! The dead-letter queue, written to directly when no retry can help: the message as it was, and the reason beside it.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::MessageAttributeValue;
use courier_domain::ids::EventKey;
use courier_domain::ports::{DeadLetters, PortError};

use crate::lazy::Lazy;
use crate::queue::is_fifo;

/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 1000;

/// The dead-letter queue of a function.
#[derive(Debug, Clone)]
pub struct DeadLetterQueue {
    client: Lazy<Client>,
    url: String,
}

impl DeadLetterQueue {
    /// The queue at `url`.
    pub fn new(client: impl Into<Lazy<Client>>, url: String) -> Self {
        Self { client: client.into(), url }
    }
}

impl DeadLetters for DeadLetterQueue {
    async fn keep(&self, body: &str, group: &str, key: &str, reason: &str) -> Result<(), PortError> {
        let unavailable = |source| PortError::Unavailable { service: "sqs", source };
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
        // SQS refuses an empty attribute, and a message must not be lost for want of a reason.
        let reason = if reason.trim().is_empty() { "not given".to_owned() } else { reason };
        let attribute = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        let call = self.client.send_message().queue_url(&self.url).message_body(body);
        let call = if is_fifo(&self.url) {
            // The group it had, so that a replayed message takes its turn with the others of its order.
            call.message_group_id(group).message_deduplication_id(EventKey::hashed([key]).as_str())
        } else {
            // Put back by the thousand, the letters of one account let those of others through. Not every message has a group.
            call.set_message_group_id((!group.is_empty()).then(|| group.to_owned()))
        };
        call.message_attributes("reason", attribute.map_err(|error| unavailable(error.into()))?)
            .send()
            .await
            .map_err(|error| unavailable(error.into()))?;
        Ok(())
    }
}
