//! Events of fleets that wait for an order. They are found by an index of their own, in which an order or a name stands
//! only while something waits there, and by the time of its last change.

use courier_domain::ids::{AccountId, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{Link, Listed, PortError, TimelineEntry, Unmatched, UnmatchedEvent};

use super::item::{text, value};
use super::keys::{ENTRY_PREFIX, Key, s, unmatched_index};
use super::{Item, Query, Table};

/// Whether events are shown under this name: an event waits under each of its names and is shown under its best.
pub(super) fn is_shown_under(name: &OrderRef, link: &Link) -> bool {
    link.waiting.iter().any(|waiting| waiting.report.refs.first() == Some(name))
}

impl Table {
    /// A page of what waits, that which changed last first.
    pub(super) async fn unmatched_page(
        &self,
        account: &AccountId,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Unmatched>, PortError> {
        let partition = unmatched_index(account);
        let query = Query {
            index: true,
            condition: "gsi1pk = :pk".into(),
            values: [(":pk".to_owned(), s(&partition))].into(),
            forward: false,
            limit: Some(limit),
            start: after.and_then(|place| start(account, &partition, place)),
        };
        let (items, next) = self.page(query).await?;
        let mut listed = Vec::with_capacity(items.len());
        for item in &items {
            listed.extend(self.read_unmatched(account, item).await?);
        }
        Ok(Listed { items: listed, next: next.and_then(|key| text(&key, "gsi1sk").map(str::to_owned)) })
    }

    /// What waits under one id, if anything does.
    pub(super) async fn find_unmatched(
        &self,
        account: &AccountId,
        id: &str,
    ) -> Result<Option<Unmatched>, PortError> {
        match self.get(home(account, id)).await? {
            Some(item) => self.read_unmatched(account, &item).await,
            None => Ok(None),
        }
    }

    async fn read_unmatched(&self, account: &AccountId, item: &Item) -> Result<Option<Unmatched>, PortError> {
        if text(item, "sk") == Some("ORDER") {
            let order = value::<Order>(item, "an order")?;
            let unannounced = !order.announced;
            return Ok(if unannounced { Some(self.unannounced(account, order).await?) } else { None });
        }
        let link = value::<Link>(item, "a link")?;
        // The item's own name is a hash in its key; the events that are shown under it begin with it.
        let is_here = |name: &&OrderRef| Some(Key::link(account, name).pk.as_str()) == text(item, "pk");
        let firsts = link.waiting.iter().filter_map(|waiting| waiting.report.refs.first());
        let Some(name) = firsts.clone().find(is_here).cloned() else { return Ok(None) };
        let shown = link.waiting.iter().filter(|waiting| waiting.report.refs.first() == Some(&name));
        let mut names: Vec<OrderRef> = Vec::new();
        for other in shown.clone().flat_map(|waiting| &waiting.report.refs) {
            if !names.contains(other) {
                names.push(other.clone());
            }
        }
        let mut events: Vec<_> = shown
            .map(|waiting| UnmatchedEvent {
                key: waiting.key.clone(),
                at: waiting.report.stamp.at,
                source: waiting.report.source.clone(),
                event: waiting.report.event.clone(),
            })
            .collect();
        events.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        let id = Key::link_id(&name);
        Ok(Some(Unmatched { id, order_id: None, name: Some(name), names, events }))
    }

    /// An order that fleets told of and Syrve did not: its events are in its timeline.
    async fn unannounced(&self, account: &AccountId, order: Order) -> Result<Unmatched, PortError> {
        let id = order.order_id;
        let mut events = Vec::new();
        for item in self.partition(Key::order(account, id).pk).await? {
            if text(&item, "sk").is_some_and(|sk| sk.starts_with(ENTRY_PREFIX)) {
                let entry = value::<TimelineEntry>(&item, "an event")?;
                let (key, at) = (entry.key, entry.at);
                events.push(UnmatchedEvent { key, at, source: entry.source, event: entry.event });
            }
        }
        events.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        let names = order.refs.into_iter().collect();
        Ok(Unmatched { id: id.to_string(), order_id: Some(id), name: None, names, events })
    }
}

/// The item of an id: an order's is a UUID, and a name's the hash in its key.
fn home(account: &AccountId, id: &str) -> Key {
    id.parse::<OrderId>().map_or_else(|_| Key::link_of(account, id), |order| Key::order(account, order))
}

fn start(account: &AccountId, partition: &str, place: &str) -> Option<Item> {
    let (_, id) = place.split_once('#')?;
    let key = home(account, id);
    let start = [("pk", key.pk.as_str()), ("sk", key.sk.as_str()), ("gsi1pk", partition), ("gsi1sk", place)];
    Some(start.map(|(name, text)| (name.to_owned(), s(text))).into())
}
