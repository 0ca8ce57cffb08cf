//! Bringg's report of undelivered webhooks: a byte that says which columns are named, and the file. Each row goes the way
//! that its webhook would have gone.

use courier_domain::delivery::Provider;
use courier_providers::bringg::{Columns, undelivered};

use crate::accounts::RECEIVED_AT;
use crate::events::check_error;
use crate::fleet;

/// What somebody may say of the columns.
const NOTHING: Columns = Columns { payload: None, kind: None, time: None, sent_at: None };
const DATED: Columns = Columns { sent_at: Some(RECEIVED_AT), ..NOTHING };
const COLUMNS: [Columns; 6] = [
    DATED,
    Columns { payload: Some("Payload"), ..DATED },
    Columns { payload: Some("payload"), kind: Some("webhook_type"), ..DATED },
    Columns { payload: Some(""), kind: Some(""), ..DATED },
    NOTHING,
    Columns { time: Some("sent_at"), ..NOTHING },
];

/// What the reader is fuzzed with.
pub struct Target(fleet::Target);

impl Target {
    /// With Bringg's accounts.
    pub fn new() -> Self {
        Self(fleet::Target::new(Provider::Bringg, None))
    }

    /// Handles one input.
    pub fn run(&self, bytes: &[u8]) {
        let [columns, csv @ ..] = bytes else { return };
        let columns = &COLUMNS[usize::from(*columns) % COLUMNS.len()];
        let rows = match undelivered(csv, columns, RECEIVED_AT) {
            Ok(rows) => rows,
            Err(error) => return check_error(&error.to_string()),
        };
        assert!(rows.iter().all(|row| row.number > 0), "a row without a number");
        assert!(rows.iter().all(|row| row.sent_at <= RECEIVED_AT), "a row of tomorrow");
        assert!(rows.is_sorted_by(|one, next| one.number < next.number), "two rows of one number");
        for row in rows {
            match row.split {
                Ok(split) => split.events.iter().for_each(|event| self.0.map(event, row.sent_at)),
                Err(error) => check_error(&error.to_string()),
            }
        }
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::new()
    }
}
