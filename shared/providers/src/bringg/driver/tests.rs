//! Where drivers are and whether they work.

use courier_domain::account::MatchOrdersBy;
use courier_domain::inbound::Sender;
use serde_json::json;

use super::super::event::DRIVER;
use super::super::story::{EMPLOYEE, of_fixture, read, received_at};
use super::*;
use crate::bringg::Bringg;
use crate::contract::Fleet;
use crate::testing::{account, event, put};

const RECEIVED: &str = "2026-06-28T17:00:00Z";

fn drivers(report: Result<courier_domain::report::Report, MapError>) -> Vec<DriverReport> {
    match report.unwrap() {
        courier_domain::report::Report::Drivers(reports) => reports,
        other => panic!("{other:?}"),
    }
}

fn of_body(kind: &str, body: Value) -> Result<courier_domain::report::Report, MapError> {
    Bringg.map(&event(Sender::Fleet(Provider::Bringg), kind, body), &account(MatchOrdersBy::OrderId))
}

/// A fixture after a change.
fn edited(name: &str, pointer: &str, value: Value) -> Vec<DriverReport> {
    let event = of_fixture(name).events.remove(0);
    let mut body = event.body;
    put(&mut body, pointer, value);
    drivers(of_body(&event.kind, body))
}

#[test]
fn each_event_of_a_driver_says_one_thing_of_the_employee() {
    let point = Position {
        latitude: 53.346,
        longitude: -6.257,
        speed_kmh: None,
        course: None,
        recorded_at: received_at(),
    };
    let at = |at: &str| Position { recorded_at: at.parse().unwrap(), ..point.clone() };
    for (name, change, time) in [
        (
            "driver_location_updated",
            DriverChange::Position(at("2026-06-28T16:41:00Z")),
            "2026-06-28T16:41:00Z",
        ),
        ("driver_location_updated__odd_time", DriverChange::Position(at(RECEIVED)), RECEIVED),
        ("driver_unavailable_status_changed", DriverChange::Available(Provider::Bringg, false), RECEIVED),
        (
            "driver_unavailable_status_changed__back",
            DriverChange::Available(Provider::Bringg, true),
            RECEIVED,
        ),
        ("shift_started", DriverChange::OnDuty(Provider::Bringg, true), "2026-06-28T15:00:37.193Z"),
        ("shift_ended", DriverChange::OnDuty(Provider::Bringg, false), "2026-06-28T16:58:40.511Z"),
    ] {
        let reports = drivers(read(of_fixture(name).events.remove(0)));
        let [report] = &reports[..] else { panic!("{name}: {reports:?}") };
        assert_eq!((report.driver_id.as_str(), &report.change), (EMPLOYEE, &change), "{name}");
        assert_eq!(report.stamp.at.to_string(), time, "{name}");
    }
}

#[test]
fn a_point_that_is_unknown_or_not_on_earth_is_none() {
    for value in [json!(null), json!("null"), json!(90.1), json!("north"), json!({})] {
        assert_eq!(edited("driver_location_updated", "/lat", value.clone()), [], "{value}");
    }
    let nowhere = json!({ "user_id": 5, "lat": 0, "lng": "0.0", "happened_at": 1_782_664_860 });
    assert_eq!(drivers(of_body(LOCATION, nowhere)), []);
    let texts = json!({ "user_id": "5", "lat": "53.1", "lng": "-6.2", "happened_at": "1782664860000" });
    let [report] = &drivers(of_body(LOCATION, texts))[..] else { panic!() };
    assert_eq!((report.driver_id.as_str(), report.stamp.at.as_second()), ("bringg:5", 1_782_664_860));
}

#[test]
fn whether_a_driver_takes_orders_may_be_a_text_and_is_never_guessed() {
    for (value, available) in [
        (json!("true"), Some(true)),
        (json!("false"), Some(false)),
        (json!(0), Some(false)),
        (json!(null), None),
        (json!("?"), None),
    ] {
        let reports = edited("driver_unavailable_status_changed", "/user_available", value);
        let told = reports.first().map(|report| report.change.clone());
        assert_eq!(told, available.map(|available| DriverChange::Available(Provider::Bringg, available)));
    }
}

#[test]
fn a_shift_is_read_bare_and_wrapped_and_without_its_times() {
    let wrapped = json!({ "shift": { "user_id": 5, "end_shift": "2026-06-28T16:58:00Z" } });
    let [report] = &drivers(of_body(SHIFT_ENDED, wrapped))[..] else { panic!() };
    assert_eq!(
        (report.driver_id.as_str(), report.stamp.at.to_string().as_str()),
        ("bringg:5", "2026-06-28T16:58:00Z")
    );
    let [report] =
        &drivers(of_body(SHIFT_STARTED, json!({ "user_id": 5, "start_shift": "2099-01-01T00:00:00Z" })))[..]
    else {
        panic!()
    };
    assert_eq!(
        (&report.change, report.stamp.at),
        (&DriverChange::OnDuty(Provider::Bringg, true), received_at())
    );
}

#[test]
fn without_a_driver_or_an_event_there_is_a_reason() {
    let error = of_body(LOCATION, json!({ "lat": 1, "lng": 2, "user_id": null })).unwrap_err().to_string();
    assert!(error.starts_with("user_id: "), "{error}");
    let error = of_body(DRIVER, json!({ "user_id": 5 })).unwrap_err().to_string();
    assert!(error.starts_with("webhook_type: "), "{error}");
}
