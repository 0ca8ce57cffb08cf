//! Servers that want to keep, fill or confuse whoever calls them. Every call ends in time, takes in no more than it keeps,
//! and says what was wrong.

use std::net::Shutdown;
use std::time::Instant;

use courier_domain::notification::{AttemptError, KEPT_OF_ANSWER};

use super::*;

/// A call that must be over within a second or so, whatever `url` does.
async fn hasty(url: &str) -> SubscriberAnswer {
    let start = Instant::now();
    let answer = call(&local(HASTY), url).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    answer
}

/// What a server's words lead to that says nothing more and hangs up.
async fn told(words: &'static [u8]) -> SubscriberAnswer {
    let (url, _) = answers(move |mut stream| {
        stream.write_all(words).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let _ = stream.read(&mut [0; 16]);
    });
    call(&local(PATIENT), &url).await
}

fn failed(error: AttemptError) -> SubscriberAnswer {
    SubscriberAnswer { status: None, error: Some(error), retry_after: None, answer: String::new() }
}

#[tokio::test]
async fn what_is_not_http_is_no_answer() {
    for words in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"220 mail.example.com ESMTP\r\n",
        b"hello\r\n\r\n",
        b"\0\x01\x02\x03\xff\xff\r\n\r\n",
        b"\x15\x03\x03\0\x02\x02\x28",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 99999 Odd\r\n\r\n",
        b"HTTP/1.1 20 Odd\r\n\r\n",
        b"HTTP/1.1 abc Odd\r\n\r\n",
        b"HTTP/1.1 000 Odd\r\n\r\n",
        b"HTTP/1.1 -20 Odd\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na\0b: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n",
    ] {
        assert_eq!(told(words).await, failed(AttemptError::Answer), "{}", words.escape_ascii());
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_or_broken_off_is_no_answer() {
    assert_eq!(hasty(&crate::testing::nobody()).await, failed(AttemptError::Connection));
    for words in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_eq!(told(words).await, failed(AttemptError::Connection), "{}", words.escape_ascii());
    }
    // What was sent and not read makes of the end a reset.
    let (url, _) = serve(|stream| stream.peek(&mut [0; 1]).unwrap());
    assert_eq!(hasty(&url).await, failed(AttemptError::Connection));
}

#[tokio::test]
async fn silence_ends_in_time() {
    let (url, end) = answers(|mut stream| stream.read(&mut [0; 16]).unwrap_or_default());
    assert_eq!(hasty(&url).await, failed(AttemptError::Timeout));
    // And the connection with it.
    assert_eq!(end.await, Ok(0));
}

#[tokio::test]
async fn a_server_that_does_not_read_is_left_in_time() {
    let (url, _) = serve(|mut stream| {
        std::thread::sleep(HASTY.total * 2);
        stream.read(&mut [0; 16])
    });
    let (token, key) = (Secret::new(TOKEN), Secret::new(KEY));
    let body = vec![b' '; 32 << 20];
    let (auth_token, signing, body) = (&token, vec![&key], body.as_slice());
    let call = SubscriberCall {
        url: &url,
        webhook_id: "msg_1",
        at: now(),
        replay: false,
        auth_token,
        signing,
        body,
    };
    assert_eq!(local(HASTY).call(call).await, failed(AttemptError::Timeout));
}

#[tokio::test]
async fn headers_that_come_slowly_end_in_time() {
    let (url, _) =
        answers(|stream| endlessly(stream, b"HTTP/1.1 200 OK\r\na: ", b"b", Duration::from_millis(20)));
    assert_eq!(hasty(&url).await, failed(AttemptError::Timeout));
}

/// Each with what may be taken of it: the sockets between here and there hold some megabytes.
#[tokio::test]
async fn headers_without_end_are_not_read_on() {
    for (start, again) in [
        (&b"HTTP/1.1 200 OK\r\n"[..], "a: b\r\n".repeat(1000)),
        (b"HTTP/1.1 200 OK\r\na: ", "b".repeat(10_000)),
        (b"HTTP/1.1 200 OK\r\n", "b".repeat(10_000)),
        (b"HTTP/1.1 200 ", "b".repeat(10_000)),
        (b"", "\r\n".repeat(10_000)),
    ] {
        let (url, taken) = answers(move |stream| endlessly(stream, start, again.as_bytes(), Duration::ZERO));
        let answer = call(&local(PATIENT), &url).await;
        assert_eq!(answer, failed(AttemptError::Answer), "{}", start.escape_ascii());
        assert!(taken.await.unwrap() < 32 << 20);
    }
}

#[tokio::test]
async fn a_flood_of_interim_answers_is_no_answer() {
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"] {
        let (url, _) =
            answers(move |stream| endlessly(stream, b"", interim.repeat(100).as_bytes(), Duration::ZERO));
        assert_eq!(hasty(&url).await, failed(AttemptError::Answer));
    }
}

#[tokio::test]
async fn a_few_interim_answers_are_passed_over() {
    let words = b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 201 Created\r\n\r\nok";
    let answer = told(words).await;
    assert_eq!((answer.status, answer.error, answer.answer.as_str()), (Some(201), None, "ok"));
}

#[tokio::test]
async fn an_answer_that_switches_to_something_else_is_none_that_counts() {
    let answer = told(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n").await;
    assert_eq!((answer.status, answer.error), (Some(101), Some(AttemptError::Status)));
}

#[tokio::test]
async fn of_a_body_without_end_the_beginning_is_read_and_the_status_counts() {
    for (status, error) in [(200, None), (500, Some(AttemptError::Status))] {
        for (headers, again) in [
            ("", "a".repeat(10_000)),
            ("content-length: 1000000000000\r\n", "a".repeat(10_000)),
            ("transfer-encoding: chunked\r\n", format!("2710\r\n{}\r\n", "a".repeat(10_000))),
        ] {
            let start = format!("HTTP/1.1 {status} Any\r\n{headers}\r\n");
            let (url, taken) =
                answers(move |stream| endlessly(stream, start.as_bytes(), again.as_bytes(), Duration::ZERO));
            let answer = call(&local(PATIENT), &url).await;
            assert_eq!((answer.status, answer.error), (Some(status), error));
            assert_eq!(answer.answer, "a".repeat(KEPT_OF_ANSWER));
            assert!(taken.await.unwrap() < 32 << 20);
        }
    }
}

#[tokio::test]
async fn a_body_that_comes_slowly_is_read_until_the_time_is_over() {
    let start = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n";
    let (url, _) = answers(|stream| endlessly(stream, start, b"a", Duration::from_millis(20)));
    let answer = hasty(&url).await;
    assert_eq!((answer.status, answer.error), (Some(200), None));
    assert!((1..=100).contains(&answer.answer.len()), "{}", answer.answer);
    assert_eq!(answer.answer.replace('a', ""), "");
}

#[tokio::test]
async fn a_body_that_is_broken_changes_nothing_about_the_status() {
    for (words, kept) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut"[..], "cut"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nand more than that", "and"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\ncut\r\nzz\r\n", "cut"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n", ""),
        (b"HTTP/1.1 204 No Content\r\n\r\nbut some", ""),
    ] {
        let answer = told(words).await;
        assert_eq!(answer.error, None, "{}", words.escape_ascii());
        assert_eq!(answer.answer, kept);
    }
}
