//! All four fleets on one order, each of which knows it by another name: whatever arrives first, and whatever goes wrong on
//! the way, the end is the same.

use std::sync::LazyLock;

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use proptest::prelude::*;

use super::stories::{Trouble, block_on, state, told, troubles, wanted_and_live};
use crate::testing::events::{announced, syrve_order};
use crate::testing::stories::{knows_by, loss, story};
use crate::testing::{Bridge, pos_status, with_all_fleets};

/// By which name each fleet knows the order.
const NAMES: [(Provider, MatchOrdersBy); 4] = [
    (Provider::Captain, MatchOrdersBy::OrderId),
    (Provider::Jelp, MatchOrdersBy::Number),
    (Provider::Radaro, MatchOrdersBy::ExternalNumber),
    (Provider::Bringg, MatchOrdersBy::OrderId),
];

fn bridge() -> Bridge {
    let mut account = with_all_fleets(MatchOrdersBy::Number);
    for (provider, by) in NAMES {
        let fleet = account.fleets.get_mut(&provider).unwrap();
        *fleet = knows_by(by, fleet);
    }
    Bridge::of(account)
}

/// What Syrve says, and what each fleet says of an order that it delivers, and of one that it loses.
static ALL: LazyLock<Vec<InboundEvent>> = LazyLock::new(|| {
    let of_syrve = [
        announced(0),
        syrve_order(600, "CookingCompleted", "DeliveryByCourier"),
        syrve_order(7200, "Closed", "DeliveryByCourier"),
    ];
    let of_fleets = NAMES
        .into_iter()
        .flat_map(|(provider, by)| story(provider, by).into_iter().chain([loss(provider, by)]));
    of_syrve.into_iter().chain(of_fleets).collect()
});

/// Which of these events happen, the first always; and how they arrive.
fn told_twice() -> impl Strategy<Value = (Vec<usize>, Vec<(usize, Trouble)>)> {
    let numbers: Vec<usize> = (1..ALL.len()).collect();
    let some = prop::sample::subsequence(numbers.clone(), 0..=numbers.len());
    some.prop_flat_map(|some| {
        let story: Vec<_> = [0].into_iter().chain(some).collect();
        let again = prop::collection::vec(prop::sample::select(story.clone()), 0..8);
        let shuffled = (Just(story.clone()).prop_shuffle(), again).prop_flat_map(|(mut all, again)| {
            all.extend(again);
            let troubles = prop::collection::vec(troubles(), all.len());
            (Just(all), troubles).prop_map(|(all, troubles)| all.into_iter().zip(troubles).collect())
        });
        (Just(story), shuffled)
    })
}

#[test]
fn all_four_stories_are_of_one_order() {
    let events = NAMES.into_iter().flat_map(|(provider, by)| story(provider, by));
    let events = [announced(0)].into_iter().chain(events).map(|event| (event, Trouble::None));
    let bridge = block_on(told(bridge(), &events.collect::<Vec<_>>()));
    let order = bridge.order();
    assert_eq!(order.deliveries.keys().copied().collect::<Vec<_>>(), Provider::ALL);
    assert_eq!(bridge.memory.state().orders.len(), 1);
    let kinds: std::collections::BTreeSet<_> = order.refs.iter().map(|name| name.kind.as_str()).collect();
    for kind in ["number", "external_number", "jelp", "jelp_folio", "radaro", "bringg"] {
        assert!(kinds.contains(kind), "{kind} {kinds:?}");
    }
    assert!(bridge.memory.state().links.values().all(|link| link.value.order_id == Some(order.order_id)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_with_any_repeats_and_any_trouble_ends_in_one_state((story, shuffled) in told_twice()) {
        let plain: Vec<_> = story.iter().map(|number| (ALL[*number].clone(), Trouble::None)).collect();
        let shuffled: Vec<_> = shuffled.into_iter().map(|(number, trouble)| (ALL[number].clone(), trouble)).collect();
        let expected = block_on(told(bridge(), &plain));
        let bridge = block_on(told(bridge(), &shuffled));
        prop_assert_eq!(state(&bridge), state(&expected));
        prop_assert_eq!(bridge.timeline().len(), expected.timeline().len());
        let (wanted, mut live) = wanted_and_live(&bridge);
        if let Some(wanted) = wanted {
            // What was not sent at first is sent later, and what nobody knows to be sent is sent twice.
            live.sort_by_key(|command| (command.stamp.clone(), pos_status(command)));
            live.dedup_by_key(|command| command.id.clone());
            let asked: Vec<_> = live.iter().map(pos_status).collect();
            prop_assert_eq!(asked.last(), Some(&wanted));
            prop_assert!(asked.is_sorted_by(|a, b| a < b), "{:?} {:?}", asked, bridge.asked());
        }
    }
}
