//! Secure connections: whose certificate is not accepted learns nothing.

use courier_domain::notification::AttemptError;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::http::strangers;
use crate::subscriber::resolver::Resolver;

/// A server with a certificate of its own making for `hooks.test`; the URL's port, the certificate, and what it heard.
fn server() -> (String, Vec<u8>, Receiver<String>) {
    let made = rcgen::generate_simple_self_signed(["hooks.test".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.der().clone(), made.signing_key.serialize_der());
    let root = certificate.to_vec();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivateKeyDer::try_from(key).unwrap();
    let config = config.with_single_cert(vec![certificate], key).unwrap();
    let (url, heard) = serve(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
        let mut request = Vec::new();
        while !request.ends_with(BODY) {
            let mut part = [0; 4096];
            match stream.read(&mut part) {
                Ok(read @ 1..) => request.extend_from_slice(&part[..read]),
                _ => return String::from_utf8(request).unwrap(),
            }
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        String::from_utf8(request).unwrap()
    });
    (url.rsplit(':').next().unwrap().to_owned(), root, heard)
}

/// A client for which both names lead to this machine.
fn client(root: Option<&[u8]>) -> SubscriberClient {
    let names = Names::of("hooks.test", &[&["127.0.0.1"]]);
    names.0.lock().unwrap().insert("other.test".to_owned(), vec![vec!["127.0.0.1".parse().unwrap()]]);
    let client = SubscriberClient::with(true, Box::new(names), PATIENT);
    if let Some(root) = root {
        let resolver = Resolver::new(Arc::clone(&client.guard));
        let trusting = strangers::client(resolver, PATIENT.connect, &[root.to_vec().into()]).unwrap();
        assert!(client.http.set(trusting).is_ok());
    }
    client
}

#[tokio::test]
async fn a_call_is_made_to_whoever_shows_the_name_s_certificate() {
    let (port, root, heard) = server();
    let answer = call(&client(Some(&root)), &format!("https://hooks.test:{port}/in")).await;
    assert_eq!((answer.status, answer.error, answer.answer.as_str()), (Some(200), None, "ok"));
    let heard = heard.await.unwrap().to_ascii_lowercase();
    assert!(heard.starts_with("post /in http/1.1\r\n"), "{heard}");
    assert!(heard.contains(&format!("\r\nhost: hooks.test:{port}\r\n")), "{heard}");
}

#[tokio::test]
async fn whoever_shows_another_certificate_hears_nothing() {
    for (host, trusted) in [("hooks.test", false), ("other.test", true), ("127.0.0.1", true)] {
        let (port, root, heard) = server();
        let client = client(trusted.then_some(root.as_slice()));
        let answer = call(&client, &format!("https://{host}:{port}/in")).await;
        assert_eq!((answer.status, answer.error), (None, Some(AttemptError::Tls)), "{host}");
        assert_eq!(heard.await.unwrap(), "", "{host}");
    }
}

#[tokio::test]
async fn whoever_speaks_no_tls_hears_nothing() {
    for words in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.6\r\n",
        // An alert: the handshake failed.
        b"\x15\x03\x03\0\x02\x02\x28",
    ] {
        let (url, heard) = serve(|mut stream| {
            let mut hello = vec![0; 4096];
            let read = stream.read(&mut hello).unwrap();
            stream.write_all(words).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
            hello.truncate(read);
            hello
        });
        let answer = call(&client(None), &url.replace("http:", "https:")).await;
        assert_eq!(
            (answer.status, answer.error),
            (None, Some(AttemptError::Tls)),
            "{}",
            words.escape_ascii()
        );
        // A handshake and none of the request.
        let heard = heard.await.unwrap();
        assert_eq!(heard.first(), Some(&0x16));
        assert!(!heard.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_no_connection() {
    let (url, _) = serve(|mut stream| stream.read_to_end(&mut Vec::new()));
    let answer = call(&local(HASTY), &url.replace("http:", "https:")).await;
    assert_eq!(answer.error, Some(AttemptError::Connection));
}
