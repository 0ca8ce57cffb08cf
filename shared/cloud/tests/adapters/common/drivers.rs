//! Drivers and commands about them, in few words.

use courier_domain::command::{Command, CommandKind, CommandMessage, FollowUp};
use courier_domain::driver::Driver;
use courier_domain::ids::DriverId;
use courier_domain::ports::{TimelineEntry, Versioned};
use courier_domain::register::Stamp;

use super::{at, demo, entry, key};

pub(crate) fn driver_id(number: usize) -> DriverId {
    format!("driver-{number:04}").parse().unwrap()
}

/// The first drivers, as they were read at a version.
pub(crate) fn drivers(count: usize, version: u64) -> Vec<Versioned<Driver>> {
    drivers_in(0..count, version)
}

pub(crate) fn drivers_in(numbers: std::ops::Range<usize>, version: u64) -> Vec<Versioned<Driver>> {
    numbers.map(|n| Versioned { value: Driver::new(driver_id(n)), version }).collect()
}

pub(crate) fn stamp(cause: &str) -> Stamp {
    Stamp::new(at(1), key(cause))
}

fn of_driver(kind: CommandKind, cause: &str) -> Command {
    Command::new(demo(), kind, stamp(cause), &key(cause), at(10))
}

/// A command to Syrve.
pub(crate) fn clock_in(driver: usize, cause: &str) -> Command {
    let driver_id = driver_id(driver);
    of_driver(CommandKind::ClockIn { driver_id, terminal_group_id: None, role_id: None }, cause)
}

/// A command to Captain.AI.
pub(crate) fn upsert(driver: usize, cause: &str) -> Command {
    of_driver(CommandKind::UpsertDriver { driver_id: driver_id(driver) }, cause)
}

/// The message that names a command.
pub(crate) fn message(command: &Command) -> CommandMessage {
    CommandMessage {
        account_id: command.account_id.clone(),
        subject: command.subject(),
        command_id: command.id.clone(),
    }
}

/// An event that hands on commands.
pub(crate) fn asking(text: &str, second: i64, commands: Vec<Command>) -> TimelineEntry {
    TimelineEntry { follow_up: FollowUp { commands, ..FollowUp::default() }, ..entry(text, second) }
}
