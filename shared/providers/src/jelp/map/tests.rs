//! What the bridge understands of Jelp's events.

use courier_domain::account::{FleetAccount, MatchOrdersBy, OrderReference};
use courier_domain::delivery::FleetDriver;
use courier_domain::inbound::Sender;
use courier_domain::order::OrderRef;
use courier_domain::report::{DriverChange, DriverReport};
use serde_json::{Value, json};

use DeliveryStatus::{AssignedToDriver, Cancelled, Collected, DroppedOff};

use super::*;
use crate::jelp::event::{ASSIGN_DRIVER, DECLINE_CANCEL_REQUEST, FOLIO_UPDATE, STATUS_CHANGE};
use crate::lifecycle::{LIFECYCLE, Meaning};
use crate::testing::{account, cut, event, json, put};

const EMPLOYEE: &str = "ffc60000-0000-4000-8000-000000000017";

/// A fixture as an event of this kind, after a change of its payload.
fn edited(name: &str, kind: &str, edit: impl FnOnce(&mut Value)) -> Result<OrderReport, MapError> {
    let mut body = json(&format!("jelp/{name}"));
    edit(&mut body);
    match map(&event(Sender::Fleet(Provider::Jelp), kind, body), &account(MatchOrdersBy::Number))? {
        Report::Order(report) => Ok(*report),
        other => panic!("{other:?}"),
    }
}

fn report(name: &str, kind: &str) -> OrderReport {
    edited(name, kind, |_| ()).unwrap()
}

fn news(report: OrderReport) -> FleetNews {
    match report.change {
        OrderChange::Fleet(Provider::Jelp, news) => *news,
        other => panic!("{other:?}"),
    }
}

fn failed(name: &str, kind: &str, edit: impl FnOnce(&mut Value)) -> String {
    edited(name, kind, edit).unwrap_err().to_string()
}

#[test]
fn a_new_order_has_only_its_names_and_the_fleets_status() {
    let report = report("order_new", "order_new");
    let names = [("number", "577"), ("jelp", "66a0c0ffee00000000000577"), ("jelp_folio", "7K2MRT9")];
    assert_eq!(report.refs, names.map(|(kind, value)| OrderRef::new(kind, value)));
    assert_eq!((report.order_id, report.stamp.at.to_string().as_str()), (None, "2026-06-28T16:06:00.512Z"));
    assert_eq!((report.source.as_str(), report.event.as_str()), ("jelp", "order_new PENDING"));
    assert_eq!(news(report), FleetNews { order_status: Some("PENDING".into()), ..FleetNews::default() });
}

#[test]
fn an_account_may_know_its_orders_by_what_others_call_them() {
    let mut account = account(MatchOrdersBy::OrderId);
    let jelp = FleetAccount { order_reference: OrderReference::ExternalId, ..FleetAccount::default() };
    account.fleets.insert(Provider::Jelp, jelp);
    let event = event(Sender::Fleet(Provider::Jelp), "order_new", json("jelp/order_new"));
    let Report::Order(report) = map(&event, &account).unwrap() else { panic!("not of an order") };
    assert_eq!(report.order_id, Some("497f6eca-6276-4993-bfeb-53cbbbba6f08".parse().unwrap()));
}

#[test]
fn a_driver_of_another_company_is_shown_with_the_company() {
    for (name, who, phone) in [
        ("assign_driver_external", "REPARTIDOR EXTERNO", None),
        ("assign_driver_external_phone", "Quinn Courier", Some("+353 20 910 0042")),
    ] {
        let news = news(report(name, ASSIGN_DRIVER));
        let driver = FleetDriver {
            name: Some(who.into()),
            phone: phone.map(str::to_owned),
            carrier: Some("QUICK".into()),
            ..FleetDriver::new("jelp:external_driver".parse().unwrap(), None)
        };
        let order_status = Some("PENDING".into());
        let expected = FleetNews {
            status: Some(AssignedToDriver),
            driver: Some(Some(driver)),
            order_status,
            ..FleetNews::default()
        };
        assert_eq!(news, expected);
    }
}

