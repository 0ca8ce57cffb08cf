//! What one call to a subscriber costs in processor time, and what its signature costs of that: a part of
//! `make bench-notify`, which gives the URL of an endpoint on this machine and prints the answer.
//!
//! Only this thread's time counts, by the scheduler's own clock, so it does not matter what else the machine does.

use std::error::Error;
use std::hint::black_box;
use std::io::Write;

use courier_clients::subscriber::{SubscriberClient, new_signing_secret};
use courier_domain::clock::{Clock, SystemClock};
use courier_domain::ports::{Subscriber, SubscriberCall};
use courier_domain::secret::Secret;
use serde_json::json;
use standardwebhooks::Webhook;

/// Enough for a mean of a few microseconds.
const SIGNATURES: u32 = 20_000;
/// Enough for one of some hundred microseconds.
const CALLS: u32 = 2_000;
/// Calls before those that count, which open the connection.
const WARM_UP: u32 = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (url, body) = (arguments.next().ok_or("needs a URL")?, arguments.next().ok_or("needs a body")?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let key = new_signing_secret();
    let sign_us = sign(&key, body.as_bytes())?;
    let send_us = runtime.block_on(send(&url, &key, body.as_bytes()))?;
    let told = json!({ "sign_us": sign_us, "call_us": send_us, "bytes": body.len() });
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}

/// Microseconds of one signature, with the reading of the key, as the client makes it for each call.
fn sign(key: &Secret, body: &[u8]) -> Result<f64, Box<dyn Error>> {
    let now = SystemClock.now().as_second();
    let before = spent()?;
    for _ in 0..SIGNATURES {
        let webhook = Webhook::new(key.expose())?;
        black_box(webhook.sign("b3df4834-0000-4000-8000-000000000001", now, black_box(body))?);
    }
    Ok((spent()? - before) / f64::from(SIGNATURES))
}

/// Microseconds of one call, the signature included.
async fn send(url: &str, key: &Secret, body: &[u8]) -> Result<f64, Box<dyn Error>> {
    let (client, auth_token) = (SubscriberClient::new(true), Secret::new("sample-auth-token"));
    let mut before = 0.0;
    for number in 0..WARM_UP + CALLS {
        if number == WARM_UP {
            before = spent()?;
        }
        let answer = client
            .call(SubscriberCall {
                url,
                webhook_id: "b3df4834-0000-4000-8000-000000000001",
                at: SystemClock.now(),
                replay: false,
                auth_token: &auth_token,
                signing: vec![key],
                body,
            })
            .await;
        if let Some(error) = answer.error {
            return Err(error.as_str().into());
        }
    }
    Ok((spent()? - before) / f64::from(CALLS))
}

/// Microseconds that this thread had a processor.
fn spent() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split_whitespace().next().ok_or("no time")?.parse()?;
    Ok(nanoseconds / 1000.0)
}
