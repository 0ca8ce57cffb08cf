//! Orders and their commands.

use courier_domain::command::Command;
use courier_domain::ids::{AccountId, CommandId, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{
    Commands, Committed, Link, OrderCommit, OrderRead, Orders, PortError, Subject, TimelineEntry, Versioned,
};

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
    let items = 2 + usize::from(commit.entry.follow_up.command.is_some());
    assert!(items + commit.joined.len() + commit.links.len() <= 100, "too much for one transaction");
    assert!(commit.joined.iter().all(|entry| entry.key != commit.entry.key), "one item written twice");
    let mark = place(&commit.subject, &commit.entry.key);
    if let Some(entry) = table.entries.get(&mark) {
        return Committed::Duplicate(entry.follow_up.clone());
    }
    let command = commit.entry.follow_up.command.clone();
    let is_stale = commit.order.as_ref().is_some_and(|order| {
        let id = order.value.order_id;
        order.version != version(&table.orders, &id)
    }) || commit.links.iter().any(|(name, link)| link.version != version(&table.links, name))
        || command.as_ref().is_some_and(|c| version(&table.commands, &(c.order_id(), c.id.clone())) > 0);
    if is_stale {
        return Committed::Conflict;
    }
    if let Some(order) = commit.order {
        put(&mut table.orders, order.value.order_id, order);
    }
    for (name, link) in commit.links {
        put(&mut table.links, name, link);
    }
    if let Some(command) = command {
        let key = (command.order_id(), command.id.clone());
        put(&mut table.commands, key, Versioned { value: command, version: 0 });
    }
    for entry in commit.joined {
        table.entries.insert(place(&commit.subject, &entry.key), entry);
    }
    table.entries.insert(mark, commit.entry);
    Committed::Done
}

impl Commands for Memory {
    async fn read_command(
        &self,
        _account: &AccountId,
        order: OrderId,
        id: &CommandId,
    ) -> Result<Option<(Versioned<Command>, Order)>, PortError> {
        let mut state = self.state();
        state.read()?;
        let command = state.commands.get(&(order, id.clone())).cloned();
        let order = state.orders.get(&order).map(|order| order.value.clone());
        Ok(command.zip(order))
    }

    async fn commit_command(
        &self,
        command: Versioned<Command>,
        entry: Option<TimelineEntry>,
    ) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            let key = (command.value.order_id(), command.value.id.clone());
            if command.version != version(&state.commands, &key) {
                return Committed::Conflict;
            }
            if let Some(entry) = entry {
                state.entries.insert(place(&Subject::Order(key.0), &entry.key), entry);
            }
            put(&mut state.commands, key, command);
            Committed::Done
        });
        Ok(written? == Committed::Done)
    }
}
