//! What the caller is told about each kind of failure.

use super::*;
use crate::http::Timeouts;
use crate::testing::{Log, hangs_up_after, nobody};

async fn fails_with(answer: ResponseTemplate) -> CallError {
    let world = World::answering(answer).await;
    let error = world.update().await.unwrap_err();
    assert_eq!(world.requests().await, 1, "and the call is not repeated");
    error
}

async fn at(base_url: &str) -> World {
    let mut world = World::new().await;
    world.login.base_url = base_url.to_owned();
    world
}

#[tokio::test]
async fn each_status_says_what_to_do() {
    for status in [301, 400, 404, 409, 410, 422] {
        let error = fails_with(unusual(status, "no")).await;
        assert!(matches!(error, CallError::Rejected { status: s, .. } if s == status), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Final);
    }
    for status in [408, 500, 504] {
        let error = fails_with(unusual(status, "oops")).await;
        assert!(matches!(error, CallError::Fault { status: s, .. } if s == status), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
    for status in [429, 502, 503] {
        let error = fails_with(unusual(status, "busy").insert_header("retry-after", "7")).await;
        assert_eq!(error.outcome(), Outcome::Retry { after: Some(Duration::from_secs(7)) });
    }
}

#[tokio::test]
async fn refused_keys_are_told_apart() {
    let error = fails_with(says(401, json!({"message": "Unauthorised"}))).await;
    assert!(matches!(error, CallError::LoginRejected { status: 401, .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Final);
    assert_eq!(error.to_string(), "refused the login with status 401: Unauthorised");
}

#[tokio::test]
async fn what_the_keys_may_not_do_is_told_apart() {
    let error = fails_with(says(403, json!({"message": "Not your account"}))).await;
    assert!(matches!(error, CallError::Forbidden { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Final);
    assert_eq!(error.to_string(), "does not let the login make this call: Not your account");
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let error = at(&nobody()).await.update().await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Retry { after: None });
}

#[tokio::test]
async fn a_connection_cut_before_or_within_the_answer_is_an_unknown_outcome() {
    let cut_body = "HTTP/1.1 201 Created\r\ncontent-length: 900\r\n\r\n{\"uuid\":\"6992";
    for answer in ["", "HTTP/1.1 2", cut_body] {
        let error = at(&hangs_up_after(answer)).await.create().await.unwrap_err();
        assert!(matches!(error, CallError::NoAnswer(_)), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
}

#[tokio::test]
async fn a_success_stays_one_when_a_body_that_nobody_reads_is_cut() {
    let cut_body = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"uuid\":\"6992";
    at(&hangs_up_after(cut_body)).await.update().await.unwrap();
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_an_unknown_outcome() {
    let mut world = World::answering(ResponseTemplate::new(200).set_delay(Duration::from_secs(10))).await;
    let timeouts = Timeouts { total: Duration::from_millis(200), ..Timeouts::default() };
    world.client = CaptainClient::with_timeouts(world.gate.clone(), world.clock.clone(), timeouts);
    assert_eq!(world.update().await.unwrap_err().outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn what_cannot_be_sent_is_final() {
    for address in ["", "not a url", "ftp://127.0.0.1"] {
        assert_eq!(at(address).await.update().await.unwrap_err().outcome(), Outcome::Final, "{address}");
    }
    let mut world = World::answering(ResponseTemplate::new(200)).await;
    world.login.developer_key = Secret::new("two\nlines");
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::Unsendable { .. }), "{error:?}");
    assert_eq!(world.requests().await, 0);
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_base_url_does_no_harm() {
    let mut world = World::new().await;
    request("PATCH", ORDER_PATH).respond_with(ResponseTemplate::new(200)).mount(&world.server).await;
    world.login.base_url.push('/');
    world.update().await.unwrap();
}

#[tokio::test]
async fn nothing_shows_a_key_even_when_captain_quotes_it() {
    let log = Log::start();
    let quoting = format!("{INTEGRATION_KEY} and {DEVELOPER_KEY} are bad");
    let world = World::answering(says(401, json!({"errors": {"keys": [quoting]}}))).await;
    world.gate.open().unwritable = true;
    let error = world.update().await.unwrap_err();
    assert_eq!(error.to_string(), "refused the login with status 401: keys: *** and *** are bad");
    let shown = format!("{error:?} {:?} {:?} {}", world.client, world.login, log.text());
    assert!(shown.contains("refused login not recorded"), "{shown}");
    for secret in [INTEGRATION_KEY, DEVELOPER_KEY] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_call_may_move_between_threads() {
    fn check(_: &impl Send) {}
    let client: Client = CaptainClient::new(MemoryGate::default(), TestClock::default());
    let login = CaptainLogin {
        base_url: "http://127.0.0.1:1".to_owned(),
        account_uuid: ACCOUNT.to_owned(),
        integration_key: Secret::new(INTEGRATION_KEY),
        developer_key: Secret::new(DEVELOPER_KEY),
        requests_per_minute: 1,
    };
    check(&client.find_order(&login, PARTNERS_ID, None));
}
