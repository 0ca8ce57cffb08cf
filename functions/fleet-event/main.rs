//! Queue `fleet-event`: applies what a fleet reported of deliveries, drivers, items and reports.

use courier_cloud::aws::Aws;
use courier_domain::clock::SystemClock;
use courier_functions::{command_queues, driver_desk, order_desk, queue, run, serve_events, table};
use courier_handlers::drivers::ByTheMinute;
use courier_handlers::events::FleetEvent;
use lambda_runtime::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let (store, queue) = (table.clone(), queue(&aws, "NOTIFICATION_QUEUE_URL")?);
        let moves = ByTheMinute { store, queue, clock: SystemClock };
        let handler = FleetEvent {
            orders: order_desk(&aws, &table)?,
            drivers: driver_desk(&aws, &table, command_queues(&aws)?)?.with_moves(moves),
        };
        serve_events(&aws, table, handler).await
    })
}
