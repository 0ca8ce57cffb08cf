//! What lies in the queue of `notify`: an event as the bus wraps it, the end of a minute in which drivers moved, or a replay.
//! One event is one message, however many subscriptions it goes to, so that what a call has passed through stays short:
//! receiver, event function, `notify`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::NotificationKey;
use crate::event::DomainEvent;
use crate::ids::AccountId;

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotifyMessage {
    /// An event from the bus.
    Event(Box<DomainEvent>),
    /// Drivers of an account moved in a minute that is over.
    Moves(MovesKey),
    /// A person asked for this notification, which is stored already.
    Replay(NotificationKey),
}

/// A minute of an account in which drivers moved.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MovesKey {
    /// Whose.
    pub account_id: AccountId,
    /// Minutes since 1970.
    pub minute: i64,
}

impl MovesKey {
    /// The minute of a time.
    pub fn at(account_id: AccountId, time: Timestamp) -> Self {
        Self { account_id, minute: time.as_second().div_euclid(60) }
    }

    /// When the minute is over.
    pub fn end(&self) -> Timestamp {
        Timestamp::from_second((self.minute + 1).saturating_mul(60)).unwrap_or(Timestamp::MAX)
    }
}

impl NotifyMessage {
    /// Reads a message's text; the error says what is wrong with it, without quoting it.
    pub fn read(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|_| "the message is not JSON".to_owned())?;
        let of_bus = value.get("detail-type").is_some();
        if of_bus {
            let detail = value.get("detail").cloned().unwrap_or_default();
            let event = serde_json::from_value(detail).map(|event| Self::Event(Box::new(event)));
            return event.map_err(|_| "the detail of the message is not an event of this bridge".to_owned());
        }
        serde_json::from_value(value).map_err(|_| "the message is neither an event nor a request".to_owned())
    }
}
