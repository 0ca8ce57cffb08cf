//! The promise of the sync: whatever Syrve lists, in any sequence, through any crashes, what is stored in the end is what
//! the last list said that could be believed.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use courier_domain::driver::Courier;
use courier_domain::ids::DriverId;
use courier_domain::sync::SyncState;
use futures::executor::block_on;
use proptest::prelude::*;

use super::crashes::all_sent;
use super::{Desk, INTERVAL, List, courier, id};
use crate::queue::Verdict;
use crate::testing::Fault;

/// One run: the list, what goes wrong with its writes and sends, and a shift that somebody opens or closes before it.
#[derive(Debug, Clone)]
struct Act {
    list: List,
    writes: VecDeque<Option<Fault>>,
    sends: VecDeque<Option<Fault>>,
    shift: Option<(usize, usize, bool)>,
}

fn lists() -> impl Strategy<Value = List> {
    let name = prop::sample::select(vec!["Ann", "Anna", "Bob"]);
    let entry = (1_usize..9, name, prop::bool::weighted(0.8));
    let entry = entry.prop_map(|(number, name, active)| (id(number), courier(name, active)));
    prop::collection::vec(entry, 0..12)
}

fn faults() -> impl Strategy<Value = VecDeque<Option<Fault>>> {
    let fault = prop::sample::select(vec![Fault::Lost, Fault::Unheard, Fault::Conflict]);
    prop::collection::vec_deque(prop::option::weighted(0.2, fault), 0..6)
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let shift = prop::option::of((1_usize..9, 1_usize..3, any::<bool>()));
    let act = (lists(), faults(), faults(), shift);
    let act = act.prop_map(|(list, writes, sends, shift)| Act { list, writes, sends, shift });
    prop::collection::vec(act, 1..8)
}

/// What a list says of each driver, and whether it is believed by those who are known.
fn read(list: &List, known: &BTreeMap<DriverId, Courier>) -> Option<BTreeMap<DriverId, Courier>> {
    let mut said: BTreeMap<DriverId, Courier> = BTreeMap::new();
    for (id, courier) in list {
        let better = said.get(id).is_none_or(|before| courier.active && !before.active);
        if better {
            said.insert(id.clone(), courier.clone());
        }
    }
    let active: Vec<_> = known.iter().filter(|(_, courier)| courier.active).map(|(id, _)| id).collect();
    let found = active.iter().filter(|id| said.contains_key(**id)).count();
    (!said.is_empty() && found * 2 >= active.len()).then_some(said)
}

/// The messages of a run are received until one of them is done, as the queue does it.
async fn to_its_end(desk: &Desk) {
    desk.bridge.clock.advance(INTERVAL);
    let mut message = desk.message();
    for _ in 0..40 {
        match desk.receive(&message).await {
            Ok(Verdict::Later(pause)) => desk.bridge.clock.advance(pause),
            Ok(Verdict::Dead(reason)) => panic!("{reason}"),
            Err(_) => desk.bridge.clock.advance(Duration::from_secs(1)),
            Ok(Verdict::Done) => {
                if desk.stored().is_some_and(|sync| sync.state != SyncState::Running) {
                    return;
                }
                // The end was not written, or the message's time was over: the next run has its turn.
                desk.bridge.clock.advance(INTERVAL);
                message = desk.message();
            }
        }
    }
    panic!("no run ends");
}

fn couriers(desk: &Desk) -> BTreeMap<DriverId, Courier> {
    let state = desk.bridge.memory.state();
    let listed = state
        .drivers
        .iter()
        .filter_map(|(id, driver)| Some((id.clone(), driver.value.courier.get()?.clone())));
    listed.collect()
}

fn is_on_duty(desk: &Desk, driver: &DriverId) -> bool {
    desk.bridge.memory.state().drivers[driver].value.clocked_in()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 500, ..ProptestConfig::default() })]
    #[test]
    fn any_lists_through_any_crashes_end_in_what_the_last_plausible_one_says(acts in acts()) {
        block_on(async {
            let desk = Desk::dispatching();
            let mut known: BTreeMap<DriverId, Courier> = BTreeMap::new();
            for Act { list, writes, sends, shift } in acts {
                (desk.bridge.memory.state().faults, desk.bridge.commands.sent().faults) = (VecDeque::new(), VecDeque::new());
                if let Some((driver, group, opened)) = shift {
                    desk.shift(driver, group, opened).await;
                }
                desk.bridge.memory.state().faults = writes;
                desk.bridge.commands.sent().faults = sends;
                to_its_end(desk.list(list.clone())).await;
                let said = read(&list, &known);
                prop_assert_eq!(desk.error().is_none(), said.is_some(), "{:?}", desk.error());
                if let Some(said) = said {
                    let left = said.iter().filter(|(_, courier)| !courier.active);
                    prop_assert!(left.map(|(id, _)| id).all(|id| !is_on_duty(&desk, id)));
                    for (id, courier) in &mut known {
                        courier.active &= said.contains_key(id);
                    }
                    known.extend(said);
                }
                prop_assert_eq!(couriers(&desk), known.clone());
                prop_assert!(all_sent(&desk));
            }
            Ok(())
        })?;
    }
}
