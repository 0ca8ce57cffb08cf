//! Commands, each with what it is about.

use courier_domain::command::{Command, CommandMessage, CommandSubject};
use courier_domain::ports::{
    CommandTarget, Commands, Committed, PortError, Subject, TimelineEntry, Versioned,
};

use super::{Memory, place, put, version};

impl Commands for Memory {
    async fn read_command(
        &self,
        message: &CommandMessage,
    ) -> Result<Option<(Versioned<Command>, CommandTarget)>, PortError> {
        let mut state = self.state();
        state.read()?;
        let command = state.commands.get(&(message.subject.clone(), message.command_id.clone())).cloned();
        let target = match &message.subject {
            CommandSubject::OrderId(id) => {
                state.orders.get(id).map(|order| CommandTarget::Order(order.value.clone()))
            }
            CommandSubject::DriverId(id) => {
                state.drivers.get(id).map(|driver| CommandTarget::Driver(driver.value.clone()))
            }
        };
        Ok(command.zip(target))
    }

    async fn commit_command(
        &self,
        command: Versioned<Command>,
        entry: Option<TimelineEntry>,
    ) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            let key = (command.value.subject(), command.value.id.clone());
            if command.version != version(&state.commands, &key) {
                return Committed::Conflict;
            }
            if let (Some(entry), CommandSubject::OrderId(order)) = (entry, &key.0) {
                state.entries.insert(place(&Subject::Order(*order), &entry.key), entry);
            }
            put(&mut state.commands, key, command);
            Committed::Done
        });
        Ok(written? == Committed::Done)
    }
}
