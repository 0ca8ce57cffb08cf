//! Our events, received as if Captain.AI had sent them: this crate's own reader must find in them what they say.

use courier_domain::delivery::{DeliveryStatus, FleetDriver};
use courier_domain::report::{DriverEta, FleetNews, Report};
use http::HeaderMap;

use super::*;
use crate::captain::Captain;
use crate::contract::{Call, Fleet};

const WHEN: &str = "2026-06-28T16:30:00.2628822Z";

/// What the reader makes of an event that says this.
fn read(name: EventName, detail: Value) -> Report {
    let world = world();
    let notification = notification(name, world.told(name, detail));
    let (headers, sent_at) = (HeaderMap::new(), at("2026-06-28T16:30:00.900Z"));
    let body = body(&notification, "production", sent_at);
    let call = Call { rest: &[], query: "", headers: &headers, body: &body, received_at: sent_at };
    let mut split = Captain.split(&call).unwrap();
    assert_eq!((split.events.len(), split.ignored), (1, 0), "{name:?}");
    let raw = split.events.remove(0);
    assert_eq!(
        (raw.kind.as_str(), raw.key.as_str()),
        (name.as_str(), Uuid::from_u128(2).to_string().as_str())
    );
    let event = crate::testing::inbound(Sender::Fleet(Provider::Captain), raw);
    Captain.map(&event, &world.account).unwrap()
}

/// How the delivery goes, by an event of an order; the order and the time are always ours.
fn news(name: EventName, detail: Value) -> FleetNews {
    let Report::Order(report) = read(name, detail) else { panic!("{name:?}") };
    assert_eq!(report.order_id, Some(ORDER.parse().unwrap()));
    assert_eq!(report.stamp.at.as_microsecond(), at(WHEN).as_microsecond());
    match report.change {
        OrderChange::Fleet(Provider::Captain, news) => *news,
        other => panic!("{other:?}"),
    }
}

fn driver(driver_id: &str, fleet_id: &str) -> FleetDriver {
    FleetDriver::new(driver_id.parse().unwrap(), Some(fleet_id.to_owned()))
}

#[test]
fn an_assignment_and_its_end_are_read_with_the_driver() {
    let assigned = news(EventName::OrderAssigned, detail(EventName::OrderAssigned));
    let expected = FleetNews {
        driver: Some(Some(driver(EMPLOYEE, EMPLOYEE))),
        ..FleetNews::status(DeliveryStatus::AssignedToDriver)
    };
    assert_eq!(assigned, expected);
    let unassigned = news(EventName::OrderUnassigned, detail(EventName::OrderUnassigned));
    let expected = FleetNews { driver: Some(None), ..FleetNews::status(DeliveryStatus::UnassignedToDriver) };
    assert_eq!(unassigned, expected);
}

#[test]
fn a_driver_whom_only_a_fleet_knows_is_read_by_our_name_of_them() {
    let detail = json!({ "provider": "radaro", "driver_id": "radaro:77", "fleet_id": "77" });
    assert_eq!(
        news(EventName::OrderAssigned, detail).driver,
        Some(Some(driver("captain:radaro:77", "radaro:77")))
    );
}

#[test]
fn each_status_of_a_delivery_is_read_as_it_was_written() {
    for status in DeliveryStatus::ALL {
        let told = json!({ "provider": "captain", "job_delivery_status": status, "driver_id": EMPLOYEE });
        let read = news(EventName::JobDeliveryStatusUpdated, told);
        assert_eq!((read.status, read.implied), (Some(status), false));
        let expected = driver(&format!("captain:{EMPLOYEE}"), EMPLOYEE);
        assert_eq!(read.driver, Some(Some(expected)), "{status:?}");
    }
    let nobodys = json!({ "provider": "captain", "job_delivery_status": "cancelled", "driver_id": null });
    assert_eq!(news(EventName::JobDeliveryStatusUpdated, nobodys).driver, None);
}

