//! Orders, their timelines and their other names.

use courier_domain::ids::{AccountId, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{
    Committed, Link, OrderCommit, OrderRead, Orders, PortError, Subject, TimelineEntry, Versioned,
};
use jiff::{SignedDuration, Timestamp};

use super::commands::command_item;
use super::item::{NewItem, versioned};
use super::keys::{Key, order_place, orders_index, unmatched_index, unmatched_place};
use super::unmatched::is_shown_under;
use super::{EVENT_DAYS, ORDER_DAYS, Table};

/// The instant `days` after `now`.
pub(super) fn after_days(now: Timestamp, days: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(days * 24)).unwrap_or(Timestamp::MAX)
}

impl Orders for Table {
    async fn read_order(
        &self,
        account: &AccountId,
        order: Option<OrderId>,
        refs: &[OrderRef],
    ) -> Result<OrderRead, PortError> {
        let order_key = order.map(|order| Key::order(account, order));
        let link_keys: Vec<_> = refs.iter().map(|name| Key::link(account, name)).collect();
        if let (Some(key), true) = (&order_key, refs.is_empty()) {
            let order =
                self.get(key.clone()).await?.map(|item| versioned::<Order>(&item, "an order")).transpose()?;
            return Ok(OrderRead { order, links: Vec::new() });
        }
        let keys: Vec<_> = order_key.iter().chain(&link_keys).cloned().collect();
        let found = self.get_many(&keys).await?;
        let item = |key: Key| found.get(&(key.pk, key.sk));
        let order = order_key.and_then(item).map(|item| versioned::<Order>(item, "an order")).transpose()?;
        let mut links = Vec::with_capacity(refs.len());
        for key in link_keys {
            links.push(match item(key) {
                Some(item) => versioned::<Link>(item, "a link")?,
                None => Versioned { value: Link::default(), version: 0 },
            });
        }
        Ok(OrderRead { order, links })
    }

    async fn commit_order(&self, commit: OrderCommit) -> Result<Committed, PortError> {
        let now = commit.entry.recorded_at;
        let account = &commit.account_id;
        let expires = after_days(now, ORDER_DAYS);
        let mut items =
            vec![entry_item(account, &commit.subject, &commit.entry, expires)?.put_once(&self.name, now)?];
        if let Some(order) = &commit.order {
            items.push(order_item(account, &order.value, now)?.put_over(&self.name, order.version)?);
        }
        for command in &commit.entry.follow_up.commands {
            items.push(command_item(&self.name, command, 0, now)?);
        }
        for entry in &commit.joined {
            items.push(entry_item(account, &commit.subject, entry, expires)?.put(&self.name)?);
        }
        for (name, link) in &commit.links {
            let mut item = NewItem::new(Key::link(account, name), "a link", &link.value)?.expiring(expires);
            if is_shown_under(name, &link.value) {
                let place = unmatched_place(now, &Key::link_id(name));
                item = item.indexed(unmatched_index(account), place);
            }
            items.push(item.put_over(&self.name, link.version)?);
        }
        self.transact(items).await
    }
}

fn entry_item(
    account: &AccountId,
    subject: &Subject,
    entry: &TimelineEntry,
    expires: Timestamp,
) -> Result<NewItem, PortError> {
    Ok(NewItem::new(Key::entry(account, subject, &entry.key), "an event", entry)?.expiring(expires))
}

/// Only orders that Syrve announced for a courier are listed, and the others are kept for a week only.
fn order_item(account: &AccountId, order: &Order, now: Timestamp) -> Result<NewItem, PortError> {
    let days = if order.announced { ORDER_DAYS } else { EVENT_DAYS };
    let item = NewItem::new(Key::order(account, order.order_id), "an order", order)?;
    let item = item.expiring(after_days(now, days));
    if !order.announced {
        // Known only to fleets, if anybody told how it is carried: an order that is not for a courier waits for nothing.
        let place = unmatched_place(now, &order.order_id.to_string());
        let waits = order.service.get().is_none() && !order.deliveries.is_empty();
        return Ok(if waits { item.indexed(unmatched_index(account), place) } else { item });
    }
    let created_at = order.details.get().and_then(|details| details.created_at);
    let created_at =
        created_at.or_else(|| order.details.stamp().map(|stamp| stamp.at)).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(item.indexed(orders_index(account), order_place(created_at, order.order_id)))
}
