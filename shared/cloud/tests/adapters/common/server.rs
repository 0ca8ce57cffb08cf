//! A server that stands for an AWS service: it answers as a test says and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::{Value, json};
use wiremock::{Match, Mock, MockServer, Request, Respond, ResponseTemplate};

/// A server with one answer to everything.
pub(crate) async fn server(answer: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(Anything).respond_with(answer).mount(&server).await;
    server
}

struct Anything;

impl Match for Anything {
    fn matches(&self, _: &Request) -> bool {
        true
    }
}

/// The bodies of all requests so far.
pub(crate) async fn asked(server: &MockServer) -> Vec<Value> {
    server.received_requests().await.unwrap().iter().map(body).collect()
}

pub(crate) fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// The operation of a request, such as `SendMessage`.
pub(crate) fn operation(request: &Request) -> &str {
    request.headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap()
}

pub(crate) fn ok(answer: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(answer)
}

/// An error in the words of the JSON protocol.
pub(crate) fn error(kind: &str, mut more: Value) -> ResponseTemplate {
    more["__type"] = json!(format!("com.amazonaws#{kind}"));
    ResponseTemplate::new(400).set_body_json(more)
}

/// One answer after the other; the last one stays.
pub(crate) struct InTurn(Mutex<VecDeque<ResponseTemplate>>);

impl InTurn {
    pub(crate) fn new(answers: impl IntoIterator<Item = ResponseTemplate>) -> Self {
        Self(Mutex::new(answers.into_iter().collect()))
    }
}

impl Respond for InTurn {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let mut answers = self.0.lock().unwrap();
        if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
    }
}
