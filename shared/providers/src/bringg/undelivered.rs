//! Bringg's report of the webhooks that it gave up on after three attempts: a CSV file, one webhook in each row. Bringg does
//! not publish its columns, so the usual names are tried, and whoever brings the report may say what they are. A report is
//! brought after an outage, so each row is as old as it says: nothing in it may count as what happened just now.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder};
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use super::event::{Named, named};
use super::{time, webhook};
use crate::contract::{Call, Split};
use crate::error::BodyError;
use crate::time::is_past;

/// The names under which a webhook's body may be found, without spaces, `_` and `-`.
const PAYLOADS: [&str; 5] = ["payload", "body", "data", "webhookpayload", "requestbody"];

/// The names under which an event's name may be found.
const TYPES: [&str; 5] = ["webhooktype", "type", "event", "eventtype", "webhook"];

/// The names under which the time of an attempt may be found, the time of the event before those of what became of it.
const TIMES: [&str; 12] = [
    "happenedat",
    "sentat",
    "firstattemptat",
    "attemptedat",
    "createdat",
    "timestamp",
    "time",
    "datetime",
    "date",
    "lastattemptat",
    "failedat",
    "updatedat",
];

/// What whoever brings a report says of its columns; what they do not say is looked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Columns<'a> {
    /// The column of the webhooks' bodies.
    pub payload: Option<&'a str>,
    /// The column of the events' names.
    pub kind: Option<&'a str>,
    /// The column of the times at which they were sent.
    pub time: Option<&'a str>,
    /// When those were sent of which no column says it.
    pub sent_at: Option<Timestamp>,
}

/// A row of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number; the first below the names of the columns is 1.
    pub number: usize,
    /// When it should have been received: an event without a time of its own is as old as that, and not of the day on
    /// which somebody brings the report.
    pub sent_at: Timestamp,
    /// The event that it would have been, or why it cannot be one.
    pub split: Result<Split, BodyError>,
}

/// Where in a row everything is.
struct Places<'a> {
    payload: usize,
    kind: Option<usize>,
    time: Option<usize>,
    given: &'a Columns<'a>,
    received_at: Timestamp,
}

/// The rows of a report that was brought at `received_at`, each split as a call would have been, with the event's name in
/// place of the URL's. Rows without anything in them are passed over.
pub fn undelivered(csv: &[u8], columns: &Columns, received_at: Timestamp) -> Result<Vec<Row>, BodyError> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(csv);
    let names: Vec<_> = reader.byte_headers().map_err(|_| unreadable())?.iter().map(squeezed).collect();
    if names.is_empty() {
        return Err(BodyError::shape("body", "must be CSV whose first row has the names of the columns"));
    }
    let places = Places::find(&names, columns, received_at)?;
    let mut rows = Vec::new();
    for (index, record) in reader.byte_records().enumerate() {
        let record = record.map_err(|_| unreadable())?;
        if record.iter().any(|field| !field.trim_ascii().is_empty()) {
            let sent_at = places.sent_at(&record);
            let split = sent_at.clone().and_then(|sent_at| places.split(&record, sent_at));
            rows.push(Row { number: index + 1, sent_at: sent_at.unwrap_or(received_at), split });
        }
    }
    Ok(rows)
}

impl<'a> Places<'a> {
    fn find(names: &[String], given: &'a Columns<'a>, received_at: Timestamp) -> Result<Self, BodyError> {
        let needed = |field: &str, wanted: Option<&str>, usual: &[&str]| {
            column(names, wanted, usual).ok_or_else(|| BodyError::shape(field, missing(wanted, usual)))
        };
        let optional = |field: &str, wanted: Option<&str>, usual: &[&str], is_needed: bool| {
            let found = needed(field, wanted, usual);
            if is_needed || wanted.is_some() { found.map(Some) } else { Ok(found.ok()) }
        };
        Ok(Self {
            payload: needed("payload_column", given.payload, &PAYLOADS)?,
            kind: optional("type_column", given.kind, &TYPES, false)?,
            time: optional("time_column", given.time, &TIMES, given.sent_at.is_none())?,
            given,
            received_at,
        })
    }

    /// When the webhook of a row was sent, which is never later than now.
    fn sent_at(&self, record: &ByteRecord) -> Result<Timestamp, BodyError> {
        let written = self.time.and_then(|column| field(record, column)).map(String::from_utf8_lossy);
        let of_row = written.and_then(|text| time::instant(&Value::String(text.into_owned())));
        let sent_at = of_row.filter(|at| is_past(*at, self.received_at)).or(self.given.sent_at);
        let sent_at = sent_at
            .ok_or_else(|| BodyError::shape("time_column", "is no time in this row; sent_at may say it"))?;
        Ok(sent_at.min(self.received_at))
    }

    fn split(&self, record: &ByteRecord, received_at: Timestamp) -> Result<Split, BodyError> {
        let body = field(record, self.payload);
        let body = body.ok_or_else(|| BodyError::shape("payload_column", "is empty in this row"))?;
        let kind = self.kind.and_then(|column| field(record, column)).map(String::from_utf8_lossy);
        let is_known = |kind: &Cow<str>| named(kind) != Named::Unknown;
        if self.given.kind.is_some() && kind.as_ref().is_some_and(|kind| !is_known(kind)) {
            return Err(BodyError::shape("type_column", "is not an event of Bringg in this row"));
        }
        // A column that was only guessed may hold something else.
        let kind = kind.filter(is_known);
        let rest: Vec<&str> = kind.iter().map(Cow::as_ref).collect();
        webhook::split(&Call { rest: &rest, query: "", headers: &HeaderMap::new(), body, received_at })
    }
}

fn field(record: &ByteRecord, column: usize) -> Option<&[u8]> {
    record.get(column).map(<[u8]>::trim_ascii).filter(|field| !field.is_empty())
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
