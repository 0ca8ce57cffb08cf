//! Names are looked up when a URL is registered and at each connection; what counts is where they lead at that moment.

use std::time::Instant;

use courier_domain::notification::AttemptError;
use tower_service::Service as _;

use super::*;
use crate::subscriber::guard::Guard;
use crate::subscriber::resolver::{Resolver, SystemLookup};

const PUBLIC: &str = "93.184.216.34";

/// A listener that nobody may have knocked at, and the port it is on.
struct Untouched(TcpListener);

impl Untouched {
    fn new() -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        (Self(listener), port)
    }

    fn check(&self) {
        assert_eq!(self.0.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_by_the_time_of_the_call_is_not_called() {
    for elsewhere in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254"] {
        let (untouched, port) = Untouched::new();
        let names = Names::of("hooks.test", &[&[PUBLIC], &[elsewhere]]);
        let client = SubscriberClient::with(false, Box::new(names), PATIENT);
        let url = client.admit(&format!("https://hooks.test:{port}/in")).await.unwrap();
        let answer = call(&client, &url).await;
        assert_eq!(answer.error, Some(AttemptError::ForbiddenAddress), "{elsewhere}");
        assert_eq!((answer.status, answer.answer.as_str()), (None, ""));
        untouched.check();
    }
}

#[tokio::test]
async fn one_address_that_is_not_public_is_enough_to_refuse_a_name() {
    for found in [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], ["2606:4700:4700::1111", "fd00:ec2::254"]] {
        let (untouched, port) = Untouched::new();
        let client = SubscriberClient::with(false, Box::new(Names::of("hooks.test", &[&found])), PATIENT);
        let url = format!("https://hooks.test:{port}/");
        assert!(client.admit(&url).await.is_err(), "{found:?}");
        assert_eq!(call(&client, &url).await.error, Some(AttemptError::ForbiddenAddress), "{found:?}");
        untouched.check();
    }
}

#[tokio::test]
async fn an_address_in_the_url_is_checked_before_the_call() {
    let (untouched, port) = Untouched::new();
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("https://2130706433:{port}/"),
        "https://169.254.169.254/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "no url".to_owned(),
    ] {
        let client = SubscriberClient::with(false, Box::new(Names::default()), PATIENT);
        assert_eq!(call(&client, &url).await.error, Some(AttemptError::ForbiddenAddress), "{url}");
    }
    untouched.check();
}

#[tokio::test]
async fn the_addresses_that_were_checked_are_the_ones_that_are_called() {
    let (url, _) = answers(|mut stream| stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"));
    // Asked a third time, the name would lead nowhere.
    let names = Names::of("me.localhost", &[&["127.0.0.1"], &["127.0.0.1"], &["10.0.0.1"]]);
    let client = SubscriberClient::with(true, Box::new(names), PATIENT);
    let url = client.admit(&url.replace("127.0.0.1", "me.localhost")).await.unwrap();
    let answer = call(&client, &url).await;
    assert_eq!((answer.status, answer.error), (Some(204), None));
}

#[tokio::test]
async fn a_name_that_leads_nowhere_is_told_apart() {
    let names = Names::of("empty.test", &[&[]]);
    let client = SubscriberClient::with(false, Box::new(names), PATIENT);
    for url in ["https://empty.test/", "https://unknown.test/"] {
        assert_eq!(call(&client, url).await.error, Some(AttemptError::Dns), "{url}");
    }
}

/// Never answers.
struct Silent;

impl Lookup for Silent {
    fn addresses(&self, _: &str) -> Found {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_lookup_that_hangs_ends_in_time() {
    let client = SubscriberClient::with(false, Box::new(Silent), HASTY);
    let start = Instant::now();
    assert!(client.admit("https://hooks.test/").await.unwrap_err().contains("cannot be looked up"));
    assert_eq!(call(&client, "https://hooks.test/").await.error, Some(AttemptError::Connection));
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn of_very_many_addresses_a_few_are_tried() {
    let many = (1..=200).map(|n| format!("93.184.216.{n}")).collect::<Vec<_>>();
    let many = many.iter().map(String::as_str).collect::<Vec<_>>();
    let names = Names::of("hooks.test", &[&many]);
    let guard = Arc::new(Guard::new(false, Box::new(names), PATIENT.connect));
    let tried = Resolver::new(guard).call("hooks.test".parse().unwrap()).await.unwrap();
    assert_eq!(tried.count(), 8);
}

#[tokio::test]
async fn the_operating_system_is_asked() {
    let found = SystemLookup.addresses("127.0.0.1").await.unwrap();
    assert_eq!(found, ["127.0.0.1".parse::<IpAddr>().unwrap()]);
}
