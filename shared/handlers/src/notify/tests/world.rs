//! The world around `notify`: a queue that hides messages for as long as it is told, endpoints that answer by script, and a
//! restaurant with subscriptions.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use courier_domain::account::MatchOrdersBy;
use courier_domain::clock::Clock;
use courier_domain::event::{About, Cause, DomainEvent, EventName};
use courier_domain::ids::EventKey;
use courier_domain::notification::{AttemptError, Notification, NotifyMessage};
use courier_domain::ports::{Subscriber, SubscriberAnswer, SubscriberCall};
use courier_domain::secret::Secret;
use courier_domain::subscription::{Line, LineId, Subscription, SubscriptionSecrets};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::notify::Notify;
use crate::queue::Inbox;
use crate::testing::{HandClock, Letter, Memory, Outbox, account, secrets};

/// A call as an endpoint got it.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) url: String,
    pub(super) webhook_id: String,
    pub(super) at: Timestamp,
    pub(super) replay: bool,
    pub(super) keys: Vec<String>,
    pub(super) body: Value,
}

#[derive(Default)]
pub(super) struct Endpoint {
    pub(super) calls: Vec<Call>,
    /// What the next calls are answered, by URL; 204 once there is nothing left.
    pub(super) script: BTreeMap<String, VecDeque<SubscriberAnswer>>,
    /// What an endpoint always answers.
    pub(super) always: BTreeMap<String, u16>,
    /// Endpoints that do not answer until they are let.
    pub(super) hanging: BTreeMap<String, Arc<Semaphore>>,
    pub(super) open: usize,
    pub(super) most_open: usize,
}

/// All endpoints; clones are the same.
#[derive(Clone, Default)]
pub(super) struct Endpoints(Arc<Mutex<Endpoint>>);

impl Endpoints {
    pub(super) fn state(&self) -> MutexGuard<'_, Endpoint> {
        self.0.lock().unwrap()
    }

    pub(super) fn calls_to(&self, url: &str) -> Vec<Call> {
        self.state().calls.iter().filter(|call| call.url == url).cloned().collect()
    }
}

pub(super) fn answered(status: u16) -> SubscriberAnswer {
    let error = (!(200..300).contains(&status)).then_some(AttemptError::Status);
    SubscriberAnswer { status: Some(status), error, retry_after: None, answer: "said".into() }
}

impl Subscriber for Endpoints {
    async fn call(&self, call: SubscriberCall<'_>) -> SubscriberAnswer {
        let (hanging, answer) = {
            let mut state = self.state();
            state.calls.push(Call {
                url: call.url.to_owned(),
                webhook_id: call.webhook_id.to_owned(),
                at: call.at,
                replay: call.replay,
                keys: call.signing.iter().map(|key| key.expose().to_owned()).collect(),
                body: serde_json::from_slice(call.body).unwrap(),
            });
            state.open += 1;
            state.most_open = state.most_open.max(state.open);
            let always = answered(state.always.get(call.url).copied().unwrap_or(204));
            let next = state.script.get_mut(call.url).and_then(VecDeque::pop_front);
            (state.hanging.get(call.url).cloned(), next.unwrap_or(always))
        };
        // A real call lets others go on.
        tokio::task::yield_now().await;
        if let Some(gate) = hanging {
            gate.acquire().await.unwrap().forget();
        }
        self.state().open -= 1;
        answer
    }
}

#[derive(Debug, Clone)]
pub(super) struct Queued {
    id: usize,
    body: String,
    sent_at: Timestamp,
    visible_at: Timestamp,
    pub(super) receives: u32,
}

pub(super) type Worker = Notify<Memory, Memory, Memory, Endpoints, Outbox<DomainEvent>, HandClock>;

/// A restaurant, its subscriptions, and the queue.
pub(super) struct World {
    pub(super) worker: Arc<Worker>,
    pub(super) store: Memory,
    pub(super) endpoints: Endpoints,
    pub(super) bus: Outbox<DomainEvent>,
    pub(super) clock: HandClock,
    pub(super) dead: Outbox<Letter>,
    pub(super) queue: Mutex<Vec<Queued>>,
    sent: Mutex<usize>,
}

pub(super) const URL: &str = "https://one.example/events";

impl World {
    /// With a subscription to all events for each URL.
    pub(super) fn with(urls: &[&str]) -> Self {
        let store = Memory::with_account(account(MatchOrdersBy::OrderId), secrets());
        let (endpoints, bus, clock) = (Endpoints::default(), Outbox::default(), HandClock::default());
        for (n, url) in urls.iter().enumerate() {
            store.subscribe(subscription(n, url, clock.now()), keys("whsec_one"));
        }
        let worker = Notify {
            store: store.clone(),
            accounts: store.clone(),
            vault: store.clone(),
            subscriber: endpoints.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
            environment: "test".into(),
        };
        let (dead, queue, sent) = (Outbox::default(), Mutex::default(), Mutex::default());
        Self { worker: Arc::new(worker), store, endpoints, bus, clock, dead, queue, sent }
    }

    pub(super) fn send(&self, body: String) {
        let now = self.clock.now();
        let mut sent = self.sent.lock().unwrap();
        *sent += 1;
        let message = Queued { id: *sent, body, sent_at: now, visible_at: now, receives: 0 };
        self.queue.lock().unwrap().push(message);
    }

    /// As the bus wraps it.
    pub(super) fn send_event(&self, event: &DomainEvent) {
        let wrapped = json!({ "version": "0", "detail-type": event.name, "detail": event });
        self.send(wrapped.to_string());
    }

