//! Events of which little is known: rows that are gone, members that are not there or are of another type. All members
//! are still there, and only those are null that can be unknown.

use proptest::prelude::*;

use super::contract::{ALWAYS_NULL, differences, example};
use super::*;
use crate::testing::any;

/// What is null where no row and no detail is left, by what would have told it.
const UNKNOWN: [&str; 29] = [
    // The event names no order.
    "/data/order_uuid",
    "/data/job_uuid",
    "/data/partners_unique_internal_order_id",
    "/data/order_custom_fields",
    // It names no driver, or one whom only a fleet knows.
    "/data/agent_uuid",
    "/data/job_delivery_status_agent_uuid",
    "/data/agent_partners_external_identifier",
    "/data/agent_locations/0/agent_partners_external_identifier",
    // It does not say its status.
    "/data/job_delivery_status",
    "/data/order_status",
    "/data/item_status",
    // The order's row is gone, or does not say.
    "/data/order_description",
    "/data/payment_status",
    "/data/grand_total_including_tax",
    "/data/tracking_link",
    // Syrve has a word for it that is not known.
    "/data/items/0/status",
    // Nobody has seen the driver.
    "/data/job_delivery_status_agent_location",
    "/data/agent_locations/0/locations/0/latitude",
    "/data/agent_locations/0/locations/0/longitude",
    "/data/agent_locations/0/locations/0/speed",
    "/data/agent_locations/0/locations/0/course",
    "/data/agent_locations/0/locations/0/recorded_at",
    // The event does not say it.
    "/data/item_uuid",
    "/data/item_name",
    "/data/quantity",
    "/data/sequence",
    "/data/eta_till_available",
    "/data/eta_arrive_at_home_hub",
    "/data/uuid",
];

fn checked(name: EventName, data: &Value) -> Vec<String> {
    let theirs = json!({ "data": example(name)["data"] });
    differences(&json!({ "data": data }), &theirs, &[&UNKNOWN[..], &ALWAYS_NULL].concat())
}

/// The members that are null and need not be.
fn nulls(data: &Value) -> Vec<String> {
    let members = data.as_object().unwrap().iter();
    let nulls = members.filter(|(_, value)| value.is_null()).map(|(member, _)| format!("/data/{member}"));
    nulls.filter(|pointer| !ALWAYS_NULL.contains(&pointer.as_str())).collect()
}

#[test]
fn what_can_be_unknown_is_in_an_example() {
    let examples = EventName::ALL.map(example);
    for pointer in UNKNOWN {
        assert!(examples.iter().any(|example| example.pointer(pointer).is_some()), "{pointer}");
    }
}

#[test]
fn without_rows_the_event_still_says_what_it_knows() {
    let mut account = account();
    account.syrve = None;
    let facts = Facts { account: &account, order: None, driver: None };
    let told = |name| data(&event(name, detail(name)), name, &facts);
    for (name, expected) in [
        (EventName::OrderAssigned, vec![]),
        (EventName::OrderUnassigned, vec![]),
        (
            EventName::JobDeliveryStatusUpdated,
            vec!["/data/job_delivery_status_agent_location", "/data/order_description"],
        ),
        (EventName::OrderStatusUpdated, vec!["/data/order_description"]),
        (
            EventName::ItemStatusUpdated,
            vec![
                "/data/grand_total_including_tax",
                "/data/order_description",
                "/data/payment_status",
                "/data/tracking_link",
            ],
        ),
        (EventName::AgentRadarLocationsCreated, vec![]),
        (EventName::AgentEtaUpdated, vec![]),
        (EventName::AnalyticsReportReady, vec![]),
    ] {
        let data = told(name);
        assert_eq!(checked(name, &data), [""; 0], "{name:?}");
        assert_eq!(nulls(&data), expected, "{name:?}");
    }
    let assigned = told(EventName::OrderAssigned);
    assert_eq!(
        assigned["order_account_partners_external_identifier"], "demo",
        "a restaurant without Syrve has our name"
    );
    assert_eq!(assigned["agent_partner_data"], json!({ "provider": "captain", "fleet_id": AGENT }));
    let fields =
        json!({ "courier_bridge_account_id": "demo", "syrve_order_id": ORDER, "provider": "captain" });
    assert_eq!(assigned["order_custom_fields"], fields);
    assert_eq!(told(EventName::OrderStatusUpdated)["items"], json!([]));
    assert_eq!(told(EventName::AgentEtaUpdated)["agent_partner_data"], json!({}));
}

