//! Subscriptions that are not called any more: disabled by their endpoint or for failing, deleted, or of a restaurant that
//! is not served.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::{DomainEvent, EventName};
use courier_domain::notification::{AttemptError, NotificationState, NotifyMessage};
use courier_domain::ports::{Lines, SubscriberAnswer, Subscriptions};
use jiff::SignedDuration;
use uuid::Uuid;

use super::world::{URL, World, answered, event, id};

#[tokio::test]
async fn an_endpoint_that_is_gone_is_not_called_again_and_what_it_misses_is_kept() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 410);
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    world.send_event(&event(2, "two", world.clock.now()));
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 1);
    let disabled = world.subscription(0).disabled.unwrap();
    assert_eq!(disabled.reason, "the endpoint answered 410 Gone");
    assert!(world.notifications().iter().all(|one| one.state == NotificationState::Stopped));
    assert_eq!(world.notifications().len(), 2);
    let events = world.bus.items();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].name, "subscription_disabled");
    assert_eq!(events[0].detail["subscription_id"], id(0).to_string());
    assert_eq!(world.dead.items().len(), 0, "a replay brings it back, no dead letter");
}

#[tokio::test]
async fn a_hundred_failures_in_a_row_are_the_end_and_not_in_minutes() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 500);
    let began = world.clock.now();
    for n in 0..300 {
        world.send_event(&event(n, "one", began));
    }
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 100);
    let disabled = world.subscription(0).disabled.unwrap();
    assert_eq!(disabled.reason, "100 calls in a row failed");
    assert!(disabled.at.duration_since(began).as_mins() > 60);
    assert_eq!(world.notifications().len(), 300);
    assert!(world.notifications().iter().all(|one| one.state == NotificationState::Stopped));
    assert_eq!(world.bus.items().len(), 1);
}

#[tokio::test]
async fn five_days_of_failing_are_the_end() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 500);
    let began = world.clock.now();
    let mut n = 0;
    while world.subscription(0).disabled.is_none() && n < 40 {
        n += 1;
        world.send_event(&event(n, "one", world.clock.now()));
        world.receive().await;
        world.clock.advance(Duration::from_hours(4));
    }
    let disabled = world.subscription(0).disabled.unwrap();
    assert_eq!(disabled.reason, "every call failed for 5 days");
    assert!(disabled.at.duration_since(began).as_hours() >= 120);
}

#[tokio::test]
async fn a_subscription_that_a_person_enables_again_starts_anew() {
    let world = World::with(&[URL]);
    world.endpoints.state().script.insert(URL.into(), [answered(410)].into());
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    let account = "demo".parse().unwrap();
    let mut stored = world.store.subscription(&account, id(0)).await.unwrap().unwrap();
    stored.value.disabled = None;
    stored.value.updated_at = world.clock.now();
    world.store.write_subscription(&stored).await.unwrap();
    world.store.clear_line(&account, id(0)).await.unwrap();
    let missed = world.notifications()[0].replayed(Uuid::from_u128(7), world.clock.now());
    let key = missed.key.clone();
    world
        .store
        .state()
        .told
        .notifications
        .insert(key.clone(), courier_domain::ports::Versioned { value: missed, version: 1 });
    world.send_request(&NotifyMessage::Replay(key));
    world.run().await;
    let calls = world.endpoints.calls_to(URL);
    assert_eq!(calls.len(), 2);
    assert_ne!(calls[0].webhook_id, calls[1].webhook_id);
    assert_eq!(calls[0].body["event_uuid"], calls[1].body["event_uuid"]);
    assert!(calls[1].replay && !calls[0].replay);
    assert_eq!(calls[1].body["metadata"]["replay"], true);
    assert_eq!(calls[0].body["metadata"].get("replay"), None);
}

