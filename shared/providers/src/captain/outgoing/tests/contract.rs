//! Each of our events beside Captain.AI's own example of it: the same members, of the same types, all the way down. Whole
//! numbers and numbers with a point are two types here.

use super::*;

/// Objects of an integrator's own, whose members nobody prescribes. Captain.AI documents both as a hash, the first as one
/// or null.
const HASHES: [&str; 2] = ["/data/order_custom_fields", "/data/agent_partner_data"];

/// What Captain.AI's example itself has as null, and we as well: nothing is known of payment gateways and printers.
pub(super) const ALWAYS_NULL: [&str; 2] = ["/data/payment_gateway_id", "/data/items/0/printer"];

/// Captain.AI's example of an event.
pub(super) fn example(name: EventName) -> Value {
    payload(&format!("captain/{}", name.as_str().replace('.', "_")))
}

fn ours(name: EventName) -> Value {
    serde_json::from_slice(&sent(name)).unwrap()
}

/// Where `ours` has other members or types than `theirs`, or a null that is not among `may_be_null`. Every entry of a list
/// of ours is held against the first of theirs; of a list that is empty there, nothing is known but that it is one.
pub(super) fn differences(ours: &Value, theirs: &Value, may_be_null: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    compare(ours, theirs, "", may_be_null, &mut found);
    found
}

fn compare(ours: &Value, theirs: &Value, at: &str, may_be_null: &[&str], found: &mut Vec<String>) {
    if HASHES.contains(&at) && ours.is_object() && (theirs.is_object() || theirs.is_null()) {
        return;
    }
    if ours.is_null() && may_be_null.contains(&at) {
        return;
    }
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let missing = theirs.keys().filter(|key| !ours.contains_key(*key));
            found.extend(missing.map(|key| format!("{at}/{key} is missing")));
            for (key, value) in ours {
                let at = format!("{at}/{key}");
                match theirs.get(key) {
                    Some(example) => compare(value, example, &at, may_be_null, found),
                    None => found.push(format!("{at} is not in the example")),
                }
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            let Some(example) = theirs.first() else { return };
            for value in ours {
                compare(value, example, &format!("{at}/0"), may_be_null, found);
            }
        }
        _ if sort(ours) == sort(theirs) && !ours.is_null() => {}
        _ if ours.is_null() => found.push(format!("{at} is null")),
        _ => found.push(format!("{at} is {} and not {}", sort(ours), sort(theirs))),
    }
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a float",
        Value::Number(_) => "an integer",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[test]
fn every_event_has_the_members_and_types_of_captain_ais_example() {
    for name in EventName::ALL {
        assert_eq!(differences(&ours(name), &example(name), &ALWAYS_NULL), [""; 0], "{name:?}");
    }
}

#[test]
fn the_comparison_finds_what_differs() {
    for name in EventName::ALL {
        let found = |edit: &dyn Fn(&mut Value)| {
            let mut ours = ours(name);
            edit(&mut ours);
            differences(&ours, &example(name), &ALWAYS_NULL)
        };
        let account = "/data/account_uuid";
        assert_eq!(found(&|ours| crate::testing::cut(ours, account)), ["/data/account_uuid is missing"]);
        assert_eq!(
            found(&|ours| put(ours, account, json!(7))),
            ["/data/account_uuid is an integer and not a text"]
        );
        assert_eq!(found(&|ours| put(ours, account, json!(null))), ["/data/account_uuid is null"]);
        assert_eq!(found(&|ours| put(ours, "/metadata/x", json!(1))), ["/metadata/x is not in the example"]);
    }
    let mut items = ours(EventName::OrderStatusUpdated);
    put(&mut items, "/data/items/1/quantity", json!("1"));
    let found = differences(&items, &example(EventName::OrderStatusUpdated), &ALWAYS_NULL);
    assert_eq!(found, ["/data/items/0/quantity is a text and not an integer"]);
}

/// The example, with our ids and what else is ours in place of Captain.AI's.
fn example_with(name: EventName, ours: &[(&str, Value)]) -> Value {
    let mut body = example(name);
    let known = [
        ("/created_at", json!("2026-06-28T16:30:00.333+00:00")),
        ("/event_uuid", json!(Uuid::from_u128(2))),
        ("/metadata/sent_at", json!("2026-06-28T16:30:00.900+00:00")),
        ("/data/account_uuid", json!("demo")),
    ];
    let of_order = [
        ("/data/order_uuid", json!(ORDER)),
        ("/data/job_uuid", json!(ORDER)),
        ("/data/published_at", json!(1_782_664_200.262_882)),
        ("/data/agent_uuid", json!(EMPLOYEE)),
        ("/data/job_delivery_status_agent_uuid", json!(EMPLOYEE)),
        (
            "/data/agent_partner_data",
            json!({ "terminal_group_id": KITCHEN, "provider": "captain", "fleet_id": AGENT }),
        ),
        ("/data/order_account_partners_external_identifier", json!(ORGANIZATION)),
        ("/data/item_account_partners_external_identifier", json!(ORGANIZATION)),
        ("/data/agent_account_partners_external_identifier", json!(ORGANIZATION)),
        (
            "/data/order_custom_fields",
            json!({ "courier_bridge_account_id": "demo", "syrve_order_id": ORDER, "syrve_organization_id": ORGANIZATION,
                    "syrve_order_number": 577, "syrve_external_number": "WEB-9", "provider": "captain" }),
        ),
    ];
    for (pointer, value) in known
        .iter()
        .chain(of_order.iter().filter(|(pointer, _)| example(name).pointer(pointer).is_some()))
        .chain(ours)
    {
        put(&mut body, pointer, value.clone());
    }
    body
}

#[test]
fn what_is_the_same_is_written_as_captain_ai_writes_it() {
    for (name, differs) in [
        (EventName::OrderAssigned, vec![]),
        (EventName::OrderUnassigned, vec![]),
        (
            EventName::JobDeliveryStatusUpdated,
            vec![(
                "/data/job_delivery_status_agent_location/recorded_at",
                json!("2026-06-28 16:29:50 +0000"),
            )],
        ),
        (
            EventName::ItemStatusUpdated,
            vec![
                ("/data/grand_total_including_tax", json!("22.00")),
                // The fixture's guest pays the courier.
                ("/data/payment_status", json!("unpaid")),
            ],
        ),
        (
            EventName::AgentRadarLocationsCreated,
            vec![
                ("/data/agent_locations/0/agent_uuid", json!(EMPLOYEE)),
                ("/data/agent_locations/0/locations/0/account_uuid", json!("demo")),
                ("/data/agent_locations/0/locations/0/longitude", json!("-6.26031")),
            ],
        ),
        (EventName::AgentEtaUpdated, vec![]),
        (EventName::AnalyticsReportReady, vec![]),
    ] {
        assert_eq!(ours(name), example_with(name, &differs), "{name:?}");
    }
}
