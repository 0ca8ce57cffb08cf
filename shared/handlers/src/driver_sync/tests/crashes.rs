//! A run that is cut off: at every write, at every send, whether or not it came through, and whatever comes between the
//! crash and the next try. It is repeated, by the same message or the next run's, and ends in the same state, with
//! everything asked for and nothing asked for twice.

use std::collections::{BTreeMap, BTreeSet};

use courier_domain::command::CommandState;
use courier_domain::driver::Driver;
use courier_domain::ids::CommandId;
use courier_domain::sync::SyncState;

use super::{Desk, INTERVAL, List, actives, courier, id, label};
use crate::testing::{API_LOGIN, Fault, fault, held_back, login_rejected};

/// What drivers are in the end, apart from when that was written.
fn picture(desk: &Desk) -> BTreeSet<String> {
    let state = desk.bridge.memory.state();
    let shown = state.drivers.values().map(|driver| {
        let Driver { driver_id, courier, told_fleet, .. } = &driver.value;
        let (listed, told) = (courier.get(), told_fleet.as_ref().map(|told| &told.courier));
        format!("{driver_id} {listed:?} {told:?} {:?}", driver.value.open_shifts().collect::<Vec<_>>())
    });
    shown.collect()
}

/// The commands that are kept, each of which is carried out once however often it is sent.
fn kept(desk: &Desk) -> Vec<String> {
    let state = desk.bridge.memory.state();
    let mut labels: Vec<_> = state.commands.values().map(|command| label(&command.value)).collect();
    labels.sort();
    labels
}

/// Every command that is kept was sent, and nothing else.
pub(super) fn all_sent(desk: &Desk) -> bool {
    let sent: BTreeSet<CommandId> =
        desk.bridge.commands.items().into_iter().map(|command| command.id).collect();
    let state = desk.bridge.memory.state();
    let kept = state.commands.values().map(|command| &command.value);
    assert!(kept.clone().all(|command| command.state == CommandState::Queued));
    sent == kept.map(|command| command.id.clone()).collect()
}

/// The domain events, each once.
fn told(desk: &Desk) -> Vec<String> {
    let events: BTreeMap<_, _> =
        desk.bridge.bus.items().into_iter().map(|event| (event.event_uuid, event)).collect();
    let name =
        |event: courier_domain::event::DomainEvent| format!("{} {}", event.name, event.driver_id.unwrap());
    let mut names: Vec<_> = events.into_values().map(name).collect();
    names.sort();
    names
}

/// Forty couriers: of the first ones some were renamed, deleted while on duty, or have vanished, one has returned; and
/// thirty more are new. Too much for one write.
async fn scenario() -> Desk {
    let desk = Desk::dispatching();
    let mut list = actives(1..=40);
    list[5].1 = courier("Ann", false);
    desk.list(list).run().await;
    for (driver, group) in [(2, 1), (3, 1), (3, 7), (4, 2)] {
        desk.shift(driver, group, true).await;
    }
    let renamed: List = vec![(id(1), courier("Anna", true))];
    let deleted: List = [2, 3].map(|number| (id(number), courier("Ann", false))).into();
    desk.list([renamed, deleted, actives(6..=70)].concat());
    desk.bridge.clock.advance(INTERVAL);
    desk
}

/// What the run comes to where nothing goes wrong, and how many writes and sends it takes.
async fn undisturbed() -> (Desk, usize, [usize; 2]) {
    let desk = scenario().await;
    let (writes, commands, events) = taken(&desk);
    desk.work(&desk.message()).await;
    let after = taken(&desk);
    (desk, after.0 - writes, [after.1 - commands, after.2 - events])
}

fn taken(desk: &Desk) -> (usize, usize, usize) {
    (desk.bridge.memory.requests().1, desk.bridge.commands.sent().calls, desk.bridge.bus.sent().calls)
}

/// What comes between the crash and the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    Failure,
    HeldBack,
    Refusal,
    Hidden,
    Implausible,
}

const BETWEEN: [Between; 6] = [
    Between::Nothing,
    Between::Failure,
    Between::HeldBack,
    Between::Refusal,
    Between::Hidden,
    Between::Implausible,
];

/// A run that crashes, what comes between, and the same message again or the next run.
async fn after(crash: impl Fn(&Desk), between: Between, same_message: bool) -> Desk {
    let desk = scenario().await;
    crash(&desk);
    let message = desk.message();
    let first = desk.receive(&message).await;
    assert!(first.is_err(), "no crash: {first:?}");
    desk.bridge.memory.state().faults.clear();
    let list = desk.lists.listed(super::organization());
    match between {
        Between::Nothing => {}
        Between::Failure => desk.lists.fail([None, Some(fault())]),
        Between::HeldBack => desk.lists.fail([Some(held_back(20))]),
        Between::Refusal => desk.lists.fail([Some(login_rejected())]),
        Between::Hidden => desk.lists.sees(API_LOGIN, &[]),
        Between::Implausible => drop(desk.list(List::new())),
    }
    if same_message {
        desk.work(&message).await;
    } else {
        desk.run().await;
    }
    desk.lists.fail([]);
    desk.lists.sees(API_LOGIN, &[super::organization()]);
    desk.list(list).run().await;
    desk
}

