//! The driver sync: who runs it, what its steps wrote, and what they had to hand on.

use courier_domain::command::FollowUp;
use courier_domain::driver::Courier;
use courier_domain::ids::DriverId;
use courier_domain::ports::{
    Committed, Directory, Drivers, SyncRequests, SyncRuns, TimelineEntry, Versioned,
};
use courier_domain::report::{DriverChange, DriverReport};
use courier_domain::sync::{Claim, DriverSync, SyncCounts, SyncRequest};
use futures::future::join_all;

use crate::common::*;

fn run(second: i64) -> DriverSync {
    match DriverSync::claim(None, at(second), false, at(second)) {
        Claim::Take(sync) => *sync,
        other => panic!("not taken: {other:?}"),
    }
}

#[tokio::test]
async fn a_run_is_read_and_shown_as_it_was_written_and_kept_with_its_account() {
    let store = Store::new().await;
    assert_eq!(store.table.read_sync(&demo()).await.unwrap(), None);
    assert_eq!(store.table.driver_sync(&demo()).await.unwrap(), None);
    let mut sync = run(0);
    let counts = SyncCounts { created: 3, updated: 2, deactivated: 1, unchanged: 9_993, unreadable: 1 };
    sync.finish(counts, Some("login refused".into()), at(7));
    assert!(store.table.write_sync(&demo(), &fresh(sync.clone())).await.unwrap());
    let read = store.table.read_sync(&demo()).await.unwrap();
    assert_eq!(read, Some(Versioned { value: sync.clone(), version: 1 }));
    assert_eq!(store.table.driver_sync(&demo()).await.unwrap(), Some(sync));
    assert_eq!(store.keys().await, [("ACCOUNT#demo".to_owned(), "SYNC".to_owned())]);
    assert_eq!(store.expiries().await, [("SYNC".to_owned(), None)]);
}

