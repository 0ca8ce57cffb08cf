//! When calls may be made with a login: one record for all processes, which says what the rules say.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use courier_cloud::table::Table;
use courier_domain::gate::{Decision, FAILURES, GateState, Pass, Rate, Refusal, counts, hold};
use courier_domain::ports::{Gate, Outcome, PortError};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::common::*;

const LOGIN: &str = "login-hash";
const GROUP: &str = "order_status";
const RATE: Rate = Rate::per_minute(100);
const GO: Pass = Pass::Go { failures: 0 };

fn ms(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(at(0).as_millisecond() + milliseconds).unwrap()
}

fn wait(milliseconds: u64) -> Pass {
    Pass::Wait(Duration::from_millis(milliseconds))
}

fn asked_for(seconds: u64) -> Outcome {
    Outcome::Fails { after: Some(Duration::from_secs(seconds)) }
}

fn refused(second: i64) -> Refusal {
    Refusal { since: at(second), until: at(second + 600), words: "User is blocked".into() }
}

async fn pass(store: &Store, now: Timestamp) -> Pass {
    store.table.pass(LOGIN, GROUP, RATE, now).await.unwrap()
}

async fn report(store: &Store, outcome: Outcome, now: Timestamp) {
    report_after(store, 0, outcome, now).await;
}

/// How a call went that had passed after so many failures.
async fn report_after(store: &Store, seen: u32, outcome: Outcome, now: Timestamp) {
    store.table.report(LOGIN, GROUP, outcome, seen, now).await.unwrap();
}

/// Failures one after the other, each of a call that saw those before it.
async fn fail(store: &Store, times: u32, now: Timestamp) {
    for seen in 0..times {
        report_after(store, seen, Outcome::Fails { after: None }, now).await;
    }
}

async fn only_item(store: &Store) -> HashMap<String, AttributeValue> {
    <[_; 1]>::try_from(store.items().await).unwrap()[0].clone()
}

#[tokio::test]
async fn a_call_in_quiet_times_is_one_request_and_one_in_a_burst_two() {
    let store = Store::new().await;
    for (now, requests) in [(ms(0), 1), (ms(0), 2), (ms(5_000), 1), (ms(5_001), 2)] {
        assert_eq!((pass(&store, now).await, store.requests.take()), (GO, requests), "{now}");
    }
}

#[tokio::test]
async fn a_burst_is_let_through_and_then_each_call_waits_for_its_time() {
    let store = Store::new().await;
    for _ in 0..RATE.burst {
        assert_eq!(pass(&store, ms(0)).await, GO);
    }
    let interval = u64::try_from(RATE.interval()).unwrap();
    assert_eq!(pass(&store, ms(0)).await, wait(interval));
    assert_eq!(pass(&store, ms(1)).await, wait(interval - 1));
    assert_eq!(pass(&store, ms(RATE.interval())).await, GO);
}

#[tokio::test]
async fn five_failures_hold_calls_back_and_then_one_is_tried_at_a_time() {
    let store = Store::new().await;
    fail(&store, FAILURES - 1, ms(0)).await;
    assert_eq!(pass(&store, ms(10)).await, Pass::Go { failures: FAILURES - 1 });
    fail(&store, 1, ms(20)).await;
    assert_eq!(pass(&store, ms(30)).await, wait(4_990));
    assert_eq!(pass(&store, ms(5_020)).await, Pass::Go { failures: FAILURES });
    assert_eq!(pass(&store, ms(5_021)).await, wait(2_000));

    // Of the calls that were under way when the gate closed; then of the try.
    fail(&store, 1, ms(5_500)).await;
    assert_eq!(pass(&store, ms(5_500)).await, wait(2_000));
    report_after(&store, FAILURES, Outcome::Fails { after: None }, ms(6_000)).await;
    assert_eq!(pass(&store, ms(6_000)).await, wait(10_000));
    assert_eq!(pass(&store, ms(16_000)).await, Pass::Go { failures: FAILURES + 1 });
    report(&store, Outcome::Works, ms(17_000)).await;
    assert_eq!(pass(&store, ms(17_000)).await, GO);
}

