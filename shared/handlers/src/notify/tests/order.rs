//! What happened to one order is told in the order in which it happened, as far as retries allow.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::{DomainEvent, EventName};

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
    DomainEvent::chain(&mut events, &mut Vec::new());
    for n in [2, 0, 3, 1] {
        world.send_event(&events[n]);
    }
    world.receive().await;
    assert_eq!(told(&world), ids(&events));
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_for_the_one_before_it_which_comes_later() {
    let world = World::with(&[URL]);
    let now = world.clock.now();
    let mut events: Vec<_> = ["a", "b"].map(|word| event(1, word, now)).into();
    DomainEvent::chain(&mut events, &mut Vec::new());
    world.send_event(&events[1]);
    world.receive().await;
    assert_eq!(told(&world), Vec::<String>::new());
    world.send_event(&events[0]);
    world.run().await;
    assert_eq!(told(&world), ids(&events));
}

#[tokio::test(start_paused = true)]
async fn it_does_not_wait_for_long_nor_for_what_the_subscription_does_not_want() {
    let world = World::with(&[URL]);
    let mut only = subscription(1, "https://two.example/", world.clock.now());
    only.events = [EventName::JobDeliveryStatusUpdated].into();
    world.store.subscribe(only, super::world::keys("whsec_two"));
    let now = world.clock.now();
    let mut later = event(1, "b", now);
    let mut before = event(1, "a", now);
    before.name = "order_assigned".into();
    let mut events = vec![before, later.clone()];
    DomainEvent::chain(&mut events, &mut Vec::new());
    later = events.remove(1);
    world.send_event(&later);
    world.receive().await;
    assert_eq!(world.endpoints.calls_to("https://two.example/").len(), 1);
    assert_eq!(told(&world).len(), 0);
    world.run().await;
    let waited = world.endpoints.calls_to(URL)[0].at.duration_since(now).as_secs();
    assert!((5..=7).contains(&waited), "{waited}");
}

/// The first is under way in one process when the second reaches another.
#[tokio::test(start_paused = true)]
async fn an_event_waits_a_moment_for_the_call_before_it_and_goes_on_in_the_same_receive() {
    let world = World::with(&[URL]);
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    world.endpoints.state().hanging.insert(URL.into(), std::sync::Arc::clone(&gate));
    let now = world.clock.now();
    let mut events: Vec<_> = ["a", "b"].map(|word| event(1, word, now)).into();
    DomainEvent::chain(&mut events, &mut Vec::new());
    world.send_event(&events[0]);
    let second = async {
        while told(&world).is_empty() {
            tokio::task::yield_now().await;
        }
        world.send_event(&events[1]);
        let answer = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert_eq!(told(&world).len(), 1, "not while the first is open");
            gate.add_permits(2);
        };
        futures::join!(world.receive(), answer);
    };
    futures::join!(world.receive(), second);
    assert_eq!(told(&world), ids(&events));
    assert!(world.is_empty(), "nothing went back into the queue");
}

/// Nobody overtakes what waits for the line, though a place may become free just then.
#[tokio::test]
async fn what_waits_for_the_line_is_not_overtaken_by_what_follows_it() {
    let world = World::with(&[URL]);
    let events = in_a_row(&world);
    for event in &events {
        world.send_event(event);
    }
    let account = "demo".parse().unwrap();
    {
        let mut state = world.store.state();
        let line = state.told.lines.entry((account, super::world::line(0))).or_default();
        for n in 0..10 {
            line.take(&n.to_string(), false, world.clock.now());
        }
    }
    world.receive().await;
    assert_eq!(told(&world).len(), 0);
    world.run().await;
    assert_eq!(told(&world), ids(&events));
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

/// The second never asked for a place, since it is behind the first. The third finds the place that has become free.
#[tokio::test(start_paused = true)]
async fn what_waits_behind_another_is_not_overtaken_by_what_comes_in_another_batch() {
    let world = World::with(&[URL]);
    let mut events = in_a_row(&world);
    DomainEvent::chain(&mut events, &mut Vec::new());
    world.edit_line(0, |line| line.resume_at = Some(world.clock.now() + Duration::from_mins(1)));
    world.send_event(&events[0]);
    world.send_event(&events[1]);
    world.receive().await;
    assert_eq!(world.notifications().len(), 2, "both are shown");
    world.clock.advance(Duration::from_secs(20));
    world.edit_line(0, |line| line.resume_at = None);
    world.send_event(&events[2]);
    world.receive().await;
    assert_eq!(told(&world).len(), 0);
    world.run().await;
    assert_eq!(told(&world), ids(&events));
}

/// The first was not called, though its endpoint is well: something that the bridge stands on refused.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_tried_is_not_overtaken_in_its_batch() {
    let world = World::with(&[URL]);
    let mut events = in_a_row(&world);
    DomainEvent::chain(&mut events, &mut Vec::new());
    for event in &events {
        world.send_event(event);
    }
    world.store.state().told.vault_fails = 1;
    world.receive().await;
    assert_eq!(told(&world).len(), 0);
    world.run().await;
    assert_eq!(told(&world), ids(&events));
}

