//! Schedule `driver-sync`: finds the accounts whose drivers are to be compared with Syrve's lists, and gives each its turn.

use std::time::Duration;

use courier_cloud::aws::Aws;
use courier_cloud::config::required;
use courier_domain::clock::SystemClock;
use courier_functions::{queue, run, table};
use courier_handlers::driver_sync::DriverSyncStart;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let minutes: u64 = required("SYNC_INTERVAL_MINUTES")?
            .parse()
            .map_err(|_| "SYNC_INTERVAL_MINUTES must be a whole number of minutes")?;
        let start = DriverSyncStart {
            store: table(&aws)?,
            queue: queue(&aws, "DRIVER_SYNC_QUEUE_URL")?,
            clock: SystemClock,
            interval: Duration::from_secs(minutes * 60),
        };
        let start = &start;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
            // The schedule's own time, so that an event that is delivered twice is one run.
            let run_at = event.payload.get("time").and_then(Value::as_str).and_then(|text| text.parse().ok());
            let started = start.run(run_at).await?;
            Ok::<_, Error>(json!({ "accounts": started.accounts, "messages": started.messages }))
        }))
        .await
    })
}