#[tokio::test]
async fn who_is_asked_for_patience_during_a_try_keeps_to_what_the_system_asked() {
    let store = Store::new().await;
    fail(&store, FAILURES, ms(0)).await;
    assert_eq!(pass(&store, ms(5_000)).await, Pass::Go { failures: FAILURES });
    report_after(&store, 0, asked_for(60), ms(5_100)).await;
    assert_eq!(pass(&store, ms(5_200)).await, wait(20_000), "of a call that was under way before");
    report_after(&store, FAILURES, Outcome::Fails { after: None }, ms(6_000)).await;
    assert_eq!(pass(&store, ms(64_000)).await, wait(1_100));
}

#[tokio::test]
async fn a_try_whose_outcome_nobody_reports_is_followed_by_another() {
    let store = Store::new().await;
    fail(&store, FAILURES, ms(0)).await;
    assert_eq!(pass(&store, ms(5_000)).await, Pass::Go { failures: FAILURES });
    assert_eq!(pass(&store, ms(34_999)).await, wait(1));
    assert_eq!(pass(&store, ms(35_000)).await, Pass::Go { failures: FAILURES });
}

#[tokio::test]
async fn a_system_is_left_alone_for_as_long_as_it_asked_and_at_most_an_hour() {
    let store = Store::new().await;
    report(&store, asked_for(42), ms(0)).await;
    assert_eq!(pass(&store, ms(0)).await, wait(42_000));
    report(&store, asked_for(10), ms(1_000)).await;
    assert_eq!(pass(&store, ms(1_000)).await, wait(41_000));
    assert_eq!(pass(&store, ms(42_000)).await, Pass::Go { failures: 2 });
    report(&store, asked_for(1_800), ms(43_000)).await;
    assert_eq!(pass(&store, ms(43_000)).await, wait(1_800_000));
    report(&store, asked_for(u64::MAX), ms(44_000)).await;
    assert_eq!(pass(&store, ms(44_000)).await, wait(3_600_000));
}

#[tokio::test]
async fn a_call_that_works_out_late_does_not_undo_what_the_system_asked_for() {
    let store = Store::new().await;
    report(&store, asked_for(60), ms(0)).await;
    report(&store, Outcome::Works, ms(100)).await;
    assert_eq!(pass(&store, ms(1_000)).await, wait(59_000));
    assert_eq!(pass(&store, ms(60_000)).await, GO);
}

#[tokio::test]
async fn each_group_has_its_own_rate_and_failures_and_each_login_its_own_groups() {
    let store = Store::new().await;
    let one = Rate::per_minute(1);
    let pass = |login, group| store.table.pass(login, group, one, ms(0));
    assert_eq!(pass("a", "drivers").await.unwrap(), GO);
    assert_eq!(pass("a", "drivers").await.unwrap(), wait(60_000));
    assert_eq!(pass("a", "dictionaries").await.unwrap(), GO);
    assert_eq!(pass("b", "drivers").await.unwrap(), GO);
    store.table.report("a", "shifts", asked_for(9), 0, ms(0)).await.unwrap();
    assert_eq!(pass("a", "shifts").await.unwrap(), wait(9_000));
    assert_eq!(pass("a", "orders").await.unwrap(), GO);
    assert_eq!(pass("b", "shifts").await.unwrap(), GO);
}

#[tokio::test]
async fn a_refused_login_is_used_for_nothing_until_its_time_or_until_it_is_corrected() {
    let store = Store::new().await;
    assert_eq!(pass(&store, at(0)).await, GO);
    assert_eq!(store.table.refusal(LOGIN).await.unwrap(), None);
    store.table.refuse(LOGIN, &refused(1)).await.unwrap();
    let held = Pass::Refused(Duration::from_mins(10), "User is blocked".into());
    for group in [GROUP, "drivers"] {
        assert_eq!(store.table.pass(LOGIN, group, RATE, at(1)).await.unwrap(), held);
    }
    assert_eq!(store.table.pass("another", GROUP, RATE, at(1)).await.unwrap(), GO);
    assert_eq!(store.table.refusal(LOGIN).await.unwrap(), Some(refused(1)));

    store.table.refuse(LOGIN, &refused(700)).await.unwrap();
    assert_eq!(store.table.refusal(LOGIN).await.unwrap(), Some(refused(700)));
    store.table.accept(LOGIN).await.unwrap();
    assert_eq!(store.table.refusal(LOGIN).await.unwrap(), None);
    assert_eq!(pass(&store, at(701)).await, GO);
}

