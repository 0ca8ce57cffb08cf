//! Whom and what an event is about. Bringg calls an order a task; its number is in every event, the name that the
//! restaurant gave it only in some. Where nobody gave one, Bringg writes its own number there too, which is then no name.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{FleetDriver, Provider};
use courier_domain::ids::OrderId;
use courier_domain::order::OrderRef;

use super::parts::Parts;
use crate::lenient::Fields;
use crate::names::{self, one_spelling};

/// A task's names.
pub(super) struct TaskNames {
    external: Option<String>,
    bringg: Option<String>,
    carriers: Option<String>,
}

impl TaskNames {
    /// A note, like a way point, has an `external_id` of its own, which is not the task's.
    pub(super) fn read(parts: &Parts) -> Self {
        let of_task =
            |name| parts.of_task().into_iter().find_map(|task| task.name(name)).filter(|_| parts.is_task);
        let beside = |name| {
            [parts.note, parts.way_point, parts.envelope].into_iter().find_map(|place| place.name(name))
        };
        let is_bare = parts.is_task && parts.task.name("id") == parts.envelope.name("id");
        let own = parts.task.name("id").filter(|_| parts.is_task);
        // A bare body with both has its task's id in the one that says so.
        let bringg = if is_bare { beside("task_id").or(own) } else { own.or_else(|| beside("task_id")) };
        let external = of_task("external_id").or_else(|| beside("task_external_id"));
        let carriers = parts.of_task().into_iter().find_map(|task| task.name("fleet_delivery_external_id"));
        Self { external: external.filter(|name| Some(name) != bringg.as_ref()), bringg, carriers }
    }

    /// The best name, whatever the account matches orders by: the one that all events of a task have.
    pub(super) fn best(self) -> Option<String> {
        self.bringg.or(self.external.map(one_spelling))
    }

    /// The order's id, if the account matches by it and the task was given one, and the other names, best first.
    pub(super) fn matched(self, match_by: MatchOrdersBy) -> (Option<OrderId>, Vec<OrderRef>) {
        let bringg = self.bringg.map(|text| OrderRef::new(Provider::Bringg.as_str(), text));
        let carriers = self.carriers.map(|text| OrderRef::new("bringg_fleet_delivery", text));
        names::matched(self.external, match_by, bringg.into_iter().chain(carriers))
    }
}

/// The driver of an event, by the number of the user or by the user itself, in the first of these places that has one.
pub(super) fn driver(places: &[Fields]) -> Option<FleetDriver> {
    places.iter().find_map(|place| {
        let user = place.object("user");
        // 0 is what is written for nobody.
        let id = place.name("user_id").or_else(|| user.name("id")).filter(|id| id != "0");
        let external = place.name("user_external_id").or_else(|| user.name("external_id"));
        let driver = names::driver(Provider::Bringg, external, id)?;
        Some(FleetDriver { name: user.text("name"), phone: user.text("phone"), ..driver })
    })
}

/// The company that carries the order, where Bringg passed it on.
pub(super) fn carrier(parts: &Parts) -> Option<String> {
    let of = |task: Fields| task.text("fleet_name").or_else(|| task.object("fleet").text("name"));
    parts.of_task().into_iter().find_map(of)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::event::{ACCEPTED_BY_FLEET, ETA_CHANGED, LEFT, NOTE_CREATED, ORDER_CREATED};
    use super::*;

    const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

    fn matched(kind: &str, body: &Value, match_by: MatchOrdersBy) -> (Option<OrderId>, Vec<String>) {
        let (id, refs) = TaskNames::read(&Parts::of(kind, body)).matched(match_by);
        (id, refs.into_iter().map(|name| format!("{}={}", name.kind, name.value)).collect())
    }

    #[test]
    fn every_shape_names_the_same_order() {
        for (kind, body) in [
            (ORDER_CREATED, json!({ "id": 7, "external_id": ORDER })),
            (ORDER_CREATED, json!({ "task": { "id": "7", "external_id": ORDER }, "id": 8 })),
            (LEFT, json!({ "id": 9, "task_id": 7, "task_external_id": ORDER, "external_id": "9" })),
            (LEFT, json!({ "way_point": { "id": 9, "task_id": 7 }, "task_external_id": ORDER })),
            (ETA_CHANGED, json!({ "way_point": { "id": 9, "task": { "id": 7, "external_id": ORDER } } })),
            (
                NOTE_CREATED,
                json!({ "id": "9", "task_id": "7", "external_id": "9", "task": { "external_id": ORDER } }),
            ),
            (
                ACCEPTED_BY_FLEET,
                json!({ "task": { "id": 7 }, "external_id": ORDER, "task_fleet_mapping": {} }),
            ),
        ] {
            let found = matched(kind, &body, MatchOrdersBy::OrderId);
            assert_eq!(found, (Some(ORDER.parse().unwrap()), vec!["bringg=7".to_owned()]), "{kind} {body}");
            assert_eq!(TaskNames::read(&Parts::of(kind, &body)).best().as_deref(), Some("7"), "{kind}");
        }
    }

    #[test]
    fn a_name_that_bringg_gave_itself_is_none() {
        let body = json!({ "id": 7, "external_id": "7" });
        for match_by in [MatchOrdersBy::Number, MatchOrdersBy::OrderId] {
            assert_eq!(matched(ORDER_CREATED, &body, match_by), (None, vec!["bringg=7".to_owned()]));
        }
        let body = json!({ "id": 7, "external_id": 577, "fleet_delivery_external_id": "ABC123" });
        let refs = ["number=577", "bringg=7", "bringg_fleet_delivery=ABC123"].map(str::to_owned).to_vec();
        assert_eq!(matched(ORDER_CREATED, &body, MatchOrdersBy::Number), (None, refs));
    }

    #[test]
    fn a_notes_or_way_points_own_names_are_not_the_tasks() {
        for (kind, body) in [
            (NOTE_CREATED, json!({ "id": 9, "external_id": ORDER, "note": "x" })),
            (LEFT, json!({ "id": 9, "external_id": ORDER, "position": 2 })),
            (LEFT, json!({ "way_point": { "id": 9, "external_id": ORDER } })),
            (ORDER_CREATED, json!({ "task": { "status": 2 } })),
        ] {
            assert_eq!(matched(kind, &body, MatchOrdersBy::OrderId), (None, vec![]), "{kind} {body}");
            assert_eq!(TaskNames::read(&Parts::of(kind, &body)).best(), None);
        }
    }

    #[test]
    fn a_driver_is_the_syrve_employee_where_bringg_was_told_one() {
        let employee = "ffc60000-0000-4000-8000-000000000017";
        for (body, id, name) in [
            (json!({ "user_id": 5, "user_external_id": employee }), employee, None),
            (
                json!({ "user_id": 5, "user": { "id": 5, "external_id": employee, "name": "Nora" } }),
                employee,
                Some("Nora"),
            ),
            (json!({ "user": { "id": "5", "external_id": "5", "name": "Nora" } }), "bringg:5", Some("Nora")),
            (json!({ "user_id": 5, "user_external_id": null }), "bringg:5", None),
            (json!({ "user_external_id": "1509239" }), "bringg:1509239", None),
        ] {
            let driver = driver(&[Fields::of(&json!({})), Fields::of(&body)]).unwrap();
            assert_eq!((driver.driver_id.as_str(), driver.name.as_deref()), (id, name), "{body}");
        }
        for nobody in
            [json!({ "user_id": null, "user": { "name": "Nora" } }), json!({ "user_id": 0 }), json!({})]
        {
            assert_eq!(driver(&[Fields::of(&nobody)]), None, "{nobody}");
        }
    }
}
