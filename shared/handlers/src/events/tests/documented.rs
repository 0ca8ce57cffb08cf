//! What is published is what `docs/events.md` and `docs/events.schema.json` say. The black-box suite holds every event that
//! it sees against the whole schema; here, names and members.

use std::collections::BTreeSet;

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use courier_domain::event::{DomainEvent, EventName};
use serde_json::{Value, json};

use crate::testing::events::{announced, captain, shift, syrve_order, syrve_order_with};
use crate::testing::stories::{loss, story};
use crate::testing::{ANN, Bridge, with_all_fleets};

fn read(file: &str) -> String {
    std::fs::read_to_string(format!("{}/../../docs/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&read("events.schema.json")).unwrap()
}

/// The names of the events, in the order of the schema.
fn names(schema: &Value) -> Vec<String> {
    let of = |branch: &Value| branch["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let names: Vec<_> = schema["oneOf"].as_array().unwrap().iter().map(of).collect();
    for name in &names {
        assert_eq!(&schema["$defs"][name]["properties"]["name"]["const"], name);
    }
    names
}

/// A part of the schema, wherever it is written.
fn resolved<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    match part["$ref"].as_str() {
        Some(path) => schema.pointer(path.trim_start_matches('#')).unwrap(),
        None => part,
    }
}

/// Whether a detail has the members that the schema names, no others, and words that it knows.
fn assert_conforms(schema: &Value, name: &str, detail: &Value) {
    let part = resolved(schema, &schema["$defs"][name]["properties"]["detail"]);
    let members: BTreeSet<_> = detail.as_object().unwrap().keys().map(String::as_str).collect();
    let required = part["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let required: BTreeSet<_> = required.iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(members, required, "{name}");
    assert_eq!(part["additionalProperties"], false, "{name}");
    for member in members {
        let words = &resolved(schema, &part["properties"][member])["enum"];
        let known = words.as_array().is_none_or(|words| words.contains(&detail[member]));
        assert!(known, "{name}: {member} is {}", detail[member]);
    }
}

fn bridge() -> Bridge {
    Bridge::of(with_all_fleets(MatchOrdersBy::OrderId))
}

/// All that follows from the stories of every fleet, and from what is told of drivers.
async fn published() -> Vec<DomainEvent> {
    let mut events = Vec::new();
    for provider in Provider::ALL {
        let bridge = bridge();
        bridge.tell_all(&[announced(0)]).await;
        bridge.tell_all(&story(provider, MatchOrdersBy::OrderId)).await;
        bridge.tell_all(&[loss(provider, MatchOrdersBy::OrderId)]).await;
        events.extend(bridge.bus.items());
    }
    let bridge = bridge();
    let mut agent = json!({ "agent_uuid": "7183bb9f1a65", "eta_till_available": 1_782_664_000 });
    agent["eta_arrive_at_home_hub"] = json!(null);
    bridge
        .tell_all(&[
            announced(0),
            syrve_order_with(1, "CookingStarted", |order| {
                order["items"][0]["status"] = json!("CookingStarted");
            }),
            captain("item_status_updated", 2, &json!({})),
            captain("order_assigned", 3, &json!({})),
            captain("order_unassigned", 4, &json!({})),
            captain("order_status_updated", 5, &json!({ "order_status": "not_dispatched" })),
            syrve_order(6, "Waiting", "DeliveryByClient"),
            shift(1, ANN, true),
            shift(2, ANN, false),
            captain("agent_eta_updated", 3, &agent),
            captain("analytics_report_ready", 4, &json!({})),
        ])
        .await;
    bridge.list(5, "Testa Example", false).await.unwrap();
    bridge.list(6, "Testa Example", true).await.unwrap();
    events.extend(bridge.bus.items());
    events
}

#[tokio::test]
async fn every_event_that_is_published_has_the_members_that_the_schema_names() {
    let (schema, events) = (schema(), published().await);
    for event in &events {
        assert_conforms(&schema, &event.name, &event.detail);
    }
    let seen: BTreeSet<_> = events.iter().map(|event| event.name.as_str()).collect();
    let elsewhere = ["agent.radar_locations.created", "command_failed", "subscription_disabled"];
    let expected = names(&schema);
    let expected: BTreeSet<_> =
        expected.iter().map(String::as_str).filter(|name| !elsewhere.contains(name)).collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_table_of_events_is_the_schemas_and_says_which_go_to_subscribers() {
    let text = read("events.md");
    let start = "| event | about | published when | subscribers |\n|---|---|---|---|\n";
    let table = text.split_once(start).unwrap().1.split_once("\n\n").unwrap().0;
    let rows: Vec<_> = table
        .lines()
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            (cells[0].trim_matches('`').to_owned(), cells[3] == "yes")
        })
        .collect();
    let told = |name: String| (name.clone(), EventName::parse(&name).is_some());
    assert_eq!(rows, names(&schema()).into_iter().map(told).collect::<Vec<_>>());
    let told: BTreeSet<_> = rows.iter().filter(|(_, told)| *told).map(|(name, _)| name.as_str()).collect();
    assert_eq!(told, EventName::ALL.map(EventName::as_str).into());
}

#[test]
fn every_event_is_explained_with_an_example_of_its_detail() {
    let (text, schema) = (read("events.md"), schema());
    for name in names(&schema) {
        let section = text.split_once(&format!("### `{name}`\n")).unwrap_or_else(|| panic!("{name}")).1;
        let section = section.split("\n### ").next().unwrap();
        let example = section.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
        let detail: Value = serde_json::from_str(example).unwrap();
        assert_conforms(&schema, &name, &detail);
        for member in detail.as_object().unwrap().keys() {
            let explained = section.contains(&format!("`{member}`")) || section.contains("The same members");
            assert!(explained, "{name}: {member}");
        }
    }
}
