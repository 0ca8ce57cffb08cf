//! Which of its way points an event is about, and whether that is where the order is collected or where the guest is. On
//! the way to the restaurant is not on the way to the guest, and the events of both look alike.
//!
//! An order has one way point, the guest's, or two, the restaurant's first. `pickup_dropoff_option` is 0 for a pickup and 1
//! for a drop-off in Bringg's samples and in the code of its apps; its documentation does not explain it.

use super::event::{ARRIVED, CHECKED_IN, LEFT, ON_THE_WAY};
use super::parts::Parts;
use crate::lenient::Fields;

/// Where an event happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where the order is collected.
    Pickup,
    /// Where the guest is.
    Dropoff,
    /// One of both; nothing says which.
    Unknown,
}

impl Place {
    /// The word for it in the table of statuses.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pickup => "pickup",
            Self::Dropoff => "dropoff",
            Self::Unknown => "",
        }
    }
}

/// The place of an event, and its way point where one is known.
pub(super) fn of<'a>(kind: &str, parts: &Parts<'a>) -> (Place, Option<Fields<'a>>) {
    let points = parts.way_points();
    let own = parts.way_point;
    if own.members().next().is_some() {
        let index = index_by_id(&points, own.name("id"));
        let option = by_option(own).or_else(|| by_option(points.get(index?).copied()?));
        let listed = || index.map(|index| among(&points, index));
        let place = option.or_else(|| by_position(own)).or_else(listed).unwrap_or(Place::Unknown);
        return (place, Some(own));
    }
    if !matches!(kind, ON_THE_WAY | CHECKED_IN | ARRIVED | LEFT) {
        return (Place::Unknown, None);
    }
    let index = match points.len() {
        0 => None,
        1 => Some(0),
        _ => named(parts, &points)
            .or_else(|| if kind == LEFT { last_left(&points) } else { next(parts, &points) }),
    };
    let place = index.map_or(Place::Unknown, |index| among(&points, index));
    (place, index.and_then(|index| points.get(index).copied()))
}

/// The guest's way point: the last that says so, or the last.
pub(super) fn dropoff<'a>(parts: &Parts<'a>) -> Option<Fields<'a>> {
    let points = parts.way_points();
    let said = points.iter().rev().find(|point| by_option(**point) == Some(Place::Dropoff));
    said.or(points.last()).copied()
}

/// What a listed way point says of itself, or its place among the others.
fn among(points: &[Fields], index: usize) -> Place {
    let said = points.get(index).and_then(|point| by_option(*point));
    said.unwrap_or(match index {
        _ if index + 1 == points.len() => Place::Dropoff,
        0 => Place::Pickup,
        _ => Place::Unknown,
    })
}

fn by_option(point: Fields) -> Option<Place> {
    match point.text("pickup_dropoff_option")?.as_str() {
        "0" | "pickup" => Some(Place::Pickup),
        "1" | "dropoff" => Some(Place::Dropoff),
        _ => None,
    }
}

/// The second is the guest's; the first may be the only one.
fn by_position(point: Fields) -> Option<Place> {
    (point.parsed::<i64>("position")? >= 2).then_some(Place::Dropoff)
}

fn index_by_id(points: &[Fields], id: Option<String>) -> Option<usize> {
    let id = id?;
    points.iter().position(|point| point.name("id").as_ref() == Some(&id))
}

/// The way point that the event itself names.
fn named(parts: &Parts, points: &[Fields]) -> Option<usize> {
    index_by_id(points, parts.envelope.name("way_point_id"))
}

fn is_left(point: Fields) -> bool {
    point.value("checkout_time").is_some() || says(point, "done")
}

/// The one that was left last.
fn last_left(points: &[Fields]) -> Option<usize> {
    points.iter().rposition(|point| is_left(*point))
}

/// The one that the driver is at or goes to: the active one, or the first that was not left yet, if anything at all is
/// said of what was left.
fn next(parts: &Parts, points: &[Fields]) -> Option<usize> {
    let active = parts.of_task().into_iter().find_map(|task| task.name("active_way_point_id"));
    let says_anything = |point: &Fields| {
        ["done", "checkin_time", "checkout_time"].into_iter().any(|name| point.value(name).is_some())
    };
    let first_not_left =
        || points.iter().position(|point| !is_left(*point)).filter(|_| points.iter().any(says_anything));
    index_by_id(points, active).or_else(first_not_left)
}

/// A yes, which may be written as a number or a text.
fn says(fields: Fields, name: &str) -> bool {
    fields.yes_or_no(name) == Some(true)
}

#[cfg(test)]
mod tests;
