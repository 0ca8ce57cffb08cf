//! What is made of an answer: its status decides, its beginning is kept.

use courier_domain::notification::{AttemptError, KEPT_OF_ANSWER};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

async fn answered(answer: ResponseTemplate) -> SubscriberAnswer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    call(&local(PATIENT), &server.uri()).await
}

#[tokio::test]
async fn only_2xx_is_a_success() {
    for status in [200, 201, 202, 204, 299] {
        let answer = answered(ResponseTemplate::new(status)).await;
        assert_eq!((answer.status, answer.error), (Some(status), None));
    }
    for status in [300, 301, 302, 304, 307, 308, 400, 401, 404, 410, 429, 500, 503, 599, 600, 999] {
        let answer = answered(ResponseTemplate::new(status)).await;
        assert_eq!((answer.status, answer.error), (Some(status), Some(AttemptError::Status)));
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let server = MockServer::start().await;
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = format!("{}/elsewhere", server.uri());
        let redirect = ResponseTemplate::new(status).insert_header("location", elsewhere);
        Mock::given(path(format!("/{status}"))).respond_with(redirect).mount(&server).await;
        let answer = call(&local(PATIENT), &format!("{}/{status}", server.uri())).await;
        assert_eq!((answer.status, answer.error), (Some(status), Some(AttemptError::Status)));
    }
    let requests = server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| request.url.path() != "/elsewhere"));
    assert_eq!(requests.len(), 5);
}

#[tokio::test]
async fn a_redirect_to_an_address_of_ours_is_not_followed_either() {
    let secret = MockServer::start().await;
    for status in [302, 307] {
        let redirect = ResponseTemplate::new(status).insert_header("location", secret.uri());
        let answer = answered(redirect.set_body_string("moved")).await;
        assert_eq!((answer.error, answer.answer.as_str()), (Some(AttemptError::Status), "moved"));
    }
    assert_eq!(secret.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn how_long_to_wait_is_given_in_seconds_or_as_a_date() {
    let date = |seconds| {
        let at = now() + jiff::SignedDuration::from_secs(seconds);
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    let after = async |value: &str| {
        answered(ResponseTemplate::new(503).insert_header("retry-after", value)).await.retry_after
    };
    assert_eq!(after("120").await, Some(120));
    assert_eq!(after("0").await, Some(0));
    let hour = after(&date(3600)).await.unwrap();
    assert!((3590..=3600).contains(&hour), "{hour}");
    assert_eq!(after(&date(-3600)).await, Some(0));
    // Kept to a day; what becomes of it is decided elsewhere.
    assert_eq!(after("999999999").await, Some(86400));
    for value in
        ["", "soon", "-1", "1.5", "99999999999999999999999", "Sun, 99 Foo 2026 12:00:00 GMT", "\u{e9}"]
    {
        assert_eq!(after(value).await, None, "{value}");
    }
    assert_eq!(answered(ResponseTemplate::new(503)).await.retry_after, None);
}

#[tokio::test]
async fn the_beginning_of_the_answer_is_kept_as_text() {
    let kept = async |body: &[u8]| answered(ResponseTemplate::new(500).set_body_bytes(body)).await.answer;
    assert_eq!(kept(b"").await, "");
    assert_eq!(kept("plain, žluťoučký\r\n\ttext".as_bytes()).await, "plain, žluťoučký\r\n\ttext");
    assert_eq!(kept(b"a\0b\x1b[31mc\x7f").await, "a\u{fffd}b\u{fffd}[31mc\u{fffd}");
    assert_eq!(kept(b"\xff\xfeA").await, "\u{fffd}\u{fffd}A");
    let whole = "a".repeat(KEPT_OF_ANSWER);
    assert_eq!(kept(whole.as_bytes()).await, whole);
    assert_eq!(kept(format!("{whole}b").as_bytes()).await, whole);
    // No character is cut in two, and what is no text does not grow threefold.
    let odd = kept(format!("a{}", "ž".repeat(KEPT_OF_ANSWER)).as_bytes()).await;
    assert_eq!((odd.len(), odd.ends_with('ž')), (KEPT_OF_ANSWER - 1, true));
    assert!(kept(&vec![0xff; KEPT_OF_ANSWER]).await.len() <= KEPT_OF_ANSWER);
}

#[tokio::test]
async fn a_token_that_is_quoted_is_not_kept() {
    let kept = async |body: String| answered(ResponseTemplate::new(200).set_body_string(body)).await.answer;
    assert_eq!(kept(format!(r#"{{"auth-token":"{TOKEN}"}} {TOKEN}"#)).await, r#"{"auth-token":"***"} ***"#);
    let before = "a".repeat(KEPT_OF_ANSWER - TOKEN.len());
    assert_eq!(kept(format!("{before}{TOKEN}{TOKEN}")).await, format!("{before}***"));
    assert_eq!(kept(format!("{before}b{TOKEN}")).await, format!("{before}b"));
    assert_eq!(kept(format!("{TOKEN}{before}{TOKEN}")).await, format!("***{before}"));
}

#[tokio::test]
async fn what_is_compressed_stays_so() {
    let answer = ResponseTemplate::new(200).insert_header("content-encoding", "gzip");
    let answer = answered(answer.set_body_bytes(&b"\x1f\x8b\x08 not unpacked"[..])).await;
    assert_eq!(answer.answer, "\u{fffd}\u{fffd}\u{fffd} not unpacked");
}
