//! Notifications and the calls made for them, which are kept with their subscription. What an event says is written once
//! for each subscription and then again with every change, so it is packed.

use std::sync::Arc;

use courier_domain::ids::AccountId;
use courier_domain::notification::{Attempt, Notification, NotificationKey};
use courier_domain::ports::{Committed, Listed, Notifications, PortError, Versioned};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::item::{NewItem, value, versioned};
use super::keys::{Key, attempt_id, attempts_index, notification_id, notifications_index, notified_place};
use super::orders::after_days;
use super::packed::{pack, unpack};
use super::{Item, NOTIFICATION_DAYS, Table};

const NOTIFICATION: &str = "a notification";
const ATTEMPT: &str = "a call";
/// The attribute of what the event says, beside the rest of the notification.
const CONTENT: &str = "content";

/// A notification without its version. A replay is in no list: whoever asked for it knows of it.
fn notification_item(notification: &Notification) -> Result<NewItem, PortError> {
    let key = &notification.key;
    let item = NewItem::new(Key::notification(key), NOTIFICATION, notification)?
        .with(CONTENT, pack::<Value>(&notification.data)?)
        .expiring(after_days(notification.updated_at, NOTIFICATION_DAYS));
    if key.replay_id.is_some() {
        return Ok(item);
    }
    let place = notified_place(notification.created_at, &notification_id(key));
    Ok(item.indexed(notifications_index(&key.account_id, key.subscription_id), place))
}

fn attempt_item(attempt: &Attempt) -> Result<NewItem, PortError> {
    let Attempt { key, number, at, .. } = attempt;
    let place = notified_place(*at, &attempt_id(key, *number));
    let item = NewItem::new(Key::attempt(key, *number), ATTEMPT, attempt)?;
    let item = item.indexed(attempts_index(&key.account_id, key.subscription_id), place);
    Ok(item.expiring(after_days(*at, NOTIFICATION_DAYS)))
}

pub(super) fn read_notification(item: &Item) -> Result<Versioned<Notification>, PortError> {
    let mut read = versioned::<Notification>(item, NOTIFICATION)?;
    read.value.data = Arc::new(unpack(item.get(CONTENT), NOTIFICATION)?);
    Ok(read)
}

pub(super) fn read_attempt(item: &Item) -> Result<Attempt, PortError> {
    value(item, ATTEMPT)
}

impl Notifications for Table {
    async fn read_notifications(
        &self,
        keys: &[NotificationKey],
    ) -> Result<Vec<Option<Versioned<Notification>>>, PortError> {
        let keys: Vec<_> = keys.iter().map(Key::notification).collect();
        let found = self.get_all(&keys).await?;
        let items = keys.into_iter().map(|key| found.get(&(key.pk, key.sk)));
        items.map(|item| item.map(read_notification).transpose()).collect()
    }

    async fn write_notification(&self, notification: &Versioned<Notification>) -> Result<bool, PortError> {
        self.put_over(notification_item(&notification.value)?, notification.version).await
    }

    async fn end_notification(
        &self,
        notification: &Versioned<Notification>,
        attempt: &Attempt,
    ) -> Result<bool, PortError> {
        let notification =
            notification_item(&notification.value)?.put_over(&self.name, notification.version)?;
        let attempt = attempt_item(attempt)?.put(&self.name)?;
        Ok(self.transact_plain(vec![notification, attempt]).await? == Committed::Done)
    }

    async fn list_notifications(
        &self,
        account: &AccountId,
        subscription: Uuid,
        since: Option<Timestamp>,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Notification>, PortError> {
        self.notifications_page(account, subscription, since, limit, after).await
    }

    async fn list_attempts(
        &self,
        account: &AccountId,
        subscription: Uuid,
        event: Option<Uuid>,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Attempt>, PortError> {
        match event {
            Some(event) => self.attempts_of_event(account, subscription, event, limit, after).await,
            None => self.attempts_page(account, subscription, limit, after).await,
        }
    }
}
