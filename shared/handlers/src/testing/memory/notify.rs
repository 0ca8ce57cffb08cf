//! Subscriptions, what was sent to them, and drivers' moves. Lists go on after a place: the number of the item before.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use courier_domain::event::DomainEvent;
use courier_domain::ids::{AccountId, DriverId};
use courier_domain::notification::{Attempt, MovesKey, Notification, NotificationKey, NotifyMessage};
use courier_domain::ports::{
    Committed, Lines, Listed, Moved, Moves, Notifications, NotifyQueue, PortError, SubscriptionVault,
    Subscriptions, Versioned,
};
use courier_domain::subscription::{CallEnd, Line, LineId, Place, Subscription, SubscriptionSecrets};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Memory, State, put, version};
use crate::testing::{Outbox, down};

/// What is kept of subscriptions.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) subscriptions: BTreeMap<(AccountId, Uuid), Versioned<Subscription>>,
    pub(crate) secrets: BTreeMap<(AccountId, Uuid), SubscriptionSecrets>,
    pub(crate) lines: BTreeMap<(AccountId, LineId), Line>,
    pub(crate) notifications: BTreeMap<NotificationKey, Versioned<Notification>>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) moves: HashMap<MovesKey, Minute>,
    /// Reads of subscriptions' secrets that fail.
    pub(crate) vault_fails: u32,
    /// How long the next of them takes.
    pub(crate) vault_takes: Duration,
}

/// A minute of moves.
#[derive(Debug, Default)]
pub(crate) struct Minute {
    pub(crate) drivers: BTreeSet<DriverId>,
    pub(crate) queued: bool,
    pub(crate) event: Option<DomainEvent>,
}

impl Memory {
    /// Adds a subscription with secrets.
    pub(crate) fn subscribe(&self, subscription: Subscription, secrets: SubscriptionSecrets) {
        let key = (subscription.account_id.clone(), subscription.id);
        let told = &mut self.state().told;
        told.secrets.insert(key.clone(), secrets);
        told.subscriptions.insert(key, Versioned { value: subscription, version: 1 });
    }
}

impl Subscriptions for Memory {
    async fn subscriptions(&self, account: &AccountId) -> Result<Vec<Versioned<Subscription>>, PortError> {
        let mut state = self.state();
        state.read()?;
        let all = state.told.subscriptions.iter().filter(|((of, _), _)| of == account);
        Ok(all.map(|(_, subscription)| subscription.clone()).collect())
    }

    async fn subscription(
        &self,
        account: &AccountId,
        id: Uuid,
    ) -> Result<Option<Versioned<Subscription>>, PortError> {
        let mut state = self.state();
        state.read()?;
        Ok(state.told.subscriptions.get(&(account.clone(), id)).cloned())
    }

    async fn write_subscription(&self, subscription: &Versioned<Subscription>) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            let key = (subscription.value.account_id.clone(), subscription.value.id);
            if subscription.version != version(&state.told.subscriptions, &key) {
                return Committed::Conflict;
            }
            put(&mut state.told.subscriptions, key, subscription.clone());
            Committed::Done
        });
        Ok(written? == Committed::Done)
    }

    async fn delete_subscription(&self, account: &AccountId, id: Uuid) -> Result<bool, PortError> {
        let mut existed = false;
        self.state().write(|state| {
            state.told.lines.retain(|(of, line), _| of != account || line.subscription != id);
            existed = state.told.subscriptions.remove(&(account.clone(), id)).is_some();
            Committed::Done
        })?;
        Ok(existed)
    }
}

impl Lines for Memory {
    async fn take_place(
        &self,
        account: &AccountId,
        line: LineId,
        subject: &str,
        is_replay: bool,
        now: Timestamp,
    ) -> Result<Place, PortError> {
        let mut state = self.state();
        state.read()?;
        Ok(state.told.lines.entry((account.clone(), line)).or_default().take(subject, is_replay, now))
    }

    async fn leave_place(
        &self,
        account: &AccountId,
        line: LineId,
        subject: &str,
        end: CallEnd,
        now: Timestamp,
    ) -> Result<Line, PortError> {
        let mut state = self.state();
        state.read()?;
        let line = state.told.lines.entry((account.clone(), line)).or_default();
        line.leave(subject, end, now);
        Ok(line.clone())
    }

    async fn line(&self, account: &AccountId, line: LineId) -> Result<Line, PortError> {
        let mut state = self.state();
        state.read()?;
        Ok(state.told.lines.get(&(account.clone(), line)).cloned().unwrap_or_default())
    }

    async fn clear_line(&self, account: &AccountId, subscription: Uuid) -> Result<(), PortError> {
        let is_other = |of: &AccountId, line: &LineId| of != account || line.subscription != subscription;
        self.state().told.lines.retain(|(of, line), _| is_other(of, line));
        Ok(())
    }
}

fn put_notification(state: &mut State, notification: &Versioned<Notification>) -> Committed {
    let key = notification.value.key.clone();
    if notification.version != version(&state.told.notifications, &key) {
        return Committed::Conflict;
    }
    put(&mut state.told.notifications, key, notification.clone());
    Committed::Done
}

