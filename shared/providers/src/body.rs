//! The part of reading a webhook's body that all senders share.

use courier_domain::ids::EventKey;
use serde_json::Value;

use crate::error::BodyError;

/// One event split out of a webhook's body.
#[derive(Debug, Clone, PartialEq)]
pub struct RawEvent {
    /// The sender's name of its type.
    pub kind: String,
    /// The same for every delivery of the same event.
    pub key: EventKey,
    /// The order or driver it is about, such as `order:<id>`; empty for an event that nobody handles. Parts of it may
    /// be a sender's own text of up to 128 bytes.
    pub subject: String,
    /// The event, untouched.
    pub body: Value,
}

/// Reads a body as JSON. Of a key that occurs twice in an object the last value counts: Captain.AI's published example
/// has such a key. A byte order mark before the text is skipped.
pub(crate) fn parse(body: &[u8]) -> Result<Value, BodyError> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(text).map_err(|error| {
        let what = if error.is_eof() { "it ends too early" } else { "syntax error" };
        BodyError::NotJson(format!("{what} at line {}, column {}", error.line(), error.column()))
    })
}
