//! What Captain.AI is sent for Syrve's orders: whole bodies, as they are kept in `snapshots/captain_order`, and what must
//! hold for any order at all.
//!
//! After a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test -p courier-providers` writes them anew.

mod any_order;

use courier_domain::inbound::Sender;
use courier_domain::report::OrderReport;

use super::*;
use crate::syrve;
use crate::testing::{cut, event, json as payload, put};

const SNAPSHOTS: [&str; 9] = [
    "order_created",
    "order_partly_prepaid",
    "order_with_compound_item",
    "order_with_deleted_item_and_modifier",
    "order_with_line1_address_only",
    "order_with_regular_customer",
    "order_with_service_item",
    "order_without_coordinates",
    "order_without_delivery_point",
];

fn account() -> Account {
    let tokens = json!({ "current": "0".repeat(64), "previous": null });
    let account = json!({
        "account_id": "demo", "name": "Demo", "time_zone": "Europe/Dublin", "enabled": true,
        "syrve": { "base_url": "https://syrve.test", "organization_id": "7bc05553-4b68-44e8-b7bc-37be63c6d9e9",
                   "webhook_tokens": tokens, "terminal_group_id": null },
        "captain": null, "dispatch_to": "captain", "match_orders_by": "order_id",
        "created_at": "2026-02-25T06:13:20Z", "updated_at": "2026-02-25T06:13:20Z",
    });
    serde_json::from_value(account).unwrap()
}

/// A fixture's order after a change of its payload, as Syrve's event makes it.
fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> Order {
    let mut body = payload(&format!("syrve/{name}"))[0].take();
    edit(&mut body);
    let event = event(Sender::Syrve, "DeliveryOrderUpdate", body);
    let report: OrderReport = syrve::order::map(&event, &account()).unwrap();
    let mut order = Order::new(report.order_id.unwrap());
    assert!(order.apply(&report), "{name}");
    order
}

fn created(edit: impl FnOnce(&mut Value)) -> Value {
    creation(&edited("order_created", edit), &account()).unwrap()
}

fn changed(edit: impl FnOnce(&mut Value)) -> Value {
    changes(&edited("order_created", edit), &account()).unwrap()
}

#[test]
fn the_bodies_are_those_that_are_kept() {
    for name in SNAPSHOTS {
        let order = edited(name, |_| ());
        let bodies = json!({
            "creation": creation(&order, &account()),
            "changes": changes(&order, &account()),
        });
        let text = format!("{}\n", serde_json::to_string_pretty(&bodies).unwrap());
        let path = format!("{}/snapshots/captain_order/{name}.json", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(text, kept, "{name}");
    }
}

#[test]
fn an_order_of_which_syrve_said_nothing_has_no_body() {
    let order = Order::new("497f6eca-6276-4993-bfeb-53cbbbba6f08".parse().unwrap());
    assert_eq!((creation(&order, &account()), changes(&order, &account())), (None, None));
}

#[test]
fn an_order_is_called_by_its_number_else_another_systems_else_by_its_id() {
    let reference = |edit: &dyn Fn(&mut Value)| created(edit)["store_order_reference_description"].take();
    assert_eq!(reference(&|_| ()), "#577");
    let unnumbered = |body: &mut Value| cut(body, "/eventInfo/order/number");
    assert_eq!(reference(&unnumbered), "497f6eca");
    assert_eq!(
        reference(&|body| {
            unnumbered(body);
            put(body, "/eventInfo/externalNumber", json!("WEB-9"));
        }),
        "WEB-9"
    );
}

#[test]
fn a_guest_whom_nobody_names_is_named_after_the_order() {
    let body = created(|body| put(body, "/eventInfo/order/customer", json!(null)));
    assert_eq!(body["recipient"], json!({ "full_name": "Guest #577", "phone_number": "+35310000000" }));
}

#[test]
fn an_order_is_placed_when_it_was_made_or_else_when_it_last_changed() {
    assert_eq!(created(|_| ())["placed_at_time"], "2026-06-28T16:00:02Z");
    let body = created(|body| cut(body, "/eventInfo/order/whenCreated"));
    assert_eq!(body["placed_at_time"], "2026-06-28T16:05:10.412Z");
}

#[test]
fn only_a_time_that_the_guest_chose_is_told() {
    let asap = |value: Value| move |body: &mut Value| put(body, "/eventInfo/order/isAsap", value);
    assert_eq!(created(asap(json!(false)))["scheduled_for"], "2026-06-28T17:00:00Z");
    for value in [json!(true), json!(null)] {
        assert_eq!(created(asap(value.clone())).get("scheduled_for"), None);
        assert_eq!(changed(asap(value))["scheduled_for"], Value::Null);
    }
}

#[test]
fn a_number_that_does_not_say_its_country_is_told_where_it_is_not_refused() {
    let national = |body: &mut Value| put(body, "/eventInfo/order/phone", json!("(087) 000 00 01"));
    let body = created(national);
    assert_eq!(body["recipient"], json!({ "full_name": "Testa Example" }));
    assert_eq!(body["special_instructions"], "No cutlery please\nPhone: 0870000001");
}

#[test]
fn what_went_away_is_null_in_a_change_and_not_there_in_a_creation() {
    let gone = |body: &mut Value| {
        for field in ["comment", "isAsap", "number", "deliveryPoint/comment", "deliveryPoint/address/flat"] {
            put(body, &format!("/eventInfo/order/{field}"), json!(null));
        }
    };
    let (before, after) = (changed(|_| ()), changed(gone));
    for field in [
        "/special_instructions",
        "/scheduled_for",
        "/custom_fields/syrve_order_number",
        "/delivery_job/dropoff_location/apartment_number",
        "/delivery_job/dropoff_location/address_specific_instructions_to_driver",
    ] {
        assert!(before.pointer(field).is_some_and(|value| !value.is_null()), "{field}");
        assert_eq!(after.pointer(field), Some(&Value::Null), "{field}");
        assert_eq!(created(gone).pointer(field), None, "{field}");
    }
}

#[test]
fn what_cannot_be_taken_away_is_not_there_in_a_change_either() {
    let gone = |body: &mut Value| {
        for field in ["phone", "deliveryPoint", "payments", "processedPaymentsSum", "sum", "items"] {
            put(body, &format!("/eventInfo/order/{field}"), json!(null));
        }
    };
    for body in [created(gone), changed(gone)] {
        assert_eq!(body["recipient"], json!({ "full_name": "Testa Example" }));
        assert_eq!((body.get("delivery_job"), body.get("financial_record")), (None, None));
        assert_eq!(body["items"], json!([]));
    }
}

#[test]
fn a_change_has_all_that_a_creation_has_but_what_never_changes() {
    let (creation, changes) = (members(created(|_| ())), members(changed(|_| ())));
    let fixed: Vec<_> = creation.keys().filter(|key| !changes.contains_key(*key)).collect();
    assert_eq!(fixed, ["kind", "partners_unique_internal_order_id", "placed_at_time", "preparation"]);
    assert!(changes.keys().all(|key| creation.contains_key(key)));
}