#[tokio::test]
async fn a_subscription_that_is_deleted_while_events_wait_is_forgotten() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 500);
    world.send_event(&event(1, "one", world.clock.now()));
    world.receive().await;
    world.store.delete_subscription(&"demo".parse().unwrap(), id(0)).await.unwrap();
    world.run().await;
    assert_eq!((world.endpoints.calls_to(URL).len(), world.dead.items().len()), (1, 0));
}

#[tokio::test]
async fn a_disabled_restaurant_tells_nobody_and_a_deleted_one_neither() {
    let world = World::with(&[URL]);
    world.store.edit_account(|account| account.enabled = false);
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!(world.notifications()[0].state, NotificationState::Stopped);
    world.store.state().accounts.clear();
    world.send_event(&event(2, "one", world.clock.now()));
    world.run().await;
    assert_eq!((world.endpoints.calls_to(URL).len(), world.notifications().len()), (0, 1));
}

#[tokio::test]
async fn one_without_secrets_is_disabled_and_not_called_without_them() {
    let world = World::with(&[URL]);
    world.store.state().told.secrets.clear();
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!(world.subscription(0).disabled.unwrap().reason, "its secrets are gone");
    assert_eq!(world.endpoints.calls_to(URL).len(), 0);
}

#[tokio::test]
async fn every_kind_of_failure_is_retried() {
    use AttemptError::{Answer, Connection, Dns, ForbiddenAddress, Timeout, Tls};
    let world = World::with(&[URL]);
    let no_answer = |error| SubscriberAnswer {
        status: None,
        error: Some(error),
        retry_after: None,
        answer: String::new(),
    };
    let script = [Connection, Dns, Tls, ForbiddenAddress, Timeout, Answer].map(no_answer);
    world.endpoints.state().script.insert(URL.into(), script.into());
    world.endpoints.state().script.get_mut(URL).unwrap().push_back(answered(302));
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 8);
    assert_eq!(world.notifications()[0].state, NotificationState::Delivered);
}

const ITEMS: &str = "https://one.example/items";

#[tokio::test]
async fn a_url_for_items_stands_and_falls_by_itself() {
    let world = World::with(&[URL]);
    world.edit(0, |subscription| subscription.items_url = Some(ITEMS.into()));
    world.endpoints.state().always.insert(ITEMS.into(), 410);
    let item =
        |n: u128| DomainEvent { name: "item_status_updated".into(), ..event(n, "item", world.clock.now()) };
    world.send_event(&item(1));
    world.run().await;
    world.send_event(&item(2));
    world.send_event(&event(3, "one", world.clock.now()));
    world.run().await;
    assert_eq!((world.endpoints.calls_to(ITEMS).len(), world.endpoints.calls_to(URL).len()), (1, 1));
    let subscription = world.subscription(0);
    assert_eq!((subscription.disabled, subscription.items_disabled.is_some()), (None, true));
    assert_eq!(world.bus.items()[0].detail["url"], "items_url");
}

#[tokio::test]
async fn a_url_for_items_that_fails_does_not_slow_the_other() {
    let world = World::with(&[URL]);
    world.edit(0, |subscription| subscription.items_url = Some(ITEMS.into()));
    world.endpoints.state().always.insert(ITEMS.into(), 500);
    for n in 0..30 {
        let event = event(n, "item", world.clock.now());
        world.send_event(&DomainEvent { name: "item_status_updated".into(), ..event });
    }
    for _ in 0..20 {
        world.receive().await;
        world.wait();
    }
    let now = world.clock.now();
    world.send_event(&event(100, "one", now));
    while world.endpoints.calls_to(URL).is_empty() {
        world.receive().await;
    }
    assert_eq!(world.endpoints.calls_to(URL)[0].at, now);
}

#[tokio::test]
async fn an_end_that_the_bus_did_not_hear_of_is_told_with_the_next_event() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 410);
    world.bus.sent().to_fail = 1;
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    world.send_event(&event(2, "one", world.clock.now()));
    world.run().await;
    let names: Vec<_> = world.bus.items().into_iter().map(|event| event.name).collect();
    assert_eq!((names, world.endpoints.calls_to(URL).len()), (vec!["subscription_disabled".to_owned()], 1));
}

