//! Queue `personal-shift`: clocks drivers in and out from Syrve's shift events.

use courier_cloud::aws::Aws;
use courier_functions::{driver_desk, fleet_commands, run, serve_events, table};
use courier_handlers::events::PersonalShift;
use lambda_runtime::Error;

fn main() -> Result<(), Error> {
    run(|| async {
        let aws = Aws::from_env()?;
        let table = table(&aws)?;
        let desk = driver_desk(&aws, &table, fleet_commands(&aws)?)?;
        serve_events(&aws, table, PersonalShift(desk)).await
    })
}