#[test]
fn a_driver_of_the_restaurant_is_syrves_employee_in_short_and_full_events() {
    let driver = FleetDriver {
        name: Some("Dara Rider".into()),
        phone: Some("+353209100017".into()),
        ..FleetDriver::new(EMPLOYEE.parse().unwrap(), None)
    };
    for (name, kind) in
        [("assign_driver_own_fleet", ASSIGN_DRIVER), ("folio_update_in_transit", FOLIO_UPDATE)]
    {
        assert_eq!(news(report(name, kind)).driver, Some(Some(driver.clone())), "{name}");
    }
}

#[test]
fn an_assignment_without_a_driver_is_one_and_says_nothing_of_the_driver() {
    for odd in [json!(null), json!("Ann"), json!({ "name": "Ann" })] {
        let report =
            edited("assign_driver_own_fleet", ASSIGN_DRIVER, |body| put(body, "/driver", odd)).unwrap();
        let news = news(report);
        assert_eq!((news.status, news.driver), (Some(AssignedToDriver), None));
    }
}

#[test]
fn where_a_driver_was_is_told_of_the_driver() {
    let body = |location: Value| {
        let driver = json!({ "employeeCode": EMPLOYEE, "location": location });
        event(
            Sender::Fleet(Provider::Jelp),
            DRIVER_LOCATION,
            json!({ "timestamp": "2026-06-28T16:12:00.64Z", "driver": driver }),
        )
    };
    let mapped =
        map(&body(json!({ "lat": 53.3471, "lon": -6.2577 })), &account(MatchOrdersBy::OrderId)).unwrap();
    let Report::Drivers(reports) = mapped else { panic!("{mapped:?}") };
    let [DriverReport { driver_id, stamp, change: DriverChange::Position(position) }] = reports.as_slice()
    else {
        panic!("{reports:?}")
    };
    assert_eq!((driver_id.as_str(), stamp.at), (EMPLOYEE, position.recorded_at));
    assert_eq!((position.latitude, position.longitude), (53.3471, -6.2577));
    let error = map(&body(json!([0, 0])), &account(MatchOrdersBy::OrderId)).unwrap_err();
    assert!(error.to_string().starts_with("driver.location: "), "{error}");
}

#[test]
fn each_row_of_the_table_is_read() {
    for row in LIFECYCLE.iter().filter(|row| row.provider == Provider::Jelp) {
        let name = if ["order_new", FOLIO_UPDATE].contains(&row.event) {
            "order_new"
        } else {
            "decline_cancel_request"
        };
        let field = if name == "order_new" { "/orderStep" } else { "/status" };
        let report = edited(name, row.event, |body| {
            put(body, field, json!(row.word));
            put(body, "/endedAt", json!("2026-06-28T16:31:10.960Z"));
        });
        let report = report.unwrap();
        assert_eq!(report.event, [row.event, &row.word.replace(' ', "_")].join(" ").trim());
        let (status, implied) = match row.meaning {
            Meaning::Is(status) => (status, false),
            Meaning::Implies(status) => (status, true),
        };
        let news = news(report);
        assert_eq!((news.status, news.implied), (Some(status), implied), "{row:?}");
    }
}

#[test]
fn both_spellings_of_transit_are_the_same_status() {
    for text in ["TRANSIT", "IN TRANSIT", "in_transit", " in  transit "] {
        let report =
            edited("status_change", STATUS_CHANGE, |body| put(body, "/status", json!(text))).unwrap();
        assert_eq!(news(report).status, Some(Collected), "{text}");
    }
}

