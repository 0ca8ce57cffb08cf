//! Queue `syrve-command`: carries commands to Syrve and confirms them.

use courier_clients::syrve::SyrveClient;
use courier_cloud::aws::Aws;
use courier_cloud::config::required;
use courier_cloud::secrets::ParameterStore;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{driver_desk, fleet_commands, ledger, run, serve_queue, table};
use courier_handlers::syrve_command::SyrveCommands;
use lambda_runtime::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let commands = SyrveCommands {
            ledger: ledger(&aws, &table)?,
            accounts: CachedAccounts::new(table.clone()),
            secrets: ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?),
            drivers: driver_desk(&aws, &table, fleet_commands(&aws)?)?,
            pos: SyrveClient::new(table, SystemClock),
        };
        let commands = &commands;
        serve_queue(&aws, |body| async move { Box::pin(commands.handle(&body)).await }).await
    })
}
