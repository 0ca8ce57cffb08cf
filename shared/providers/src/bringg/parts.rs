//! Where in a body the task is, the way point, the note and the driver. Bringg sends the same thing bare, wrapped in an
//! object of its own, or, of one event, half and half; a bare way point has its task's id beside its own.

use serde_json::Value;

use super::event::{NOTE_CREATED, is_about_driver, may_be_way_point};
use crate::lenient::Fields;

static NOTHING: Value = Value::Null;

/// The parts of an event's body; each is empty where it is not there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    /// The whole body.
    pub(super) envelope: Fields<'a>,
    /// The task.
    pub(super) task: Fields<'a>,
    /// Where else fields of the task may be.
    pub(super) around: Fields<'a>,
    /// The way point that the event is about.
    pub(super) way_point: Fields<'a>,
    /// The note that was made.
    pub(super) note: Fields<'a>,
    /// Whether the id of `task` is the task's for certain.
    pub(super) is_task: bool,
}

/// Whether there is an object of that name.
pub(super) fn has_object(fields: Fields, name: &str) -> bool {
    fields.value(name).is_some_and(Value::is_object)
}

/// Whether there is a list of that name with anything in it.
pub(super) fn has_list(fields: Fields, name: &str) -> bool {
    !fields.list(name).is_empty()
}

impl<'a> Parts<'a> {
    /// The parts of a body without texts that mean nothing.
    pub(super) fn of(kind: &str, body: &'a Value) -> Self {
        let (top, nothing) = (Fields::of(body), Fields::of(&NOTHING));
        let empty = Self {
            envelope: top,
            task: nothing,
            around: nothing,
            way_point: nothing,
            note: nothing,
            is_task: false,
        };
        let wrapped = top.object("task");
        let is_wrapped = has_object(top, "task");
        if is_about_driver(kind) {
            return empty;
        }
        if kind == NOTE_CREATED {
            let note = ["note", "task_note"].into_iter().find(|name| has_object(top, name));
            let note = note.map_or(top, |name| top.object(name));
            return Self { task: wrapped, note, is_task: is_wrapped, ..empty };
        }
        if has_object(top, "way_point") {
            let way_point = top.object("way_point");
            let inner = has_object(way_point, "task");
            let task = if inner { way_point.object("task") } else { wrapped };
            return Self { task, way_point, is_task: inner || is_wrapped, ..empty };
        }
        let is_flat =
            may_be_way_point(kind) && top.value("task_id").is_some() && !has_list(top, "way_points");
        if is_flat {
            return Self { task: wrapped, way_point: top, is_task: is_wrapped, ..empty };
        }
        if is_wrapped {
            return Self { task: wrapped, around: top, is_task: true, ..empty };
        }
        // Of events that may be a way point's, a body that looks like neither does not say whose id it has.
        let looks_like_task =
            has_list(top, "way_points") || top.value("status").is_some() || top.value("title").is_some();
        Self { task: top, is_task: !may_be_way_point(kind) || looks_like_task, ..empty }
    }

    /// Where fields of the task may be, nearest first.
    pub(super) fn of_task(&self) -> [Fields<'a>; 2] {
        [self.task, self.around]
    }

    /// The task's way points, by position; none of a list with anything else in it, since nobody knows what that is.
    pub(super) fn way_points(&self) -> Vec<Fields<'a>> {
        let lists = self.of_task().map(|task| task.list("way_points"));
        let list = lists.into_iter().find(|list| !list.is_empty()).unwrap_or_default();
        if !list.iter().all(Value::is_object) {
            return Vec::new();
        }
        let mut points: Vec<_> = list.iter().map(Fields::of).collect();
        points.sort_by_key(|point| point.parsed::<i64>("position").unwrap_or(i64::MAX));
        points
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::event::{ETA_CHANGED, LEFT, ON_THE_WAY};
    use super::*;

    #[test]
    fn a_task_is_found_bare_wrapped_and_half_and_half() {
        for (body, around) in [
            (json!({ "id": 7, "status": 2, "way_points": [] }), None),
            (json!({ "task": { "id": 7 }, "webhook_type": "driver_on_the_way", "id": 9 }), Some("9")),
        ] {
            let parts = Parts::of(ON_THE_WAY, &body);
            assert_eq!((parts.task.text("id").as_deref(), parts.is_task), (Some("7"), true));
            assert_eq!(parts.around.text("id").as_deref(), around);
        }
    }

    #[test]
    fn a_way_point_is_found_bare_and_wrapped() {
        for body in
            [json!({ "id": 9, "task_id": 7 }), json!({ "way_point": { "id": 9, "task": { "id": 7 } } })]
        {
            let parts = Parts::of(LEFT, &body);
            assert_eq!(parts.way_point.text("id").as_deref(), Some("9"), "{body}");
            assert_ne!(parts.task.text("id").as_deref(), Some("9"), "{body}");
        }
        let body = json!({ "id": 7, "task_id": 7, "way_points": [{}] });
        assert!(
            Parts::of(LEFT, &body).way_point.text("id").is_none(),
            "a task beside its way points is a task"
        );
        let neither = json!({ "id": 7, "eta": "2026-06-28T16:30:00Z" });
        assert!(!Parts::of(ETA_CHANGED, &neither).is_task, "nobody knows whose id that is");
    }

    #[test]
    fn way_points_are_in_the_order_of_their_positions() {
        let body =
            json!({ "way_points": [{ "id": 2, "position": "2" }, { "id": 3 }, { "id": 1, "position": 1 }] });
        let ids: Vec<_> = Parts::of(ON_THE_WAY, &body)
            .way_points()
            .into_iter()
            .filter_map(|point| point.text("id"))
            .collect();
        assert_eq!(ids, ["1", "2", "3"]);
        let odd = json!({ "way_points": [7, { "id": 1 }] });
        assert!(Parts::of(ON_THE_WAY, &odd).way_points().is_empty());
    }
}
