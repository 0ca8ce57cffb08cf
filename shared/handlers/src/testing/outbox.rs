//! Everything that is sent somewhere: queues, the bus, dead letters, messages on their way back.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use courier_domain::command::Command;
use courier_domain::event::DomainEvent;
use courier_domain::inbound::InboundEvent;
use courier_domain::ports::{
    CommandQueue, DeadLetters, EventBus, EventQueue, PortError, QueueError, Reachable, Redelivery, SyncQueue,
};
use courier_domain::sync::SyncMessage;

use super::{Fault, down};

/// What was sent, and what is to go wrong.
#[derive(Debug)]
pub(crate) struct Sent<T> {
    pub(crate) items: Vec<T>,
    pub(crate) calls: usize,
    /// Calls that fail before anything is sent.
    pub(crate) to_fail: u32,
    /// What becomes of the next calls, first to come first: `Unheard` is sent, and the answer is lost.
    pub(crate) faults: VecDeque<Option<Fault>>,
    /// The index of an event that does not fit.
    pub(crate) too_large: Option<usize>,
}

/// A way out; clones are the same one.
#[derive(Debug)]
pub(crate) struct Outbox<T>(Arc<Mutex<Sent<T>>>);

impl<T> Clone for Outbox<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Outbox<T> {
    fn default() -> Self {
        let (items, faults) = (Vec::new(), VecDeque::new());
        Self(Arc::new(Mutex::new(Sent { items, calls: 0, to_fail: 0, faults, too_large: None })))
    }
}

impl<T: Clone> Outbox<T> {
    pub(crate) fn sent(&self) -> MutexGuard<'_, Sent<T>> {
        self.0.lock().unwrap()
    }

    pub(crate) fn items(&self) -> Vec<T> {
        self.sent().items.clone()
    }

    pub(crate) fn send(&self, items: &[T]) -> Result<(), PortError> {
        let mut sent = self.sent();
        sent.calls += 1;
        if sent.to_fail > 0 {
            sent.to_fail -= 1;
            return Err(down("sqs"));
        }
        let fault = sent.faults.pop_front().flatten();
        if fault.is_none_or(|fault| fault == Fault::Unheard) {
            sent.items.extend_from_slice(items);
        }
        if fault.is_some() { Err(down("sqs")) } else { Ok(()) }
    }
}

/// A dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) body: String,
    pub(crate) group: String,
    pub(crate) key: String,
    pub(crate) reason: String,
}

impl EventQueue for Outbox<InboundEvent> {
    async fn send_events(&self, events: &[InboundEvent]) -> Result<(), QueueError> {
        let too_large = self.sent().too_large;
        match too_large {
            Some(index) => Err(QueueError::TooLarge { index }),
            None => self.send(events).map_err(|_| QueueError::Unsent { unsent: events.len() }),
        }
    }
}

impl CommandQueue for Outbox<Command> {
    async fn send_commands(&self, commands: &[Command]) -> Result<(), PortError> {
        self.send(commands)
    }
}

impl SyncQueue for Outbox<(SyncMessage, Duration)> {
    async fn send_syncs(&self, messages: &[(SyncMessage, Duration)]) -> Result<(), PortError> {
        self.send(messages)
    }
}

impl Reachable for Outbox<Command> {
    async fn ping(&self) -> Result<(), PortError> {
        self.send(&[])
    }
}

impl EventBus for Outbox<DomainEvent> {
    async fn publish(&self, events: &[DomainEvent]) -> Result<(), PortError> {
        self.send(events)
    }
}

impl DeadLetters for Outbox<Letter> {
    async fn keep(&self, body: &str, group: &str, key: &str, reason: &str) -> Result<(), PortError> {
        let [body, group, key, reason] = [body, group, key, reason].map(str::to_owned);
        self.send(&[Letter { body, group, key, reason }])
    }
}

impl Redelivery for Outbox<(String, Duration)> {
    async fn come_back(&self, receipt: &str, delay: Duration) -> Result<(), PortError> {
        self.send(&[(receipt.to_owned(), delay)])
    }
}
