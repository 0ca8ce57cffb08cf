//! What the bridge understands of where drivers are and when they are free.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use courier_domain::inbound::Sender;
use courier_domain::report::Report;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::captain::map::map;
use crate::testing::{account, cut, event, json, put};

fn drivers(name: &str, edit: impl FnOnce(&mut Value)) -> Result<Vec<DriverReport>, MapError> {
    let mut body = json(&format!("captain/{name}"));
    edit(&mut body);
    let kind = body["event_name"].as_str().unwrap().to_owned();
    match map(&event(Sender::Fleet(Provider::Captain), &kind, body), &account(MatchOrdersBy::OrderId))? {
        Report::Drivers(reports) => Ok(reports),
        other => panic!("{other:?}"),
    }
}

fn shown(reports: &[DriverReport]) -> Vec<(String, String, f64)> {
    let one = |report: &DriverReport| match &report.change {
        DriverChange::Position(point) => {
            assert_eq!(report.stamp.at, point.recorded_at);
            (report.driver_id.to_string(), point.recorded_at.to_string(), point.latitude)
        }
        other => panic!("{other:?}"),
    };
    reports.iter().map(one).collect()
}

#[test]
fn of_many_points_of_many_drivers_each_drivers_newest_is_told() {
    let reports = drivers("locations_many_agents", |_| ()).unwrap();
    assert_eq!(
        shown(&reports),
        [
            ("ffc60000-0000-4000-8000-000000000017".to_owned(), "2026-06-28T16:29:50Z".to_owned(), 53.3504),
            ("ffc60000-0000-4000-8000-000000000018".to_owned(), "2026-06-28T16:29:40Z".to_owned(), 53.3401),
        ]
    );
    let DriverChange::Position(first) = &reports[0].change else { panic!() };
    assert_eq!((first.speed_kmh, first.course), (Some(20.0), Some(181.5)));
    let DriverChange::Position(second) = &reports[1].change else { panic!() };
    assert_eq!((second.speed_kmh, second.course), (None, None));
}

#[test]
fn a_driver_listed_twice_is_told_once_with_the_newest_point() {
    let reports = drivers("locations_many_agents", |body| {
        let again = json!("ffc60000-0000-4000-8000-000000000017");
        put(body, "/data/agent_locations/1/agent_partners_external_identifier", again);
    });
    let newest =
        ("ffc60000-0000-4000-8000-000000000017".to_owned(), "2026-06-28T16:29:50Z".to_owned(), 53.3504);
    assert_eq!(shown(&reports.unwrap()), [newest]);
}

#[test]
fn points_that_cannot_be_used_are_skipped_and_the_rest_is_told() {
    let bad = |latitude: Value, longitude: Value, recorded_at: &str| json!({ "latitude": latitude, "longitude": longitude, "recorded_at": recorded_at });
    let points = json!([
        bad(json!(0), json!("0"), "2026-06-28 16:40:00 UTC"),
        bad(json!("91"), json!(0), "2026-06-28 16:40:00 UTC"),
        bad(json!(null), json!(1), "2026-06-28 16:40:00 UTC"),
        bad(json!(53.0), json!(-6.0), "just now"),
        null,
        "point",
        bad(json!(53.5), json!("-6.5"), "2026-06-28 09:30:00 -0700"),
    ]);
    let reports = drivers("agent_radar_locations_created", |body| {
        put(body, "/data/agent_locations/0/locations", points);
    });
    let usable = ("ffc60000-0000-4000-8000-000000000017".to_owned(), "2026-06-28T16:30:00Z".to_owned(), 53.5);
    assert_eq!(shown(&reports.unwrap()), [usable]);
}

#[test]
fn a_location_event_without_any_usable_point_is_no_error() {
    for odd in [json!([]), json!(null), json!({}), json!([null, 5, { "locations": "none" }])] {
        let reports =
            drivers("agent_radar_locations_created", |body| put(body, "/data/agent_locations", odd));
        assert_eq!(reports.unwrap(), []);
    }
}

#[test]
fn an_estimate_counts_from_when_it_was_calculated() {
    let report = drivers("agent_eta_updated", |_| ()).unwrap().remove(0);
    assert_eq!(report.driver_id.as_str(), "ffc60000-0000-4000-8000-000000000017");
    assert_eq!(report.stamp.at.as_second(), 1_782_664_200);
    let at = |second| Timestamp::from_second(second).ok();
    let eta = DriverEta { available_at: at(1_782_665_400), home_at: at(1_782_665_700) };
    assert_eq!(report.change, DriverChange::Eta(eta));
}

#[test]
fn an_estimate_may_lack_all_but_its_driver() {
    let report = drivers("agent_eta_updated", |body| {
        put(body, "/data/calculated_at", json!(null));
        put(body, "/data/eta_till_available", json!("1782665400"));
        cut(body, "/data/eta_arrive_at_home_hub");
        put(body, "/data/agent_partners_external_identifier", json!(""));
    });
    let report = report.unwrap().remove(0);
    assert_eq!(
        (report.driver_id.as_str(), report.stamp.at.subsec_millisecond()),
        ("captain:7183bb9f1a65", 440)
    );
    assert!(matches!(report.change, DriverChange::Eta(DriverEta { available_at: Some(_), home_at: None })));
    let nobody = drivers("agent_eta_updated", |body| {
        cut(body, "/data/agent_uuid");
        cut(body, "/data/agent_partners_external_identifier");
    });
    assert!(nobody.unwrap_err().to_string().starts_with("data.agent_uuid: "));
}
