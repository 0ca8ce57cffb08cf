//! The adapters against real protocols: the table against a `DynamoDB` engine in this process, queues, bus and
//! parameter store against a server that speaks their JSON protocol. One program, because each links the whole SDK.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is tests, also the functions that are none themselves"
)]

mod accounts;
mod bus;
mod clock_requests;
mod commands;
mod common;
mod dead_letters;
mod drivers;
mod events;
mod gate;
mod gate_crowd;
mod line_crowd;
mod lines;
mod listing;
mod moves;
mod notifications;
mod notify_queue;
mod orders;
mod queue;
mod queues;
mod refusals;
mod repeats;
mod secret_copies;
mod secrets;
mod sent;
mod subscription_secrets;
mod subscriptions;
mod sync_accounts;
mod syncs;
mod tokens;
mod unmatched;
mod whole_values;
