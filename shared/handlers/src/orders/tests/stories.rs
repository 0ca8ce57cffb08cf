//! The promise of the whole design: the same events, in any order, any number of times, through conflicts and crashes,
//! end in one state, and the last thing asked of Syrve is what that state wants.

use courier_domain::account::MatchOrdersBy;
use courier_domain::command::Command;
use courier_domain::delivery::{DeliveryStatus, PosStatus};
use courier_domain::inbound::InboundEvent;
use courier_domain::order::Order;
use proptest::prelude::*;
use serde_json::json;

use crate::testing::events::{captain, job_of, syrve_order};
use crate::testing::{Bridge, Fault, ORDER, pos_status};

/// A delivery with everything that can happen to one. The fleet uses the order's names by turns, and once all of them.
fn story(match_by: MatchOrdersBy, ending: &[(&str, &str)]) -> Vec<InboundEvent> {
    let partners = match match_by {
        MatchOrdersBy::OrderId => ORDER,
        MatchOrdersBy::ExternalNumber => "EXT-577",
        MatchOrdersBy::Number => "577",
    };
    let all = json!({ "partners_unique_internal_order_id": partners, "order_uuid": "6992", "order_description": "577" });
    let own = json!({ "order_uuid": "6992", "order_description": "577" });
    let short = json!({ "order_description": "577" });
    let mut story = vec![
        syrve_order(0, "WaitCooking", "DeliveryByCourier"),
        syrve_order(3, "CookingStarted", "DeliveryByCourier"),
        captain("order_assigned", 4, &all),
        job_of(5, "assigned_and_accepted_by_driver", &all),
        captain("order_unassigned", 6, &own),
        job_of(7, "assigned_and_accepted_by_driver", &own),
        job_of(8, "collected", &short),
        captain("item_status_updated", 8, &own),
        captain("item_status_updated", 9, &json!({ "item_status": "prepared" })),
    ];
    let mut second = 9;
    for (who, what) in ending {
        second += 1;
        story.push(match *who {
            "fleet" => job_of(second, what, &own),
            service => syrve_order(second, what, service),
        });
    }
    story
}

fn endings() -> impl Strategy<Value = &'static [(&'static str, &'static str)]> {
    prop::sample::select(vec![
        &[("fleet", "dropped_off"), ("DeliveryByCourier", "Closed")][..],
        &[("fleet", "dropped_off")][..],
        &[("DeliveryByCourier", "Cancelled")][..],
        &[("DeliveryByClient", "CookingStarted"), ("DeliveryByCourier", "CookingCompleted")][..],
        &[("DeliveryByCourier", "Closed"), ("DeliveryByCourier", "OnWay"), ("fleet", "dropped_off")][..],
        &[("fleet", "failed")][..],
        &[("fleet", "assigned_and_accepted_by_driver")][..],
    ])
}

/// What goes wrong with one delivery of an event.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    None,
    Write(Fault),
    Send,
    Publish,
}

pub(super) fn troubles() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        4 => Just(Trouble::None),
        1 => prop::sample::select(vec![Fault::Conflict, Fault::Lost, Fault::Unheard]).prop_map(Trouble::Write),
        1 => Just(Trouble::Send),
        1 => Just(Trouble::Publish),
    ]
}

pub(super) async fn told(bridge: Bridge, events: &[(InboundEvent, Trouble)]) -> Bridge {
    let mut redelivered = Vec::new();
    for (event, trouble) in events {
        match trouble {
            Trouble::None => {}
            Trouble::Write(fault) => bridge.memory.state().faults = [Some(*fault)].into(),
            Trouble::Send => bridge.commands.sent().to_fail = 1,
            Trouble::Publish => bridge.bus.sent().to_fail = 1,
        }
        // What failed comes back after other queues went on.
        if bridge.tell(event).await.is_err() {
            redelivered.push(event.clone());
        }
        bridge.commands.sent().to_fail = 0;
        bridge.bus.sent().to_fail = 0;
    }
    bridge.tell_all(&redelivered).await;
    bridge
}

pub(super) fn state(bridge: &Bridge) -> Order {
    Order { requested: None, last_told: Vec::new(), ..bridge.order() }
}

/// What the end state wants of Syrve, and the commands that it would still send.
pub(super) fn wanted_and_live(bridge: &Bridge) -> (Option<PosStatus>, Vec<Command>) {
    let order = bridge.order();
    let live =
        bridge.commands.items().into_iter().filter(|command| order.superseded(&command.stamp).is_none());
    let wanted = order.delivery().current().and_then(DeliveryStatus::pos_status);
    let wanted = wanted.filter(|_| order.on_delivery() && !order.is_over());
    (wanted, live.collect())
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 300, ..ProptestConfig::default() })]
    #[test]
    fn any_order_with_any_repeats_and_any_trouble_ends_in_one_state(
        match_by in prop::sample::select(vec![
            MatchOrdersBy::OrderId, MatchOrdersBy::Number, MatchOrdersBy::ExternalNumber,
        ]),
        (told_once, again) in endings().prop_flat_map(|ending| {
            let numbers: Vec<usize> = (0..9 + ending.len()).collect();
            let again = prop::collection::vec((prop::sample::select(numbers.clone()), troubles()), 0..8);
            (Just(ending), Just(numbers).prop_shuffle(), again)
        }).prop_flat_map(|(ending, order, again)| {
            let troubles = prop::collection::vec(troubles(), order.len());
            ((Just(ending), Just(order), troubles), Just(again))
        }),
    ) {
        let (ending, order, troubles) = told_once;
        let story = story(match_by, ending);
        let shuffled = order.into_iter().zip(troubles).chain(again);
        let shuffled: Vec<_> = shuffled.map(|(n, trouble)| (story[n].clone(), trouble)).collect();
        let plain: Vec<_> = story.iter().map(|event| (event.clone(), Trouble::None)).collect();
        let told = |events| block_on(told(Bridge::matching(match_by), events));
        let (expected, bridge) = (told(&plain), told(&shuffled));
        prop_assert_eq!(state(&bridge), state(&expected));
        prop_assert_eq!(bridge.timeline().len(), story.len());
        let (wanted, live) = wanted_and_live(&bridge);
        if let Some(wanted) = wanted {
            let asked: Vec<_> = live.iter().map(pos_status).collect();
            prop_assert!(!asked.is_empty() && asked.iter().all(|status| *status == wanted), "{asked:?} {wanted:?}");
        }
    }
}