#[tokio::test]
async fn a_login_whose_refusal_is_over_is_tried_by_one_caller_at_a_time() {
    let store = Store::new().await;
    store.table.refuse(LOGIN, &refused(1)).await.unwrap();
    let held = |seconds| Pass::Refused(Duration::from_secs(seconds), "User is blocked".into());
    assert_eq!(pass(&store, at(601)).await, Pass::Try { failures: 0 });
    assert_eq!(pass(&store, at(601)).await, held(30));
    assert_eq!(store.table.pass(LOGIN, "drivers", RATE, at(630)).await.unwrap(), held(1));
    let now = Refusal { until: at(631), ..refused(1) };
    assert_eq!(store.table.refusal(LOGIN).await.unwrap(), Some(now));

    // Nobody told how it went.
    assert_eq!(pass(&store, at(631)).await, Pass::Try { failures: 0 });
    store.table.refuse(LOGIN, &refused(632)).await.unwrap();
    assert_eq!(pass(&store, at(632)).await, held(600));

    assert_eq!(pass(&store, at(1_232)).await, Pass::Try { failures: 0 });
    store.table.accept(LOGIN).await.unwrap();
    for _ in 0..2 {
        assert_eq!(pass(&store, at(1_233)).await, GO);
    }
}

#[tokio::test]
async fn who_has_no_place_in_the_rate_does_not_try_a_refused_login() {
    let store = Store::new().await;
    store.table.refuse(LOGIN, &refused(0)).await.unwrap();
    store.table.report(LOGIN, GROUP, asked_for(60), 0, at(590)).await.unwrap();
    assert_eq!(pass(&store, at(600)).await, wait(50_000));
    assert_eq!(store.table.pass(LOGIN, "drivers", RATE, at(600)).await.unwrap(), Pass::Try { failures: 0 });
}

#[tokio::test]
async fn nothing_to_forget_leaves_nothing_behind() {
    let store = Store::new().await;
    store.table.accept(LOGIN).await.unwrap();
    report(&store, Outcome::Works, ms(0)).await;
    assert_eq!(store.table.refusal(LOGIN).await.unwrap(), None);
    assert!(store.items().await.is_empty());
}

#[tokio::test]
async fn a_record_is_kept_for_a_day_and_longer_than_all_it_says() {
    let store = Store::new().await;
    let expires = |item: &HashMap<String, AttributeValue>| -> i64 {
        item["expires_at"].as_n().unwrap().parse::<i64>().unwrap()
    };
    pass(&store, at(0)).await;
    assert_eq!(store.keys().await, [("LOGIN#login-hash".to_owned(), "GATE".to_owned())]);
    assert_eq!(expires(&only_item(&store).await), at(DAY).as_second());
    fail(&store, 20, at(1)).await;
    report(&store, asked_for(u64::MAX), at(2)).await;
    assert_eq!(expires(&only_item(&store).await), at(2 + DAY).as_second());
    let distant = Refusal { until: at(3 * DAY), ..refused(0) };
    for (refusal, until) in [(refused(3), 603), (distant, 3 * DAY)] {
        store.table.refuse(LOGIN, &refusal).await.unwrap();
        let item = only_item(&store).await;
        assert_eq!(expires(&item), at(until + DAY).as_second());
        let times = item.iter().filter(|(name, _)| name.contains("until") || name.starts_with("next"));
        let latest = times.map(|(_, value)| value.as_n().unwrap().parse::<i64>().unwrap()).max().unwrap();
        assert!(latest / 1000 < expires(&item));
    }
}

/// What the record should say, kept by hand.
#[derive(Debug, Default)]
struct Model {
    state: GateState,
    busy_until: Option<i64>,
}

