//! From a message to what is to be sent: who wants the event, what it says in Captain.AI's format, and how far each
//! notification is.

use std::sync::Arc;

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::event::{DomainEvent, EventName, Predecessor};
use courier_domain::notification::{Notification, NotificationKey, NotifyMessage};
use courier_domain::ports::{
    Accounts, Drivers, EventBus, Moves, Notifications, Orders, PortError, Subscriptions, Versioned,
};
use courier_domain::subscription::Subscription;
use courier_providers::captain::outgoing;
use serde_json::Value;
use uuid::Uuid;

use super::notice::{Notice, was_tried};
use super::outcome::{Step, of_error};
use super::{AGAIN, Notify, Received};

/// What a message comes to.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// What became of the message itself, where it could not be read or there was no time.
    pub(super) step: Option<Step>,
    /// What is to be sent.
    pub(super) notices: Vec<Notice>,
}

impl Prepared {
    pub(super) fn later() -> Self {
        Self { step: Some(Step::Later(AGAIN)), notices: Vec::new() }
    }
}

impl<S, A, K, H, B, C> Notify<S, A, K, H, B, C>
where
    S: Subscriptions + Notifications + Moves + Orders + Drivers,
    A: Accounts,
    B: EventBus,
    C: Clock,
{
    pub(super) async fn prepare(&self, received: &Received) -> Prepared {
        let notices = match NotifyMessage::read(&received.body) {
            Ok(NotifyMessage::Event(event)) => self.of_event(*event, received).await,
            Ok(NotifyMessage::Moves(key)) => match self.moves_event(&key).await {
                Ok(Some(event)) => self.of_event(event, received).await,
                Ok(None) => Ok(Vec::new()),
                Err(error) => Err(error),
            },
            Ok(NotifyMessage::Replay(key)) => self.of_replay(key, received).await,
            Err(reason) => return Prepared { step: Some(Step::Failed(reason)), notices: Vec::new() },
        };
        match notices {
            Ok(notices) => Prepared { step: None, notices },
            Err(error) => Prepared { step: Some(of_error(&error, received.receives)), notices: Vec::new() },
        }
    }

    /// Everybody who wants an event.
    async fn of_event(&self, event: DomainEvent, received: &Received) -> Result<Vec<Notice>, PortError> {
        let id = &event.account_id;
        let Some(name) = EventName::parse(&event.name) else { return Ok(Vec::new()) };
        let Some(account) = self.accounts.account(id).await? else { return Ok(Vec::new()) };
        let mut subscriptions = self.store.subscriptions(id).await?;
        let wants = |one: &Versioned<Subscription>| one.value.wants(name, event.created_at);
        // Whoever does not want such events any more may have wanted this one.
        subscriptions.retain(|one| received.receives > 1 || wants(one));
        let (keys, before) = keys(&event, &subscriptions);
        let rows = self.store.read_notifications(&[keys.clone(), before.clone()].concat()).await?;
        let (rows, rows_before) = rows.split_at(keys.len().min(rows.len()));
        let tried_before = |subscription: Uuid| {
            let mut known = before.iter().zip(rows_before);
            known.any(|(key, row)| {
                key.subscription_id == subscription && row.as_ref().is_some_and(|row| was_tried(&row.value))
            })
        };
        let mut data = Data::of(rows);
        let mut notices = Vec::new();
        for ((subscription, key), row) in subscriptions.into_iter().zip(keys).zip(rows) {
            let is_wanted = wants(&subscription);
            if row.is_none() && !is_wanted {
                continue;
            }
            // One copy, however many are told: the positions of all drivers take a megabyte and more.
            let data = self.data(&mut data, &event, name, &account).await?;
            let (notification, version) = match row {
                Some(row) => (Notification { data, ..row.value.clone() }, row.version),
                None => (Notification::new(key.clone(), &event, name, data, self.clock.now()), 0),
            };
            let before = before_it(&event, &subscription.value);
            let untried_before = before.filter(|_| !tried_before(key.subscription_id));
            notices.push(Notice {
                key,
                subscription: Arc::new(subscription),
                notification,
                version,
                before,
                untried_before,
                is_silent: !account.enabled || !is_wanted,
                receives: received.receives,
                sent_ms: received.sent_ms,
            });
        }
        Ok(notices)
    }

    /// A notification that a person asked for again. It was stored with the request.
    async fn of_replay(&self, key: NotificationKey, received: &Received) -> Result<Vec<Notice>, PortError> {
        let Some(account) = self.accounts.account(&key.account_id).await? else { return Ok(Vec::new()) };
        let subscription = self.store.subscription(&key.account_id, key.subscription_id).await?;
        let rows = self.store.read_notifications(std::slice::from_ref(&key)).await?;
        let (Some(subscription), Some(row)) = (subscription, rows.into_iter().flatten().next()) else {
            return Ok(Vec::new());
        };
        Ok(vec![Notice {
            key,
            subscription: Arc::new(subscription),
            notification: row.value,
            version: row.version,
            before: None,
            untried_before: None,
            is_silent: !account.enabled,
            receives: received.receives,
            sent_ms: received.sent_ms,
        }])
    }

    /// What is said of an event: once said to one subscription, the same to all.
    async fn data(
        &self,
        known: &mut Data,
        event: &DomainEvent,
        name: EventName,
        account: &Account,
    ) -> Result<Arc<Value>, PortError> {
        if let Some(data) = &known.0 {
            return Ok(Arc::clone(data));
        }
        let id = &account.account_id;
        let order = match event.order_id {
            Some(order) => self.store.read_order(id, Some(order), &[]).await?.order,
            None => None,
        };
        let driver = match outgoing::driver_of(event) {
            Some(driver) => self.store.read_drivers(id, &[driver]).await?.into_iter().next(),
            None => None,
        };
        let driver = driver.filter(|driver| driver.version > 0);
        let facts = outgoing::Facts {
            account,
            order: order.as_ref().map(|order| &order.value),
            driver: driver.as_ref().map(|driver| &driver.value),
        };
        let data = Arc::new(outgoing::data(event, name, &facts));
        Ok(Arc::clone(known.0.insert(data)))
    }
}

/// What an event says, once it is known.
struct Data(Option<Arc<Value>>);

impl Data {
    fn of(rows: &[Option<Versioned<Notification>>]) -> Self {
        Self(rows.iter().flatten().next().map(|row| Arc::clone(&row.value.data)))
    }
}

/// The event before it of which a subscription is told as well.
fn before_it(event: &DomainEvent, subscription: &Subscription) -> Option<Uuid> {
    let wants = |before: &&Predecessor| {
        EventName::parse(&before.name).is_some_and(|name| subscription.wants(name, before.created_at))
    };
    event.after.iter().find(wants).map(|before| before.event_uuid)
}

/// The notifications of an event, and those of the event before it.
fn keys(
    event: &DomainEvent,
    subscriptions: &[Versioned<Subscription>],
) -> (Vec<NotificationKey>, Vec<NotificationKey>) {
    let key = |subscription: &Versioned<Subscription>, event_uuid: Uuid| NotificationKey {
        account_id: event.account_id.clone(),
        subscription_id: subscription.value.id,
        event_uuid,
        replay_id: None,
    };
    let keys = subscriptions.iter().map(|one| key(one, event.event_uuid)).collect();
    let before = |one: &Versioned<Subscription>| before_it(event, &one.value).map(|event| key(one, event));
    (keys, subscriptions.iter().filter_map(before).collect())
}
