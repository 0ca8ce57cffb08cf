//! What happened to one order is told in the order in which it happened, as far as retries allow.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::DomainEvent;

use super::world::{URL, World, answered, event, subscription};

fn told(world: &World) -> Vec<String> {
    world.endpoints.calls_to(URL).into_iter().map(|call| call.webhook_id).collect()
}

fn ids(events: &[DomainEvent]) -> Vec<String> {
    events.iter().map(|event| event.event_uuid.to_string()).collect()
}

/// Three events of one order, a millisecond apart.
fn in_a_row(world: &World) -> Vec<DomainEvent> {
    let step = Duration::from_millis(1);
    ["one", "two", "three"]
        .map(|word| {
            world.clock.advance(step);
            event(1, word, world.clock.now())
        })
        .into()
}

#[tokio::test]
async fn a_batch_is_told_in_the_order_of_what_happened() {
    let world = World::with(&[URL]);
    let events = in_a_row(&world);
    for event in events.iter().rev() {
        world.send_event(event);
    }
    world.receive().await;
    assert_eq!(told(&world), ids(&events));
}

#[tokio::test]
async fn what_one_cause_led_to_is_told_in_its_order_though_it_happened_at_once() {
    let world = World::with(&[URL]);
    let now = world.clock.now();
    let mut events: Vec<_> = ["a", "b", "c", "d"].map(|word| event(1, word, now)).into();
    DomainEvent::chain(&mut events);
    for n in [2, 0, 3, 1] {
        world.send_event(&events[n]);
    }
    world.receive().await;
    assert_eq!(told(&world), ids(&events));
}

#[tokio::test]
async fn an_event_waits_for_the_one_before_it_which_comes_later() {
    let world = World::with(&[URL]);
    let now = world.clock.now();
    let mut events: Vec<_> = ["a", "b"].map(|word| event(1, word, now)).into();
    DomainEvent::chain(&mut events);
    world.send_event(&events[1]);
    world.receive().await;
    assert_eq!(told(&world), Vec::<String>::new());
    world.send_event(&events[0]);
    world.run().await;
    assert_eq!(told(&world), ids(&events));
}

#[tokio::test]
async fn it_does_not_wait_for_long_nor_for_what_the_subscription_does_not_want() {
    let world = World::with(&[URL]);
    let mut only = subscription(1, "https://two.example/", world.clock.now());
    only.events = [courier_domain::event::EventName::JobDeliveryStatusUpdated].into();
    world.store.subscribe(only, super::world::keys("whsec_two"));
    let now = world.clock.now();
    let mut later = event(1, "b", now);
    let mut before = event(1, "a", now);
    before.name = "order_assigned".into();
    let mut events = vec![before, later.clone()];
    DomainEvent::chain(&mut events);
    later = events.remove(1);
    world.send_event(&later);
    world.receive().await;
    assert_eq!(world.endpoints.calls_to("https://two.example/").len(), 1);
    assert_eq!(told(&world).len(), 0);
    world.run().await;
    let waited = world.endpoints.calls_to(URL)[0].at.duration_since(now).as_secs();
    assert!((5..=7).contains(&waited), "{waited}");
}

#[tokio::test]
async fn a_retry_does_not_hold_back_what_happened_since() {
    let world = World::with(&[URL]);
    world.endpoints.state().script.insert(URL.into(), [answered(500)].into());
    let events = in_a_row(&world);
    for event in &events {
        world.send_event(event);
    }
    world.run().await;
    let [first, second, third] = ids(&events).try_into().unwrap();
    assert_eq!(told(&world), [first.clone(), second, third, first]);
    let told: Vec<_> = world.endpoints.calls_to(URL);
    let published = |n: usize| told[n].body["data"]["published_at"].as_f64().unwrap();
    assert!(published(3) < published(2), "the time of the event tells which came first");
}
