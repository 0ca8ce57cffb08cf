//! Bringg's report of the webhooks that it gave up on after three attempts: a CSV file, one webhook in each row. Bringg does
//! not publish its columns, so the usual names are tried, and whoever brings the report may say what they are.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};
use http::HeaderMap;
use jiff::Timestamp;

use super::webhook;
use crate::contract::{Call, Split};
use crate::error::BodyError;

/// The names under which a webhook's body may be found, without spaces, `_` and `-`.
const PAYLOADS: [&str; 5] = ["payload", "body", "data", "webhookpayload", "requestbody"];

/// The names under which an event's name may be found.
const TYPES: [&str; 5] = ["webhooktype", "type", "event", "eventtype", "webhook"];

/// A row of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number; the first below the names of the columns is 1.
    pub number: usize,
    /// The event that it would have been, or why it cannot be one.
    pub split: Result<Split, BodyError>,
}

/// The rows of a report, each split as a call would have been, with the event's name in place of the URL's. Rows without
/// anything in them are passed over.
pub fn undelivered(
    csv: &[u8],
    payload_column: Option<&str>,
    type_column: Option<&str>,
    received_at: Timestamp,
) -> Result<Vec<Row>, BodyError> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(csv);
    let names: Vec<_> = reader.byte_headers().map_err(|_| unreadable())?.iter().map(squeezed).collect();
    if names.is_empty() {
        return Err(BodyError::shape("body", "must be CSV whose first row has the names of the columns"));
    }
    let payloads = column(&names, payload_column, &PAYLOADS);
    let payloads =
        payloads.ok_or_else(|| BodyError::shape("payload_column", missing(payload_column, &PAYLOADS)))?;
    let types = column(&names, type_column, &TYPES);
    if type_column.is_some() && types.is_none() {
        return Err(BodyError::shape("type_column", missing(type_column, &TYPES)));
    }
    let mut rows = Vec::new();
    for (index, record) in reader.byte_records().enumerate() {
        let record = record.map_err(|_| unreadable())?;
        if record.iter().any(|field| !field.trim_ascii().is_empty()) {
            rows.push(Row { number: index + 1, split: row(&record, payloads, types, received_at) });
        }
    }
    Ok(rows)
}

fn row(
    record: &ByteRecord,
    payloads: usize,
    types: Option<usize>,
    received_at: Timestamp,
) -> Result<Split, BodyError> {
    let field = |column: usize| record.get(column).map(<[u8]>::trim_ascii).filter(|field| !field.is_empty());
    let body = field(payloads).ok_or_else(|| BodyError::shape("payload_column", "is empty in this row"))?;
    let kind = types.and_then(field).map(String::from_utf8_lossy);
    let rest: Vec<&str> = kind.iter().map(Cow::as_ref).collect();
    webhook::split(&Call { rest: &rest, query: "", headers: &HeaderMap::new(), body, received_at })
}

/// The column of that name, or of the first of the usual names that is there.
fn column(names: &[String], wanted: Option<&str>, usual: &[&str]) -> Option<usize> {
    let of = |name: &str| names.iter().position(|column| column == name);
    match wanted {
        Some(name) => of(&squeezed(name.as_bytes())),
        None => usual.iter().find_map(|name| of(name)),
    }
}

/// A name without case, and without what stands between its words.
fn squeezed(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let letters = name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'));
    letters.flat_map(char::to_lowercase).collect()
}

fn missing(wanted: Option<&str>, usual: &[&str]) -> String {
    match wanted {
        Some(_) => "names no column of the first row".to_owned(),
        None => format!("must name the column, since the first row has none of {}", usual.join(", ")),
    }
}

fn unreadable() -> BodyError {
    BodyError::shape("body", "cannot be read as CSV")
}

#[cfg(test)]
mod tests;
