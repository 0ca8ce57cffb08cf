//! What the bridge understands of Captain.AI's events about orders and reports.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{DeliveryStatus, FleetDriver};
use courier_domain::inbound::Sender;
use courier_domain::order::OrderRef;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;
use crate::captain::webhook::{HANDLED, is_known, read};
use crate::testing::{account, any, cut, event, fixture, fixtures, inbound, json, put};

const CAPTAIN: Sender = Sender::Fleet(Provider::Captain);
const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

fn report(name: &str) -> OrderReport {
    let raw = read(&fixture(&format!("captain/{name}"))).unwrap();
    order(map(&inbound(CAPTAIN, raw), &account(MatchOrdersBy::OrderId)))
}

fn order(report: Result<Report, MapError>) -> OrderReport {
    match report.unwrap() {
        Report::Order(report) => *report,
        other => panic!("{other:?}"),
    }
}

/// A fixture after a change of its payload.
fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> Result<Report, MapError> {
    let mut body = json(&format!("captain/{name}"));
    edit(&mut body);
    let kind = body["event_name"].as_str().unwrap().to_owned();
    map(&event(CAPTAIN, &kind, body), &account(MatchOrdersBy::OrderId))
}

fn fleet_driver(driver_id: &str) -> FleetDriver {
    FleetDriver::new(driver_id.parse().unwrap(), Some("7183bb9f1a65".to_owned()))
}

fn told(change: OrderChange) -> FleetNews {
    match change {
        OrderChange::Fleet(Provider::Captain, news) => *news,
        other => panic!("{other:?}"),
    }
}

/// The status that an event tells; Captain.AI's are never only implied.
fn status_of(change: OrderChange) -> Option<DeliveryStatus> {
    let news = told(change);
    assert!(!news.implied);
    news.status
}

#[test]
fn an_assignment_names_the_syrve_employee() {
    let report = report("order_assigned");
    assert_eq!(report.order_id, Some(ORDER.parse().unwrap()));
    assert_eq!(report.refs, [OrderRef::new("captain", "6992dc85d681")]);
    assert_eq!(report.stamp.at.to_string(), "2026-06-28T16:30:00.2628822Z");
    assert_eq!((report.source.as_str(), report.event.as_str()), ("captain", "order_assigned"));
    let driver = fleet_driver("ffc60000-0000-4000-8000-000000000017");
    let news =
        FleetNews { driver: Some(Some(driver)), ..FleetNews::status(DeliveryStatus::AssignedToDriver) };
    assert_eq!(told(report.change), news);
}

#[test]
fn an_unassignment_takes_the_driver_off_even_with_a_key_written_twice() {
    for name in ["order_unassigned", "order_unassigned_with_duplicate_key"] {
        let report = report(name);
        let news = FleetNews { driver: Some(None), ..FleetNews::status(DeliveryStatus::UnassignedToDriver) };
        assert_eq!(told(report.change), news, "{name}");
        assert_eq!(report.order_id, Some(ORDER.parse().unwrap()), "{name}");
    }
}

#[test]
fn an_assignment_without_a_driver_still_moves_the_delivery() {
    let report = order(edited("order_assigned", |body| {
        put(body, "/data/agent_uuid", json!(""));
        put(body, "/data/agent_partners_external_identifier", json!(null));
    }));
    assert_eq!(told(report.change), FleetNews::status(DeliveryStatus::AssignedToDriver));
}

#[test]
fn each_of_the_nine_job_statuses_is_read() {
    for status in DeliveryStatus::ALL {
        let word = status.as_str();
        let report =
            order(edited("job_dropped_off", |body| put(body, "/data/job_delivery_status", json!(word))));
        assert_eq!(status_of(report.change), Some(status));
        assert_eq!(report.event, format!("job_delivery_status_updated {word}"));
    }
}

#[test]
fn every_spelling_of_numbers_and_times_is_the_same_job_event() {
    let driver = Some(Some(fleet_driver("captain:7183bb9f1a65")));
    let collected = FleetNews { driver, ..FleetNews::status(DeliveryStatus::Collected) };
    for name in [
        "job_delivery_status_updated",
        "job_location_numbers_and_iso_time",
        "job_location_time_utc_suffix",
        "job_numbers_as_strings",
        "job_published_at_integer",
        "job_without_location",
    ] {
        let report = report(name);
        assert_eq!(told(report.change), collected, "{name}");
        assert_eq!(report.stamp.at.as_second(), 1_782_664_200, "{name}");
        assert_eq!(report.refs.last(), Some(&OrderRef::new("captain_description", "577")), "{name}");
    }
}

#[test]
fn an_unknown_or_missing_status_moves_nothing_and_stays_visible() {
    let unknown = report("job_unknown_status");
    assert_eq!(status_of(unknown.change), None);
    assert_eq!(unknown.event, "job_delivery_status_updated waiting_at_kerb");
    let missing = order(edited("job_dropped_off", |body| cut(body, "/data/job_delivery_status")));
    assert_eq!((status_of(missing.change), missing.event.as_str()), (None, "job_delivery_status_updated"));
}

#[test]
fn an_order_status_is_kept_as_written_and_read_where_it_has_a_meaning() {
    for (word, status) in [
        ("in_progress", Some(DeliveryStatus::Collected)),
        ("completed", Some(DeliveryStatus::DroppedOff)),
        ("failed", Some(DeliveryStatus::Failed)),
        ("cancelled", Some(DeliveryStatus::Cancelled)),
        ("auto_closed", Some(DeliveryStatus::AutoClosed)),
        ("not_dispatched", None),
        ("being_prepared", None),
    ] {
        let report =
            order(edited("order_status_updated", |body| put(body, "/data/order_status", json!(word))));
        let order_status = Some(word.to_owned());
        assert_eq!(told(report.change), FleetNews { status, order_status, ..FleetNews::default() });
    }
}

