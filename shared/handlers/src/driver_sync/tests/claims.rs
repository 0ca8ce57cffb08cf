//! Two messages about one account: of two runs one works, and what it could not finish somebody does.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use courier_domain::sync::{LEASE, SyncMessage, SyncState};
use futures::FutureExt;

use super::{Desk, INTERVAL, actives, sync};
use crate::queue::Verdict;
use crate::testing::Fault;

/// What becomes of `other` when it is received while `message` waits for Syrve's answer, so long after it began.
async fn meanwhile(
    desk: &Desk,
    message: &SyncMessage,
    other: SyncMessage,
    after: Duration,
) -> Option<Verdict> {
    let (clock, told) = (desk.bridge.clock.clone(), Arc::new(Mutex::new(None)));
    let (second, heard) = (sync(&desk.bridge, &desk.lists), told.clone());
    desk.lists.script().meanwhile = Some(Box::new(move || {
        clock.advance(after);
        let text = serde_json::to_string(&other).unwrap();
        let verdict = second.handle(&text).now_or_never().expect("nothing here waits");
        *heard.lock().unwrap() = Some(verdict.unwrap());
    }));
    assert_eq!(desk.receive(message).await.unwrap(), Verdict::Done);
    told.lock().unwrap().take()
}

fn next_run(desk: &Desk) -> SyncMessage {
    let mut message = desk.message();
    message.run_at += Duration::from_secs(30);
    message.good_until += Duration::from_secs(30);
    message
}

#[tokio::test]
async fn a_second_copy_of_a_message_waits_and_then_finds_the_work_done() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=3)).message();
    let told = meanwhile(&desk, &message, message.clone(), Duration::from_secs(5)).await;
    let Some(Verdict::Later(pause)) = told else {
        panic!("it may be needed, should the first copy die: {told:?}")
    };
    assert_eq!(desk.lists.calls().len(), 2, "the second asked Syrve nothing");
    desk.bridge.clock.advance(pause);
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    assert_eq!((desk.lists.calls(), desk.counts()), (vec![], [3, 0, 0, 0]));
}

#[tokio::test]
async fn the_next_run_waits_until_the_one_at_work_is_over() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=3)).message();
    let next = next_run(&desk);
    let told = meanwhile(&desk, &message, next.clone(), Duration::from_secs(31)).await;
    let Some(Verdict::Later(pause)) = told else { panic!("{told:?}") };
    assert!(pause <= Duration::try_from(LEASE).unwrap(), "{pause:?}");
    desk.bridge.clock.advance(pause);
    assert_eq!(desk.receive(&next).await.unwrap(), Verdict::Done);
    assert_eq!((desk.counts(), desk.stored().unwrap().run_at), ([0, 0, 0, 3], next.run_at));
}

#[tokio::test]
async fn an_older_run_than_the_one_at_work_or_done_is_not_needed() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=3)).message();
    let next = next_run(&desk);
    let told = meanwhile(&desk, &next, message.clone(), Duration::from_secs(1)).await;
    assert_eq!((told, desk.lists.calls().len()), (Some(Verdict::Done), 2));
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    assert_eq!((desk.lists.calls().len(), desk.counts()), (0, [3, 0, 0, 0]));
}

#[tokio::test]
async fn whoever_loses_the_claim_comes_back() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=3)).message();
    desk.bridge.memory.state().faults = [Some(Fault::Conflict)].into();
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Later(Duration::from_secs(1)));
    assert_eq!(desk.lists.calls(), [""; 0]);
    desk.work(&message).await;
    assert_eq!(desk.counts(), [3, 0, 0, 0]);
}

#[tokio::test]
async fn a_run_that_takes_too_long_is_overtaken_and_leaves_the_end_to_the_other() {
    let desk = Desk::dispatching();
    let message = desk.list(actives(1..=3)).message();
    let next = next_run(&desk);
    let too_long = Duration::try_from(LEASE).unwrap() + Duration::from_secs(1);
    let told = meanwhile(&desk, &message, next.clone(), too_long).await;
    assert_eq!(told, Some(Verdict::Done));
    let sync = desk.stored().unwrap();
    assert_eq!((sync.run_at, sync.state, desk.counts()), (next.run_at, SyncState::Succeeded, [3, 0, 0, 0]));
    assert_eq!(
        (desk.driver_writes(), desk.asked().len()),
        (vec![3], 3),
        "the slow one had nothing left to do"
    );
}

#[tokio::test]
async fn a_message_whose_function_died_is_done_by_the_same_message_once_the_claim_is_over() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=3)).message();
    // It did not live to give the account back either.
    desk.bridge.memory.state().faults = [None, Some(Fault::Lost), Some(Fault::Lost)].into();
    assert!(desk.receive(&message).await.is_err());
    let mut looks = 0;
    while let Verdict::Later(pause) = desk.receive(&message).await.unwrap() {
        desk.bridge.clock.advance(pause);
        looks += 1;
    }
    assert_eq!(looks, 6, "a look every 15 s while the claim lasts");
    assert_eq!((desk.counts(), desk.error()), ([3, 0, 0, 0], None));
}

#[tokio::test]
async fn a_long_run_shows_how_far_it_is_and_stays_at_work() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=1000)).message();
    let mut faults = vec![None; 28];
    faults.push(Some(Fault::Lost));
    desk.bridge.memory.state().faults = faults.into();
    assert!(desk.receive(&message).await.is_err());
    let sync = desk.stored().unwrap();
    let written = desk.bridge.memory.state().drivers.len();
    let shown = usize::try_from(sync.counts.created).unwrap();
    assert_eq!(sync.state, SyncState::Running);
    assert!(shown > 300 && shown <= written, "{shown} of {written}");
    assert_eq!(sync.finished_at, None);
}

#[tokio::test]
async fn a_run_that_finds_itself_overtaken_stops_and_does_not_touch_the_others_record() {
    let desk = Desk::new();
    let message = desk.list(actives(1..=1000)).message();
    let (memory, now) = (desk.bridge.memory.clone(), desk.now());
    desk.lists.script().meanwhile = Some(Box::new(move || {
        // Just before the first chunk is written, the next run claims the account.
        memory.state().rival = Some(Box::new(move |state| {
            let sync = state.syncs.values_mut().next().unwrap();
            sync.value.run_at = now + INTERVAL;
            sync.version += 1;
        }));
    }));
    assert_eq!(desk.receive(&message).await.unwrap(), Verdict::Done);
    let sync = desk.stored().unwrap();
    assert_eq!((sync.run_at, sync.state, sync.error), (now + INTERVAL, SyncState::Running, None));
    assert_eq!(desk.bridge.memory.state().drivers.len(), 330, "ten chunks, and no further");
}
