//! Failures of the network. Only a real client makes these errors, so one calls a port of this machine at which nobody is, or
//! somebody who hangs up.

use std::io::Read;
use std::net::TcpListener;

use courier_clients::CallError;
use courier_clients::captain::{CaptainClient, CaptainLogin};
use courier_domain::secret::Secret;

use super::{HandClock, Memory};

async fn call(port: u16) -> CallError {
    let login = CaptainLogin {
        base_url: format!("http://127.0.0.1:{port}"),
        account_uuid: "a".into(),
        integration_key: Secret::new("i"),
        developer_key: Secret::new("d"),
        requests_per_minute: 300,
    };
    let client = CaptainClient::new(Memory::default(), HandClock::default());
    client.find_order(&login, "o", None).await.unwrap_err()
}

/// Nobody listens.
pub(crate) async fn unreachable() -> CallError {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = call(port).await;
    assert!(matches!(error, CallError::Unreachable(_)), "{error}");
    error
}

/// The request is taken, and the connection is closed without an answer.
pub(crate) async fn no_answer() -> CallError {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        connection.read(&mut [0; 1024]).unwrap()
    });
    let error = call(port).await;
    server.join().unwrap();
    assert!(matches!(error, CallError::NoAnswer(_)), "{error}");
    error
}
