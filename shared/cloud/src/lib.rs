//! The adapters to AWS: one table, FIFO queues, the event bus and the parameter store, behind the domain's ports.
//!
//! Everything shares one HTTPS client and is built from the Lambda environment alone, without the SDK's search for
//! profiles, regions and credentials and without reading the system's certificates: that search is what makes functions
//! with the SDK slow to start.

pub mod aws;
pub mod bus;
pub mod config;
pub mod dead_letters;
pub mod lazy;
pub mod message;
pub mod queue;
pub mod secrets;
pub mod table;