/// All is as if nothing had happened, and the next run finds nothing to do.
async fn is_whole(desk: Desk, expected: &Desk, case: &str) {
    let (is, should) = (picture(&desk), picture(expected));
    assert_eq!(is.symmetric_difference(&should).collect::<Vec<_>>(), [""; 0], "{case}");
    assert!(kept(&desk) == kept(expected), "{case}: a command is missing or there twice");
    assert!(all_sent(&desk), "{case}: every command was sent");
    assert!(told(&desk) == told(expected), "{case}: an event is missing or there twice");
    let sync = desk.stored().unwrap();
    assert_eq!((sync.state, sync.error), (SyncState::Succeeded, None), "{case}");
    desk.forget();
    desk.run().await;
    assert_eq!((desk.counts()[3], desk.driver_writes(), desk.asked()), (68, vec![], vec![]), "{case}");
}

fn at(place: usize, fault: Fault) -> std::collections::VecDeque<Option<Fault>> {
    std::iter::repeat_n(None, place).chain([Some(fault)]).collect()
}

#[tokio::test]
async fn a_run_that_is_cut_off_at_any_write_ends_in_the_same_state() {
    let (expected, writes, _) = undisturbed().await;
    assert!(writes > 3, "a claim, chunks, and the end: {writes}");
    for place in 0..writes {
        for fault in [Fault::Lost, Fault::Unheard] {
            for (between, same) in BETWEEN.into_iter().flat_map(|between| [(between, true), (between, false)])
            {
                let crash = |desk: &Desk| desk.bridge.memory.state().faults = at(place, fault);
                let case = format!("write {place} {fault:?}, {between:?}, same message: {same}");
                is_whole(after(crash, between, same).await, &expected, &case).await;
            }
        }
    }
}

#[tokio::test]
async fn a_run_that_is_cut_off_at_any_send_ends_in_the_same_state() {
    let (expected, _, sends) = undisturbed().await;
    for (queue, sends) in sends.into_iter().enumerate() {
        assert!(sends > 1, "every chunk has something to hand on");
        for place in 0..sends {
            for fault in [Fault::Lost, Fault::Unheard] {
                for (between, same) in
                    BETWEEN.into_iter().flat_map(|between| [(between, true), (between, false)])
                {
                    let crash = |desk: &Desk| match queue {
                        0 => desk.bridge.commands.sent().faults = at(place, fault),
                        _ => desk.bridge.bus.sent().faults = at(place, fault),
                    };
                    let case =
                        format!("send {place} of {queue} {fault:?}, {between:?}, same message: {same}");
                    is_whole(after(crash, between, same).await, &expected, &case).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_hand_over_that_fails_again_and_again_is_not_forgotten() {
    let (expected, ..) = undisturbed().await;
    let crash = |desk: &Desk| desk.bridge.commands.sent().to_fail = 4;
    is_whole(after(crash, Between::Nothing, true).await, &expected, "same message").await;
    let desk = scenario().await;
    desk.bridge.commands.sent().to_fail = 3;
    for _ in 0..3 {
        assert!(desk.receive(&desk.message()).await.is_err());
        desk.bridge.clock.advance(INTERVAL);
    }
    desk.run().await;
    is_whole(desk, &expected, "a run each").await;
}

#[tokio::test]
async fn a_list_that_changed_between_the_crash_and_the_next_try_counts() {
    let desk = Desk::dispatching();
    let named = |name: &str| vec![(id(1), courier(name, true)), (id(2), courier("Bob", true))];
    desk.list(named("Ann")).run().await;
    desk.forget();
    desk.list(named("Anna")).bridge.clock.advance(INTERVAL);
    let message = desk.message();
    desk.bridge.commands.sent().faults = at(0, Fault::Lost);
    assert!(desk.receive(&message).await.is_err());
    assert_eq!(desk.driver(1).name(), Some("Anna"));
    desk.list(named("Annie")).work(&message).await;
    assert_eq!((desk.driver(1).name(), desk.counts()), (Some("Annie"), [0, 1, 0, 1]));
    let newest = desk.asked();
    assert_eq!(newest, ["upsert_driver 1", "upsert_driver 1"], "the one of the crash, and the new one");
}
