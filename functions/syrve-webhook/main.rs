//! `POST /webhooks/syrve/{account}`: takes Syrve's events and queues them.

use courier_cloud::aws::Aws;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{queue, run, serve_http, table};
use courier_handlers::receive::SyrveReceiver;
use lambda_http::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let receiver = SyrveReceiver {
            accounts: CachedAccounts::new(table(&aws)?),
            orders: queue(&aws, "DELIVERY_ORDER_QUEUE_URL")?,
            shifts: queue(&aws, "PERSONAL_SHIFT_QUEUE_URL")?,
            clock: SystemClock,
        };
        let receiver = &receiver;
        serve_http(move |request| async move { receiver.handle(&request).await }).await
    })
}
