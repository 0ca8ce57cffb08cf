//! What Syrve says, in types.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::Words;

/// Syrve's name for an accepted command, by which its outcome is asked for. Syrve documents a UUID; it is only ever
/// handed back, so it is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for CorrelationId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<CorrelationId> for String {
    fn from(id: CorrelationId) -> Self {
        id.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far an accepted command is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandStatus {
    /// Not yet at the POS, or in a state that this version does not know.
    InProgress,
    /// Carried out.
    Success,
    /// Not carried out.
    Error {
        /// Why, in Syrve's words.
        reason: Option<Words>,
    },
    /// Syrve does not remember the command and must not be asked again; the order itself tells what became of it.
    Forgotten,
}