/// Nothing waits any more after its last call, so there is no other event by which the bus could hear of it.
#[tokio::test]
async fn an_end_by_the_last_call_of_all_that_the_bus_did_not_hear_of_is_told_all_the_same() {
    let world = World::with(&[URL]);
    let answers = (0..15).map(|_| answered(500)).chain([answered(410)]).collect();
    world.endpoints.state().script.insert(URL.into(), answers);
    world.bus.sent().to_fail = 1;
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 16);
    let names: Vec<_> = world.bus.items().into_iter().map(|event| event.name).collect();
    assert_eq!((names, world.dead.items().len()), (vec!["subscription_disabled".to_owned()], 1));
    assert!(world.subscription(0).disabled.unwrap().told);
}

/// A week ago an event had all its tries, and no call was made since: that is no week of failing.
#[tokio::test]
async fn one_that_is_hardly_ever_called_is_not_given_up_before_as_many_failures_as_an_event_has_tries() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 500);
    let week_ago = world.clock.now() - SignedDuration::from_hours(7 * 24);
    world.edit_line(0, |line| {
        let ended = week_ago + SignedDuration::from_hours(29);
        (line.failures, line.failing_since, line.last_failed_at) = (16, Some(week_ago), Some(ended));
    });
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    assert_eq!((world.endpoints.calls_to(URL).len(), world.dead.items().len()), (16, 1));
    assert_eq!(world.subscription(0).disabled, None);
}

#[tokio::test]
async fn a_call_that_began_before_a_subscription_was_changed_does_not_disable_it() {
    let world = World::with(&[URL]);
    world.endpoints.state().script.insert(URL.into(), [answered(410)].into());
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    world.endpoints.state().hanging.insert(URL.into(), std::sync::Arc::clone(&gate));
    world.send_event(&event(1, "one", world.clock.now()));
    let repair = async {
        while world.endpoints.calls_to(URL).is_empty() {
            tokio::task::yield_now().await;
        }
        world.clock.advance(Duration::from_secs(1));
        let now = world.clock.now();
        world.edit(0, |subscription| subscription.updated_at = now);
        gate.add_permits(2);
    };
    futures::join!(world.receive(), repair);
    world.run().await;
    assert_eq!((world.subscription(0).disabled, world.bus.items().len()), (None, 0));
    assert_eq!(world.endpoints.calls_to(URL).len(), 2);
}

#[tokio::test]
async fn what_is_not_wanted_any_more_is_stopped_and_does_not_wait_for_ever() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 500);
    world.send_event(&event(1, "one", world.clock.now()));
    world.receive().await;
    world.edit(0, |subscription| subscription.events = [EventName::OrderAssigned].into());
    world.run().await;
    assert_eq!(world.endpoints.calls_to(URL).len(), 1);
    assert_eq!(world.notifications()[0].state, NotificationState::Stopped);
}

#[tokio::test]
async fn an_endpoint_that_asks_for_time_has_it_and_is_not_given_up_for_that() {
    let world = World::with(&[URL]);
    let busy = SubscriberAnswer { retry_after: Some(3600), ..answered(429) };
    world.endpoints.state().script.insert(URL.into(), vec![busy; 30].into());
    let began = world.clock.now();
    for n in 0..150 {
        world.send_event(&event(n, "one", began));
    }
    world.run().await;
    assert_eq!(world.subscription(0).disabled, None);
    let state = world.endpoints.state();
    let refused = &state.calls[..30];
    assert!(
        refused[29].at.duration_since(began).as_hours() >= 15,
        "{}",
        refused[29].at.duration_since(began)
    );
    drop(state);
    assert!(world.notifications().iter().all(|one| one.state == NotificationState::Delivered));
}
