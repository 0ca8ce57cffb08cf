//! `POST /webhooks/captain/{account}` and `…/items`: takes Captain.AI's events and queues them.

use courier_cloud::aws::Aws;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{queue, run, serve_http, table};
use courier_handlers::receive::CaptainReceiver;
use lambda_http::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let receiver = CaptainReceiver {
            accounts: CachedAccounts::new(table(&aws)?),
            events: queue(&aws, "FLEET_EVENT_QUEUE_URL")?,
            clock: SystemClock,
        };
        let receiver = &receiver;
        serve_http(move |request| async move { receiver.handle(&request).await }).await
    })
}