    pub(super) fn send_request(&self, message: &NotifyMessage) {
        self.send(serde_json::to_string(message).unwrap());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.lock().unwrap().is_empty()
    }

    /// Receives one batch of what can be received and has it worked on.
    pub(super) async fn receive(&self) {
        self.receive_up_to(10).await;
    }

    /// The same with at most so many messages, as a queue of many servers gives them.
    pub(super) async fn receive_up_to(&self, most: usize) {
        let now = self.clock.now();
        let mut batch = SqsEvent::default();
        for message in
            self.queue.lock().unwrap().iter_mut().filter(|message| message.visible_at <= now).take(most)
        {
            message.receives += 1;
            message.visible_at = now + Duration::from_mins(2);
            batch.records.push(record(message));
        }
        let inbox = Inbox { queue: Outbox::default(), dead_letters: self.dead.clone() };
        let ids: Vec<_> = batch.records.iter().map(|record| record.message_id.clone().unwrap()).collect();
        let response = self.worker.work(&inbox, batch, Duration::from_mins(1)).await;
        let kept: Vec<_> =
            response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let delays: BTreeMap<String, Duration> = inbox.queue.items().into_iter().collect();
        let now = self.clock.now();
        let mut queue = self.queue.lock().unwrap();
        queue.retain_mut(|message| {
            let id = message.id.to_string();
            if let Some(delay) = delays.get(&id) {
                // A queue counts in whole seconds, and the adapter rounds up.
                message.visible_at =
                    now + Duration::from_secs(delay.as_millis().div_ceil(1000).try_into().unwrap());
            }
            kept.contains(&id) || !ids.contains(&id)
        });
    }

    /// The clock goes on to where something can be received.
    pub(super) fn wait(&self) {
        let now = self.clock.now();
        let next = self.queue.lock().unwrap().iter().map(|message| message.visible_at).min();
        let pause = next.map(|next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
        self.clock.advance(pause.unwrap_or_default());
    }

    /// Works until the queue is empty, however long it takes.
    pub(super) async fn run(&self) {
        for _ in 0..10_000 {
            if self.is_empty() {
                return;
            }
            self.wait();
            self.receive().await;
        }
        panic!("the queue does not get empty");
    }

    pub(super) fn notifications(&self) -> Vec<Notification> {
        self.store.state().told.notifications.values().map(|stored| stored.value.clone()).collect()
    }

    /// Changes the line to a subscription's own URL, as calls of others would.
    pub(super) fn edit_line(&self, n: usize, change: impl FnOnce(&mut Line)) {
        let mut state = self.store.state();
        change(state.told.lines.entry(("demo".parse().unwrap(), line(n))).or_default());
    }

    /// Changes a subscription, as the API would.
    pub(super) fn edit(&self, n: usize, change: impl FnOnce(&mut Subscription)) {
        let mut state = self.store.state();
        let stored = state.told.subscriptions.get_mut(&("demo".parse().unwrap(), id(n))).unwrap();
        change(&mut stored.value);
        stored.version += 1;
    }

    pub(super) fn subscription(&self, n: usize) -> Subscription {
        let state = self.store.state();
        state.told.subscriptions[&("demo".parse().unwrap(), id(n))].value.clone()
    }
}

fn record(message: &Queued) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.body = Some(message.body.clone());
    record.message_id = Some(message.id.to_string());
    record.receipt_handle = Some(message.id.to_string());
    record.attributes = [
        ("SentTimestamp", message.sent_at.as_millisecond().to_string()),
        ("ApproximateReceiveCount", message.receives.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    record
}

pub(super) fn id(n: usize) -> Uuid {
    // As different from each other as real ones.
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &n.to_be_bytes())
}

pub(super) fn line(n: usize) -> LineId {
    LineId { subscription: id(n), of_items: false }
}

pub(super) fn subscription(n: usize, url: &str, now: Timestamp) -> Subscription {
    Subscription {
        id: id(n),
        account_id: "demo".parse().unwrap(),
        url: url.to_owned(),
        items_url: None,
        events: EventName::ALL.into(),
        disabled: None,
        items_disabled: None,
        secrets_version: 1,
        secrets_held_until: None,
        created_at: now,
        updated_at: now,
    }
}

pub(super) fn keys(signing: &str) -> SubscriptionSecrets {
    let (auth_token, signing) = (Secret::new("their-token"), Secret::new(signing));
    SubscriptionSecrets { auth_token, signing, previous: Vec::new() }
}

/// An item of the `n`th order is ready; `word` makes it another event.
pub(super) fn item_event(n: u128, item: &str, word: &str, now: Timestamp) -> DomainEvent {
    let (account, key) = ("demo".parse().unwrap(), EventKey::hashed([word]));
    let cause = Cause { account: &account, key: &key, now };
    let detail = json!({ "item": item, "item_status": "prepared" });
    let about = About::Order(Uuid::from_u128(n).into());
    DomainEvent::new("item_status_updated", about, now, cause, detail)
}

/// What happened to the `n`th order of the evening; `word` makes it another event.
pub(super) fn event(n: u128, word: &str, now: Timestamp) -> DomainEvent {
    let (account, key) = ("demo".parse().unwrap(), EventKey::hashed([word]));
    let cause = Cause { account: &account, key: &key, now };
    let detail = json!({ "provider": "captain", "job_delivery_status": "collected", "driver_id": null });
    let about = About::Order(Uuid::from_u128(n).into());
    DomainEvent::new("job_delivery_status_updated", about, now, cause, detail)
}
