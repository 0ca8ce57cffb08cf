//! Orders and their links.

use courier_domain::ids::{AccountId, OrderId};
use courier_domain::order::OrderRef;
use courier_domain::ports::{Committed, Link, OrderCommit, OrderRead, Orders, PortError, Versioned};

use super::{Memory, State, place, put, version};

impl Orders for Memory {
    async fn read_order(
        &self,
        _account: &AccountId,
        order: Option<OrderId>,
        refs: &[OrderRef],
    ) -> Result<OrderRead, PortError> {
        let mut state = self.state();
        state.read()?;
        let order = order.and_then(|id| state.orders.get(&id).cloned());
        let links = refs
            .iter()
            .map(|name| {
                state
                    .links
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| Versioned { value: Link::default(), version: 0 })
            })
            .collect();
        Ok(OrderRead { order, links })
    }

    async fn commit_order(&self, commit: OrderCommit) -> Result<Committed, PortError> {
        self.state().write(|state| commit_order(state, commit))
    }
}

fn commit_order(table: &mut State, commit: OrderCommit) -> Committed {
    let items = 2 + commit.entry.follow_up.commands.len();
    assert!(items + commit.joined.len() + commit.links.len() <= 100, "too much for one transaction");
    assert!(commit.joined.iter().all(|entry| entry.key != commit.entry.key), "one item written twice");
    let mark = place(&commit.subject, &commit.entry.key);
    if let Some(entry) = table.entries.get(&mark) {
        return Committed::Duplicate(entry.follow_up.clone());
    }
    let follow_up = commit.entry.follow_up.clone();
    let is_stale = commit.order.as_ref().is_some_and(|order| {
        let id = order.value.order_id;
        order.version != version(&table.orders, &id)
    }) || commit.links.iter().any(|(name, link)| link.version != version(&table.links, name))
        || !table.all_new(&follow_up.commands);
    if is_stale {
        return Committed::Conflict;
    }
    if let Some(order) = commit.order {
        put(&mut table.orders, order.value.order_id, order);
    }
    for (name, link) in commit.links {
        put(&mut table.links, name, link);
    }
    table.put_new(&follow_up);
    for entry in commit.joined {
        table.entries.insert(place(&commit.subject, &entry.key), entry);
    }
    table.entries.insert(mark, commit.entry);
    Committed::Done
}
