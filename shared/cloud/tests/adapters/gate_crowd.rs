//! Many callers of one login at once, through clients of their own: never more calls than the rate, and one try at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use courier_domain::gate::{FAILURES, Pass, Rate, Refusal};
use courier_domain::ports::{Gate, Outcome};
use futures::future::join_all;
use jiff::Timestamp;

use crate::common::*;

const LOGIN: &str = "login-hash";
const TASKS: i64 = 50;
const PROCESSES: i64 = 5;

fn ms(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(at(0).as_millisecond() + milliseconds).unwrap()
}

/// The times of the calls that were let through while all tasks tried again and again for so many seconds.
async fn hammered(rate: Rate, seconds: i64, tries: i64) -> Vec<i64> {
    let store = Store::new().await;
    let clients: Vec<_> = (0..PROCESSES).map(|_| store.elsewhere()).collect();
    let clock = Arc::new(AtomicI64::new(0));
    let step = seconds * 1000 / (TASKS * tries);
    let tasks = (0..TASKS).map(|task| {
        let (clock, table) = (clock.clone(), clients[usize::try_from(task % PROCESSES).unwrap()].clone());
        tokio::spawn(async move {
            let mut passed = Vec::new();
            for attempt in 0..tries {
                // Clocks of processes differ a little, so that time goes back now and then.
                let skew = (task * 7 + attempt * 13) % 40;
                let now = clock.fetch_add(step, Ordering::SeqCst) + skew;
                let answer = table.pass(LOGIN, "orders", rate, ms(now)).await.unwrap();
                if answer == (Pass::Go { failures: 0 }) {
                    passed.push(now);
                }
            }
            passed
        })
    });
    let mut passed: Vec<_> = join_all(tasks).await.into_iter().flat_map(Result::unwrap).collect();
    passed.sort_unstable();
    passed
}

fn most_in_a_minute(passed: &[i64]) -> usize {
    let within = |start: &i64| passed.iter().filter(|time| (*start..start + 60_000).contains(time)).count();
    passed.iter().map(within).max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_never_make_more_calls_in_any_minute_than_the_rate() {
    for (rate, tries, most, least) in
        [(Rate::per_minute(100), 20, 100, 100), (Rate::spaced(12), 8, 12, 8), (Rate::per_minute(1), 8, 1, 2)]
    {
        let passed = hammered(rate, 120, tries).await;
        let busiest = most_in_a_minute(&passed);
        assert!(busiest <= most, "{busiest} calls of {most}");
        assert!(passed.len() >= least, "only {} calls", passed.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_callers_at_the_same_instant_as_many_pass_as_may() {
    let store = Store::new().await;
    let rate = Rate::per_minute(100);
    let callers = (0..TASKS).map(|_| {
        let table = store.elsewhere();
        tokio::spawn(async move { table.pass(LOGIN, "orders", rate, ms(0)).await.unwrap() })
    });
    let answers: Vec<_> = join_all(callers).await.into_iter().map(Result::unwrap).collect();
    let passed = answers.iter().filter(|answer| matches!(answer, Pass::Go { .. })).count();
    assert_eq!(passed, 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_callers_one_tries_whether_a_system_works_again() {
    let store = Store::new().await;
    for n in 0..FAILURES {
        let now = ms(i64::from(n));
        store.table.report(LOGIN, "orders", Outcome::Fails { after: None }, n, now).await.unwrap();
    }
    // The second round follows a try of which nothing was heard.
    for round in [10_000, 50_000] {
        let callers = (0..20).map(|n| {
            let table = store.elsewhere();
            let now = ms(round + n);
            tokio::spawn(
                async move { table.pass(LOGIN, "orders", Rate::per_minute(1000), now).await.unwrap() },
            )
        });
        let answers: Vec<_> = join_all(callers).await.into_iter().map(Result::unwrap).collect();
        let tries = answers.iter().filter(|answer| **answer == Pass::Go { failures: FAILURES }).count();
        let waits = answers.iter().filter(|answer| matches!(answer, Pass::Wait(_))).count();
        assert_eq!((tries, waits), (1, 19));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_callers_one_tries_a_login_that_was_refused() {
    let store = Store::new().await;
    let refusal = Refusal { since: ms(0), until: ms(10_000), words: "no".into() };
    store.table.refuse(LOGIN, &refusal).await.unwrap();
    // The second round follows a try of which nothing was heard.
    for round in [10_000, 50_000] {
        let callers = (0..20).map(|n| {
            let table = store.elsewhere();
            let group = if n % 2 == 0 { "orders" } else { "drivers" };
            let now = ms(round + n);
            tokio::spawn(async move { table.pass(LOGIN, group, Rate::per_minute(1000), now).await.unwrap() })
        });
        let answers: Vec<_> = join_all(callers).await.into_iter().map(Result::unwrap).collect();
        let tries = answers.iter().filter(|answer| **answer == Pass::Try { failures: 0 }).count();
        let held = answers.iter().filter(|answer| matches!(answer, Pass::Refused(..))).count();
        assert_eq!((tries, held), (1, 19));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_fail_together_hold_the_gate_as_long_as_five_would() {
    let store = Store::new().await;
    let reports = (0..12).map(|_| {
        let table = store.elsewhere();
        let fails = Outcome::Fails { after: None };
        tokio::spawn(async move { table.report(LOGIN, "orders", fails, 0, ms(0)).await.unwrap() })
    });
    join_all(reports).await.into_iter().for_each(Result::unwrap);
    let pass = |now| store.table.pass(LOGIN, "orders", Rate::per_minute(10), ms(now));
    assert!(matches!(pass(4_999).await.unwrap(), Pass::Wait(_)));
    assert_eq!(pass(5_000).await.unwrap(), Pass::Go { failures: FAILURES });
}