#[test]
fn an_unknown_status_moves_nothing_and_stays_visible() {
    let report = report("status_change_unknown", STATUS_CHANGE);
    assert_eq!(report.event, "status_change AT_DOOR");
    assert_eq!(news(report), FleetNews { order_status: Some("AT_DOOR".into()), ..FleetNews::default() });
    for (odd, event) in
        [(json!("at Ann's door, 2nd floor"), "status_change (unreadable)"), (json!({}), "status_change")]
    {
        let report = edited("status_change", STATUS_CHANGE, |body| put(body, "/status", odd)).unwrap();
        assert_eq!((report.event.as_str(), news(report.clone()).status), (event, None));
    }
}

#[test]
fn a_declined_cancellation_only_implies_that_the_order_is_on_its_way() {
    let news = news(report("decline_cancel_request", DECLINE_CANCEL_REQUEST));
    let order_status = Some("IN TRANSIT".into());
    assert_eq!(
        news,
        FleetNews { status: Some(Collected), implied: true, order_status, ..FleetNews::default() }
    );
}

#[test]
fn an_ending_is_told_with_its_reason_in_the_fleets_words() {
    for (name, kind, status, reason) in [
        ("complete_order", COMPLETE_ORDER, DroppedOff, None),
        ("complete_order_with_reason", COMPLETE_ORDER, DroppedOff, Some("Handed over at the door")),
        ("folio_update_completed", FOLIO_UPDATE, DroppedOff, Some("Handed over at the door")),
        ("cancel_order", CANCEL_ORDER, Cancelled, Some("Nobody opened the door")),
    ] {
        let news = news(report(name, kind));
        assert_eq!((news.status, news.end_reason.as_deref()), (Some(status), reason), "{name}");
    }
    for (odd, reason) in [
        (json!({ "code": "C-1", "description": " " }), Some("C-1")),
        (json!("changed their mind"), Some("changed their mind")),
        (json!({ "_id": "66a0" }), None),
        (json!([]), None),
    ] {
        let report = edited("cancel_order", CANCEL_ORDER, |body| put(body, "/endedReason", odd)).unwrap();
        assert_eq!(news(report).end_reason.as_deref(), reason);
    }
}

#[test]
fn a_reason_of_a_full_order_counts_once_it_has_ended_and_for_its_own_ending() {
    let asked = json!({ "description": "The guest asked to cancel" });
    let ended = |step: &str, ended_at: Value| {
        let report = edited("folio_update_completed", FOLIO_UPDATE, |body| {
            put(body, "/cancelationReason", asked.clone());
            put(body, "/orderStep", json!(step));
            put(body, "/endedAt", ended_at);
        });
        news(report.unwrap()).end_reason
    };
    assert_eq!(
        ended("COMPLETED", json!("2026-06-28T16:31:10.960Z")).as_deref(),
        Some("Handed over at the door")
    );
    assert_eq!(
        ended("CANCELED", json!("2026-06-28T16:31:10.960Z")).as_deref(),
        Some("The guest asked to cancel")
    );
    assert_eq!(ended("TRANSIT", json!(null)), None);
}

#[test]
fn what_contradicts_its_event_is_not_believed() {
    let cancelled = json!({ "reference": "CanceledReason" });
    let with_reason = |body: &mut Value| put(body, "/endedReason", cancelled.clone());
    for (name, kind) in [("complete_order", COMPLETE_ORDER), ("decline_cancel_request", COMPLETE_ORDER)] {
        assert!(failed(name, kind, with_reason).starts_with("endedReason: "), "{name}");
    }
    let completed = |body: &mut Value| put(body, "/status", json!("COMPLETED"));
    let both = |body: &mut Value| {
        completed(body);
        with_reason(body);
    };
    assert!(failed("status_change", STATUS_CHANGE, both).starts_with("endedReason: "));
    assert!(
        failed("complete_order", COMPLETE_ORDER, |body| put(body, "/status", json!("Cancelled")))
            .starts_with("status: ")
    );
    assert!(failed("complete_order_with_reason", CANCEL_ORDER, |_| ()).starts_with("endedReason: "));
    assert!(failed("complete_order", STATUS_CHANGE, |_| ()).starts_with("queueName: "));
    assert!(failed("cancel_order", COMPLETE_ORDER, |_| ()).starts_with("queueName: "));
    // The one sample that Jelp publishes for both endings.
    assert_eq!(news(report("complete_order", CANCEL_ORDER)).status, Some(Cancelled));
    assert_eq!(news(edited("status_change", STATUS_CHANGE, completed).unwrap()).status, Some(DroppedOff));
}

