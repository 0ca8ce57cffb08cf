//! Commands, which are kept with the order or driver that they are about.

use aws_sdk_dynamodb::types::TransactWriteItem;
use courier_domain::command::{Command, CommandMessage, CommandSubject};
use courier_domain::ports::{
    CommandTarget, Commands, Committed, PortError, Subject, TimelineEntry, Versioned,
};
use jiff::Timestamp;

use super::item::{NewItem, value, versioned};
use super::keys::Key;
use super::orders::after_days;
use super::{EVENT_DAYS, ORDER_DAYS, Table};

/// A command over the version it was read at, kept as long as it may be of interest after `at`: an order's as long as the
/// order, a driver's for a week, since a driver goes on for years.
pub(super) fn command_item(
    table: &str,
    command: &Command,
    version: u64,
    at: Timestamp,
) -> Result<TransactWriteItem, PortError> {
    let subject = command.subject();
    let days = match subject {
        CommandSubject::OrderId(_) => ORDER_DAYS,
        CommandSubject::DriverId(_) => EVENT_DAYS,
    };
    let key = Key::command(&command.account_id, &subject, &command.id);
    NewItem::new(key, "a command", command)?.expiring(after_days(at, days)).put_over(table, version)
}

impl Commands for Table {
    async fn read_command(
        &self,
        message: &CommandMessage,
    ) -> Result<Option<(Versioned<Command>, CommandTarget)>, PortError> {
        let (account, subject) = (&message.account_id, &message.subject);
        let keys = [Key::command(account, subject, &message.command_id), Key::subject(account, subject)];
        let mut found = self.get_many(&keys).await?;
        let [command, target] = keys.map(|key| found.remove(&(key.pk, key.sk)));
        let (Some(command), Some(target)) = (command, target) else { return Ok(None) };
        let target = match subject {
            CommandSubject::OrderId(_) => CommandTarget::Order(value(&target, "an order")?),
            CommandSubject::DriverId(_) => CommandTarget::Driver(value(&target, "a driver")?),
        };
        Ok(Some((versioned(&command, "a command")?, target)))
    }

    async fn commit_command(
        &self,
        command: Versioned<Command>,
        entry: Option<TimelineEntry>,
    ) -> Result<bool, PortError> {
        let Versioned { value, version } = command;
        let mut items = vec![command_item(&self.name, &value, version, value.updated_at)?];
        if let (Some(entry), CommandSubject::OrderId(order)) = (entry, value.subject()) {
            let key = Key::entry(&value.account_id, &Subject::Order(order), &entry.key);
            let item =
                NewItem::new(key, "an event", &entry)?.expiring(after_days(value.updated_at, ORDER_DAYS));
            items.push(item.put(&self.name)?);
        }
        Ok(self.transact_plain(items).await? == Committed::Done)
    }
}
