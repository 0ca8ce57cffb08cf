//! What events say beside a status.

use serde_json::{Value, json};

use super::super::event::{DONE, LEFT, ON_THE_WAY, ORDER_ASSIGNED, ORDER_CREATED};
use super::*;

fn news(kind: &str, body: &Value) -> FleetNews {
    let parts = Parts::of(kind, body);
    let (place, _) = place::of(kind, &parts);
    super::of(kind, &parts, place, status::of(&parts.of_task()).as_ref())
}

/// Who the driver is by now: somebody, nobody, or whoever it was.
fn driver(kind: &str, body: &Value) -> String {
    let driver = news(kind, body).driver.map(|driver| driver.map(|driver| driver.driver_id.to_string()));
    driver.map_or_else(|| "as before".to_owned(), |driver| driver.unwrap_or_else(|| "nobody".to_owned()))
}

#[test]
fn a_driver_is_told_taken_off_or_not_mentioned() {
    let nobody = json!({ "id": 7, "user_id": null });
    let somebody = json!({ "id": 7, "status": 1, "user_id": 5 });
    for (kind, body, who) in [
        (ORDER_CREATED, &nobody, "as before"),
        (ORDER_CREATED, &somebody, "bringg:5"),
        (ORDER_ASSIGNED, &nobody, "as before"),
        (ORDER_UNASSIGNED, &somebody, "nobody"),
        (ORDER_REJECTED, &somebody, "nobody"),
        (ORDER_CANCELLED, &nobody, "as before"),
        (TASK, &somebody, "bringg:5"),
        (TASK, &nobody, "as before"),
        (TASK, &json!({ "id": 7, "status": 0, "user_id": null }), "nobody"),
        (TASK, &json!({ "id": 7, "status": "8", "user_id": 5 }), "nobody"),
        (NOTE_CREATED, &json!({ "id": 9, "task_id": 7, "user_id": 5 }), "as before"),
        (LEFT, &json!({ "id": 9, "task_id": 7, "user_id": 5 }), "bringg:5"),
        (LEFT, &json!({ "way_point": { "id": 9, "task": { "id": 7, "user": { "id": 5 } } } }), "bringg:5"),
    ] {
        assert_eq!(driver(kind, body), who, "{kind} {body}");
    }
}

#[test]
fn the_carrier_is_the_drivers_or_else_a_remark() {
    let fleet = json!({ "name": "Green Wheels", "id": 3 });
    let body = json!({ "task": { "id": 7, "user_id": 5, "fleet": fleet } });
    let driver = news(ORDER_ASSIGNED, &body).driver.unwrap().unwrap();
    assert_eq!(driver.carrier.as_deref(), Some("Green Wheels"));
    let body = json!({ "id": 7, "user_id": null, "fleet_name": "Green Wheels", "status": "Assigned to Delivery Provider" });
    let told = news(ASSIGNED_TO_FLEET, &body);
    assert_eq!((told.status, told.driver), (None, None));
    assert_eq!(told.note.as_deref(), Some("Assigned to the carrier Green Wheels"));
    assert_eq!(told.order_status.as_deref(), Some("assigned_to_delivery_provider"));
    assert_eq!(news(ACCEPTED_BY_FLEET, &json!({ "task": { "id": 7 } })).note, None);
}

#[test]
fn a_carriers_page_is_the_tracking_link_if_it_is_safe() {
    let url = |url: &str| {
        let body = json!({ "task": { "id": 7 }, "task_fleet_mapping": { "shared_extras": { "external_carrier_tracking_url": url } } });
        news(ACCEPTED_BY_FLEET, &body).tracking_url
    };
    assert_eq!(url("https://tracking.example/t/1").as_deref(), Some("https://tracking.example/t/1"));
    assert_eq!((url("http://tracking.example/t/1"), url("javascript:alert(1)")), (None, None));
}

#[test]
fn the_time_of_arrival_is_the_guests() {
    let eta = |kind: &str, body: &Value| news(kind, body).eta.map(|eta| eta.to_string());
    let some = Some("2026-06-28T16:52:00Z".to_owned());
    let point = |more: Value| {
        let mut point = json!({ "id": 9, "task_id": 7, "eta": "2026-06-28T16:52:00Z" });
        point.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        point
    };
    for (more, known) in [
        (json!({ "position": 2 }), true),
        (json!({ "position": 1 }), true),
        (json!({ "position": 1, "pickup_dropoff_option": 0 }), false),
    ] {
        assert_eq!(eta(ETA_CHANGED, &point(more.clone())), some.clone().filter(|_| known), "{more}");
        assert_eq!(eta(ETA_CHANGED, &json!({ "way_point": point(more) })), some.clone().filter(|_| known));
    }
    assert_eq!(eta(LEFT, &point(json!({ "position": 1 }))), None);
    let points = json!([{ "position": 2, "eta": "2026-06-28T16:52:00Z" }, { "position": 1, "eta": "2026-06-28T16:34:00Z" }]);
    assert_eq!(eta(ON_THE_WAY, &json!({ "id": 7, "way_points": points })), some);
    assert_eq!(eta(ON_THE_WAY, &json!({ "id": 7, "way_points": [{ "eta": "soon" }] })), None);
}

#[test]
fn the_event_counts_before_the_status() {
    let told = news(DONE, &json!({ "id": 7, "status": 6 }));
    assert_eq!(told.order_status.as_deref(), Some("done"));
    assert_eq!(
        news(LEFT, &json!({ "way_point": { "task": { "id": 7, "status": 3 } } })).order_status.as_deref(),
        Some("checked_in")
    );
    assert_eq!(
        news(TASK, &json!({ "id": 7, "status": "Waiting for a van" })).order_status.as_deref(),
        Some("Waiting for a van")
    );
}

#[test]
fn a_reason_is_found_in_any_shape_and_only_of_what_ended() {
    for value in [
        json!("No rider"),
        json!({ "other_text": "No rider", "reason_to_cancel_task_id": 1 }),
        json!([{ "other_text": "Mistake" }, { "reason": "No rider" }]),
        json!([{ "other_text": "No rider" }, { "other_text": "" }, 7]),
    ] {
        for name in REASONS {
            let body = json!({ "id": 7, "status": 7, name: value });
            assert_eq!(
                news(ORDER_CANCELLED, &body).end_reason.as_deref(),
                Some("No rider"),
                "{name} {value}"
            );
            assert_eq!(news(TASK, &body).end_reason.as_deref(), Some("No rider"));
            assert_eq!(news(DONE, &body).end_reason, None);
        }
    }
}

#[test]
fn a_note_is_its_text() {
    for (body, text) in [
        (json!({ "id": 9, "task_id": 7, "note": "Ring twice." }), Some("Ring twice.")),
        (json!({ "note": { "id": 9, "task_id": 7, "note": "Ring twice." } }), Some("Ring twice.")),
        (json!({ "id": 9, "task_id": 7, "note": null, "type": "Signature" }), None),
        (json!({ "id": 9, "task_id": 7, "note": [["a"], ["b"]] }), None),
    ] {
        assert_eq!(news(NOTE_CREATED, &body).note.as_deref(), text, "{body}");
    }
}
