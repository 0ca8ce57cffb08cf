//! The whole story of an order at each fleet that skips steps, through the real modules: Syrve is told `Waiting`, `OnWay`
//! and `Delivered`, each once and in this order, whatever the order in which the fleet's calls arrive and however often.

use std::time::Duration;

use courier_domain::account::MatchOrdersBy;
use courier_domain::clock::Clock;
use courier_domain::command::System;
use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::inbound::InboundEvent;
use proptest::prelude::*;

use super::stories::{block_on, state};
use crate::syrve_command::SyrveCommands;
use crate::testing::events::{announced, syrve_order};
use crate::testing::stories::{knows_by, loss, story};
use crate::testing::{Bridge, FakePos, Line, at, with_all_fleets};

/// What happens after an event arrived.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    /// The next event arrives first.
    Nothing,
    /// Syrve carries out what it is asked by now.
    Asked,
    /// The same, and tells of it.
    AskedAndTells,
}

fn then() -> impl Strategy<Value = Then> {
    prop::sample::select(vec![Then::Nothing, Then::Asked, Then::AskedAndTells])
}

fn bridge(provider: Provider, by: MatchOrdersBy) -> Bridge {
    let mut account = with_all_fleets(MatchOrdersBy::OrderId);
    let fleet = account.fleets.get_mut(&provider).unwrap();
    *fleet = knows_by(by, fleet);
    let bridge = Bridge::of(account);
    bridge.clock.advance(Duration::from_hours(1));
    bridge
}

/// The bridge after these events, and what Syrve was asked to set.
async fn told(bridge: Bridge, events: &[(InboundEvent, Then)]) -> (Bridge, Vec<String>) {
    let pos = FakePos::default();
    pos.script().obliging = true;
    let commands = SyrveCommands {
        ledger: bridge.ledger(),
        accounts: bridge.memory.clone(),
        secrets: bridge.memory.clone(),
        pos: pos.clone(),
        drivers: bridge.drivers(),
    };
    let mut line = Line::to(System::Syrve, &bridge.clock);
    let mut set = Vec::new();
    let last = events.last().map(|(event, _)| (event, &Then::Asked));
    for (event, then) in events.iter().map(|(event, then)| (event, then)).chain(last) {
        bridge.tell_all(std::slice::from_ref(event)).await;
        if *then == Then::Nothing {
            continue;
        }
        line.take_in(&bridge.commands.items());
        while !line.is_empty() {
            line.work(async |message| commands.handle(&message).await).await;
            line.wait();
        }
        let calls = pos.calls().into_iter().filter_map(|call| call.strip_prefix("set ").map(str::to_owned));
        for status in calls {
            if *then == Then::AskedAndTells {
                let now = bridge.clock.now().duration_since(at(0)).as_secs();
                bridge.tell_all(&[syrve_order(now, word(&status), "DeliveryByCourier")]).await;
            }
            set.push(status);
        }
        bridge.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(line.dead, [""; 0]);
    (bridge, set)
}

/// The status that was set, without the time of it.
fn word(set: &str) -> &str {
    set.split(' ').next().unwrap()
}

fn steps(set: &[String]) -> Vec<&str> {
    set.iter().map(|set| word(set)).collect()
}

/// All that is said of an order, once and in order: by Syrve that it is there, and by the fleet that it delivers it, with a
/// loss in between or without.
fn events(provider: Provider, by: MatchOrdersBy, was_lost: bool) -> Vec<InboundEvent> {
    let lost = Some(loss(provider, by)).filter(|_| was_lost);
    [announced(0)].into_iter().chain(lost).chain(story(provider, by)).collect()
}

fn with(events: &[InboundEvent], then: Then) -> Vec<(InboundEvent, Then)> {
    events.iter().map(|event| (event.clone(), then)).collect()
}

#[test]
fn told_in_order_each_fleets_story_is_three_steps_and_all_of_it_is_in_the_timeline() {
    for provider in Provider::ALL {
        for by in [MatchOrdersBy::OrderId, MatchOrdersBy::Number, MatchOrdersBy::ExternalNumber] {
            let story = events(provider, by, false);
            let (bridge, set) = block_on(told(bridge(provider, by), &with(&story, Then::Asked)));
            assert_eq!(steps(&set), ["Waiting", "OnWay", "Delivered"], "{provider:?} {by:?}");
            assert!(set[2].starts_with("Delivered 2026-06-28 17:"), "{provider:?} {set:?}");
            assert_eq!(bridge.order().delivery().current(), Some(DeliveryStatus::DroppedOff));
            assert_eq!(bridge.order().carrier(), Some(provider));
            let of_driver = story.iter().filter(|event| event.subject.starts_with("driver:")).count();
            assert_eq!(bridge.timeline().len() - 3, story.len() - of_driver, "{provider:?}");
        }
    }
}

#[test]
fn a_step_that_is_sent_late_is_not_told_once_syrve_is_further() {
    let (provider, by) = (Provider::Radaro, MatchOrdersBy::OrderId);
    let events = events(provider, by, false);
    let of =
        |word: &str| events.iter().find(|event| event.body["new_values"]["status"] == word).cloned().unwrap();
    let late = of("pickup");
    let set = block_on(async {
        let bridge = bridge(provider, by);
        bridge.tell_all(&events[..1]).await;
        bridge.commands.sent().to_fail = 1;
        assert!(bridge.tell(&late).await.is_err());
        let rest = [of("picked_up"), of("delivered"), late];
        told(bridge, &with(&rest, Then::AskedAndTells)).await.1
    });
    assert_eq!(steps(&set), ["OnWay", "Delivered"]);
}

/// A fleet, the name by which it knows the order, whether it lost it in between, and the places of the events in the order of
/// their arrival, each twice, with what happens then.
fn doubled() -> impl Strategy<Value = (Provider, MatchOrdersBy, bool, Vec<(usize, Then)>)> {
    let provider = prop::sample::select(vec![Provider::Jelp, Provider::Radaro, Provider::Bringg]);
    let by = prop::sample::select(vec![
        MatchOrdersBy::OrderId,
        MatchOrdersBy::Number,
        MatchOrdersBy::ExternalNumber,
    ]);
    (provider, by, any::<bool>()).prop_flat_map(|(provider, by, was_lost)| {
        let count = events(provider, by, was_lost).len();
        let places: Vec<_> = (0..count).chain(0..count).collect();
        let arrival = (Just(places).prop_shuffle(), prop::collection::vec(then(), 2 * count));
        let arrival = arrival.prop_map(|(places, thens)| places.into_iter().zip(thens).collect());
        (Just(provider), Just(by), Just(was_lost), arrival)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn in_any_order_and_doubled_it_is_three_steps_and_the_same_state((provider, by, was_lost, arrival) in doubled()) {
        let once = events(provider, by, was_lost);
        let shuffled: Vec<_> = arrival.iter().map(|(place, then)| (once[*place].clone(), *then)).collect();
        let told = |events: &[_]| block_on(told(bridge(provider, by), events));
        let (one, set) = told(&shuffled);
        prop_assert_eq!(steps(&set), ["Waiting", "OnWay", "Delivered"]);
        let (other, _) = told(&with(&once, Then::Nothing));
        prop_assert_eq!(&one.order().deliveries, &other.order().deliveries);
        prop_assert_eq!(&one.order().refs, &other.order().refs);
        let quiet: Vec<_> = shuffled.into_iter().map(|(event, _)| (event, Then::Nothing)).collect();
        prop_assert_eq!(state(&told(&quiet).0), state(&other));
    }
}
