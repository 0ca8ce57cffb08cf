//! Pickup or drop-off, from whatever a body says of its way points.

use serde_json::{Value, json};

use super::*;

fn place(kind: &str, body: &Value) -> Place {
    of(kind, &Parts::of(kind, body)).0
}

fn task(active: &Value, first: &Value, second: &Value) -> Value {
    let point = |id: u8, position: u8, more: &Value| {
        let mut point = json!({ "id": id, "position": position });
        point.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        point
    };
    json!({ "id": 7, "status": 2, "active_way_point_id": active, "way_points": [point(12, 2, second), point(11, 1, first)] })
}

#[test]
fn the_active_way_point_is_where_the_driver_goes() {
    for kind in [ON_THE_WAY, CHECKED_IN, ARRIVED] {
        assert_eq!(place(kind, &task(&json!(11), &json!({}), &json!({}))), Place::Pickup);
        assert_eq!(place(kind, &task(&json!("12"), &json!({}), &json!({}))), Place::Dropoff);
        // An active one counts, whatever is said of having left it.
        assert_eq!(place(kind, &task(&json!(11), &json!({ "done": true }), &json!({}))), Place::Pickup);
    }
}

#[test]
fn without_an_active_one_it_is_the_first_that_was_not_left() {
    let left = [
        json!({ "done": true }),
        json!({ "done": "true" }),
        json!({ "done": 1 }),
        json!({ "checkout_time": "2026-06-28T16:38:00Z" }),
    ];
    for first in left {
        assert_eq!(place(ON_THE_WAY, &task(&json!(null), &first, &json!({ "done": false }))), Place::Dropoff);
    }
    let begun =
        task(&json!(99), &json!({ "checkin_time": "2026-06-28T16:34:00Z", "done": false }), &json!({}));
    assert_eq!(place(CHECKED_IN, &begun), Place::Pickup);
}

#[test]
fn where_nothing_is_said_nothing_is_guessed() {
    assert_eq!(place(ON_THE_WAY, &task(&json!(null), &json!({}), &json!({ "done": null }))), Place::Unknown);
    assert_eq!(
        place(ON_THE_WAY, &task(&json!(null), &json!({ "done": true }), &json!({ "done": true }))),
        Place::Unknown
    );
    assert_eq!(place(ON_THE_WAY, &json!({ "id": 7, "way_points": [] })), Place::Unknown);
    assert_eq!(place(LEFT, &task(&json!(12), &json!({}), &json!({}))), Place::Unknown);
}

#[test]
fn an_only_way_point_is_the_guests() {
    for kind in [ON_THE_WAY, CHECKED_IN, ARRIVED, LEFT] {
        assert_eq!(
            place(kind, &json!({ "id": 7, "way_points": [{ "id": 11, "position": 1 }] })),
            Place::Dropoff
        );
    }
}

#[test]
fn a_listed_way_point_says_what_it_is_before_its_place_does() {
    let (dropoff, pickup) = (json!({ "pickup_dropoff_option": 1 }), json!({ "pickup_dropoff_option": "0" }));
    assert_eq!(place(ON_THE_WAY, &task(&json!(11), &dropoff, &pickup)), Place::Dropoff);
    assert_eq!(place(ON_THE_WAY, &task(&json!(12), &dropoff, &pickup)), Place::Pickup);
    let only = json!({ "id": 7, "way_points": [{ "id": 11, "pickup_dropoff_option": 0 }] });
    assert_eq!(place(LEFT, &only), Place::Pickup);
    let listed = json!([{ "id": 12, "pickup_dropoff_option": 1 }, { "id": 11, "pickup_dropoff_option": 0 }]);
    let own = json!({ "id": 11, "position": 2, "task_id": 7, "task": { "way_points": listed } });
    assert_eq!(place(LEFT, &own), Place::Pickup);
    let body = task(&json!(null), &dropoff, &pickup);
    let guests = super::dropoff(&Parts::of("task_done", &body));
    assert_eq!(guests.and_then(|point| point.text("id")).as_deref(), Some("11"));
}

#[test]
fn the_last_that_was_left_is_the_one_that_was_left() {
    assert_eq!(
        place(LEFT, &task(&json!(12), &json!({ "done": true }), &json!({ "done": false }))),
        Place::Pickup
    );
    assert_eq!(
        place(LEFT, &task(&json!(null), &json!({ "done": true }), &json!({ "done": true }))),
        Place::Dropoff
    );
    let mut named = task(&json!(null), &json!({ "done": true }), &json!({ "done": true }));
    named["way_point_id"] = json!(11);
    assert_eq!(place(LEFT, &named), Place::Pickup);
}

#[test]
fn a_way_point_says_itself_what_it_is() {
    let flat = |more: &Value| {
        let mut body = json!({ "id": 11, "task_id": 7 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        place(LEFT, &body)
    };
    assert_eq!(flat(&json!({ "pickup_dropoff_option": 0, "position": 1 })), Place::Pickup);
    assert_eq!(flat(&json!({ "pickup_dropoff_option": "1", "position": 1 })), Place::Dropoff);
    assert_eq!(flat(&json!({ "pickup_dropoff_option": 2, "position": 2 })), Place::Dropoff);
    assert_eq!(flat(&json!({ "pickup_dropoff_option": null, "position": 1 })), Place::Unknown);
    assert_eq!(
        flat(&json!({ "position": 1, "task": { "way_points": [{ "id": 11 }, { "id": 12 }] } })),
        Place::Pickup
    );
    assert_eq!(flat(&json!({ "position": 1, "task": { "way_points": [{ "id": 11 }] } })), Place::Dropoff);
    let wrapped = json!({ "way_point": { "id": 11, "position": 1, "task": { "id": 7 } } });
    assert_eq!(place(LEFT, &wrapped), Place::Unknown);
}

#[test]
fn events_without_a_place_have_none() {
    let body = task(&json!(12), &json!({}), &json!({}));
    let (place, point) = of("task_done", &Parts::of("task_done", &body));
    assert_eq!((place, point.is_none()), (Place::Unknown, true));
}
