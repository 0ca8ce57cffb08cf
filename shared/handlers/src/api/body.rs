//! Reading a body, and saying what is wrong with it: the field by its path, the rule it breaks, and never a value, which
//! may be a secret.

use serde::de::DeserializeOwned;

use crate::http::Problem;

/// Reads a body; an error names the field by its path, or `body` for the whole.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        if error.inner().is_data() {
            let words = error.inner().to_string();
            let words = words.rsplit_once(" at line").map_or(words.as_str(), |(words, _)| words);
            // The third of some names is `names.2`, as elsewhere.
            let path = error.path().to_string().replace('[', ".").replace(']', "");
            wrong_field(&path, words)
        } else {
            Problem::field("body", "the body is not JSON")
        }
    })?;
    reader.end().map_err(|_| Problem::field("body", "the body is not one JSON value"))?;
    Ok(body)
}

/// serde's words about a field, without the value that they may quote.
fn wrong_field(path: &str, words: &str) -> Problem {
    let inside = |name: &str| if path == "." { name.to_owned() } else { format!("{path}.{name}") };
    let field = if path == "." { "body" } else { path };
    let expected = || words.rsplit_once(", expected ").map_or("another value", |(_, expected)| expected);
    if let Some(name) = quoted(words, "missing field ") {
        Problem::field(inside(name), "is required")
    } else if words.starts_with("unknown field") {
        Problem::field(field, format!("unknown field, expected {}", expected()))
    } else if let Some(name) = quoted(words, "duplicate field ") {
        Problem::field(inside(name), "is given twice")
    } else if words.starts_with("UUID parsing failed") {
        Problem::field(field, "must be a UUID")
    } else if words.starts_with("invalid type") {
        Problem::field(field, format!("invalid type, expected {}", expected()))
    } else {
        Problem::field(field, format!("invalid value, expected {}", expected()))
    }
}

/// The name in backquotes after `start`.
fn quoted<'a>(words: &'a str, start: &str) -> Option<&'a str> {
    words.strip_prefix(start)?.strip_prefix('`')?.split('`').next()
}
