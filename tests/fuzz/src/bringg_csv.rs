//! Bringg's report of undelivered webhooks: a byte that says which columns are named, and the file. Each row goes the way
//! that its webhook would have gone.

use courier_domain::delivery::Provider;
use courier_providers::bringg::undelivered;

use crate::accounts::RECEIVED_AT;
use crate::events::check_error;
use crate::fleet;

/// The names of the columns with the body and the type, as somebody may give them.
const COLUMNS: [(Option<&str>, Option<&str>); 4] =
    [(None, None), (Some("Payload"), None), (Some("payload"), Some("webhook_type")), (Some(""), Some(""))];

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
        let (payload, kind) = COLUMNS[usize::from(*columns) % COLUMNS.len()];
        let rows = match undelivered(csv, payload, kind, RECEIVED_AT) {
            Ok(rows) => rows,
            Err(error) => return check_error(&error.to_string()),
        };
        assert!(rows.iter().all(|row| row.number > 0), "a row without a number");
        assert!(rows.is_sorted_by(|one, next| one.number < next.number), "two rows of one number");
        for row in rows {
            match row.split {
                Ok(split) => split.events.iter().for_each(|event| self.0.map(event)),
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
