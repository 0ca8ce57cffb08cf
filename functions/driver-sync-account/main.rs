//! Queue `driver-sync`: compares the drivers of accounts with Syrve's lists.

use courier_clients::syrve::SyrveClient;
use courier_cloud::aws::Aws;
use courier_cloud::config::required;
use courier_cloud::secrets::ParameterStore;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{bus, command_queues, run, serve_queue, table};
use courier_handlers::driver_sync::{DriverSyncAccount, Logins};
use lambda_runtime::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let sync = DriverSyncAccount {
            accounts: CachedAccounts::new(table.clone()),
            secrets: ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?),
            logins: Logins::default(),
            commands: command_queues(&aws)?,
            bus: bus(&aws)?,
            pos: SyrveClient::new(table.clone(), SystemClock),
            store: table,
            clock: SystemClock,
        };
        let sync = &sync;
        serve_queue(&aws, |body| async move { Box::pin(sync.handle(&body)).await }).await
    })
}
