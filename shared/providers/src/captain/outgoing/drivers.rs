//! Events of drivers: where they are, when they are free again, and what else the restaurant's side knows of one.

use courier_domain::delivery::Provider;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Told, driver_in, driver_of, employee, sent, written};
use crate::lenient::Fields;

/// `agent.radar_locations.created`: one point of each driver who moved.
pub(super) fn locations(told: Told) -> Value {
    let drivers = told.detail.list("drivers").iter().map(Fields::of);
    let agent_locations: Vec<_> = drivers.filter_map(|moved| agent(moved, told.account_uuid())).collect();
    json!({ "account_uuid": told.account_uuid(), "agent_locations": agent_locations })
}

fn agent(moved: Fields, account_uuid: &str) -> Option<Value> {
    let driver = driver_in(moved)?;
    let measure = |name: &str| moved.measure(name).map(written::measure);
    Some(json!({
        "agent_uuid": driver,
        "agent_partners_external_identifier": employee(Some(&driver)),
        "locations": [{
            "latitude": measure("latitude"),
            "longitude": measure("longitude"),
            "speed": measure("speed_kmh"),
            "course": moved.decimal("course").map(sent::items::number),
            "recorded_at": moved.parsed::<Timestamp>("recorded_at").map(written::with_zone),
            "account_uuid": account_uuid,
        }],
    }))
}

/// `agent_eta_updated`. It was calculated when the fleet says that it happened.
pub(super) fn eta(told: Told) -> Value {
    let driver = driver_of(told.event);
    let unix = |name: &str| told.detail.parsed::<Timestamp>(name).map(Timestamp::as_second);
    json!({
        "account_uuid": told.account_uuid(),
        "agent_uuid": driver,
        "agent_account_business_partners_external_identifier": "",
        "agent_account_partners_external_identifier": told.store(),
        "agent_partners_external_identifier": employee(driver.as_ref()),
        "agent_partner_data": partner_data(told),
        "eta_till_available": unix("available_at"),
        "eta_arrive_at_home_hub": unix("home_at"),
        "calculated_at": told.event.occurred_at.as_second(),
        "published_at": told.published_at(),
    })
}

/// What is known of the driver beside the ids: where they work, and the fleet's own name of them.
pub(super) fn partner_data(told: Told) -> Value {
    let row = told.facts.driver;
    let mut known = Map::new();
    if let Some(group) = row.and_then(courier_domain::driver::Driver::terminal_group) {
        known.insert("terminal_group_id".to_owned(), json!(group));
    }
    // An event that names no fleet is of the driver's only one, if there is one.
    let fleets = row.map(|driver| &driver.fleet_ids);
    let only = || fleets.filter(|fleets| fleets.len() == 1)?.keys().next().copied();
    let provider = told.detail.text("provider").and_then(|name| Provider::parse(&name)).or_else(only);
    let Some(provider) = provider else { return Value::Object(known) };
    known.insert("provider".to_owned(), json!(provider));
    let fleet_id = told.detail.text("fleet_id").or_else(|| fleets?.get(&provider).cloned());
    if let Some(fleet_id) = fleet_id {
        known.insert("fleet_id".to_owned(), json!(fleet_id));
    }
    Value::Object(known)
}
