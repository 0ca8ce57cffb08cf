//! What every test needs: a table of its own, a server that stands for AWS, and the SDK clients as the functions make
//! them.

mod orders;
mod server;
mod store;

pub(crate) use orders::*;
pub(crate) use server::*;
pub(crate) use store::*;

use courier_cloud::aws::Aws;
use courier_domain::ids::AccountId;
use jiff::Timestamp;

/// Clients as the functions make them, for a server on this machine.
pub(crate) fn aws(endpoint: String) -> Aws {
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "test");
    Aws::new("eu-west-1".into(), Some(endpoint), credentials)
}

pub(crate) fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

pub(crate) fn demo() -> AccountId {
    account("demo")
}

pub(crate) const DAY: i64 = 24 * 3600;

/// An instant, by seconds.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).unwrap()
}