fn page<T>(items: Vec<T>, limit: i32, after: Option<&str>) -> Listed<T> {
    let start: usize = after.map_or(0, |after| after.parse().unwrap());
    let end = (start + usize::try_from(limit).unwrap()).min(items.len());
    let next = (end < items.len()).then(|| end.to_string());
    Listed { items: items.into_iter().take(end).skip(start).collect(), next }
}

impl Notifications for Memory {
    async fn read_notifications(
        &self,
        keys: &[NotificationKey],
    ) -> Result<Vec<Option<Versioned<Notification>>>, PortError> {
        let mut state = self.state();
        state.read()?;
        Ok(keys.iter().map(|key| state.told.notifications.get(key).cloned()).collect())
    }

    async fn write_notification(&self, notification: &Versioned<Notification>) -> Result<bool, PortError> {
        let written = self.state().write(|state| put_notification(state, notification));
        Ok(written? == Committed::Done)
    }

    async fn end_notification(
        &self,
        notification: &Versioned<Notification>,
        attempt: &Attempt,
    ) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            let written = put_notification(state, notification);
            if written == Committed::Done {
                state.told.attempts.push(attempt.clone());
            }
            written
        });
        Ok(written? == Committed::Done)
    }

    async fn list_notifications(
        &self,
        account: &AccountId,
        subscription: Uuid,
        since: Option<Timestamp>,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Notification>, PortError> {
        let mut state = self.state();
        state.read()?;
        let all = state.told.notifications.values().map(|stored| stored.value.clone());
        let mut all: Vec<_> = all
            .filter(|one| one.key.account_id == *account && one.key.subscription_id == subscription)
            .filter(|one| one.key.replay_id.is_none() && since.is_none_or(|since| one.created_at >= since))
            .collect();
        all.sort_by_key(|one| (one.created_at, one.key.event_uuid));
        if since.is_none() {
            all.reverse();
        }
        Ok(page(all, limit, after))
    }

    async fn list_attempts(
        &self,
        account: &AccountId,
        subscription: Uuid,
        event: Option<Uuid>,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Attempt>, PortError> {
        let mut state = self.state();
        state.read()?;
        let mut all: Vec<_> = state.told.attempts.clone();
        all.retain(|one| one.key.account_id == *account && one.key.subscription_id == subscription);
        all.retain(|one| event.is_none_or(|event| one.key.event_uuid == event));
        all.reverse();
        Ok(page(all, limit, after))
    }
}

impl Moves for Memory {
    async fn add_moves(&self, key: &MovesKey, drivers: &[DriverId]) -> Result<bool, PortError> {
        let mut state = self.state();
        state.read()?;
        let minute = state.told.moves.entry(key.clone()).or_default();
        minute.drivers.extend(drivers.iter().cloned());
        Ok(!minute.queued)
    }

    async fn moves_queued(&self, key: &MovesKey) -> Result<(), PortError> {
        self.state().told.moves.entry(key.clone()).or_default().queued = true;
        Ok(())
    }

    async fn moved(&self, key: &MovesKey) -> Result<Moved, PortError> {
        let mut state = self.state();
        state.read()?;
        let minute = state.told.moves.get(key);
        Ok(minute.map_or_else(Moved::default, |minute| Moved {
            drivers: minute.drivers.iter().cloned().collect(),
            event: minute.event.clone(),
        }))
    }

    async fn keep_moves_event(&self, key: &MovesKey, event: &DomainEvent) -> Result<DomainEvent, PortError> {
        let mut state = self.state();
        state.read()?;
        let minute = state.told.moves.entry(key.clone()).or_default();
        Ok(minute.event.get_or_insert_with(|| event.clone()).clone())
    }
}

impl SubscriptionVault for Memory {
    async fn subscription_secrets(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<Arc<SubscriptionSecrets>>, PortError> {
        let takes = std::mem::take(&mut self.state().told.vault_takes);
        tokio::time::sleep(takes).await;
        let mut state = self.state();
        state.read()?;
        if state.told.vault_fails > 0 {
            state.told.vault_fails -= 1;
            return Err(down("ssm"));
        }
        let key = (subscription.account_id.clone(), subscription.id);
        Ok(state.told.secrets.get(&key).cloned().map(Arc::new))
    }

    async fn write_subscription_secrets(
        &self,
        account: &AccountId,
        id: Uuid,
        secrets: &SubscriptionSecrets,
    ) -> Result<(), PortError> {
        let mut state = self.state();
        if state.is_vault_full {
            return Err(PortError::Refused { service: "ssm", code: "ParameterLimitExceeded".into() });
        }
        state.told.secrets.insert((account.clone(), id), secrets.clone());
        Ok(())
    }

    async fn delete_subscription_secrets(&self, account: &AccountId, id: Uuid) -> Result<(), PortError> {
        self.state().told.secrets.remove(&(account.clone(), id));
        Ok(())
    }
}

impl NotifyQueue for Outbox<(NotifyMessage, Duration)> {
    async fn send_notify(&self, messages: &[NotifyMessage], delay: Duration) -> Result<(), PortError> {
        let messages: Vec<_> = messages.iter().map(|message| (message.clone(), delay)).collect();
        self.send(&messages)
    }

    async fn waiting(&self) -> Result<u64, PortError> {
        Ok(self.items().len() as u64)
    }
}
