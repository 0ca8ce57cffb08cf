//! What is not received at once: the whole schedule, dead letters, and crashes between a call and its record.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::notification::{AttemptError, NotificationState};

use super::world::{URL, World, answered, event};
use crate::testing::Fault;

const DOWN: &str = "https://down.example/events";

#[tokio::test]
async fn a_call_and_fifteen_retries_take_29_hours_and_end_as_a_dead_letter() {
    let world = World::with(&[DOWN, URL]);
    world.endpoints.state().always.insert(DOWN.into(), 500);
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    let calls = world.endpoints.calls_to(DOWN);
    let attempts: Vec<_> =
        calls.iter().map(|call| call.body["metadata"]["delivery_attempt"].as_u64()).collect();
    assert_eq!(attempts, (1..=16).map(Some).collect::<Vec<_>>());
    for (n, pair) in calls.windows(2).enumerate() {
        let pause = pair[1].at.duration_since(pair[0].at).as_secs_f64();
        let plain = f64::from(10_u32 << n).min(21_600.0);
        assert!(pause >= plain * 0.8 && pause <= plain * 1.2 + 1.0, "pause {n}: {pause}");
    }
    let hours = calls[15].at.duration_since(calls[0].at).as_secs_f64() / 3600.0;
    assert!((23.0..36.0).contains(&hours), "{hours}");
    assert!(calls.iter().all(|call| call.webhook_id == calls[0].webhook_id));
    assert_eq!(world.endpoints.calls_to(URL).len(), 1, "whoever has it is not called again");
    let dead = world.dead.items();
    assert_eq!(dead.len(), 1);
    assert!(
        dead[0].reason.contains("did not take it in 16 calls, the last: answered 500"),
        "{}",
        dead[0].reason
    );
}

#[tokio::test]
async fn a_dead_letter_that_is_put_back_is_sent_to_whom_it_was_not_received_by() {
    let world = World::with(&[DOWN, URL]);
    world.endpoints.state().always.insert(DOWN.into(), 503);
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    world.endpoints.state().always.clear();
    world.clock.advance(Duration::from_secs(1));
    world.send(world.dead.items()[0].body.clone());
    world.run().await;
    assert_eq!((world.endpoints.calls_to(DOWN).len(), world.endpoints.calls_to(URL).len()), (17, 1));
    assert!(world.notifications().iter().all(|one| one.state == NotificationState::Delivered));
    assert_eq!(world.dead.items().len(), 1);
}

#[tokio::test]
async fn a_message_that_comes_back_though_it_was_given_up_is_a_dead_letter_and_no_call() {
    let world = World::with(&[DOWN]);
    world.endpoints.state().always.insert(DOWN.into(), 500);
    world.dead.sent().to_fail = 1;
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!((world.endpoints.calls_to(DOWN).len(), world.dead.items().len()), (16, 1));
}

#[tokio::test]
async fn a_crash_after_a_call_and_before_its_record_leads_to_one_more_call_with_the_same_id() {
    let world = World::with(&[URL]);
    world.store.state().faults = [None, Some(Fault::Lost)].into();
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    let calls = world.endpoints.calls_to(URL);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].webhook_id, calls[1].webhook_id);
    assert_eq!(calls[1].body["metadata"]["delivery_attempt"], 2);
    assert_eq!(calls[0].body["data"], calls[1].body["data"]);
    let stored = &world.notifications()[0];
    assert_eq!((stored.state, stored.attempts), (NotificationState::Delivered, 2));
}

#[tokio::test]
async fn whatever_write_is_lost_it_is_received_at_least_once_and_the_queue_gets_empty() {
    for place in 0..4 {
        for fault in [Fault::Lost, Fault::Unheard, Fault::Conflict] {
            let world = World::with(&[URL]);
            world.endpoints.state().script.insert(URL.into(), [answered(500)].into());
            world.store.state().faults = (0..place).map(|_| None).chain([Some(fault)]).collect();
            world.send_event(&event(1, "one", world.clock.now()));
            world.run().await;
            let received = world.endpoints.calls_to(URL).len();
            assert!((2..=3).contains(&received), "{place} {fault:?}: {received} calls");
            assert_eq!(world.notifications()[0].state, NotificationState::Delivered, "{place} {fault:?}");
        }
    }
}

