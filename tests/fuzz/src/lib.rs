//! What the fuzz targets share. Each target gives one reader bytes; that it does not panic is the least. What must hold of
//! whatever it makes of them is asserted here: the same event has the same name each time it is sent, an event applied
//! twice changes nothing the second time, nothing secret is kept, and no text of a sender's gets into an error.
//!
//! A panic is what the fuzzer looks for, so these modules panic where a promise is broken.
#![forbid(unsafe_code)]

pub mod accounts;
pub mod auth;
pub mod bringg_auth;
pub mod bringg_csv;
pub mod claims;
pub mod events;
pub mod fleet;
pub mod input;
pub mod orders;
pub mod settle;
pub mod syrve;
