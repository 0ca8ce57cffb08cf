//! What every function does at start: logs as JSON lines, one thread (a function handles one event at a time, and threads
//! cost start-up), and an error that names the setting that is missing.

use std::future::Future;
use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::SqsEvent;
use courier_clients::subscriber::SubscriberClient;
use courier_cloud::aws::Aws;
use courier_cloud::bus::Bus;
use courier_cloud::config::{Missing, optional, required};
use courier_cloud::dead_letters::DeadLetterQueue;
use courier_cloud::message;
use courier_cloud::queue::{CommandQueues, Queue};
use courier_cloud::table::{CachedAccounts, Table};
use courier_domain::clock::SystemClock;
use courier_domain::ports::{PortError, Secrets};
use courier_handlers::commands::Ledger;
use courier_handlers::drivers::{DriverDesk, NobodyMoves};
use courier_handlers::events::{Handler, handle};
use courier_handlers::http::out_of_time;
use courier_handlers::orders::OrderDesk;
use courier_handlers::queue::{Inbox, Verdict};
use courier_handlers::receive::FleetReceiver;
use courier_providers::contract::Fleet;
use lambda_http::{Body, Request, RequestExt, Response};
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use tokio::time::timeout;
use tracing_subscriber::filter::LevelFilter;

/// Kept back of a function's time for its answer.
const MARGIN: Duration = Duration::from_secs(2);
/// Assumed where the runtime names no deadline, as some local ones do.
const NO_DEADLINE: Duration = Duration::from_secs(8);

/// Runs a function until Lambda ends it.
pub fn run<F: Future<Output = Result<(), Error>>>(function: impl FnOnce() -> F) -> Result<(), Error> {
    let level = optional("LOG_LEVEL").and_then(|name| name.parse().ok()).unwrap_or(LevelFilter::INFO);
    tracing_subscriber::fmt()
        .json()
        .with_max_level(level)
        .with_current_span(false)
        .with_span_list(false)
        .init();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(function())
}

/// The table.
pub fn table(aws: &Aws) -> Result<Table, Missing> {
    Ok(Table::new(aws.dynamodb(), required("TABLE_NAME")?))
}

/// The queue whose URL is in a variable.
pub fn queue(aws: &Aws, variable: &'static str) -> Result<Queue, Missing> {
    Ok(Queue::new(aws.sqs(), required(variable)?))
}

/// The bus of domain events.
pub fn bus(aws: &Aws) -> Result<Bus, Missing> {
    Ok(Bus::new(aws.eventbridge(), required("EVENT_BUS_NAME")?))
}

/// The queue that a function reads, and its dead letters.
pub fn inbox(aws: &Aws) -> Result<Inbox<Queue, DeadLetterQueue>, Missing> {
    let dead_letters = DeadLetterQueue::new(aws.sqs(), required("DEAD_LETTER_QUEUE_URL")?);
    Ok(Inbox { queue: queue(aws, "QUEUE_URL")?, dead_letters })
}

/// The queues of commands for Syrve and for fleets.
pub fn command_queues(aws: &Aws) -> Result<CommandQueues, Missing> {
    let syrve = queue(aws, "SYRVE_COMMAND_QUEUE_URL")?;
    Ok(CommandQueues { syrve, fleet: fleet_commands(aws)? })
}

/// What applies events to orders.
pub fn order_desk(
    aws: &Aws,
    table: &Table,
) -> Result<OrderDesk<Table, CommandQueues, Bus, SystemClock>, Missing> {
    let commands = command_queues(aws)?;
    Ok(OrderDesk { store: table.clone(), commands, bus: bus(aws)?, clock: SystemClock })
}

/// What applies events to drivers, with where the commands go that follow.
pub fn driver_desk<Q>(
    aws: &Aws,
    table: &Table,
    commands: Q,
) -> Result<DriverDesk<Table, Q, Bus, SystemClock>, Missing> {
    let (store, bus) = (table.clone(), bus(aws)?);
    Ok(DriverDesk { store, commands, bus, clock: SystemClock, moves: NobodyMoves })
}

/// The queue of commands for fleets, where functions send whose events ask nothing of Syrve.
pub fn fleet_commands(aws: &Aws) -> Result<Queue, Missing> {
    queue(aws, "FLEET_COMMAND_QUEUE_URL")
}

/// The way to subscribers, who may be on this very machine only where the stack's parameter says so.
pub fn subscribers() -> SubscriberClient {
    SubscriberClient::new(optional("ALLOW_LOOPBACK_SUBSCRIBERS").as_deref() == Some("true"))
}

/// Where commands are kept, and who hears of their ends.
pub fn ledger(aws: &Aws, table: &Table) -> Result<Ledger<Table, Bus, SystemClock>, Missing> {
    Ok(Ledger { store: table.clone(), bus: bus(aws)?, clock: SystemClock })
}

/// Serves HTTP calls. One that would outlive the function is answered 503 while there is still time to.
pub async fn serve_http<F: Future<Output = Response<Body>> + Send>(
    handle: impl Fn(Request) -> F,
) -> Result<(), Error> {
    lambda_http::run(lambda_http::service_fn(|request: Request| {
        let time = request.lambda_context_ref().map_or(NO_DEADLINE, time_left);
        let answer = handle(request);
        async move { Ok::<_, Error>(timeout(time, answer).await.unwrap_or_else(|_| out_of_time())) }
    }))
    .await
}

/// Serves the webhooks of a fleet.
pub async fn serve_fleet<K: Secrets>(
    fleet: &'static dyn Fleet,
    secrets: impl FnOnce(&Aws) -> Result<K, Missing>,
) -> Result<(), Error> {
    let aws = Aws::from_env()?;
    let receiver = FleetReceiver {
        fleet,
        accounts: CachedAccounts::new(table(&aws)?),
        secrets: secrets(&aws)?,
        events: queue(&aws, "FLEET_EVENT_QUEUE_URL")?,
        clock: SystemClock,
    };
    let receiver = &receiver;
    serve_http(move |request| async move { Box::pin(receiver.handle(&request)).await }).await
}

/// Serves a queue of inbound events.
pub async fn serve_events(aws: &Aws, table: Table, handler: impl Handler) -> Result<(), Error> {
    let accounts = CachedAccounts::new(table);
    let (accounts, handler) = (&accounts, &handler);
    let work = |body: String| async move { handle(accounts, message::decode_text, handler, &body).await };
    serve_queue(aws, work).await
}

/// Serves a queue whose messages `handle` takes one step further.
pub async fn serve_queue<F>(aws: &Aws, handle: impl Fn(String) -> F) -> Result<(), Error>
where
    F: Future<Output = Result<Verdict, PortError>>,
{
    let inbox = inbox(aws)?;
    let (inbox, handle) = (&inbox, &handle);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        let time = time_left(&event.context);
        Ok::<_, Error>(inbox.work(event.payload, time, |body, _receives| handle(body)).await)
    }))
    .await
}

/// How long a function may still work, with a margin in which to answer.
pub fn time_left(context: &Context) -> Duration {
    let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
    if left.is_zero() { NO_DEADLINE } else { left.saturating_sub(MARGIN) }
}
