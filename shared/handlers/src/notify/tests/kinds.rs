//! Who is told of what, and the messages that are no events of the bus.

use std::sync::Arc;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::delivery::Position;
use courier_domain::driver::Driver;
use courier_domain::event::EventName;
use courier_domain::ids::EventKey;
use courier_domain::notification::{MovesKey, NotifyMessage};
use courier_domain::ports::{Moves, Versioned};
use courier_domain::register::Stamp;
use courier_domain::secret::Secret;
use serde_json::json;

use super::world::{URL, World, event, id, keys, subscription};
use crate::testing::ANN;

const ITEMS: &str = "https://one.example/items";

#[tokio::test]
async fn everybody_is_told_of_what_they_want_at_the_url_they_named() {
    let world = World::with(&[URL]);
    let mut choosy = subscription(1, "https://two.example/", world.clock.now());
    choosy.events = [EventName::OrderAssigned].into();
    world.store.subscribe(choosy, keys("whsec_two"));
    let key = ("demo".parse().unwrap(), id(0));
    world.store.state().told.subscriptions.get_mut(&key).unwrap().value.items_url = Some(ITEMS.into());
    world.send_event(&event(1, "one", world.clock.now()));
    let mut item = event(1, "two", world.clock.now());
    item.name = "item_status_updated".into();
    item.detail = json!({ "item": "1", "item_status": "prepared" });
    world.send_event(&item);
    world.run().await;
    let count = |url: &str| world.endpoints.calls_to(url).len();
    assert_eq!((count(URL), count(ITEMS), count("https://two.example/")), (1, 1, 0));
    assert_eq!(world.endpoints.calls_to(ITEMS)[0].body["event_name"], "item_status_updated");
}

#[tokio::test]
async fn a_subscription_is_told_of_what_happened_since_it_was_made() {
    let world = World::with(&[]);
    let before = event(1, "one", world.clock.now());
    world.clock.advance(Duration::from_secs(1));
    world.store.subscribe(subscription(0, URL, world.clock.now()), keys("whsec_one"));
    world.send_event(&before);
    world.send_event(&event(1, "two", world.clock.now()));
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 1);
}

#[tokio::test]
async fn while_a_key_is_rotated_both_sign() {
    let world = World::with(&[URL]);
    let key = ("demo".parse().unwrap(), id(0));
    let rotated = keys("whsec_old").rotated_to(Secret::new("whsec_new"), world.clock.now()).unwrap();
    world.store.state().told.secrets.insert(key, rotated);
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    world.clock.advance(Duration::from_hours(24));
    world.send_event(&event(1, "two", world.clock.now()));
    world.run().await;
    let calls = world.endpoints.calls_to(URL);
    assert_eq!((calls[0].keys.len(), calls[1].keys.as_slice()), (2, ["whsec_new".to_owned()].as_slice()));
}

#[tokio::test]
async fn a_minute_of_moves_is_one_event_with_where_everybody_is_now() {
    let world = World::with(&[URL]);
    let driver_id = ANN.parse().unwrap();
    let key = MovesKey::at("demo".parse().unwrap(), world.clock.now());
    let mut driver = Driver::new(std::clone::Clone::clone(&driver_id));
    let at = |latitude| Position {
        latitude,
        longitude: -6.26,
        speed_kmh: Some(18.5),
        course: None,
        recorded_at: world.clock.now(),
    };
    driver.position.offer(&Stamp::new(world.clock.now(), EventKey::hashed(["a"])), at(53.35));
    world.store.state().drivers.insert(driver_id, Versioned { value: driver, version: 1 });
    world.store.add_moves(&key, &[ANN.parse().unwrap(), "captain:unknown".parse().unwrap()]).await.unwrap();
    world.endpoints.state().always.insert(URL.into(), 500);
    world.send_request(&NotifyMessage::Moves(key.clone()));
    world.receive().await;
    // The driver goes on; a retry still says what was said.
    let stored = world.store.state().drivers.clone();
    for (id, mut driver) in stored {
        driver.value.position.offer(&Stamp::new(world.clock.now(), EventKey::hashed(["b"])), at(53.99));
        world.store.state().drivers.insert(id, driver);
    }
    world.endpoints.state().always.clear();
    world.run().await;
    let calls = world.endpoints.calls_to(URL);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].body["data"], calls[1].body["data"]);
    assert_eq!(calls[0].body["event_name"], "agent.radar_locations.created");
    let agents = calls[0].body["data"]["agent_locations"].as_array().unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0]["agent_uuid"], ANN);
    let on_bus = world.bus.items();
    assert_eq!(on_bus.len(), 1);
    assert_eq!(calls[0].webhook_id, on_bus[0].event_uuid.to_string());
}

#[tokio::test]
async fn a_minute_in_which_nobody_moved_is_no_event() {
    let world = World::with(&[URL]);
    world.send_request(&NotifyMessage::Moves(MovesKey::at("demo".parse().unwrap(), world.clock.now())));
    world.run().await;
    assert_eq!((world.endpoints.calls_to(URL).len(), world.bus.items().len()), (0, 0));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_dead_letter_with_the_reason() {
    let world = World::with(&[URL]);
    world.send("not json".into());
    world.send(json!({ "detail-type": "order_assigned", "detail": { "name": 5 } }).to_string());
    world.run().await;
    let reasons: Vec<_> = world.dead.items().into_iter().map(|letter| letter.reason).collect();
    assert_eq!(
        reasons,
        ["the message is not JSON", "the detail of the message is not an event of this bridge"]
    );
}

#[tokio::test]
async fn whoever_is_told_of_an_event_is_told_the_same_from_one_copy_of_it() {
    let world = World::with(&[URL, "https://two.example/"]);
    world.endpoints.state().always = [(URL.into(), 500), ("https://two.example/".into(), 500)].into();
    world.send_event(&event(1, "one", world.clock.now()));
    world.receive().await;
    let notifications = world.notifications();
    assert!(Arc::ptr_eq(&notifications[0].data, &notifications[1].data));
}

#[tokio::test]
async fn when_the_table_is_down_the_message_comes_back() {
    let world = World::with(&[URL]);
    world.store.state().reads_to_fail = 3;
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 1);
}
