//! Queue `notify`: tells subscribers what happened, and tells them again until they have it.

use aws_lambda_events::sqs::SqsEvent;
use courier_cloud::aws::Aws;
use courier_cloud::config::required;
use courier_cloud::secrets::ParameterStore;
use courier_cloud::table::CachedAccounts;
use courier_domain::clock::SystemClock;
use courier_functions::{bus, inbox, run, subscribers, table, time_left};
use courier_handlers::notify::Notify;
use lambda_runtime::{Error, LambdaEvent, service_fn};

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let (table, inbox) = (table(&aws)?, inbox(&aws)?);
        let notify = Notify {
            accounts: CachedAccounts::new(table.clone()),
            store: table,
            vault: ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?),
            subscriber: subscribers(),
            bus: bus(&aws)?,
            clock: SystemClock,
            environment: required("ENVIRONMENT")?,
        };
        let (notify, inbox) = (&notify, &inbox);
        lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
            let time = time_left(&event.context);
            Ok::<_, Error>(Box::pin(notify.work(inbox, event.payload, time)).await)
        }))
        .await
    })
}
