//! What Courier Bridge knows of orders, deliveries, drivers and accounts, and the rules that move them.
//!
//! Nothing here does I/O or speaks a provider's words. State is made of [`register::Register`]s, each of which keeps the
//! newest value by the sender's own clock; that alone is why the order in which events arrive does not matter.

pub mod account;
pub mod clock;
pub mod command;
pub mod delivery;
pub mod driver;
pub mod event;
pub mod gate;
pub mod ids;
pub mod inbound;
pub mod notification;
pub mod order;
pub mod ports;
pub mod register;
pub mod report;
pub mod secret;
pub mod subscription;
pub mod sync;
#[cfg(test)]
mod testing;
