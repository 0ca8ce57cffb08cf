//! Arrival order does not matter: any permutation of an order's events, with any repeats, ends in one state, and Syrve
//! was last asked for what that state says.

use proptest::prelude::*;
use proptest::sample::Index;

use super::story::{
    COURIER, OTHER, Told, assigned, assigned_employee, failed, item, order_status, pos_status, report,
    status, status_by, syrve, tell, unassigned,
};
use crate::delivery::DeliveryStatus;
use crate::order::{Order, OrderRef};
use crate::report::{OrderChange, OrderReport};

/// Few seconds, so that many events are of the same one.
fn event() -> impl Strategy<Value = OrderReport> {
    let second = 0_i64..6;
    let service = prop::sample::select(vec![COURIER, COURIER, OTHER, None]);
    let word =
        prop::sample::select(vec!["Unconfirmed", "Waiting", "OnWay", "Delivered", "Closed", "Cancelled"]);
    let name = prop::sample::select(vec!["ann", "bob"]);
    let employee = prop::sample::select(vec![
        "ffc60000-0000-4000-8000-000000000017",
        "ffc60000-0000-4000-8000-000000000018",
    ]);
    let fleet_id = prop::sample::select(vec!["7183", "9999"]);
    let stage = prop::sample::select(DeliveryStatus::ALL.to_vec());
    prop_oneof![
        3 => (second.clone(), service, word.clone()).prop_map(|(s, service, word)| syrve(s, service, word)),
        1 => (second.clone(), word.clone()).prop_map(|(s, code)| failed(s, code)),
        1 => (second.clone(), name.clone()).prop_map(|(s, name)| assigned(s, name)),
        1 => (second.clone(), employee, fleet_id.clone()).prop_map(|(s, e, id)| assigned_employee(s, e, id)),
        1 => (second.clone(), stage.clone(), fleet_id).prop_map(|(s, stage, id)| status_by(s, stage, id)),
        1 => second.clone().prop_map(unassigned),
        4 => (second.clone(), stage).prop_map(|(s, stage)| status(s, stage)),
        1 => (second.clone(), word.clone(), name.clone()).prop_map(|(s, word, name)| order_status(s, word, name)),
        1 => (second.clone(), word, name.clone()).prop_map(|(s, word, name)| item(s, name, word)),
        1 => (second, name).prop_map(|(s, name)| named(s, name)),
    ]
}

/// An event that says nothing but another name of the order.
fn named(second: i64, name: &str) -> OrderReport {
    OrderReport { refs: vec![OrderRef::new("number", name)], ..report(second, OrderChange::Nothing) }
}

/// A story that begins on time, and the same with repeats, shuffled.
fn told_twice() -> impl Strategy<Value = (Vec<OrderReport>, Vec<OrderReport>)> {
    (prop::collection::vec(event(), 1..14), prop::collection::vec(any::<Index>(), 0..6)).prop_flat_map(
        |(story, repeats)| {
            let again: Vec<_> = repeats.iter().map(|index| index.get(&story).clone()).collect();
            let all: Vec<_> = story.iter().cloned().chain(again).collect();
            (Just(story), Just(all).prop_shuffle())
        },
    )
}

/// An order but for what was said of statuses that do not count, with the words for those that do, and for who carries it.
fn shown(order: &Order) -> (Order, String) {
    let standing = order.deliveries.values().map(|held| (held.current(), held.status_stamp()));
    let words = format!("{:?} {:?}", order.carrier(), standing.collect::<Vec<_>>());
    let mut rest = order.clone();
    rest.deliveries.values_mut().for_each(|delivery| delivery.statuses.clear());
    (rest, words)
}

fn without_request(order: &Order) -> Order {
    Order { requested: None, ..order.clone() }
}

/// What Syrve was asked for last is what the state says; what was asked for before is dropped; and no later command ever
/// rests on older evidence.
fn assert_last_request_is_wanted(told: &Told) -> Result<(), TestCaseError> {
    let order = &told.order;
    prop_assert!(told.commands.is_sorted_by(|a, b| a.stamp <= b.stamp));
    let wanted = order.delivery().current().and_then(DeliveryStatus::pos_status);
    let Some(wanted) = wanted.filter(|_| order.can_be_told()) else { return Ok(()) };
    let last = told.commands.last().expect("a wanted status was asked for");
    prop_assert_eq!(pos_status(last), wanted);
    prop_assert_eq!(order.requested.as_ref().map(|r| r.status), Some(wanted));
    prop_assert_eq!(order.superseded(&last.stamp), None);
    for earlier in &told.commands {
        prop_assert!(earlier.stamp == last.stamp || order.superseded(&earlier.stamp).is_some());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_arrival_order_with_any_repeats_ends_in_one_state((story, shuffled) in told_twice()) {
        prop_assert_eq!(without_request(&tell(&shuffled).order), without_request(&tell(&story).order));
    }

    #[test]
    fn syrve_was_last_asked_for_what_the_end_state_says((story, shuffled) in told_twice()) {
        assert_last_request_is_wanted(&tell(&story))?;
        assert_last_request_is_wanted(&tell(&shuffled))?;
    }

    #[test]
    fn the_request_never_rests_on_older_evidence_than_before((_, shuffled) in told_twice()) {
        let mut told = tell(&[]);
        let mut newest = None;
        for report in &shuffled {
            told.then(report);
            let stamp = told.order.requested.as_ref().map(|requested| requested.stamp.clone());
            prop_assert!(stamp >= newest);
            newest = stamp;
        }
    }

    #[test]
    fn an_event_that_changes_nothing_is_followed_by_nothing((_, shuffled) in told_twice()) {
        let mut told = tell(&[]);
        for report in &shuffled {
            let handed_on = (told.commands.len(), told.events.len());
            let before = shown(&told.order);
            if !told.then(report) {
                prop_assert_eq!((told.commands.len(), told.events.len()), handed_on);
                prop_assert_eq!(shown(&told.order), before);
            }
        }
    }

    #[test]
    fn an_order_that_is_stored_and_read_in_between_goes_the_same_way((_, shuffled) in told_twice()) {
        let mut stored = Order::new(super::story::order_id());
        for report in &shuffled {
            stored.apply(report);
            stored = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
        }
        prop_assert_eq!(stored, without_request(&tell(&shuffled).order));
    }
}
