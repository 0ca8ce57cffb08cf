//! Answers over HTTP: JSON, and errors as RFC 9457 problems that name the field they are about.

use courier_domain::ports::PortError;
use lambda_http::http::{StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde::Serialize;

/// The largest body that is read, bytes: a Lambda invocation carries no more.
pub const LARGEST_BODY: usize = 6 * 1024 * 1024;

/// An error on its way to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{status} {title}: {detail}")]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The kind of error.
    pub title: String,
    /// What is wrong, never quoting what was sent.
    pub detail: String,
    /// The field it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What the path takes instead, of a 405.
    #[serde(skip)]
    pub allow: Option<String>,
    /// After how many seconds it may go better, in `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u16>,
    /// More than the caller is told, for the log.
    #[serde(skip)]
    pub reason: Option<&'static str>,
}

impl Problem {
    /// An error without a field.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Self {
            status: status.as_u16(),
            title,
            detail: detail.into(),
            field: None,
            allow: None,
            retry_after: None,
            reason: None,
        }
    }

    /// A 400 about a field.
    pub fn field(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(StatusCode::BAD_REQUEST, detail) }
    }

    /// A 401.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong")
    }

    /// A 503: something the bridge stands on did not answer. Try again.
    pub fn unavailable(error: &dyn std::error::Error) -> Self {
        tracing::error!(outcome = "unavailable", error = %chain(error), "request not served");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily unavailable, try again")
    }

    /// The response.
    pub fn response(&self) -> Response<Body> {
        let mut response =
            json(StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), self);
        let kind = header::HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Some(allow) = self.allow.as_deref().and_then(|text| text.parse().ok()) {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// What a store refuses for good is told from what may go better: a full store takes nothing, however often one tries.
impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        let problem = Self::unavailable(&error);
        if !error.is_final() {
            return problem;
        }
        Self::new(StatusCode::INSUFFICIENT_STORAGE, format!("{error}; to try again does not help"))
    }
}

/// The answer to a call that cannot be finished in the function's time: sent while there is still time to.
pub fn out_of_time() -> Response<Body> {
    tracing::error!(outcome = "unavailable", "request not served in time");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily unavailable, try again").response()
}

/// An error with its causes, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// A JSON response.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    let body = serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned());
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    let kind = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// The body, if it is not too large.
pub fn body(request: &Request) -> Result<&[u8], Problem> {
    let bytes: &[u8] = request.body().as_ref();
    if bytes.len() > LARGEST_BODY {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 6 MiB"));
    }
    Ok(bytes)
}

/// A header's text.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// The token of an `Authorization` header, bare or after `Bearer`: Syrve sends the one, most others the other.
pub fn bearer(request: &Request) -> Option<&str> {
    let value = header(request, "authorization")?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    };
    (!token.is_empty()).then_some(token)
}

/// The parts of the path.
pub fn path_parts(request: &Request) -> Vec<&str> {
    request.uri().path().split('/').filter(|part| !part.is_empty()).collect()
}
