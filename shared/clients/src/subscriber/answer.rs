//! What is kept of an answer, and why there is none.

use std::error::Error;
use std::io;

use courier_domain::notification::{AttemptError, KEPT_OF_ANSWER};
use courier_domain::ports::{SubscriberAnswer, SubscriberCall};
use courier_domain::secret::Secret;
use reqwest::Response;
use reqwest::header::RETRY_AFTER;

use super::resolver::NoAddress;
use crate::answer::retry_after;
use crate::http;

/// Reads an answer as far as it is kept. A date in `Retry-After` counts from when the call began.
pub(super) async fn read(response: Response, call: &SubscriberCall<'_>) -> SubscriberAnswer {
    let status = response.status();
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = after.and_then(|value| retry_after(value, call.at)).map(|after| after.as_secs());
    // A token that is quoted across the end of what is kept is read to its own end, to be seen.
    let start = http::read_start(response, KEPT_OF_ANSWER + call.auth_token.expose().len()).await;
    SubscriberAnswer {
        status: Some(status.as_u16()),
        error: (!status.is_success()).then_some(AttemptError::Status),
        retry_after,
        answer: text(&start, call.auth_token),
    }
}

/// There is no answer.
pub(super) fn none(error: AttemptError) -> SubscriberAnswer {
    SubscriberAnswer { status: None, error: Some(error), retry_after: None, answer: String::new() }
}

/// A body as a text that can be stored and shown anywhere: without our token, should it quote that, and without control
/// characters but for the ends of lines and tabs.
fn text(start: &[u8], auth_token: &Secret) -> String {
    let text = String::from_utf8_lossy(start);
    let text = match auth_token.expose() {
        "" => text.into_owned(),
        token => text.replace(token, "***"),
    };
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let mut text = text.replace(odd, "\u{fffd}");
    text.truncate(text.floor_char_boundary(KEPT_OF_ANSWER));
    text
}

/// Why there is no answer: what a cause says by its type, or else how far the client came.
pub(super) fn why(error: &reqwest::Error) -> AttemptError {
    let told = std::iter::successors(Some(error as Cause<'_>), |error| cause(*error)).find_map(told_by);
    // No connection in time is no connection.
    let connection = error.is_connect() || !error.is_timeout();
    told.unwrap_or(if connection { AttemptError::Connection } else { AttemptError::Timeout })
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
