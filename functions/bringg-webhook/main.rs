//! `POST /webhooks/bringg/{account}` and `…/{event}`: takes Bringg's events and queues them, and gives Bringg the access
//! tokens that it may send with them.

use courier_cloud::config::required;
use courier_cloud::secrets::ParameterStore;
use courier_functions::{run, serve_fleet};
use courier_providers::bringg::Bringg;
use lambda_http::Error;

fn main() -> Result<(), Error> {
    run(|| serve_fleet(&Bringg, |aws| Ok(ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?))))
}
