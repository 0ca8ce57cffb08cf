//! Queue `fleet-command`: carries commands to Captain.AI.

use courier_clients::captain::CaptainClient;
use courier_cloud::aws::Aws;
use courier_cloud::config::required;
use courier_cloud::secrets::ParameterStore;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{command_queues, driver_desk, ledger, order_desk, run, serve_queue, table};
use courier_handlers::fleet_command::FleetCommands;
use lambda_runtime::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let commands = FleetCommands {
            ledger: ledger(&aws, &table)?,
            accounts: CachedAccounts::new(table.clone()),
            secrets: ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?),
            orders: order_desk(&aws, &table)?,
            drivers: driver_desk(&aws, &table, command_queues(&aws)?)?,
            fleet: CaptainClient::new(table, SystemClock),
            clock_in_path: required("CAPTAIN_CLOCK_IN_PATH")?,
        };
        let commands = &commands;
        serve_queue(&aws, |body| async move { Box::pin(commands.handle(&body)).await }).await
    })
}