#[test]
fn each_status_of_an_order_is_read_as_it_was_written() {
    for (word, status) in [
        ("in_progress", Some(DeliveryStatus::Collected)),
        ("completed", Some(DeliveryStatus::DroppedOff)),
        ("failed", Some(DeliveryStatus::Failed)),
        ("cancelled", Some(DeliveryStatus::Cancelled)),
        ("auto_closed", Some(DeliveryStatus::AutoClosed)),
        ("not_dispatched", None),
    ] {
        let read = news(EventName::OrderStatusUpdated, json!({ "order_status": word }));
        let expected = FleetNews { status, order_status: Some(word.to_owned()), ..FleetNews::default() };
        assert_eq!(read, expected);
    }
}

#[test]
fn an_item_is_read_with_its_status_and_the_tracking_link() {
    for status in ["not_being_prepared", "being_prepared", "prepared"] {
        let told =
            json!({ "item": "p1", "name": "Soup", "item_status": status, "quantity": 2, "sequence": 3 });
        let read = news(EventName::ItemStatusUpdated, told);
        assert_eq!((read.status, read.tracking_url.as_deref()), (None, Some(TRACKING)));
        let [item] = read.items.as_slice() else { panic!("{read:?}") };
        assert_eq!(
            (item.item.as_str(), item.name.as_deref(), item.status.as_str()),
            ("p1", Some("Soup"), status)
        );
    }
}

#[test]
fn where_drivers_are_is_read_to_the_second() {
    let moved = |driver: &str, latitude: f64, speed: Value, course: Value| {
        json!({ "driver_id": driver, "latitude": latitude, "longitude": -6.2, "speed_kmh": speed, "course": course,
                "recorded_at": "2026-06-28T16:29:50.750Z" })
    };
    let told = json!({ "drivers": [
        moved("captain:7183bb9f1a65", -0.000_001, json!(null), json!(null)),
        moved(EMPLOYEE, 53.3504, json!(18.5), json!(181.5)),
    ] });
    let Report::Drivers(reports) = read(EventName::AgentRadarLocationsCreated, told) else { panic!() };
    let read: Vec<_> =
        reports.iter().map(|report| (report.driver_id.as_str(), report.change.clone())).collect();
    let position = |latitude, speed_kmh, course| {
        let recorded_at = at("2026-06-28T16:29:50Z");
        DriverChange::Position(Position { latitude, longitude: -6.2, speed_kmh, course, recorded_at })
    };
    assert_eq!(
        read,
        [
            ("captain:captain:7183bb9f1a65", position(-0.000_001, None, None)),
            (EMPLOYEE, position(53.3504, Some(18.5), Some(181.5))),
        ]
    );
}

#[test]
fn when_a_driver_is_free_again_is_read_with_what_is_not_known() {
    let (free, home) = (at("2026-06-28T16:50:00Z"), at("2026-06-28T16:55:00Z"));
    for (available_at, home_at) in [(Some(free), Some(home)), (Some(free), None), (None, None)] {
        let eta = DriverEta { available_at, home_at };
        let Report::Drivers(reports) = read(EventName::AgentEtaUpdated, json!(eta)) else { panic!() };
        let [report] = reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!((report.driver_id.as_str(), &report.change), (EMPLOYEE, &DriverChange::Eta(eta)));
        assert_eq!(report.stamp.at, at("2026-06-28T16:30:00Z"), "it was calculated in this second");
    }
}

#[test]
fn a_ready_report_is_read_by_its_id() {
    let ready = read(EventName::AnalyticsReportReady, detail(EventName::AnalyticsReportReady));
    let Report::AnalyticsReady { stamp, report, url } = ready else { panic!("{ready:?}") };
    assert_eq!((report.as_str(), url), ("5a1e00000001", None));
    assert_eq!(stamp.at.as_microsecond(), at(WHEN).as_microsecond());
}
