//! A task's status: a number, the same number as a text, or one of several spellings of its name. 5 is not documented.

use super::event::{
    ARRIVED, CHECKED_IN, DONE, ON_THE_WAY, ORDER_ACCEPTED, ORDER_ASSIGNED, ORDER_CANCELLED, ORDER_CREATED,
    ORDER_REJECTED, ORDER_UNASSIGNED, spelled,
};
use crate::lenient::Fields;

/// By number, in the order of a lifecycle as far as they have one, which the numbers have not. One has only a name.
const NAMES: [(&str, &str); 10] = [
    ("0", "created"),
    ("9", "unacknowledged"),
    ("", "assigned_to_delivery_provider"),
    ("1", "assigned"),
    ("6", "accepted"),
    ("2", "on_the_way"),
    ("3", "checked_in"),
    ("4", "done"),
    ("7", "cancelled"),
    ("8", "rejected"),
];

/// Those of a task that nobody carries.
const WITHOUT_DRIVER: [&str; 3] = ["created", "unacknowledged", "rejected"];

/// A status as a body has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Status {
    /// Bringg's name of it, where it is known.
    pub(super) known: Option<&'static str>,
    /// As it is shown: the name, or what was written.
    pub(super) shown: String,
}

/// The status in a body's field `status`, in the first of these places that has one.
pub(super) fn of(places: &[Fields]) -> Option<Status> {
    let written = places.iter().find_map(|place| place.text("status"))?;
    let known = name(&written);
    Some(Status { known, shown: known.map_or(written, str::to_owned) })
}

fn name(written: &str) -> Option<&'static str> {
    let number = written.strip_suffix(".0").unwrap_or(written);
    let spelled = spelled(written);
    let bare = spelled.strip_prefix("task_").or_else(|| spelled.strip_prefix("order_")).unwrap_or(&spelled);
    let bare = if bare == "canceled" { "cancelled" } else { bare };
    NAMES.into_iter().find(|(digit, name)| *digit == number || *name == bare).map(|(_, name)| name)
}

/// The status that an event brings; `None` of one that may leave any.
pub(super) fn of_event(kind: &str) -> Option<&'static str> {
    Some(match kind {
        ORDER_CREATED => "created",
        ORDER_ASSIGNED => "assigned",
        ORDER_ACCEPTED => "accepted",
        ORDER_REJECTED => "rejected",
        ON_THE_WAY => "on_the_way",
        CHECKED_IN | ARRIVED => "checked_in",
        DONE => "done",
        ORDER_CANCELLED => "cancelled",
        _ => return None,
    })
}

/// Whether a body shows its task further on than its event brought it. Then the body was written later than the event
/// happened, and the time of the task's last change is not the event's.
pub(super) fn is_ahead(kind: &str, status: Option<&Status>) -> bool {
    // A task that lost its driver and has another already shows what came after.
    if [ORDER_UNASSIGNED, ORDER_REJECTED].contains(&kind) {
        return status.is_some_and(|status| !status.known.is_some_and(|name| WITHOUT_DRIVER.contains(&name)));
    }
    if ![ORDER_CREATED, ORDER_ASSIGNED, ORDER_ACCEPTED, ON_THE_WAY, CHECKED_IN].contains(&kind) {
        return false;
    }
    let place = |name: &str| NAMES.iter().position(|(_, known)| *known == name);
    let (event, body) = (of_event(kind).and_then(place), status.and_then(|status| place(status.known?)));
    event.is_some() && body > event
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(status: &Value) -> Option<Status> {
        of(&[Fields::of(&json!({ "status": status }))])
    }

    #[test]
    fn a_status_is_read_by_number_and_by_name() {
        for (written, name) in [
            (json!(0), "created"),
            (json!(1), "assigned"),
            (json!(2), "on_the_way"),
            (json!("2"), "on_the_way"),
            (json!(2.0), "on_the_way"),
            (json!(3), "checked_in"),
            (json!(4), "done"),
            (json!(6), "accepted"),
            (json!(7), "cancelled"),
            (json!(8), "rejected"),
            (json!(9), "unacknowledged"),
            (json!("TASK_REJECTED"), "rejected"),
            (json!("On The Way"), "on_the_way"),
            (json!("canceled"), "cancelled"),
            (json!("checked-in"), "checked_in"),
            (json!("Assigned to Delivery Provider"), "assigned_to_delivery_provider"),
        ] {
            let status = read(&written).unwrap();
            assert_eq!((status.known, status.shown.as_str()), (Some(name), name), "{written}");
        }
        for written in [json!(5), json!(10), json!("Waiting for a van"), json!("22")] {
            let status = read(&written).unwrap();
            let shown = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
            assert_eq!((status.known, status.shown), (None, shown));
        }
        for none in [json!(null), json!(" "), json!({}), json!(true)] {
            assert_eq!(read(&none), None);
        }
    }

    #[test]
    fn a_body_that_is_further_than_its_event_was_written_later() {
        for (kind, status, ahead) in [
            (ORDER_CREATED, json!(0), false),
            (ORDER_CREATED, json!(1), true),
            (ORDER_ACCEPTED, json!(1), false),
            (ORDER_ACCEPTED, json!(2), true),
            (ON_THE_WAY, json!(2), false),
            (ON_THE_WAY, json!(6), false),
            (ON_THE_WAY, json!(4), true),
            (ORDER_ASSIGNED, json!("TASK_REJECTED"), true),
            (ORDER_ASSIGNED, json!(5), false),
            (ORDER_UNASSIGNED, json!(0), false),
            (ORDER_UNASSIGNED, json!(9), false),
            (ORDER_UNASSIGNED, json!(1), true),
            (ORDER_UNASSIGNED, json!(5), true),
            (ORDER_REJECTED, json!("TASK_REJECTED"), false),
            (ORDER_REJECTED, json!(6), true),
            (DONE, json!(7), false),
        ] {
            assert_eq!(is_ahead(kind, read(&status).as_ref()), ahead, "{kind} {status}");
        }
        assert!(!is_ahead(ORDER_CREATED, None));
    }
}
