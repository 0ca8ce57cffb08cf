//! Query parameters: which there are, and what is wrong with them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::{Request, RequestExt};

use crate::http::Problem;

const LIMIT: usize = 50;
const MOST: usize = 100;
/// Said of a cursor that was not given out for the same list.
pub(super) const NOT_A_CURSOR: &str = "not a cursor of this list";

/// A parameter's value; an empty one counts as absent.
pub(super) fn text(request: &Request, name: &str) -> Option<String> {
    let parameters = request.query_string_parameters_ref()?;
    parameters.first(name).filter(|value| !value.is_empty()).map(str::to_owned)
}

/// Parameters that the call does not know are mistakes, and said to be.
pub(super) fn only(request: &Request, known: &[&str]) -> Result<(), Problem> {
    let parameters = request.query_string_parameters_ref();
    let unknown =
        parameters.and_then(|all| all.iter().map(|(name, _)| name).find(|name| !known.contains(name)));
    match (unknown, known) {
        (Some(name), []) => Err(Problem::field(name, "unknown parameter; this call takes none")),
        (Some(name), _) => {
            Err(Problem::field(name, format!("unknown parameter; known are {}", known.join(", "))))
        }
        (None, _) => Ok(()),
    }
}

/// How many items a page has.
pub(super) fn limit(request: &Request) -> Result<usize, Problem> {
    let Some(value) = text(request, "limit") else { return Ok(LIMIT) };
    let number = value.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| Problem::field("limit", format!("must be a number from 1 to {MOST}")))
}

/// The place a page of `list` starts after. A cursor names its list, so that none is taken for a place in another.
pub(super) fn cursor(request: &Request, list: &str) -> Result<Option<String>, Problem> {
    let Some(value) = text(request, "cursor") else { return Ok(None) };
    let text = URL_SAFE_NO_PAD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let place = text.as_deref().and_then(|text| text.strip_prefix(list)?.strip_prefix('|'));
    place.map(|place| Some(place.to_owned())).ok_or_else(|| Problem::field("cursor", NOT_A_CURSOR))
}

/// The cursor for a place in `list`.
pub(super) fn next_cursor(place: Option<String>, list: &str) -> Option<String> {
    place.map(|place| URL_SAFE_NO_PAD.encode(format!("{list}|{place}")))
}
