//! What a call says, and how it is signed.

use courier_domain::notification::AttemptError;
use standardwebhooks::Webhook;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::subscriber::{new_signing_secret, sign};

async fn server() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    server
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[tokio::test]
async fn a_call_says_who_sends_what_and_when() {
    let server = server().await;
    let (client, token, key) = (local(PATIENT), Secret::new(TOKEN), Secret::new(KEY));
    let mut call = SubscriberCall {
        url: &format!("{}/in?a=b", server.uri()),
        webhook_id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        at: Timestamp::from_second(1_649_367_553).unwrap(),
        replay: false,
        auth_token: &token,
        signing: vec![&key],
        // The example of the standard's libraries, with its signature below.
        body: br#"{"email":"test@example.com","username":"test_user"}"#,
    };
    assert_eq!(client.call(call.clone()).await.error, None);
    call.replay = true;
    assert_eq!(client.call(call.clone()).await.error, None);

    let requests = server.received_requests().await.unwrap();
    let [first, replay] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((first.method.as_str(), first.url.path(), first.url.query()), ("POST", "/in", Some("a=b")));
    assert_eq!(first.body, call.body);
    let header = |request: &Request, name: &str| {
        let mut values = request.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(values.next(), None, "{name}");
        value
    };
    for (name, value) in [
        ("auth-token", TOKEN),
        ("webhook-id", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"),
        ("webhook-timestamp", "1649367553"),
        ("webhook-signature", "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        ("content-type", "application/json"),
        ("user-agent", concat!("courier-bridge/", env!("CARGO_PKG_VERSION"))),
    ] {
        assert_eq!(header(first, name).as_deref(), Some(value), "{name}");
        assert_eq!(header(replay, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(header(first, "webhook-replay"), None);
    assert_eq!(header(replay, "webhook-replay").as_deref(), Some("true"));
    // Nothing that a server might answer in another encoding for.
    assert_eq!(header(first, "accept-encoding"), None);
}

#[tokio::test]
async fn while_a_key_is_replaced_both_verify() {
    let server = server().await;
    let new = new_signing_secret();
    let client = local(PATIENT);
    assert_eq!(call_with(&client, &server.uri(), &[new.expose(), KEY], TOKEN).await.error, None);
    let request = only_request(&server).await;
    for key in [new.expose(), KEY] {
        Webhook::new(key).unwrap().verify(&request.body, &request.headers).unwrap();
    }
    let other = Webhook::new(new_signing_secret().expose()).unwrap();
    other.verify(&request.body, &request.headers).unwrap_err();
    Webhook::new(KEY).unwrap().verify(b"{}", &request.headers).unwrap_err();
}

#[test]
fn a_new_key_is_32_bytes_that_differ_each_time() {
    use base64::Engine as _;
    let keys = [new_signing_secret(), new_signing_secret()];
    for key in &keys {
        let bytes = key.expose().strip_prefix("whsec_").unwrap();
        assert_eq!(base64::engine::general_purpose::STANDARD.decode(bytes).unwrap().len(), 32);
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn nothing_is_sent_that_is_not_signed() {
    let server = server().await;
    let short = format!("whsec_{}", "A".repeat(28));
    let long = format!("whsec_{}", "A".repeat(88));
    let bad = ["", "whsec_", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_not base64!", &short, &long];
    for key in bad {
        for keys in [&[key][..], &[KEY, key]] {
            let answer = call_with(&local(PATIENT), &server.uri(), keys, TOKEN).await;
            assert_eq!((answer.status, answer.error), (None, Some(AttemptError::Connection)), "{keys:?}");
        }
    }
    assert_eq!(
        call_with(&local(PATIENT), &server.uri(), &[], TOKEN).await.error,
        Some(AttemptError::Connection)
    );
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_token_that_fits_no_header_is_not_sent_nor_shown() {
    let server = server().await;
    let log = crate::testing::Log::start();
    for token in ["", "tok\r\nen"] {
        let answer = call_with(&local(PATIENT), &server.uri(), &[KEY], token).await;
        assert_eq!(answer.error, Some(AttemptError::Connection));
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
    assert!(log.text().contains("no headers can be made"));
    assert!(!log.text().contains("tok"));
}

#[test]
fn a_body_that_is_no_text_is_not_signed() {
    let (token, key) = (Secret::new(TOKEN), Secret::new(KEY));
    let call = |body| {
        let (url, webhook_id, signing) = ("", "msg_1", vec![&key]);
        sign::signatures(&SubscriberCall {
            url,
            webhook_id,
            at: now(),
            replay: false,
            auth_token: &token,
            signing,
            body,
        })
    };
    assert!(call(b"{}").is_some());
    assert_eq!(call(b"\xff"), None);
}
