//! HTTP clients of the systems that the bridge calls. Each client is one module that speaks the other system's language
//! on the wire and the domain's words to its caller, with errors that say by type what can be done about them.
//!
//! All of them take their connections from [`http`] and say by one type, [`CallError`], what went wrong. None of them waits
//! for a retry: that is the queue's work.

mod answer;
mod caller;
pub mod captain;
mod error;
mod exchange;
pub mod http;
mod login_key;
mod passage;
mod personal;
pub mod subscriber;
pub mod syrve;
#[cfg(test)]
mod testing;
mod text;
mod words;

pub use error::{CallError, Outcome};
pub use words::Words;