#[test]
fn custom_fields_of_any_shape_do_not_matter() {
    for name in
        ["order_status_custom_fields_array", "order_status_custom_fields_null", "order_status_updated"]
    {
        assert_eq!(status_of(report(name).change), Some(DeliveryStatus::Collected), "{name}");
    }
}

#[test]
fn an_item_event_updates_the_item_of_its_order() {
    let report = report("item_status_updated");
    let item = ItemReport {
        name: Some("Pizza Margherita".to_owned()),
        quantity: Some(Decimal::ONE),
        sequence: Some(1),
        ..ItemReport::new("item00000001", "being_prepared")
    };
    let tracking_url = Some("https://tracking.example/t/6992dc85d681".to_owned());
    let news = FleetNews { items: vec![item], tracking_url, ..FleetNews::default() };
    assert_eq!((report.order_id, told(report.change)), (Some(ORDER.parse().unwrap()), news));
}

#[test]
fn an_item_event_finds_its_order_by_the_tracking_link_or_the_short_name() {
    let mut refs = Vec::new();
    for fields in [&["order_uuid"][..], &["order_uuid", "tracking_link"]] {
        let report = order(edited("item_status_updated", |body| {
            cut(body, "/data/partners_unique_internal_order_id");
            for field in fields {
                cut(body, &format!("/data/{field}"));
            }
        }));
        assert_eq!(report.order_id, None);
        refs.push(report.refs.first().cloned().unwrap());
    }
    assert_eq!(refs, [OrderRef::new("captain", "6992dc85d681"), OrderRef::new("captain_description", "577")]);
}

#[test]
fn the_kitchens_order_status_is_never_the_deliverys() {
    let news = told(report("order_kds_print_request").change);
    assert_eq!((news.items.len(), news.items[0].status.as_str()), (1, "being_prepared"));
    assert_eq!((news.status, news.order_status), (None, None));
    let bare = order(edited("order_kds_print_request", |body| {
        put(body, "/data/items", json!(null));
        put(body, "/data/order_status", json!("completed"));
    }));
    assert_eq!(told(bare.change), FleetNews::default());
}

#[test]
fn a_ready_report_is_told_with_its_id_and_its_link() {
    let ready = edited("analytics_report_ready", |_| ()).unwrap();
    let Report::AnalyticsReady { report, url, stamp } = ready else { panic!("{ready:?}") };
    assert_eq!((report.as_str(), url, stamp.at.as_millisecond()), ("5a1e00000001", None, 1_782_664_200_900));
    for (link, kept) in [("https://files.example/r.csv", true), ("javascript:alert(1)", false)] {
        let ready = edited("analytics_report_ready", |body| {
            put(body, "/data/url", json!(link));
            cut(body, "/data/uuid");
            put(body, "/data/report_uuid", json!("r1"));
        });
        let Report::AnalyticsReady { report, url, .. } = ready.unwrap() else { panic!() };
        assert_eq!((report.as_str(), url.is_some()), ("r1", kept));
    }
}

#[test]
fn an_event_happened_when_it_was_published_or_else_created() {
    for (published, at) in [
        (json!("1782664200.5"), 1_782_664_200_500),
        (json!(1_782_664_200_500_i64), 1_782_664_200_500),
        (json!(null), 1_782_664_200_333),
        (json!("soon"), 1_782_664_200_333),
        (json!(0), 1_782_664_200_333),
    ] {
        let report = order(edited("order_assigned", |body| put(body, "/data/published_at", published)));
        assert_eq!(report.stamp.at.as_millisecond(), at);
    }
}

#[test]
fn an_event_without_its_essentials_names_the_field() {
    let failed = |name: &str, edit: fn(&mut Value)| edited(name, edit).unwrap_err().to_string();
    let error = failed("order_assigned", |body| {
        cut(body, "/data/published_at");
        cut(body, "/created_at");
    });
    assert!(error.starts_with("data.published_at: "), "{error}");
    let error = failed("order_assigned", |body| {
        put(body, "/data/partners_unique_internal_order_id", json!("two\nlines"));
        cut(body, "/data/order_uuid");
    });
    assert!(error.starts_with("data.partners_unique_internal_order_id: "), "{error}");
    assert!(!error.contains("lines"), "{error}");
    assert!(
        failed("item_status_updated", |body| cut(body, "/data/item_uuid")).starts_with("data.item_uuid: ")
    );
    assert!(failed("analytics_report_ready", |body| cut(body, "/data/uuid")).starts_with("data.uuid: "));
    assert!(failed("order_assigned", |body| put(body, "/data", json!(7))).starts_with("data: "));
    assert!(failed("event_unknown", |_| ()).starts_with("event_name: "));
}

#[test]
fn every_fixture_of_a_known_event_maps() {
    for (name, body) in fixtures("captain") {
        let raw = read(&body).unwrap();
        let known = is_known(&raw.kind);
        assert_eq!(map(&inbound(CAPTAIN, raw), &account(MatchOrdersBy::OrderId)).is_ok(), known, "{name}");
    }
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any::value(), place in 0usize..60) {
        for kind in HANDLED {
            for name in ["locations_many_agents", "order_kds_print_request", "agent_eta_updated"] {
                let mut body = json(&format!("captain/{name}"));
                any::replace(&mut body, place, &value);
                let _ = map(&event(CAPTAIN, kind, body), &account(MatchOrdersBy::Number));
            }
            let _ = map(&event(CAPTAIN, kind, value.clone()), &account(MatchOrdersBy::OrderId));
        }
    }
}
