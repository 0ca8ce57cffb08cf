//! What is kept of an answer, and why there is none.

use std::error::Error;
use std::io;

use courier_domain::notification::{AttemptError, KEPT_OF_ANSWER};
use courier_domain::ports::{SubscriberAnswer, SubscriberCall};
use courier_domain::secret::Secret;
use http::Response;
use http::header::RETRY_AFTER;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use tokio::time::{Instant, timeout_at};

use super::resolver::NoAddress;
use crate::answer::retry_after;

/// Reads an answer as far as it is kept. A date in `Retry-After` counts from when the call began.
pub(super) async fn read(
    response: Response<Incoming>,
    call: &SubscriberCall<'_>,
    deadline: Instant,
) -> SubscriberAnswer {
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = after.and_then(|value| retry_after(value, call.at)).map(|after| after.as_secs());
    // A token that is quoted across the end of what is kept is read to its own end, to be seen.
    let limit = KEPT_OF_ANSWER + call.auth_token.expose().len();
    let start = start(response.into_body(), limit, deadline).await;
    SubscriberAnswer {
        status: Some(status.as_u16()),
        error: (!status.is_success()).then_some(AttemptError::Status),
        retry_after,
        answer: text(&start, call.auth_token),
    }
}

/// The first `limit` bytes of a body, or what comes of it in time.
async fn start(mut body: Incoming, limit: usize, deadline: Instant) -> Vec<u8> {
    let mut start = Vec::new();
    while start.len() < limit
        && let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await
    {
        start.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    start.truncate(limit);
    start
}

/// There is no answer.
pub(super) fn none(error: AttemptError) -> SubscriberAnswer {
    SubscriberAnswer { status: None, error: Some(error), retry_after: None, answer: String::new() }
}

/// A body as a text that can be stored and shown anywhere: without our token, should it quote that, and without control
/// characters but for the ends of lines and tabs.
fn text(start: &[u8], auth_token: &Secret) -> String {
    let (text, token) = (String::from_utf8_lossy(start), auth_token.expose());
    // What is left of a token at the end of what is kept would not be found.
    let cut = text.match_indices(token).map(|(at, _)| at);
    let cut = cut.filter(|at| *at < KEPT_OF_ANSWER).find(|at| at + token.len() > KEPT_OF_ANSWER);
    let kept = text.get(..text.floor_char_boundary(cut.unwrap_or(KEPT_OF_ANSWER))).unwrap_or_default();
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let mut kept = kept.replace(token, "***").replace(odd, "\u{fffd}");
    // What replaces a control character is longer than that.
    kept.truncate(kept.floor_char_boundary(KEPT_OF_ANSWER));
    kept
}

/// Why there is no answer: what a cause says by its type, or else that the connection was none or broke.
pub(super) fn why(error: &legacy::Error) -> AttemptError {
    let told = std::iter::successors(Some(error as Cause<'_>), |error| cause(*error)).find_map(told_by);
    told.unwrap_or(AttemptError::Connection)
}

type Cause<'a> = &'a (dyn Error + 'static);

/// What caused an error. An I/O error that was made of another one hides it from `source`.
fn cause(error: Cause<'_>) -> Option<Cause<'_>> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn told_by(cause: Cause<'_>) -> Option<AttemptError> {
    match cause.downcast_ref() {
        Some(NoAddress::Forbidden) => Some(AttemptError::ForbiddenAddress),
        Some(NoAddress::Unknown(_) | NoAddress::Nowhere) => Some(AttemptError::Dns),
        None if cause.is::<rustls::Error>() => Some(AttemptError::Tls),
        None if cause.downcast_ref().is_some_and(hyper::Error::is_parse) => Some(AttemptError::Answer),
        None => None,
    }
}
