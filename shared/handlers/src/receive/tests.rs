//! The receivers over HTTP requests as API Gateway hands them on.

mod bringg;
mod captain;
mod fleets;
mod places;
mod syrve;
mod texts;
mod urls;

use lambda_http::http::{Request as HttpRequest, Response};
use lambda_http::{Body, Request};
use serde_json::{Value, json};

/// A text that stands in every body and must never come back.
const SENT: &str = "Testa Example";

fn request(path: &str, header: Option<(&str, &str)>, body: impl Into<Body>) -> Request {
    let mut request = HttpRequest::post(format!("https://bridge.test{path}"));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.body(body.into()).unwrap()
}

/// Status and body of an answer, which is a problem document unless it is 200.
fn read(response: &Response<Body>) -> (u16, Value) {
    let (status, kind) = (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap());
    let Body::Text(text) = response.body() else { panic!("the answer is text") };
    assert!(!text.contains(SENT), "{text}");
    let body: Value = serde_json::from_str(text).unwrap();
    if status == 200 {
        assert_eq!(kind, "application/json");
    } else {
        assert_eq!((kind, &body["status"]), ("application/problem+json", &json!(status)));
        assert!(body["title"].is_string() && body["detail"].is_string());
    }
    (status, body)
}

fn receipt(received: usize, queued: usize, ignored: usize) -> (u16, Value) {
    (200, json!({ "received": received, "queued": queued, "ignored": ignored }))
}

/// Status and field of a refusal.
fn refusal(response: &Response<Body>) -> (u16, Option<String>) {
    let (status, body) = read(response);
    (status, body["field"].as_str().map(str::to_owned))
}
