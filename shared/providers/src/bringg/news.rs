//! What one event says of an order's delivery: its status by the table, the driver, the guest's time, remarks and reasons.

use courier_domain::delivery::{FleetDriver, Provider};
use courier_domain::report::FleetNews;
use serde_json::Value;

use super::event::{
    ACCEPTED_BY_FLEET, ASSIGNED_TO_FLEET, ETA_CHANGED, NOTE_CREATED, ORDER_CANCELLED, ORDER_REJECTED,
    ORDER_UNASSIGNED, TASK,
};
use super::names::{carrier, driver};
use super::parts::Parts;
use super::place::{self, Place};
use super::status::{self, Status};
use super::time;
use crate::lenient::Fields;
use crate::lifecycle::meaning;

/// Where the reason of a cancellation may be. Bringg publishes the members of its object for it, not the object's name.
const REASONS: [&str; 6] = [
    "cancellation_reason",
    "cancel_reason",
    "cancel_reasons",
    "task_cancel_reason",
    "task_cancel_reasons",
    "reason",
];

/// What an event says.
pub(super) fn of(kind: &str, parts: &Parts, place: Place, status: Option<&Status>) -> FleetNews {
    let known = status.and_then(|status| status.known).unwrap_or_default();
    let word = if kind == TASK { known } else { place.word() };
    let (reached, implied) = meaning(Provider::Bringg, kind, word);
    let is_cancelled = kind == ORDER_CANCELLED || (kind == TASK && known == "cancelled");
    // The event counts before the status: a published body of a task that is done has the number of one accepted.
    let shown = || status.map(|status| status.shown.clone());
    let mut news = FleetNews {
        status: reached,
        implied,
        order_status: status::of_event(kind).map(str::to_owned).or_else(shown),
        tracking_url: tracking_url(parts.envelope),
        eta: eta(kind, parts, place).and_then(|point| time::planned(point, "eta")),
        end_reason: if is_cancelled { reason(parts) } else { None },
        note: note(kind, parts),
        ..FleetNews::default()
    };
    tell_driver(&mut news, kind, known, parts);
    news
}

/// Says who the driver is, or that there is none. The author of a note is nobody's driver.
fn tell_driver(news: &mut FleetNews, kind: &str, known: &str, parts: &Parts) {
    let lost = matches!(kind, ORDER_UNASSIGNED | ORDER_REJECTED) || (kind == TASK && known == "rejected");
    let found =
        driver(&[parts.task, parts.around, parts.way_point]).filter(|_| kind != NOTE_CREATED && !lost);
    let found = found.map(|driver| FleetDriver { carrier: carrier(parts), ..driver });
    // A task is `created` while it has no driver, again after it lost one.
    let has_none = lost || (kind == TASK && known == "created");
    news.driver = found.map(Some).or(has_none.then_some(None));
}

/// The way point whose time of arrival is the guest's. Bringg says of a change of it that it is, so only one that is known
/// to be the other is not taken.
fn eta<'a>(kind: &str, parts: &Parts<'a>, place: Place) -> Option<Fields<'a>> {
    let own = Some(parts.way_point).filter(|point| point.members().next().is_some());
    match (own, place) {
        (None, _) => place::dropoff(parts),
        (Some(own), Place::Dropoff) => Some(own),
        (Some(own), Place::Unknown) if kind == ETA_CHANGED => Some(own),
        (Some(_), _) => None,
    }
}

/// A carrier is no driver, so its name is a remark; what it makes of the order comes with other events.
fn note(kind: &str, parts: &Parts) -> Option<String> {
    match kind {
        NOTE_CREATED => parts.note.first_text(["note", "text"]),
        ASSIGNED_TO_FLEET => carrier(parts).map(|carrier| format!("Assigned to the carrier {carrier}")),
        ACCEPTED_BY_FLEET => carrier(parts).map(|carrier| format!("Accepted by the carrier {carrier}")),
        _ => None,
    }
}

/// The carrier's page for the guest.
fn tracking_url(envelope: Fields) -> Option<String> {
    let extras = envelope.object("task_fleet_mapping").object("shared_extras");
    extras.link("external_carrier_tracking_url")
}

/// A text, or an object with one, or a list of either, of which the last counts.
fn reason(parts: &Parts) -> Option<String> {
    fn text(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
            Value::Array(list) => list.iter().rev().find_map(text),
            Value::Object(_) => {
                Fields::of(value).first_text(["other_text", "reason", "text", "title", "name"])
            }
            _ => None,
        }
    }
    let places = [parts.task, parts.around, parts.envelope];
    places.into_iter().find_map(|place| REASONS.into_iter().find_map(|name| text(place.value(name)?)))
}

#[cfg(test)]
mod tests;
