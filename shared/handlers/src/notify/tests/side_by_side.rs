//! Endpoints that fail or hang cost themselves something, and nobody else.

use std::sync::Arc;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::{DomainEvent, EventName};
use courier_domain::notification::{Notification, NotificationKey, NotificationState, NotifyMessage};
use courier_domain::ports::Versioned;
use serde_json::json;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::world::{URL, World, event, id, line};

const HANGS: &str = "https://hangs.example/events";

/// Waits until as many calls were made, without time passing.
async fn calls(world: &World, count: usize) {
    for _ in 0..100_000 {
        if world.endpoints.state().calls.len() >= count {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{} calls of {count}", world.endpoints.state().calls.len());
}

#[tokio::test]
async fn fifty_endpoints_do_not_wait_for_one_that_hangs() {
    let healthy: Vec<_> = (0..50).map(|n| format!("https://{n}.example/events")).collect();
    let urls: Vec<_> = std::iter::once(HANGS).chain(healthy.iter().map(String::as_str)).collect();
    let world = World::with(&urls);
    let gate = Arc::new(Semaphore::new(0));
    world.endpoints.state().hanging.insert(HANGS.into(), Arc::clone(&gate));
    world.send_event(&event(1, "one", world.clock.now()));
    let watch = async {
        calls(&world, 51).await;
        // All healthy ones have answered while the one still hangs.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(world.endpoints.state().open, 1);
        let delivered = |world: &World| {
            world.notifications().iter().filter(|one| one.state == NotificationState::Delivered).count()
        };
        assert_eq!(delivered(&world), 50);
        gate.add_permits(1);
    };
    futures::join!(world.receive(), watch);
    assert_eq!(world.endpoints.state().calls.len(), 51);
}

#[tokio::test]
async fn at_most_ten_calls_are_open_to_a_subscription_and_all_get_through() {
    let world = World::with(&[URL]);
    for n in 0..60 {
        world.send_event(&event(n, "one", world.clock.now()));
    }
    futures::join!(world.receive(), world.receive(), world.receive(), world.receive());
    world.run().await;
    let state = world.endpoints.state();
    assert_eq!((state.calls.len(), state.most_open), (60, 10));
}

#[tokio::test]
async fn a_line_that_is_full_costs_no_attempt() {
    let world = World::with(&[HANGS]);
    let gate = Arc::new(Semaphore::new(0));
    world.endpoints.state().hanging.insert(HANGS.into(), Arc::clone(&gate));
    for n in 0..11 {
        world.send_event(&event(n, "one", world.clock.now()));
    }
    let watch = async {
        calls(&world, 10).await;
        world.receive().await;
        assert_eq!(world.endpoints.state().calls.len(), 10, "the eleventh waits");
        gate.add_permits(100);
    };
    futures::join!(world.receive(), watch);
    world.run().await;
    assert!(world.notifications().iter().all(|one| one.attempts == 1));
}

#[tokio::test]
async fn an_endpoint_that_is_restarted_in_a_rush_misses_nothing_and_is_not_given_up() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 502);
    for n in 0..200 {
        world.send_event(&event(n, "one", world.clock.now()));
    }
    let began = world.clock.now();
    while world.clock.now().duration_since(began).as_secs() < 180 {
        world.receive().await;
        world.wait();
    }
    assert!(world.endpoints.state().calls.len() < 30, "{}", world.endpoints.state().calls.len());
    world.endpoints.state().always.clear();
    world.run().await;
    assert_eq!(world.subscription(0).disabled, None);
    let told = world.notifications();
    assert_eq!(told.len(), 200);
    assert!(told.iter().all(|one| one.state == NotificationState::Delivered));
}

/// Has an event sent again.
fn replay(world: &World, event: &DomainEvent) {
    let key = NotificationKey {
        account_id: "demo".parse().unwrap(),
        subscription_id: id(0),
        event_uuid: event.event_uuid,
        replay_id: Some(Uuid::from_u128(7)),
    };
    let (data, now) = (Arc::new(json!({})), world.clock.now());
    let value = Notification::new(key.clone(), event, EventName::OrderAssigned, data, now);
    world.store.state().told.notifications.insert(key.clone(), Versioned { value, version: 1 });
    world.send_request(&NotifyMessage::Replay(key));
}

/// Somebody has mended the endpoint and has the whole night sent again.
#[tokio::test]
async fn a_replay_of_many_leaves_room_for_what_happens_now() {
    let world = World::with(&[HANGS]);
    let gate = Arc::new(Semaphore::new(0));
    world.endpoints.state().hanging.insert(HANGS.into(), Arc::clone(&gate));
    let now = world.clock.now();
    for n in 0..20 {
        replay(&world, &event(n, "one", now));
    }
    let watch = async {
        calls(&world, 5).await;
        for n in 100..105 {
            world.send_event(&event(n, "now", now));
        }
        let live = async {
            calls(&world, 10).await;
            gate.add_permits(100);
        };
        futures::join!(world.receive(), live);
    };
    futures::join!(world.receive(), world.receive(), watch);
    let replays: Vec<_> = world.endpoints.calls_to(HANGS).iter().map(|call| call.replay).collect();
    assert_eq!(replays, [vec![true; 5], vec![false; 5]].concat());
    world.run().await;
    assert_eq!(world.endpoints.calls_to(HANGS).len(), 25);
}

/// Half of the places are taken by replays, so one more waits; what happens to the same order now does not.
#[tokio::test]
async fn what_happens_now_does_not_wait_for_a_replay_of_the_same_order() {
    let world = World::with(&[URL]);
    let began = world.clock.now();
    world.edit_line(0, |line| {
        for n in 0..5 {
            line.take(&n.to_string(), true, began);
        }
    });
    replay(&world, &event(1, "before", began));
    world.clock.advance(Duration::from_secs(1));
    world.send_event(&event(1, "now", world.clock.now()));
    world.receive().await;
    let replays = || world.endpoints.calls_to(URL).iter().map(|call| call.replay).collect::<Vec<_>>();
    assert_eq!(replays(), [false]);
    world.run().await;
    assert_eq!(replays(), [false, true]);
}

#[tokio::test]
async fn a_call_whose_process_died_gives_its_place_back() {
    let world = World::with(&[URL]);
    let account = "demo".parse().unwrap();
    {
        let mut state = world.store.state();
        let crowded = state.told.lines.entry((account, line(0))).or_default();
        for n in 0..10 {
            crowded.take(&n.to_string(), false, world.clock.now());
        }
    }
    let began = world.clock.now();
    world.send_event(&event(1, "one", began));
    world.run().await;
    let waited = world.endpoints.calls_to(URL)[0].at.duration_since(began).as_secs();
    assert!((25..=60).contains(&waited), "{waited}");
}
