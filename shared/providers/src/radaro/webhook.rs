//! Checks a Radaro call: one event about a job that can be named. The token is taken out here, so that nothing after this
//! can store or log it, and so that an event sent again after a change of the token is still the same event.

use courier_domain::delivery::Provider;
use courier_domain::ids::EventKey;
use courier_domain::inbound::canonical;
use serde_json::Value;

use super::names::JobNames;
use super::{CREATED, UPDATED};
use crate::body::{RawEvent, parse};
use crate::contract::Split;
use crate::error::BodyError;
use crate::lenient::Fields;

/// The field of the body that holds the token.
pub(super) const TOKEN: &str = "token";

/// The event of a call; an event of a type of no use is counted and not kept.
pub(super) fn split(body: &[u8]) -> Result<Split, BodyError> {
    let mut body = parse(body)?;
    let Some(members) = body.as_object_mut() else {
        return Err(BodyError::shape("body", "must be one event, an object"));
    };
    // Radaro documents no other place for it, but a token that a manager pasted into a comment must not be kept either.
    if let Some(Value::String(token)) = members.remove(TOKEN).filter(|token| *token != "") {
        forget(&mut body, &token);
    }
    let fields = Fields::of(&body);
    let Some(kind) = kind(fields) else { return Ok(Split::ignored()) };
    if !fields.value("order_info").is_some_and(Value::is_object) {
        return Err(BodyError::shape("order_info", "must be an object"));
    }
    let job = fields.object("order_info");
    let name = JobNames::read(job).best();
    let name =
        name.ok_or_else(|| BodyError::shape("order_info.order_id", "must name the job; so may external_id"))?;
    let at = job.text("updated_at").unwrap_or_default();
    let key = EventKey::hashed([Provider::Radaro.as_str(), kind, &name, &at, &canonical(&body)]);
    Ok(Split::one(RawEvent { kind: kind.to_owned(), key, subject: format!("order:{name}"), body }))
}

/// Which of the two events that Radaro describes this is: a change, which it calls `updated` and of which it says what
/// changed, or else a new job, whose name it does not publish. So what changed decides wherever the name is another, and
/// a name that is not known, of an event that changes nothing, is of no use.
fn kind(fields: Fields) -> Option<&'static str> {
    let says_what_changed = fields.object("new_values").members().next().is_some();
    match fields.text("event_type").map(|name| name.to_lowercase()).as_deref() {
        Some("updated") => Some(UPDATED),
        Some("created" | "new") => Some(CREATED),
        _ if says_what_changed => Some(UPDATED),
        None => Some(CREATED),
        Some(_) => None,
    }
}

/// Takes out every text with the token in it.
fn forget(value: &mut Value, token: &str) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.contains(token));
            members.values_mut().for_each(|member| forget(member, token));
        }
        Value::Array(list) => list.iter_mut().for_each(|element| forget(element, token)),
        Value::String(text) if text.contains(token) => *value = Value::Null,
        _ => {}
    }
}

#[cfg(test)]
mod tests;
