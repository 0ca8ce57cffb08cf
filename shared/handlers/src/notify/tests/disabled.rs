//! What is said of a subscription that is not called any more: on the bus, and in the log, of which an alarm is made.

use courier_domain::clock::Clock;
use courier_domain::subscription::Disabled;

use super::world::{URL, World, event};
use crate::testing::Errors;

/// As `POST …/disable` leaves it.
#[tokio::test]
async fn what_an_operator_stopped_is_told_of_without_an_alarm_and_without_their_words() {
    let world = World::with(&[URL]);
    let (at, reason) = (world.clock.now(), "Jane Roe asked for it".to_owned());
    let by_operator = Disabled { at, reason, by_operator: true, told: false };
    world.edit(0, |one| {
        one.items_url = Some("https://one.example/items".into());
        (one.disabled, one.items_disabled) = (Some(by_operator.clone()), Some(by_operator));
    });
    let errors = Errors::default();
    let _logged = tracing::subscriber::set_default(errors.clone());
    world.send_event(&event(1, "one", world.clock.now()));
    world.run().await;
    let told = world.bus.items();
    assert_eq!((told.len(), errors.count()), (1, 0));
    assert_eq!(told[0].detail["reason"], "disabled by an operator");
    assert!(world.subscription(0).disabled.is_some_and(|disabled| disabled.told));
    assert_eq!(world.endpoints.calls_to(URL).len(), 0);
}

#[tokio::test]
async fn what_the_bridge_gave_up_is_logged_though_the_bus_refuses() {
    let world = World::with(&[URL]);
    world.endpoints.state().always.insert(URL.into(), 410);
    world.bus.sent().to_fail = 1;
    let errors = Errors::default();
    let _logged = tracing::subscriber::set_default(errors.clone());
    world.send_event(&event(1, "one", world.clock.now()));
    world.receive().await;
    // One names the subscription, the other says that the bus refused.
    assert_eq!((world.bus.items().len(), errors.count()), (0, 2));
    world.run().await;
    assert_eq!(world.bus.items()[0].detail["reason"], "the endpoint answered 410 Gone");
}
