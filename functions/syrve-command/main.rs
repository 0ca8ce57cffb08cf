//! Queue `syrve-command`: carries commands to Syrve and confirms them.

use aws_lambda_events::sqs::SqsEvent;
use courier_clients::syrve::SyrveClient;
use courier_cloud::aws::Aws;
use courier_cloud::config::required;
use courier_cloud::secrets::ParameterStore;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{bus, inbox, run, table};
use courier_handlers::syrve_command::SyrveCommands;
use lambda_runtime::{Error, LambdaEvent, service_fn};

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let inbox = inbox(&aws)?;
        let commands = SyrveCommands {
            accounts: CachedAccounts::new(table.clone()),
            secrets: ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?),
            pos: SyrveClient::new(table.clone(), SystemClock),
            bus: bus(&aws)?,
            store: table,
            clock: SystemClock,
        };
        let (inbox, commands) = (&inbox, &commands);
        lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
            let work = |body: String, _receives| async move { Box::pin(commands.handle(&body)).await };
            Ok::<_, Error>(inbox.work(event.payload, work).await)
        }))
        .await
    })
}
