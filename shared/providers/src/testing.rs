//! Fixtures for this crate's tests: whole payloads, shared with the black-box suite.

use courier_domain::account::{Account, MatchOrdersBy};
use courier_domain::ids::EventKey;
use courier_domain::inbound::{InboundEvent, Sender};
use serde_json::Value;

use crate::body::RawEvent;

pub(crate) fn fixture(path: &str) -> Vec<u8> {
    let path = format!("{}/../../tests/fixtures/{path}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every fixture of a sender, by file name.
pub(crate) fn fixtures(sender: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("{}/../../tests/fixtures/{sender}", env!("CARGO_MANIFEST_DIR"));
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let read = |name: String| {
        let body = fixture(&format!("{sender}/{}", name.strip_suffix(".json")?));
        Some((name, body))
    };
    names.filter_map(read).collect()
}

pub(crate) fn json(path: &str) -> Value {
    serde_json::from_slice(&fixture(path)).unwrap()
}

/// The event as the mapping function receives it.
pub(crate) fn inbound(sender: Sender, raw: RawEvent) -> InboundEvent {
    InboundEvent {
        account_id: "demo".parse().unwrap(),
        sender,
        kind: raw.kind,
        key: raw.key,
        subject: raw.subject,
        received_at: "2026-06-28T17:00:00Z".parse().unwrap(),
        body: raw.body,
    }
}

pub(crate) fn event(sender: Sender, kind: &str, body: Value) -> InboundEvent {
    let key = EventKey::hashed(["test"]);
    inbound(sender, RawEvent { kind: kind.to_owned(), key, subject: String::new(), body })
}

/// A restaurant in Dublin whose fleets know its orders by this name.
pub(crate) fn account(match_orders_by: MatchOrdersBy) -> Account {
    let account = serde_json::json!({
        "account_id": "demo", "name": "Demo", "time_zone": "Europe/Dublin", "enabled": true,
        "syrve": null, "fleets": {}, "captain": null, "dispatch_to": null, "match_orders_by": match_orders_by,
        "created_at": "2026-02-25T06:13:20Z", "updated_at": "2026-02-25T06:13:20Z",
    });
    serde_json::from_value(account).unwrap()
}

/// Puts `value` at `pointer`, which must exist.
pub(crate) fn put(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
        Value::Object(map) => drop(map.insert(name.to_owned(), value)),
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} is inside a scalar"),
    }
}

pub(crate) fn cut(body: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).and_then(Value::as_object_mut).unwrap().remove(name);
}

/// Any JSON at all, and how to put it into any place of a payload.
pub(crate) mod any {
    use proptest::prelude::*;
    use serde_json::{Map, Number, Value, json};

    pub(crate) fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(|n| json!(n)),
            any::<u64>().prop_map(|n| json!(n)),
            any::<f64>().prop_map(|n| Number::from_f64(n).map_or(Value::Null, Value::Number)),
            ".{0,12}".prop_map(Value::String),
            "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e[0-9]{1,4})?".prop_map(Value::String),
            "[0-9]{4}-[01][0-9]-[0-3][0-9][ T][0-9:. UTCZ+-]{0,16}".prop_map(Value::String),
            Just(json!("497f6eca-6276-4993-bfeb-53cbbbba6f08")),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                prop::collection::vec(("[a-z_A-Z]{0,8}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    /// Replaces the `place`-th value of a payload, counted depth first.
    pub(crate) fn replace(body: &mut Value, place: usize, with: &Value) {
        fn walk(value: &mut Value, left: &mut usize, with: &Value) -> bool {
            if *left == 0 {
                *value = with.clone();
                return true;
            }
            *left -= 1;
            match value {
                Value::Object(map) => map.values_mut().any(|member| walk(member, left, with)),
                Value::Array(list) => list.iter_mut().any(|member| walk(member, left, with)),
                _ => false,
            }
        }
        let mut left = place;
        walk(body, &mut left, with);
    }
}
