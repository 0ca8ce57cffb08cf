//! What the outside systems send, read into the domain's words, and what is written to them: one module per system, each
//! with its wire format and nothing else. Pure functions, no I/O.
//!
//! Reading takes two steps, because a receiver answers before anything is mapped: `webhook` checks the envelope of a call
//! and splits it into events, strictly, so that a sender learns of a mistake; `map`, run later from a queue, reads one
//! event leniently, because contracts drift and what cannot be read lies in a dead-letter queue until the mapping is
//! repaired.

pub mod body;
pub mod bringg;
pub mod captain;
pub mod contract;
pub mod error;
pub mod jelp;
mod lenient;
pub mod lifecycle;
mod names;
pub mod radaro;
pub mod syrve;
#[cfg(test)]
mod testing;
mod time;
mod token;

pub use body::RawEvent;
pub use error::{BodyError, MapError};
