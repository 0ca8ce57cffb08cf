//! One request and its answer: the body of a success, or the error that anything else means.

use jiff::Timestamp;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Request, RequestBuilder};

use crate::answer::{Refused, retry_after};
use crate::caller::Terms;
use crate::error::CallError;
use crate::http::{self, BodyError};
use crate::words::Words;

/// How much is read of an error's body, and of a body that nobody looks at, bytes.
const MAX_START: usize = 16 << 10;

/// How much of a successful answer is read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reading {
    /// 8 MiB. Orders are large.
    Answer,
    /// 32 MiB: lists of everything there is.
    List,
    /// That it is a success says all there is to say.
    Nothing,
}

impl Reading {
    fn limit(self) -> usize {
        match self {
            Self::Answer => 8 << 20,
            Self::List => 32 << 20,
            Self::Nothing => MAX_START,
        }
    }

    fn exceeded(self) -> CallError {
        CallError::Malformed {
            what: match self {
                Self::List => "it is larger than 32 MiB",
                _ => "it is larger than 8 MiB",
            },
        }
    }
}

/// The request, if it is one that can be sent. That is known before a place in the rate is taken for it.
pub(crate) fn request(builder: RequestBuilder) -> Result<Request, CallError> {
    let unsendable = CallError::Unsendable { what: "the base URL or the credentials cannot be used" };
    match builder.build() {
        Ok(request) if matches!(request.url().scheme(), "http" | "https") => Ok(request),
        _ => Err(unsendable),
    }
}

/// Sends a request.
pub(crate) async fn exchange(
    client: &Client,
    request: Request,
    terms: &Terms<'_>,
    now: impl Fn() -> Timestamp,
) -> Result<Vec<u8>, CallError> {
    let response = client.execute(request).await.map_err(not_answered)?;
    let status = response.status();
    if status.is_success() {
        return match terms.reading {
            Reading::Nothing => Ok(http::read_start(response, MAX_START).await),
            reading => http::read_body(response, reading.limit()).await.map_err(|error| match error {
                BodyError::TooLarge => reading.exceeded(),
                BodyError::Cut(error) => CallError::NoAnswer(error.without_url()),
            }),
        };
    }
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let after = after.and_then(|value| retry_after(value, now()));
    let body = http::read_start(response, MAX_START).await;
    let words = Words::of_body(&body, &terms.secrets);
    Err((terms.meaning)(Refused { status: status.as_u16(), after, words }))
}

/// Why there is no answer. A request that was on its way when the time was over, or the connection broke, may have been
/// carried out.
fn not_answered(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    if error.is_connect() { CallError::Unreachable(error) } else { CallError::NoAnswer(error) }
}