/// The same, and what follows comes by itself, to a copy that has what the first was refused.
#[tokio::test(start_paused = true)]
async fn what_could_not_be_tried_is_not_overtaken_by_another_batch() {
    for what in ["refused", "not there yet", "too slow"] {
        let world = World::with(&[URL]);
        let mut events = in_a_row(&world);
        DomainEvent::chain(&mut events, &mut Vec::new());
        let secrets = world.store.state().told.secrets.clone();
        world.send_event(&events[0]);
        match what {
            "refused" => world.store.state().told.vault_fails = 1,
            "not there yet" => world.store.state().told.secrets.clear(),
            _ => world.store.state().told.vault_takes = Duration::from_secs(70),
        }
        world.receive().await;
        world.store.state().told.secrets = secrets;
        // Its message is somewhere else for a while.
        let first = std::mem::take(&mut *world.queue.lock().unwrap());
        world.clock.advance(Duration::from_secs(6));
        world.send_event(&events[1]);
        world.receive().await;
        assert_eq!(told(&world).len(), 0, "{what}");
        world.queue.lock().unwrap().extend(first);
        world.run().await;
        assert_eq!(told(&world), ids(&events[..2]), "{what}");
    }
}

/// Assigned, accepted, collected: three causes, a moment apart, in whatever batches they come.
#[tokio::test(start_paused = true)]
async fn events_of_other_causes_are_told_in_order_too_whatever_the_line_is_like() {
    for first in 0..3 {
        let world = World::with(&[URL]);
        let mut events = in_a_row(&world);
        DomainEvent::chain(&mut events, &mut Vec::new());
        let account = "demo".parse().unwrap();
        {
            let mut state = world.store.state();
            let crowded = state.told.lines.entry((account, super::world::line(0))).or_default();
            crowded.resume_at = Some(world.clock.now() + Duration::from_mins(5));
        }
        for n in [first, (first + 2) % 3, (first + 1) % 3] {
            world.send_event(&events[n]);
            world.receive().await;
            world.clock.advance(Duration::from_millis(700));
        }
        world.run().await;
        assert_eq!(told(&world), ids(&events), "{first}");
    }
}

#[tokio::test]
async fn what_waits_without_having_been_tried_is_shown_as_waiting() {
    let world = World::with(&[URL]);
    let account = "demo".parse().unwrap();
    {
        let mut state = world.store.state();
        let line = state.told.lines.entry((account, super::world::line(0))).or_default();
        line.resume_at = Some(world.clock.now() + Duration::from_mins(1));
    }
    world.send_event(&event(1, "one", world.clock.now()));
    world.receive().await;
    let waiting = &world.notifications()[0];
    assert_eq!(
        (waiting.attempts, waiting.state),
        (0, courier_domain::notification::NotificationState::Waiting)
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_does_not_wait_for_ever_for_one_whose_message_is_gone() {
    let world = World::with(&[URL]);
    let mut events = in_a_row(&world);
    DomainEvent::chain(&mut events, &mut Vec::new());
    let paused = |seconds| {
        let mut state = world.store.state();
        let line = state.told.lines.entry(("demo".parse().unwrap(), super::world::line(0))).or_default();
        line.resume_at = Some(world.clock.now() + Duration::from_secs(seconds));
    };
    paused(3);
    world.send_event(&events[0]);
    world.receive().await;
    world.queue.lock().unwrap().clear();
    let began = world.clock.now();
    world.send_event(&events[1]);
    world.run().await;
    assert_eq!(told(&world), ids(&events[1..2]));
    let waited = world.clock.now().duration_since(began);
    assert!((120..=130).contains(&waited.as_mins()), "{waited}");
}

/// Assigned and unassigned are wanted, and what lies between is not.
#[tokio::test(start_paused = true)]
async fn whoever_wants_some_events_is_told_of_these_in_order() {
    let world = World::with(&[URL]);
    world.edit(0, |one| one.events = [EventName::OrderAssigned, EventName::OrderUnassigned].into());
    let mut events = in_a_row(&world);
    for (event, name) in
        events.iter_mut().zip(["order_assigned", "job_delivery_status_updated", "order_unassigned"])
    {
        event.name = name.into();
    }
    DomainEvent::chain(&mut events, &mut Vec::new());
    {
        let mut state = world.store.state();
        let line = state.told.lines.entry(("demo".parse().unwrap(), super::world::line(0))).or_default();
        line.resume_at = Some(world.clock.now() + Duration::from_secs(30));
    }
    for n in [0, 2, 1] {
        world.send_event(&events[n]);
        world.receive().await;
        world.clock.advance(Duration::from_secs(20));
    }
    world.run().await;
    assert_eq!(told(&world), [ids(&events)[0].clone(), ids(&events)[2].clone()]);
}
