//! Splits the body of a Syrve webhook call into events and says where each belongs.
//!
//! Strict where the bridge depends on it (type, organization, id, version), silent about the rest, and about
//! everything in types of event that it does not handle. One bad event refuses the whole call: Syrve repeats calls, not
//! events, and an answer that takes half of them would lose the other half unnoticed.

use courier_domain::ids::{EventKey, OrganizationId};
use courier_domain::inbound::canonical;
use serde_json::Value;

use super::{ORDER_ERROR, ORDER_UPDATE, SHIFT, millis, time, uuid};
use crate::body::{RawEvent, parse};
use crate::error::BodyError;
use crate::lenient::Fields;

/// Which function an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// Orders: created, changed, failed.
    DeliveryOrder,
    /// Shifts: opened, closed.
    PersonalShift,
    /// A type that nothing handles: counted, not kept.
    Ignored,
}

impl Route {
    /// The route of an event type.
    pub fn of(event_type: &str) -> Self {
        match event_type {
            ORDER_UPDATE | ORDER_ERROR => Self::DeliveryOrder,
            SHIFT => Self::PersonalShift,
            _ => Self::Ignored,
        }
    }
}

/// One event of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct SyrveEvent {
    /// The event.
    pub raw: RawEvent,
    /// Whose it is, by the envelope.
    pub organization_id: Option<OrganizationId>,
    /// Whose it is, by the order itself, where that says something else.
    pub other_organization_id: Option<OrganizationId>,
    /// Where it belongs.
    pub route: Route,
}

impl SyrveEvent {
    /// Every organization the event names: the receiver takes it only if all are the account's own.
    pub fn organization_ids(&self) -> impl Iterator<Item = OrganizationId> {
        self.organization_id.into_iter().chain(self.other_organization_id)
    }
}

/// Splits a body: an array of events, as documented, or one event. An empty array is no event and no error.
pub fn split(body: &[u8]) -> Result<Vec<SyrveEvent>, BodyError> {
    match parse(body)? {
        Value::Array(events) => {
            let read = |(index, event)| read(event).map_err(|error: BodyError| error.at(index));
            events.into_iter().enumerate().map(read).collect()
        }
        event @ Value::Object(_) => Ok(vec![read(event)?]),
        _ => Err(BodyError::shape("body", "must be an array of events or one event")),
    }
}

fn read(event: Value) -> Result<SyrveEvent, BodyError> {
    if !event.is_object() {
        return Err(BodyError::shape("body", "must be an object"));
    }
    let fields = Fields::of(&event);
    let kind = fields.value("eventType").and_then(Value::as_str).filter(|kind| !kind.trim().is_empty());
    let kind =
        kind.ok_or_else(|| BodyError::shape("eventType", "must be a text that is not empty"))?.to_owned();
    let route = Route::of(&kind);
    let organization = uuid(fields, "organizationId");
    // An event that nobody handles must not refuse the orders that came with it.
    if organization.is_none() && route != Route::Ignored {
        return Err(not_uuid("organizationId"));
    }
    let inner = inner_organization(fields, route)?.filter(|inner| Some(*inner) != organization);
    let identity = Identity::read(fields, route)?;
    let key = identity.key(&organization.unwrap_or_default().to_string(), &kind, fields);
    Ok(SyrveEvent {
        organization_id: organization.map(OrganizationId::from),
        other_organization_id: inner.map(OrganizationId::from),
        route,
        raw: RawEvent { kind, key, subject: identity.subject, body: event },
    })
}

fn inner_organization(fields: Fields, route: Route) -> Result<Option<uuid::Uuid>, BodyError> {
    let info = fields.object("eventInfo");
    let inner = uuid(info, "organizationId");
    let unreadable = inner.is_none() && info.value("organizationId").is_some();
    if unreadable && route != Route::Ignored { Err(not_uuid("eventInfo.organizationId")) } else { Ok(inner) }
}

/// What makes an event this event and no other: neither the correlation id, which may change when Syrve sends it again,
/// nor an order's `eventTime`, which may be the time of sending.
struct Identity {
    subject: String,
    id: String,
    version: String,
}

impl Identity {
    fn read(fields: Fields, route: Route) -> Result<Self, BodyError> {
        if route == Route::Ignored {
            let version = fields.text("eventTime").unwrap_or_default();
            return Ok(Self { subject: String::new(), id: String::new(), version });
        }
        if !fields.value("eventInfo").is_some_and(Value::is_object) {
            return Err(BodyError::shape("eventInfo", "must be an object"));
        }
        let info = fields.object("eventInfo");
        let id = uuid(info, "id").ok_or_else(|| not_uuid("eventInfo.id"))?.to_string();
        if route == Route::DeliveryOrder {
            let at = millis(info);
            let problem =
                || BodyError::shape("eventInfo.timestamp", "must be a time in Unix milliseconds, an integer");
            let version = at.ok_or_else(problem)?.as_millisecond().to_string();
            Ok(Self { subject: format!("order:{id}"), id, version })
        } else {
            let at = fields.value("eventTime").and_then(Value::as_str).and_then(time::parse_utc);
            let problem = || BodyError::shape("eventTime", "must be a time as yyyy-MM-dd HH:mm:ss.fff");
            Ok(Self { subject: format!("driver:{id}"), id, version: at.ok_or_else(problem)?.to_string() })
        }
    }

    fn key(&self, organization: &str, kind: &str, fields: Fields) -> EventKey {
        let info = fields.value("eventInfo").map(canonical).unwrap_or_default();
        EventKey::hashed(["syrve", organization, kind, &self.id, &self.version, &info])
    }
}

fn not_uuid(field: &str) -> BodyError {
    BodyError::shape(field, "must be a UUID")
}

#[cfg(test)]
mod tests;