/// Whatever it has waited for: a call that is cut off counts as one, and nobody knows whether it was received.
#[tokio::test(start_paused = true)]
async fn no_call_begins_that_could_not_be_recorded_in_time() {
    let world = World::with(&[URL]);
    world.store.state().told.vault_takes = Duration::from_secs(50);
    world.send_event(&event(1, "one", world.clock.now()));
    world.receive().await;
    assert_eq!((world.endpoints.calls_to(URL).len(), world.notifications()[0].attempts), (0, 0));
    assert!(world.store.state().told.lines.values().all(|line| line.open.is_empty()), "its place is free");
    world.run().await;
    assert_eq!((world.endpoints.calls_to(URL).len(), world.notifications()[0].attempts), (1, 1));
}

#[tokio::test]
async fn a_redelivered_message_is_not_sent_again() {
    let world = World::with(&[URL]);
    let event = event(1, "one", world.clock.now());
    world.send_event(&event);
    world.send_event(&event);
    world.run().await;
    world.send_event(&event);
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 1);
}

#[tokio::test]
async fn two_processes_with_the_same_message_make_one_call() {
    let world = World::with(&[URL]);
    world.send_event(&event(1, "one", world.clock.now()));
    world.send_event(&event(1, "one", world.clock.now()));
    futures::join!(world.receive(), world.receive());
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 1);
}

#[tokio::test]
async fn an_endpoint_may_ask_for_more_time() {
    let world = World::with(&[URL]);
    let busy = courier_domain::ports::SubscriberAnswer { retry_after: Some(300), ..answered(429) };
    world.endpoints.state().script.insert(URL.into(), [busy].into());
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    let calls = world.endpoints.calls_to(URL);
    assert_eq!(calls[1].at.duration_since(calls[0].at).as_secs(), 300);
}

#[tokio::test]
async fn what_is_kept_of_a_call_is_what_an_integrator_asks_for() {
    let world = World::with(&[URL]);
    world.endpoints.state().script.insert(URL.into(), [answered(404)].into());
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    let state = world.store.state();
    let shown: Vec<_> = state
        .told
        .attempts
        .iter()
        .map(|one| (one.number, one.status, one.error.map(AttemptError::as_str)))
        .collect();
    assert_eq!(shown, [(1, Some(404), Some("status")), (2, Some(204), None)]);
    assert_eq!(state.told.attempts[0].answer, "said");
}

#[tokio::test]
async fn a_message_for_a_hundred_that_fail_is_received_far_less_than_a_queue_allows() {
    let urls: Vec<_> = (0..100).map(|n| format!("https://{n}.example/")).collect();
    let world = World::with(&urls.iter().map(String::as_str).collect::<Vec<_>>());
    for url in &urls {
        world.endpoints.state().always.insert(url.clone(), 500);
    }
    world.send_event(&event(1, "one", world.clock.now()));
    let mut receives = 0;
    while !world.is_empty() {
        world.wait();
        world.receive().await;
        receives += 1;
    }
    assert_eq!(world.endpoints.state().calls.len(), 1600);
    assert!(receives < 250, "{receives}");
}

#[tokio::test]
async fn a_retry_costs_one_receive() {
    let world = World::with(&[DOWN]);
    world.endpoints.state().always.insert(DOWN.into(), 500);
    world.send_event(&event(1, "one", world.clock.now()));
    let mut receives = 0;
    while !world.is_empty() {
        world.wait();
        world.receive().await;
        receives += 1;
    }
    assert_eq!(receives, 16);
}
