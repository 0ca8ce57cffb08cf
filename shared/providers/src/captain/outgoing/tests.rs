//! Our events as subscribers receive them: what they say, what they say where little is known, and what they never say.
//! Two contracts are checked apart from that: Captain.AI's examples, and this crate's own reader of them.

mod contract;
mod envelope;
mod read_back;
mod unknown;

use courier_domain::delivery::{Position, Provider};
use courier_domain::driver::Courier;
use courier_domain::event::{About, Cause};
use courier_domain::inbound::Sender;
use courier_domain::notification::NotificationKey;
use courier_domain::order::OrderRef;
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport, OrderChange, OrderReport};
use uuid::Uuid;

use super::*;
use crate::testing::{json as payload, put};

const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
const ORGANIZATION: &str = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9";
const EMPLOYEE: &str = "ffc60000-0000-4000-8000-000000000017";
const KITCHEN: &str = "a5561d5e-0000-4000-8000-000000000001";
const AGENT: &str = "7183bb9f1a65";
const TRACKING: &str = "https://tracking.example/t/6992dc85d681";

/// All that can be known where an event happened.
struct World {
    account: Account,
    order: Order,
    driver: Driver,
}

impl World {
    fn facts(&self) -> Facts<'_> {
        Facts { account: &self.account, order: Some(&self.order), driver: Some(&self.driver) }
    }

    /// An event's members where all is known.
    fn told(&self, name: EventName, detail: Value) -> Value {
        data(&event(name, detail), name, &self.facts())
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn stamp(time: &str) -> Stamp {
    Stamp::new(at(time), "cause".parse().unwrap())
}

/// Syrve's order of the fixtures, which a fleet has, and the driver who carries it.
fn world() -> World {
    let account = account();
    let mut body = payload("syrve/order_created")[0].take();
    put(&mut body, "/eventInfo/externalNumber", json!("WEB-9"));
    // Elsewhere than the driver, who must not be taken for the guest.
    put(
        &mut body,
        "/eventInfo/order/deliveryPoint/coordinates",
        json!({ "latitude": 51.4321, "longitude": -7.6543 }),
    );
    let created = crate::testing::event(Sender::Syrve, "DeliveryOrderUpdate", body);
    let mut order = Order::new(ORDER.parse().unwrap());
    order.apply(&crate::syrve::order::map(&created, &account).unwrap());
    order.apply(&OrderReport {
        order_id: None,
        refs: vec![OrderRef::new("captain", "6992dc85d681")],
        stamp: stamp("2026-06-28T16:06:00Z"),
        source: "captain".to_owned(),
        event: "create_order".to_owned(),
        change: OrderChange::Dispatched {
            provider: Provider::Captain,
            fleet_order_id: Some("6992dc85d681".to_owned()),
            tracking_url: Some(TRACKING.to_owned()),
        },
    });
    let mut driver = Driver::new(EMPLOYEE.parse().unwrap());
    let position = Position {
        latitude: 53.349_805,
        longitude: -6.260_31,
        speed_kmh: Some(18.5),
        course: Some(90.0),
        recorded_at: at("2026-06-28T16:29:50.9Z"),
    };
    for change in [
        DriverChange::Listed(Courier { name: Some("Drivia Secret".to_owned()), active: true }),
        DriverChange::Shift { terminal_group: KITCHEN.parse().unwrap(), opened: true, role: None },
        DriverChange::Known(Provider::Captain, AGENT.to_owned()),
        DriverChange::Position(position),
    ] {
        let report = DriverReport {
            driver_id: driver.driver_id.clone(),
            stamp: stamp("2026-06-28T16:29:51Z"),
            change,
        };
        driver.apply(&report);
    }
    World { account, order, driver }
}

fn account() -> Account {
    let mut account = crate::testing::account(courier_domain::account::MatchOrdersBy::OrderId);
    let tokens = json!({ "current": "0".repeat(64), "previous": null });
    let syrve = json!({ "base_url": "https://syrve.test", "organization_id": ORGANIZATION,
                        "webhook_tokens": tokens, "terminal_group_id": null });
    account.syrve = serde_json::from_value(syrve).unwrap();
    account
}

/// An event of the time at which most of the fixtures happened.
fn event(name: EventName, detail: Value) -> DomainEvent {
    use EventName::{AgentEtaUpdated, AgentRadarLocationsCreated, AnalyticsReportReady};
    let about = match name {
        AgentRadarLocationsCreated | AnalyticsReportReady => About::Account,
        AgentEtaUpdated => About::Driver(EMPLOYEE.parse().unwrap()),
        _ => About::Order(ORDER.parse().unwrap()),
    };
    let (account, key) = ("demo".parse().unwrap(), "cause".parse().unwrap());
    let cause = Cause { account: &account, key: &key, now: at("2026-06-28T16:30:00.3339Z") };
    DomainEvent::new(name.as_str(), about, at("2026-06-28T16:30:00.2628822Z"), cause, detail)
}

/// What each event says, as it is published.
fn detail(name: EventName) -> Value {
    let assigned = json!({ "provider": "captain", "driver_id": EMPLOYEE, "fleet_id": AGENT });
    match name {
        EventName::OrderAssigned | EventName::OrderUnassigned => assigned,
        EventName::JobDeliveryStatusUpdated => json!({
            "provider": "captain", "job_delivery_status": "collected", "driver_id": EMPLOYEE, "fleet_id": AGENT,
        }),
        EventName::OrderStatusUpdated => json!({ "order_status": "in_progress" }),
        EventName::ItemStatusUpdated => json!({
            "item": "item00000001", "name": "Pizza Margherita", "item_status": "being_prepared",
            "quantity": 1, "sequence": 1,
        }),
        EventName::AgentRadarLocationsCreated => json!({ "drivers": [{
            "driver_id": EMPLOYEE, "latitude": 53.349_805, "longitude": -6.260_31, "speed_kmh": 18.5,
            "course": 90.0, "recorded_at": "2026-06-28T16:29:50Z",
        }] }),
        EventName::AgentEtaUpdated => {
            json!({ "available_at": "2026-06-28T16:50:00Z", "home_at": "2026-06-28T16:55:00Z" })
        }
        EventName::AnalyticsReportReady => {
            json!({ "provider": "captain", "report": "5a1e00000001", "url": null })
        }
    }
}

/// The event on its way to a subscriber, in its first attempt.
fn notification(name: EventName, data: Value) -> Notification {
    let event = event(name, json!({}));
    let key = NotificationKey {
        account_id: event.account_id.clone(),
        subscription_id: Uuid::from_u128(1),
        event_uuid: Uuid::from_u128(2),
        replay_id: None,
    };
    let now = at("2026-06-28T16:30:00.900Z");
    let mut notification = Notification::new(key, &event, name, data.into(), now);
    notification.begin(now, now);
    notification
}

/// The body of a call, where all is known.
fn sent(name: EventName) -> Vec<u8> {
    let data = world().told(name, detail(name));
    body(&notification(name, data), "production", at("2026-06-28T16:30:00.900Z"))
}

#[test]
fn the_driver_is_the_one_that_the_event_names_or_to_whom_it_happened() {
    let of = |name: EventName, detail: Value| driver_of(&event(name, detail)).map(String::from);
    let named = json!({ "driver_id": "captain:7183bb9f1a65" });
    assert_eq!(of(EventName::OrderAssigned, named).as_deref(), Some("captain:7183bb9f1a65"));
    assert_eq!(of(EventName::AgentEtaUpdated, json!({})).as_deref(), Some(EMPLOYEE));
    for odd in [json!({ "driver_id": null }), json!({}), json!([]), json!({ "driver_id": "x".repeat(129) })] {
        assert_eq!(of(EventName::JobDeliveryStatusUpdated, odd), None);
    }
}

#[test]
fn an_order_names_the_fleet_that_the_event_is_of_and_else_the_one_that_carries_it() {
    let world = world();
    let provider = |name, detail| world.told(name, detail)["order_custom_fields"]["provider"].take();
    assert_eq!(provider(EventName::OrderAssigned, json!({ "provider": "radaro" })), "radaro");
    assert_eq!(provider(EventName::OrderStatusUpdated, json!({})), "captain");
}

#[test]
fn an_order_is_called_by_the_number_on_the_bill_or_else_another_systems() {
    let described = |edit: &dyn Fn(&mut OrderDetails)| {
        let mut world = world();
        let mut details = world.order.details.get().unwrap().clone();
        edit(&mut details);
        world.order.details.offer(&stamp("2026-06-28T16:20:00Z"), details);
        world.told(EventName::OrderStatusUpdated, json!({}))["order_description"].take()
    };
    assert_eq!(described(&|_| ()), "577");
    assert_eq!(described(&|details| details.number = None), "WEB-9");
}

#[test]
fn a_driver_of_several_fleets_is_told_by_the_one_that_the_event_is_of() {
    let mut world = world();
    let told =
        |world: &World, detail| world.told(EventName::OrderAssigned, detail)["agent_partner_data"].take();
    let known = json!({ "terminal_group_id": KITCHEN, "provider": "captain", "fleet_id": AGENT });
    assert_eq!(told(&world, json!({ "provider": "captain", "driver_id": EMPLOYEE })), known);
    assert_eq!(told(&world, json!({})), known);
    world.driver.fleet_ids.insert(Provider::Radaro, "77".to_owned());
    let radaro = json!({ "terminal_group_id": KITCHEN, "provider": "radaro", "fleet_id": "77" });
    assert_eq!(told(&world, json!({ "provider": "radaro" })), radaro);
    assert_eq!(
        told(&world, json!({ "provider": "bringg" })),
        json!({ "terminal_group_id": KITCHEN, "provider": "bringg" })
    );
    assert_eq!(told(&world, json!({})), json!({ "terminal_group_id": KITCHEN }));
    let newer = json!({ "provider": "radaro", "fleet_id": "78" });
    assert_eq!(told(&world, newer)["fleet_id"], "78");
}

#[test]
fn an_orders_lines_are_told_by_the_ids_and_statuses_that_events_of_items_have() {
    let mut world = world();
    let lines = |world: &World| world.told(EventName::OrderStatusUpdated, json!({}))["items"].take();
    let first = json!({
        "uuid": "c5000000-0000-4000-8000-000000000001", "name": "Pizza Margherita", "quantity": 1,
        "status": "not_being_prepared", "addons": ["Extra mozzarella", "2 x Olives"], "addons_type": "extras",
        "printer": null,
    });
    let told = lines(&world);
    assert_eq!((told.as_array().unwrap().len(), &told[0]), (2, &first));
    let mut details = world.order.details.get().unwrap().clone();
    details.items[1].id = None;
    details.items[1].amount = "0.350".parse().unwrap();
    details.items[1].status = Some("Burnt".to_owned());
    world.order.details.offer(&stamp("2026-06-28T16:20:00Z"), details);
    let second = lines(&world)[1].take();
    assert_eq!(
        (&second["uuid"], &second["quantity"], &second["status"]),
        (&json!("2"), &json!(0.35), &json!(null))
    );
}

#[test]
fn a_quantity_by_weight_keeps_its_fraction_and_a_whole_one_is_an_integer() {
    let world = world();
    let quantity = |quantity: Value| {
        world.told(EventName::ItemStatusUpdated, json!({ "quantity": quantity }))["quantity"].to_string()
    };
    assert_eq!(
        [json!(2.0), json!(0.35), json!("1.50"), json!(null)].map(quantity),
        ["2", "0.35", "1.5", "null"]
    );
}

#[test]
fn nothing_says_who_the_guest_is_or_where_they_live_or_what_the_driver_is_called() {
    let world = world();
    let details = serde_json::to_value(world.order.details.get().unwrap()).unwrap();
    let mut secrets = vec!["Drivia".to_owned(), "Secret".to_owned()];
    for member in ["customer", "phone", "address", "comment"] {
        texts(&details[member], &mut secrets);
    }
    assert!(secrets.len() > 8, "{secrets:?}");
    for name in EventName::ALL {
        let body = String::from_utf8(sent(name)).unwrap();
        for secret in secrets.iter().filter(|secret| secret.len() > 3) {
            assert!(!body.contains(secret), "{name:?}: {secret}");
        }
    }
}

fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Number(number) => into.push(number.to_string()),
        Value::Object(members) => members.values().for_each(|member| texts(member, into)),
        _ => {}
    }
}