impl Model {
    fn pass(&mut self, rate: Rate, now: Timestamp) -> Pass {
        let seen =
            GateState { closed_until: self.state.closed_until.max(self.busy_until), ..self.state.clone() };
        let failures = seen.failures;
        let mut pass = Pass::Go { failures };
        match seen.decide(rate, now) {
            Decision::No(pass) => return pass,
            Decision::Take { next } => self.state.next = Some(next),
            Decision::Probe { next, closed_until } => {
                (self.state.next, self.state.tried_until) = (Some(next), Some(closed_until));
                self.state.closed_until = self.state.tried_until;
            }
            Decision::TryLogin { next, refused_until } => {
                self.state.next = Some(next);
                let until = Timestamp::from_millisecond(refused_until).unwrap();
                self.state.refusal = self.state.refusal.take().map(|old| Refusal { until, ..old });
                pass = Pass::Try { failures };
            }
        }
        pass
    }

    fn report(&mut self, outcome: Outcome, seen: u32, now: Timestamp) {
        let Outcome::Fails { after } = outcome else {
            (self.state.failures, self.state.closed_until) = (0, None);
            return;
        };
        if counts(self.state.failures, seen) {
            self.state.failures += 1;
            if let Some(hold) = hold(self.state.failures) {
                self.state.closed_until = Some((now + hold).as_millisecond());
            }
        }
        let asked = after.map(|after| (now + after).as_millisecond());
        self.busy_until = self.busy_until.max(asked);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Pass,
    /// Of a call that had passed after so many failures.
    Report(Outcome, u32),
    Refuse,
    Accept,
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let after = prop_oneof![2 => Just(None), 1 => (1_u64..40).prop_map(|s| Some(Duration::from_secs(s)))];
    let step = prop_oneof![
        12 => Just(Step::Pass),
        2 => (after, 0_u32..8).prop_map(|(after, seen)| Step::Report(Outcome::Fails { after }, seen)),
        1 => Just(Step::Report(Outcome::Works, 0)),
        1 => Just(Step::Refuse),
        1 => Just(Step::Accept),
    ];
    let pause = prop_oneof![6 => 0_i64..50, 3 => 0_i64..2_000, 1 => 0_i64..30_000];
    prop::collection::vec((pause, step), 300)
}

#[tokio::test]
async fn the_record_says_what_the_rules_say_whatever_happens() {
    let store = Store::new().await;
    let mut runner = TestRunner::deterministic();
    for (login, rate) in [("a", Rate::per_minute(100)), ("b", Rate::spaced(12)), ("c", Rate::per_minute(1))] {
        let (mut model, mut time) = (Model::default(), 0);
        for (n, (pause, step)) in steps().new_tree(&mut runner).unwrap().current().into_iter().enumerate() {
            time += pause;
            let now = ms(time);
            match step {
                Step::Pass => {
                    let passed = store.table.pass(login, GROUP, rate, now).await.unwrap();
                    assert_eq!(passed, model.pass(rate, now), "step {n} of {login}");
                }
                Step::Report(outcome, seen) => {
                    store.table.report(login, GROUP, outcome, seen, now).await.unwrap();
                    model.report(outcome, seen, now);
                }
                Step::Refuse => {
                    let refusal = Refusal { since: now, until: ms(time + 3_000), words: "no".into() };
                    store.table.refuse(login, &refusal).await.unwrap();
                    model.state.refusal = Some(refusal);
                }
                Step::Accept => {
                    store.table.accept(login).await.unwrap();
                    model.state.refusal = None;
                }
            }
        }
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_reached_lets_nothing_through() {
    let server = server(InTurn::new([error("AccessDeniedException", json!({ "message": "no" }))])).await;
    let table = Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    let answer = table.pass(LOGIN, GROUP, RATE, at(0)).await;
    assert!(matches!(answer, Err(PortError::Unavailable { service: "dynamodb", .. })));
    assert!(table.report(LOGIN, GROUP, Outcome::Works, 0, at(0)).await.is_err());
    assert!(table.refuse(LOGIN, &refused(0)).await.is_err());
}

#[tokio::test]
async fn a_caller_who_is_always_too_late_waits_a_moment() {
    let next = json!({ "N": ms(100).as_millisecond().to_string() });
    let taken = json!({ "message": "no", "Item": { "next_order_status": next } });
    let server = server(InTurn::new([error("ConditionalCheckFailedException", taken)])).await;
    let table = Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    assert_eq!(table.pass(LOGIN, GROUP, RATE, ms(0)).await.unwrap(), wait(100));
    assert_eq!(asked(&server).await.len(), 10);
}
