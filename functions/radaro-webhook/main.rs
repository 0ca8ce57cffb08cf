//! `POST /webhooks/radaro/{account}`: takes Radaro's events and queues them.

use courier_functions::{run, serve_fleet};
use courier_handlers::receive::NoSecrets;
use courier_providers::radaro::Radaro;
use lambda_http::Error;

fn main() -> Result<(), Error> {
    run(|| serve_fleet(&Radaro, |_| Ok(NoSecrets)))
}
