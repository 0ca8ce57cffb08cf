//! Why something a sender wrote was not taken. Both kinds of error are shown to people and written to logs, so they name
//! the field and the rule it breaks and never repeat a value, which may be a secret or a person's data.

/// Why the body of a webhook call is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is not JSON; where reading stopped.
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    /// It is JSON, but not an event that can be kept.
    #[error("{field}: {problem}")]
    Shape {
        /// The path of the field, such as `[3].eventInfo.id`; `body` for the whole.
        field: String,
        /// The rule it breaks.
        problem: String,
    },
}

impl BodyError {
    pub(crate) fn shape(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Shape { field: field.into(), problem: problem.into() }
    }

    /// The same error of the element at `index` of an array.
    pub(crate) fn at(self, index: usize) -> Self {
        match self {
            Self::Shape { field, problem } if field == "body" => {
                Self::Shape { field: format!("[{index}]"), problem }
            }
            Self::Shape { field, problem } => Self::Shape { field: format!("[{index}].{field}"), problem },
            other @ Self::NotJson(_) => other,
        }
    }
}

/// Why an event cannot be mapped. A repetition ends in the same way: the event belongs into the dead letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// A field without which the event means nothing is missing or of another type.
    #[error("{field}: {problem}")]
    Field {
        /// The path of the field in the event, such as `eventInfo.order.status`.
        field: String,
        /// The rule it breaks.
        problem: String,
    },
}

impl MapError {
    pub(crate) fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Field { field: field.into(), problem: problem.into() }
    }
}
