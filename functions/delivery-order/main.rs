//! Queue `delivery-order`: creates and updates orders from Syrve's order events.

use courier_cloud::aws::Aws;
use courier_functions::{order_desk, run, serve_events, table};
use courier_handlers::events::DeliveryOrder;
use lambda_runtime::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let desk = order_desk(&aws, &table)?;
        serve_events(&aws, table, DeliveryOrder(desk)).await
    })
}
