//! Items of an order are told beside each other and beside the order: a kitchen finishes many at once, and has a URL of its
//! own that nobody else is to wait for.

use std::sync::Arc;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::DomainEvent;
use tokio::sync::Semaphore;

use super::world::{URL, World, event, item_event};

const ITEMS: &str = "https://one.example/items";

fn told(world: &World, url: &str) -> Vec<String> {
    world.endpoints.calls_to(url).into_iter().map(|call| call.webhook_id).collect()
}

fn ids(events: &[DomainEvent]) -> Vec<String> {
    events.iter().map(|event| event.event_uuid.to_string()).collect()
}

/// Twenty items of one order that are ready by one word of the kitchen's, and the order, which is on its way.
fn all_at_once(world: &World) -> Vec<DomainEvent> {
    let now = world.clock.now();
    let items = (0..20).map(|n| item_event(1, &n.to_string(), "ready", now));
    let mut events: Vec<_> = items.chain([event(1, "ready", now)]).collect();
    DomainEvent::chain(&mut events, &mut Vec::new());
    events
}

#[tokio::test(start_paused = true)]
async fn items_that_are_ready_together_are_told_at_once_whichever_comes_first() {
    let world = World::with(&[URL]);
    let events = all_at_once(&world);
    for event in events.iter().rev() {
        world.send_event(event);
    }
    let began = world.clock.now();
    for most in [1, 3, 2, 3, 1, 3, 2] {
        futures::join!(world.receive_up_to(most), world.receive_up_to(1));
    }
    assert!(world.is_empty(), "none went back into the queue");
    assert_eq!((told(&world, URL).len(), world.clock.now()), (21, began));
}

#[tokio::test(start_paused = true)]
async fn items_of_one_order_are_told_side_by_side_as_far_as_the_line_has_room() {
    let world = World::with(&[URL]);
    let gate = Arc::new(Semaphore::new(0));
    world.endpoints.state().hanging.insert(URL.into(), Arc::clone(&gate));
    for event in all_at_once(&world) {
        world.send_event(&event);
    }
    let watch = async {
        for _ in 0..100_000 {
            if world.endpoints.state().open == 10 {
                break;
            }
            tokio::task::yield_now().await;
        }
        gate.add_permits(100);
    };
    let rounds = futures::future::join_all((0..7).map(|_| world.receive_up_to(3)));
    futures::join!(rounds, watch);
    world.run().await;
    assert_eq!(world.endpoints.state().most_open, 10);
    assert_eq!(told(&world, URL).len(), 21);
    assert!(world.notifications().iter().all(|one| one.attempts == 1));
}

#[tokio::test(start_paused = true)]
async fn what_happens_to_one_item_is_told_in_order() {
    let world = World::with(&[URL]);
    let now = world.clock.now();
    let mut events: Vec<_> =
        ["begun", "ready", "served"].map(|word| item_event(1, "pizza", word, now)).into();
    DomainEvent::chain(&mut events, &mut Vec::new());
    for event in events.iter().rev() {
        world.send_event(event);
        world.receive_up_to(1).await;
    }
    world.run().await;
    assert_eq!(told(&world, URL), ids(&events));
}

/// Ten orders, in each of which an item is ready, it is assigned, and another item is ready.
fn evening(world: &World) -> Vec<DomainEvent> {
    let mut all = Vec::new();
    for order in 0..10 {
        let now = world.clock.now();
        let mut events =
            [item_event(order, "1", "a", now), event(order, "b", now), item_event(order, "2", "c", now)];
        DomainEvent::chain(&mut events, &mut Vec::new());
        all.extend(events);
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_url_for_items_that_is_down_never_holds_what_happens_to_their_orders_nor_the_other_way_round() {
    for (down, well, expected) in [(ITEMS, URL, 10), (URL, ITEMS, 20)] {
        let world = World::with(&[URL]);
        world.edit(0, |subscription| subscription.items_url = Some(ITEMS.into()));
        world.endpoints.state().always.insert(down.into(), 500);
        for event in evening(&world) {
            world.send_event(&event);
        }
        for _ in 0..40 {
            world.receive_up_to(3).await;
            world.wait();
        }
        let before = told(&world, well).len();
        assert_eq!(before, expected, "{well}");
        // By now there is a pause before each call to the other.
        for event in evening(&world) {
            world.clock.advance(Duration::from_millis(1));
            let event = DomainEvent { event_uuid: uuid::Uuid::new_v4(), ..event };
            let now = world.clock.now();
            world.send_event(&DomainEvent { created_at: now, ..event });
        }
        let now = world.clock.now();
        let hidden = world.queue.lock().unwrap().len();
        for _ in 0..hidden {
            world.receive_up_to(1).await;
        }
        let calls = world.endpoints.calls_to(well);
        assert_eq!((calls.len(), world.clock.now()), (2 * expected, now), "{well}: without any time passing");
    }
}