#[test]
fn a_driver_without_a_position_and_an_order_without_a_price_are_told_without() {
    let mut world = world();
    world.driver = Driver::new(EMPLOYEE.parse().unwrap());
    world.order = Order::new(ORDER.parse().unwrap());
    let job = world.told(EventName::JobDeliveryStatusUpdated, detail(EventName::JobDeliveryStatusUpdated));
    assert_eq!(
        (&job["job_delivery_status_agent_location"], &job["order_description"]),
        (&json!(null), &json!(null))
    );
    let item = world.told(EventName::ItemStatusUpdated, detail(EventName::ItemStatusUpdated));
    assert_eq!((&item["grand_total_including_tax"], &item["tracking_link"]), (&json!(null), &json!(null)));
    assert_eq!(item["item_name"], "Pizza Margherita");
}

#[test]
fn an_order_without_a_driver_is_told_without_and_a_driver_of_a_fleet_has_no_employee_id() {
    let world = world();
    let facts = Facts { driver: None, ..world.facts() };
    let told = |detail: Value| {
        let event = event(EventName::JobDeliveryStatusUpdated, detail);
        data(&event, EventName::JobDeliveryStatusUpdated, &facts)
    };
    let cancelled =
        told(json!({ "provider": "captain", "job_delivery_status": "cancelled", "driver_id": null }));
    assert_eq!(
        nulls(&cancelled),
        ["/data/job_delivery_status_agent_location", "/data/job_delivery_status_agent_uuid"]
    );
    let assigned = json!({ "provider": "jelp", "driver_id": "jelp:9", "fleet_id": "9" });
    let assigned = data(&event(EventName::OrderAssigned, assigned), EventName::OrderAssigned, &facts);
    assert_eq!(assigned["agent_uuid"], "jelp:9");
    assert_eq!(assigned["agent_partners_external_identifier"], json!(null));
    assert_eq!(assigned["agent_partner_data"], json!({ "provider": "jelp", "fleet_id": "9" }));
}

#[test]
fn a_driver_without_an_id_is_left_out_of_the_locations_and_one_without_a_point_is_not() {
    let world = world();
    let moved = json!({ "drivers": [{ "latitude": 1.0 }, 7, { "driver_id": "jelp:9" }] });
    let data = world.told(EventName::AgentRadarLocationsCreated, moved);
    assert_eq!(checked(EventName::AgentRadarLocationsCreated, &data), [""; 0]);
    assert_eq!(data["agent_locations"].as_array().unwrap().len(), 1);
    let none = world.told(EventName::AgentRadarLocationsCreated, json!({ "drivers": null }));
    assert_eq!(none, json!({ "account_uuid": "demo", "agent_locations": [] }));
}

proptest! {
    #[test]
    fn whatever_an_event_says_it_is_told_in_the_same_members_and_types(value in any::value(), place in 0usize..10) {
        let world = world();
        let nothing = Facts { order: None, driver: None, ..world.facts() };
        for name in EventName::ALL {
            for facts in [world.facts(), nothing] {
                let mut detail = detail(name);
                any::replace(&mut detail, place, &value);
                let mut event = event(name, detail);
                let told = data(&event, name, &facts);
                prop_assert_eq!(checked_but_for_numbers(name, &told), [""; 0]);
                prop_assert_eq!(&told, &data(&event, name, &facts));
                event.detail = value.clone();
                (event.order_id, event.driver_id) = (None, None);
                prop_assert_eq!(checked_but_for_numbers(name, &data(&event, name, &facts)), [""; 0]);
                body(&notification(name, told), "production", event.occurred_at);
            }
        }
    }
}

/// A quantity and a course may have a fraction, which those of the examples have not.
fn checked_but_for_numbers(name: EventName, data: &Value) -> Vec<String> {
    let fraction = |found: &String| !found.ends_with("is a float and not an integer");
    checked(name, data).into_iter().filter(fraction).collect()
}
