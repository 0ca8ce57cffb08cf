//! What each function does, in terms of the domain's ports; nothing here knows AWS's SDK, so all of it is tested without.
//!
//! `receive` answers webhooks, `queue` takes messages from queues, `events` maps them and `orders` and `drivers` apply them,
//! `syrve_command` and `fleet_command` carry commands out, `driver_sync` compares drivers with Syrve's lists, `notify` tells
//! subscribers, `api` serves operators.

pub mod api;
pub mod commands;
pub mod driver_sync;
pub mod drivers;
pub mod events;
pub mod fleet_command;
mod follow_up;
pub mod http;
pub mod notify;
pub mod orders;
pub mod queue;
pub mod receive;
pub mod syrve_command;
#[cfg(test)]
mod testing;
