//! The queue of `notify`, which keeps no order. Each message names its account, so that the queue lets those of other
//! accounts through while one account has many.

use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName::{
    ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed, ApproximateNumberOfMessagesNotVisible,
};
use courier_domain::ids::AccountId;
use courier_domain::notification::NotifyMessage;
use courier_domain::ports::{NotifyQueue, PortError, QueueError};

use super::batch::{Outgoing, Turn};
use super::{LONGEST_WAIT, Queue, unavailable, whole_seconds};

impl NotifyQueue for Queue {
    async fn send_notify(&self, messages: &[NotifyMessage], delay: Duration) -> Result<(), PortError> {
        let seconds = whole_seconds(delay, LONGEST_WAIT);
        let outgoing = |message: &NotifyMessage| {
            let tenant = Some(account(message).to_string());
            Ok(Outgoing { body: serde_json::to_string(message)?, turn: Turn::After { seconds, tenant } })
        };
        let messages: Result<_, serde_json::Error> = messages.iter().map(outgoing).collect();
        match self.send(messages.map_err(unavailable)?).await {
            0 => Ok(()),
            unsent => Err(unavailable(QueueError::Unsent { unsent })),
        }
    }

    async fn waiting(&self) -> Result<u64, PortError> {
        let counts = [
            ApproximateNumberOfMessages,
            ApproximateNumberOfMessagesNotVisible,
            ApproximateNumberOfMessagesDelayed,
        ];
        let call = self.client.get_queue_attributes().queue_url(&self.url);
        let answer = call.set_attribute_names(Some(counts.into())).send().await.map_err(unavailable)?;
        let numbers = answer.attributes.unwrap_or_default().into_values();
        Ok(numbers.filter_map(|text| text.parse::<u64>().ok()).sum())
    }
}

fn account(message: &NotifyMessage) -> &AccountId {
    match message {
        NotifyMessage::Event(event) => &event.account_id,
        NotifyMessage::Moves(key) => &key.account_id,
        NotifyMessage::Replay(key) => &key.account_id,
    }
}
