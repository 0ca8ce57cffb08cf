//! The smallest function that `lambda_runtime` can make, built as its examples build it. It is never deployed: the
//! start-up benchmark runs it beside the real functions, so that their cost is a ratio and not a number of one machine.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(|event: LambdaEvent<Value>| async move { Ok::<Value, Error>(event.payload) })).await
}
