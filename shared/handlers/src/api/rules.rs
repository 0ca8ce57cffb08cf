//! Rules for single fields, beyond their type.

use lambda_http::http::Uri;

use crate::http::Problem;

/// Calls in a minute.
pub(super) fn rate(field: &str, per_minute: u32) -> Result<(), Problem> {
    if (1..=6000).contains(&per_minute) {
        return Ok(());
    }
    Err(Problem::field(field, "must be a number of calls in a minute from 1 to 6000"))
}

/// A text for people.
pub(super) fn length(field: &str, text: &str, least: usize, most: usize) -> Result<(), Problem> {
    if (least..=most).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    Err(Problem::field(field, format!("must have {least} to {most} characters")))
}

/// A text that programs send each other, in headers too: visible ASCII, no spaces. Anything else would be stored as one
/// text and arrive as another.
pub(super) fn token(field: &str, text: &str, least: usize, most: usize) -> Result<(), Problem> {
    if (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Problem::field(
        field,
        format!("must have {least} to {most} characters, visible ASCII without spaces"),
    ))
}

/// Secrets travel to this address, so it must be https, except on the machine itself.
pub(super) fn url(field: &str, text: &str) -> Result<String, Problem> {
    let parsed = text.parse::<Uri>().ok().filter(|_| !text.contains(['#', '@']));
    let ok = parsed.is_some_and(|uri| {
        let host = uri.host().unwrap_or_default();
        let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        let scheme = uri.scheme_str().unwrap_or_default();
        !host.is_empty() && uri.query().is_none() && (scheme == "https" || (scheme == "http" && local))
    });
    if ok {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(Problem::field(field, "must be an https URL, without user, query or fragment"))
    }
}
