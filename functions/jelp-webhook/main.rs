//! `POST /webhooks/jelp/{account}` and `…/{event}`: takes Jelp's events and queues them.

use courier_functions::{run, serve_fleet};
use courier_handlers::receive::NoSecrets;
use courier_providers::jelp::Jelp;
use lambda_http::Error;

fn main() -> Result<(), Error> {
    run(|| serve_fleet(&Jelp, |_| Ok(NoSecrets)))
}
