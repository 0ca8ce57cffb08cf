//! Calls to servers on this machine that behave well or badly, and the rules of where calls may go. No name is really
//! looked up: each test says what its names lead to. Here is what the tests share.

mod addresses;
mod answers;
mod hostile;
mod names;
mod requests;
mod tls;
mod urls;

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use courier_domain::ports::{Subscriber as _, SubscriberAnswer, SubscriberCall, UrlGuard as _};
use courier_domain::secret::Secret;
use jiff::Timestamp;
use tokio::sync::oneshot::{Receiver, channel};

use super::SubscriberClient;
use super::resolver::{Found, Lookup};
use crate::http::Timeouts;

/// The key of the standard's own example.
const KEY: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const TOKEN: &str = "token-of-the-integrator";
const BODY: &[u8] = br#"{"event_name":"order_assigned","data":{}}"#;

/// Enough for a server that answers.
const PATIENT: Timeouts = Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(10) };
/// For a server that does not.
const HASTY: Timeouts = Timeouts { connect: Duration::from_millis(300), total: Duration::from_millis(600) };

/// What names lead to: each lookup of a name takes its next answer, the last one stays.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>);

impl Names {
    fn of(name: &str, answers: &[&[&str]]) -> Self {
        let names = Self::default();
        let answers = answers.iter().map(|found| found.iter().map(|ip| ip.parse().unwrap()).collect());
        names.0.lock().unwrap().insert(name.to_owned(), answers.collect());
        names
    }
}

impl Lookup for Names {
    fn addresses(&self, name: &str) -> Found {
        let mut names = self.0.lock().unwrap();
        let found = match names.get_mut(name) {
            Some(answers) if answers.len() > 1 => Ok(answers.remove(0)),
            Some(answers) => Ok(answers[0].clone()),
            None => Err(io::Error::other("no such name")),
        };
        Box::pin(std::future::ready(found))
    }
}

/// A client that may call this machine and knows no names.
fn local(timeouts: Timeouts) -> SubscriberClient {
    SubscriberClient::with(true, Box::new(Names::default()), timeouts)
}

fn now() -> Timestamp {
    SystemTime::now().try_into().unwrap()
}

/// Calls `url` with the usual token, key and body.
async fn call(client: &SubscriberClient, url: &str) -> SubscriberAnswer {
    call_with(client, url, &[KEY], TOKEN).await
}

async fn call_with(client: &SubscriberClient, url: &str, keys: &[&str], token: &str) -> SubscriberAnswer {
    let (token, keys) = (Secret::new(token), keys.iter().map(|key| Secret::new(*key)).collect::<Vec<_>>());
    let call = SubscriberCall {
        url,
        webhook_id: "msg_1",
        at: now(),
        replay: false,
        auth_token: &token,
        signing: keys.iter().collect(),
        body: BODY,
    };
    client.call(call).await
}

/// A server that accepts one connection and does `what` with it; it tells by the receiver that it has done so.
fn serve<T: Send + 'static>(what: impl FnOnce(TcpStream) -> T + Send + 'static) -> (String, Receiver<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // The test may be over by then.
        let _ = tell.send(what(stream));
    });
    (format!("http://{address}"), told)
}

/// The same, for what is done after a request was read to its end.
fn answers<T: Send + 'static>(what: impl FnOnce(TcpStream) -> T + Send + 'static) -> (String, Receiver<T>) {
    serve(|mut stream| {
        let mut request = Vec::new();
        while !request.ends_with(BODY) {
            let mut part = [0; 4096];
            let read = stream.read(&mut part).unwrap();
            assert!(read > 0);
            request.extend_from_slice(&part[..read]);
        }
        what(stream)
    })
}

/// Writes a beginning and then the same again and again until the other side has hung up; how many bytes it took.
fn endlessly(mut stream: TcpStream, start: &[u8], again: &[u8], pause: Duration) -> usize {
    let mut taken = 0;
    let mut next = start;
    while stream.write_all(next).is_ok() {
        taken += next.len();
        next = again;
        std::thread::sleep(pause);
    }
    taken
}

#[test]
fn a_call_ends_in_15_seconds_of_which_5_are_for_connecting() {
    let Timeouts { connect, total } = SubscriberClient::new(false).timeouts;
    assert_eq!((connect.as_secs(), total.as_secs()), (5, 15));
}
