//! The driver sync: `driver-sync` finds the accounts and gives each its turn, `driver-sync-account` compares an account's
//! drivers with Syrve's list.

mod account;
mod asked;
mod claim;
mod fetch;
mod logins;
mod plan;
mod reconcile;
mod start;
#[cfg(test)]
mod tests;
mod trouble;

pub use account::DriverSyncAccount;
pub use fetch::CourierLists;
pub use logins::Logins;
pub use start::{DriverSyncStart, Started};