#[tokio::test]
async fn requests_are_kept_with_their_login_once_for_each_account_and_while_they_are_good() {
    let store = Store::new().await;
    let request = |id: &str, second| SyncRequest {
        account_id: account(id),
        run_at: at(second),
        good_until: at(second + 900),
    };
    assert_eq!(store.table.sync_requests("login").await.unwrap(), []);
    for (id, second) in [("b", 0), ("a", 1), ("b", 2)] {
        store.table.keep_request("login", &request(id, second)).await.unwrap();
    }
    store.table.keep_request("other", &request("c", 3)).await.unwrap();
    store.requests.take();
    let kept = store.table.sync_requests("login").await.unwrap();
    assert_eq!((kept, store.requests.take()), (vec![request("a", 1), request("b", 2)], 1));
    let [a, b, c] = [901, 902, 903].map(|second| Some(at(second).as_second()));
    let kept = [("REQUEST#a", a), ("REQUEST#b", b), ("REQUEST#c", c)];
    assert_eq!(store.expiries().await, kept.map(|(sk, expires)| (sk.to_owned(), expires)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_runs_that_claim_an_account_at_once_one_gets_it() {
    let store = Store::new().await;
    for version in 0..3 {
        let syncs: Vec<_> = (0..12).map(|n| Versioned { value: run(n), version }).collect();
        let account = demo();
        let claims = join_all(syncs.iter().map(|sync| store.table.write_sync(&account, sync))).await;
        assert_eq!(claims.into_iter().filter(|claim| *claim.as_ref().unwrap()).count(), 1);
        assert_eq!(store.table.read_sync(&demo()).await.unwrap().unwrap().version, version + 1);
    }
}

#[tokio::test]
async fn a_step_of_ninety_nine_items_is_one_request_and_one_more_is_refused_for_good() {
    let store = Store::new().await;
    let commands = |count: usize| (0..count).map(|n| upsert(n, "step")).collect();
    let step = async |commands| {
        let told = asking("step", 1, commands);
        store.table.commit_sync(&demo(), at(0), drivers(50, 0), told).await
    };
    let too_many = step(commands(50)).await.unwrap_err();
    assert!(too_many.is_final(), "{too_many}");
    assert!(store.items().await.is_empty());
    store.requests.take();
    assert_eq!(step(commands(49)).await.unwrap(), Committed::Done);
    assert_eq!(store.requests.take(), 1);
    assert_eq!(store.items().await.len(), 100);
}

#[tokio::test]
async fn a_repeated_step_writes_nothing_and_says_what_it_had_to_hand_on() {
    let store = Store::new().await;
    let mut told = asking("step", 1, vec![upsert(0, "step")]);
    told.follow_up.events = follow_up(1, "step").events;
    let step = async |run_at, version, told: &TimelineEntry| {
        store.table.commit_sync(&demo(), run_at, drivers(1, version), told.clone()).await.unwrap()
    };
    assert_eq!(step(at(0), 0, &told).await, Committed::Done);
    let before = store.items().await;
    let again = step(at(0), 1, &entry("step", 2)).await;
    assert_eq!(again, Committed::Duplicate(told.follow_up.clone()));
    assert_eq!(store.items().await, before);
    assert_eq!(step(at(600), 1, &entry("step", 601)).await, Committed::Done);
}

#[tokio::test]
async fn a_step_with_one_driver_that_somebody_else_wrote_meanwhile_changes_nothing() {
    let store = Store::new().await;
    store.table.commit_drivers(&demo(), drivers_in(2..3, 0), entry("event", 0)).await.unwrap();
    let before = store.items().await.len();
    let told = asking("step", 1, vec![upsert(0, "step")]);
    let answer = store.table.commit_sync(&demo(), at(0), drivers(3, 0), told).await.unwrap();
    assert_eq!(answer, Committed::Conflict);
    assert_eq!(store.items().await.len(), before);
    assert_eq!(store.table.handed_on(&demo(), at(0)).await.unwrap(), []);
}

#[tokio::test]
async fn steps_are_remembered_for_two_days_commands_for_seven_and_drivers_for_ninety() {
    let store = Store::new().await;
    let told = asking("step", 1, vec![upsert(0, "step")]);
    store.table.commit_sync(&demo(), at(0), drivers(1, 0), told).await.unwrap();
    let keys = store.keys().await;
    let run = format!("ACCOUNT#demo#SYNC#{}", at(0).as_millisecond());
    assert!(keys.contains(&(run, "EVENT#step".into())), "{keys:?}");
    let [command, driver, step] = [7, 90, 2].map(|days| Some(at(1 + days * DAY).as_second()));
    let kept = [("COMMAND#upsert_driver-step", command), ("DRIVER", driver), ("EVENT#step", step)];
    assert_eq!(store.expiries().await, kept.map(|(sk, expires)| (sk.to_owned(), expires)));
    let read = store.table.read_drivers(&demo(), &[driver_id(0)]).await.unwrap();
    assert_eq!(read[0].value.updated_at, Some(at(1)));
}

#[tokio::test]
async fn what_a_run_had_to_hand_on_comes_in_the_order_of_its_steps_and_of_no_other_run() {
    let store = Store::new().await;
    for (run_at, text) in [(at(0), "b"), (at(600), "x"), (at(0), "c"), (at(0), "a")] {
        let told = asking(text, 1, vec![upsert(0, text)]);
        let done = store.table.commit_sync(&demo(), run_at, Vec::new(), told).await.unwrap();
        assert_eq!(done, Committed::Done);
    }
    let handed_on = |commands| FollowUp { commands, ..FollowUp::default() };
    let of_run = ["a", "b", "c"].map(|text| handed_on(vec![upsert(0, text)]));
    assert_eq!(store.table.handed_on(&demo(), at(0)).await.unwrap(), of_run);
    let other = [handed_on(vec![upsert(0, "x")])];
    assert_eq!(store.table.handed_on(&demo(), at(600)).await.unwrap(), other);
    assert_eq!(store.table.handed_on(&account("other"), at(0)).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_run_had_to_hand_on_is_whole_when_it_takes_several_requests() {
    let store = Store::new().await;
    for n in 0..15 {
        let long = TimelineEntry { event: "e".repeat(100_000), ..entry(&format!("step-{n:02}"), n) };
        store.table.commit_sync(&demo(), at(0), Vec::new(), long).await.unwrap();
    }
    store.requests.take();
    assert_eq!(store.table.handed_on(&demo(), at(0)).await.unwrap().len(), 15);
    assert_eq!(store.requests.take(), 2);
}

#[tokio::test]
async fn three_thousand_drivers_are_read_with_their_versions_in_as_few_requests_as_it_takes() {
    let store = Store::new().await;
    for chunk in 0..31_usize {
        let mut drivers = drivers_in(chunk * 99..(chunk * 99 + 99).min(3_000), 0);
        for driver in &mut drivers {
            let courier = Courier { name: Some("n".repeat(100)), active: true };
            let (driver_id, stamp) = (driver.value.driver_id.clone(), stamp("list"));
            driver.value.apply(&DriverReport { driver_id, stamp, change: DriverChange::Listed(courier) });
        }
        let told = entry(&format!("step-{chunk}"), 1);
        assert_eq!(store.table.commit_sync(&demo(), at(0), drivers, told).await.unwrap(), Committed::Done);
    }
    store.table.commit_drivers(&account("other"), drivers(1, 0), entry("event", 0)).await.unwrap();
    store.requests.take();
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = store.table.drivers_after(&demo(), after.as_ref()).await.unwrap();
        assert!(page.items.iter().all(|driver| driver.version == 1 && driver.value.name().is_some()));
        seen.extend(page.items.into_iter().map(|driver| driver.value.driver_id));
        pages += 1;
        let Some(next) = page.next else { break };
        after = Some(next.parse::<DriverId>().unwrap());
    }
    assert_eq!(seen, (0..3_000).map(driver_id).collect::<Vec<_>>());
    assert_eq!((pages, store.requests.take()), (2, 2));
}
