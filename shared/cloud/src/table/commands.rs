//! Commands, which are kept with their order.

use courier_domain::command::Command;
use courier_domain::ids::{AccountId, CommandId, OrderId};
use courier_domain::order::Order;
use courier_domain::ports::{Commands, Committed, PortError, Subject, TimelineEntry, Versioned};

use super::item::{NewItem, value, versioned};
use super::keys::Key;
use super::orders::after_days;
use super::{ORDER_DAYS, Table};

impl Commands for Table {
    async fn read_command(
        &self,
        account: &AccountId,
        order: OrderId,
        id: &CommandId,
    ) -> Result<Option<(Versioned<Command>, Order)>, PortError> {
        let keys = [Key::command(account, order, id), Key::order(account, order)];
        let mut found = self.get_many(&keys).await?;
        let [command, order] = keys.map(|key| found.remove(&(key.pk, key.sk)));
        let (Some(command), Some(order)) = (command, order) else { return Ok(None) };
        Ok(Some((versioned(&command, "a command")?, value(&order, "an order")?)))
    }

    async fn commit_command(
        &self,
        command: Versioned<Command>,
        entry: Option<TimelineEntry>,
    ) -> Result<bool, PortError> {
        let value = &command.value;
        let (account, order) = (&value.account_id, value.order_id());
        let expires = after_days(value.updated_at, ORDER_DAYS);
        let item =
            NewItem::new(Key::command(account, order, &value.id), "a command", value)?.expiring(expires);
        let mut items = vec![item.put_over(&self.name, command.version)?];
        if let Some(entry) = entry {
            let key = Key::entry(account, &Subject::Order(order), &entry.key);
            items.push(NewItem::new(key, "an event", &entry)?.expiring(expires).put(&self.name)?);
        }
        Ok(self.transact_plain(items).await? == Committed::Done)
    }
}
