//! `POST /webhooks/captain/{account}` and `…/items`: takes Captain.AI's events and queues them.

use courier_functions::{run, serve_fleet};
use courier_handlers::receive::NoSecrets;
use courier_providers::captain::Captain;
use lambda_http::Error;

fn main() -> Result<(), Error> {
    run(|| serve_fleet(&Captain, |_| Ok(NoSecrets)))
}