#[test]
fn a_comment_is_a_note_and_those_of_a_full_order_are_not_told_again() {
    let comment = news(report("comment", COMMENT));
    assert_eq!(
        comment,
        FleetNews { note: Some("The rider waits at the counter".into()), ..FleetNews::default() }
    );
    assert_eq!(news(report("order_new", "order_new")).note, None);
}

#[test]
fn a_tracking_link_is_taken_if_it_is_a_safe_one() {
    let link = |url: Value| {
        let report = edited("tracking", TRACKING, |body| put(body, "/trackingUrl", url));
        news(report.unwrap()).tracking_url
    };
    assert_eq!(link(json!(" https://jelp.example/577 ")).as_deref(), Some("https://jelp.example/577"));
    for odd in
        [json!("http://jelp.example"), json!("javascript:alert(1)"), json!("577"), json!(null), json!({})]
    {
        assert_eq!(link(odd), None);
    }
    assert_eq!(link(json!(format!("https://jelp.example/{}", "a".repeat(2000)))), None);
    assert_eq!(news(report("assign_driver_external", ASSIGN_DRIVER)).tracking_url, None);
}

#[test]
fn an_event_without_a_time_that_can_be_believed_only_implies() {
    for odd in [json!(null), json!("now"), json!("2001-01-01T00:00:00Z"), json!("2027-01-01T00:00:00Z")] {
        let report = edited("complete_order", COMPLETE_ORDER, |body| put(body, "/timestamp", odd)).unwrap();
        assert_eq!(report.stamp.at.to_string(), "2026-06-28T17:00:00Z");
        let news = news(report);
        assert_eq!((news.status, news.implied), (Some(DroppedOff), true));
    }
}

#[test]
fn a_change_of_a_full_order_moves_neither_when_it_left_nor_when_it_ended() {
    let after = |name: &str, ended_at: Value| {
        let report = edited(name, FOLIO_UPDATE, |body| {
            put(body, "/updatedAt", json!("2026-06-28T16:50:00Z"));
            put(body, "/endedAt", ended_at);
        });
        let report = report.unwrap();
        let at = report.stamp.at.to_string();
        let news = news(report);
        (at, news.status, news.implied)
    };
    let (ended, later) = ("2026-06-28T16:31:10.96Z", "2026-06-28T16:50:00Z");
    let dropped_off = |at: &str, implied| (at.to_owned(), Some(DroppedOff), implied);
    assert_eq!(after("folio_update_completed", json!(ended)), dropped_off(ended, false));
    for odd in [json!(null), json!("soon"), json!("2001-01-01T00:00:00Z"), json!("2027-01-01T00:00:00Z")] {
        assert_eq!(after("folio_update_completed", odd), dropped_off(later, true));
    }
    assert_eq!(after("folio_update_in_transit", json!(ended)), (later.to_owned(), Some(Collected), true));
}

#[test]
fn an_event_that_is_open_or_names_no_order_is_kept_apart() {
    let open = failed("decline_cancel_request", OPEN, |_| ());
    assert!(open.starts_with("event: the body leaves open"), "{open}");
    assert!(failed("comment", "order_eaten", |_| ()).starts_with("event: "));
    let nameless = failed("comment", COMMENT, |body| {
        cut(body, "/folio");
        put(body, "/publicId", json!(""));
    });
    assert!(nameless.starts_with("folio: "), "{nameless}");
}
