//! Reads a call: one event, an object. What it is, is told by the URL or by the body; all else is read later.

use courier_domain::delivery::Provider;
use courier_domain::ids::EventKey;
use courier_domain::inbound::canonical;

use super::names::OrderNames;
use super::{event, location, time};
use crate::body::{RawEvent, parse};
use crate::contract::{Call, Split};
use crate::error::BodyError;
use crate::lenient::Fields;

/// What the bridge has no use for and nobody else should have: the code with which the customer shows that they have the
/// order, and the key of the application that made it.
const SECRETS: [&str; 2] = ["deliveryCode", "appKey"];

/// The event of a call, and where its driver was, if it says so. Jelp has no id of an event: one is made of all that makes
/// it the same, so that the same event sent again has the same key.
pub(super) fn read(call: &Call) -> Result<Split, BodyError> {
    let of_path = event::of_path(call.rest)?;
    let mut body = parse(call.body)?;
    let kind = of_path.unwrap_or_else(|| event::of_body(&body));
    let members =
        body.as_object_mut().ok_or_else(|| BodyError::shape("body", "must be one event, an object"))?;
    for secret in SECRETS {
        members.remove(secret);
    }
    let fields = Fields::of(&body);
    let at = time::occurred_at(fields, kind, call.received_at);
    let location = at.and_then(|at| location::told(fields, at));
    let order = OrderNames::read(fields).subject();
    let own_time = fields.first_text(["timestamp", "updatedAt", "createdAt"]).unwrap_or_default();
    let name = order.as_deref().unwrap_or_default();
    let key = EventKey::hashed([Provider::Jelp.as_str(), kind, name, &own_time, &canonical(&body)]);
    // Where no order is named, all such events are one subject.
    let subject = order.map_or_else(|| "orders".to_owned(), |name| format!("order:{name}"));
    let event = RawEvent { kind: kind.to_owned(), key, subject, body };
    Ok(Split { events: [event].into_iter().chain(location).collect(), ignored: 0 })
}

#[cfg(test)]
mod tests;
