//! `/v1`: the API for operators and integrators.

use courier_clients::subscriber::SubscriberClient;
use courier_cloud::aws::Aws;
use courier_cloud::config::{optional, required};
use courier_cloud::queue::Queue;
use courier_cloud::secrets::ParameterStore;
use courier_cloud::table::Table;
use courier_domain::clock::SystemClock;
use courier_domain::secret::TokenHash;
use courier_functions::{queue, run, serve_http, subscribers, table};
use courier_handlers::api::{Api, Parts};
use lambda_http::Error;

/// The API on AWS.
struct OnAws;

impl Parts for OnAws {
    type Store = Table;
    type Vault = ParameterStore;
    type Commands = Queue;
    type Events = Queue;
    type Syncs = Queue;
    type Notify = Queue;
    type Guard = SubscriberClient;
    type Clock = SystemClock;
}

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let hashes = required("API_TOKEN_SHA256")?;
        let tokens =
            hashes.split(',').map(|hash| TokenHash::try_from(hash.to_owned())).collect::<Result<_, _>>();
        let api = Api::<OnAws> {
            directory: table(&aws)?,
            vault: ParameterStore::new(aws.ssm(), required("SECRETS_PREFIX")?),
            commands: queue(&aws, "SYRVE_COMMAND_QUEUE_URL")?,
            events: queue(&aws, "FLEET_EVENT_QUEUE_URL")?,
            syncs: queue(&aws, "DRIVER_SYNC_QUEUE_URL")?,
            notify: queue(&aws, "NOTIFICATION_QUEUE_URL")?,
            guard: subscribers(),
            clock: SystemClock,
            tokens: tokens
                .map_err(|_| "API_TOKEN_SHA256 must be SHA-256 hashes in hexadecimal, separated by commas")?,
            public_url: optional("PUBLIC_URL"),
        };
        let api = &api;
        serve_http(move |request| async move { Box::pin(api.handle(&request)).await }).await
    })
}
