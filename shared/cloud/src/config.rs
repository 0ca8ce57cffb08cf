//! Settings of a function, from its environment. A missing one stops the function at start, by name.

use std::env;

/// A setting is missing or wrong.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is missing or empty")]
pub struct Missing(pub &'static str);

/// The value of a variable that the template sets.
pub fn required(name: &'static str) -> Result<String, Missing> {
    optional(name).ok_or(Missing(name))
}

/// The value of a variable that may be absent.
pub fn optional(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}
