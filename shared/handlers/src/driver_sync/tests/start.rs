//! Phase one: who has a turn, with whom, when, and for how long it is good.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use courier_domain::account::{Account, MatchOrdersBy};
use courier_domain::ids::AccountId;
use courier_domain::ports::{Listed, PortError, SyncAccounts};
use courier_domain::sync::SyncMessage;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::driver_sync::{DriverSyncStart, Started};
use crate::testing::{Fault, HandClock, Outbox, account, at, down};

type Turn = (SyncMessage, Duration);

/// Accounts by id, so many to a page.
#[derive(Clone)]
struct Register {
    accounts: Vec<Account>,
    page: usize,
}

/// The same with a count of what was read, and a read that fails.
struct Pages {
    register: Register,
    reads: AtomicUsize,
    fails_at: Option<usize>,
}

impl SyncAccounts for Pages {
    async fn accounts_after(&self, after: Option<&AccountId>) -> Result<Listed<Account>, PortError> {
        let read = self.reads.fetch_add(1, Ordering::Relaxed);
        if self.fails_at == Some(read) {
            return Err(down("dynamodb"));
        }
        let Register { accounts, page } = &self.register;
        let first = after.map_or(0, |after| accounts.partition_point(|account| account.account_id <= *after));
        let items: Vec<_> = accounts[first..].iter().take(*page).cloned().collect();
        let next = items.last().filter(|_| first + items.len() < accounts.len());
        Ok(Listed { next: next.map(|account| account.account_id.to_string()), items })
    }
}

/// So many accounts; the login of each follows from its number.
fn accounts(count: usize, login: impl Fn(usize) -> String) -> Vec<Account> {
    let made = |number: usize| {
        let mut account = account(MatchOrdersBy::OrderId);
        account.account_id = format!("restaurant-{number:05}").parse().unwrap();
        account.syrve.as_mut().unwrap().login_key = Some(login(number));
        account
    };
    (0..count).map(made).collect()
}

fn own_login(number: usize) -> String {
    format!("login-{number}")
}

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

type Start = DriverSyncStart<Pages, Outbox<Turn>, HandClock>;

fn start(accounts: Vec<Account>, interval: Duration) -> Start {
    let register = Register { accounts, page: 7 };
    let store = Pages { register, reads: AtomicUsize::new(0), fails_at: None };
    DriverSyncStart { store, queue: Outbox::default(), clock: HandClock::default(), interval }
}

/// The turns that a run at `run_at` gives.
async fn turns(accounts: &[Account], interval: Duration, run_at: Timestamp) -> Vec<Turn> {
    let start = start(accounts.to_vec(), interval);
    start.run(Some(run_at)).await.unwrap();
    start.queue.items()
}

fn ids(message: &SyncMessage) -> Vec<&str> {
    message.accounts.iter().map(AccountId::as_str).collect()
}

#[tokio::test]
async fn enabled_accounts_with_a_pos_have_a_turn_and_others_have_none() {
    let mut all = accounts(4, own_login);
    all[1].enabled = false;
    all[2].syrve = None;
    let start = start(all, minutes(10));
    assert_eq!(start.run(None).await.unwrap(), Started { accounts: 2, messages: 2 });
    let turns = start.queue.items();
    let due: BTreeSet<_> = turns.iter().flat_map(|(message, _)| ids(message)).collect();
    assert_eq!(due, ["restaurant-00000", "restaurant-00003"].into());
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_is_due() {
    let start = start(Vec::new(), minutes(10));
    assert_eq!(start.run(None).await.unwrap(), Started::default());
    assert_eq!(start.queue.sent().calls, 0);
}

#[tokio::test]
async fn accounts_of_one_login_come_together_fifty_at_most_and_one_call_apart() {
    let all = accounts(123, |number| if number < 120 { "chain".into() } else { own_login(number) });
    let turns = turns(&all, minutes(10), at(0)).await;
    let mut chain: Vec<_> =
        turns.iter().filter(|(message, _)| ids(message)[0] < "restaurant-00120").collect();
    chain.sort_by_key(|(message, _)| ids(message)[0].to_owned());
    let sizes: Vec<_> = chain.iter().map(|(message, _)| message.accounts.len()).collect();
    assert_eq!(sizes, [50, 50, 20]);
    for pair in chain.windows(2) {
        let apart = (pair[1].1.as_secs() + 600 - pair[0].1.as_secs()) % 600;
        assert!(apart > 60, "{apart} s");
    }
    assert_eq!(turns.len(), 6);
}

#[tokio::test]
async fn an_account_whose_login_is_not_known_has_a_turn_of_its_own() {
    let mut all = accounts(2, own_login);
    for account in &mut all {
        account.syrve.as_mut().unwrap().login_key = None;
    }
    let turns = turns(&all, minutes(10), at(0)).await;
    let sizes: Vec<_> = turns.iter().map(|(message, _)| message.accounts.len()).collect();
    assert_eq!(sizes, [1, 1]);
    assert_ne!(turns[0].1, turns[1].1);
}

#[tokio::test]
async fn a_login_has_the_same_turn_in_every_run_also_when_others_come_and_go() {
    let all = accounts(60, |number| format!("login-{}", number / 2));
    let place = |turns: &[Turn]| -> BTreeMap<String, Duration> {
        turns.iter().map(|(message, delay)| (ids(message)[0].to_owned(), *delay)).collect()
    };
    let first = place(&turns(&all, minutes(10), at(0)).await);
    assert_eq!(place(&turns(&all, minutes(10), at(600)).await), first);
    let fewer = place(&turns(&all[30..], minutes(10), at(1200)).await);
    assert_eq!(fewer.len(), 15);
    assert!(fewer.iter().all(|(login, delay)| first[login] == *delay));
}

#[tokio::test]
async fn turns_are_spread_over_the_interval() {
    let all = accounts(1000, own_login);
    for (interval, window) in [(minutes(10), 600_usize), (minutes(1), 60), (minutes(60), 900)] {
        let mut by_second = vec![0_usize; window];
        for (_, delay) in turns(&all, interval, at(0)).await {
            by_second[usize::try_from(delay.as_secs()).unwrap()] += 1;
        }
        let tenths = by_second.windows(window / 10).map(|tenth| tenth.iter().sum::<usize>());
        let (least, most) = tenths.fold((1000, 0), |(least, most), sum| (least.min(sum), most.max(sum)));
        assert!(least > 30 && most < 200, "{least} to {most} of 1000 in a tenth of {window} s");
    }
}

#[tokio::test]
async fn a_message_is_good_until_the_same_logins_next_turn_and_not_longer() {
    let all = accounts(70, |number| if number < 60 { "chain".into() } else { own_login(number) });
    for interval in [minutes(1), minutes(10), minutes(15), minutes(60), minutes(24 * 60)] {
        let next_run = at(0) + interval;
        let first = turns(&all, interval, at(0)).await;
        let second = turns(&all, interval, next_run).await;
        assert_eq!(first.len(), 12);
        for ((message, _), (successor, delay)) in first.iter().zip(&second) {
            assert_eq!(ids(message), ids(successor));
            assert_eq!(message.good_until, next_run + *delay, "neither a gap nor two at once");
        }
    }
}

#[tokio::test]
async fn a_run_is_of_the_time_that_the_schedule_says_and_of_now_where_it_says_none() {
    let start = start(accounts(1, own_login), minutes(10));
    start.clock.advance(Duration::from_secs(42));
    start.run(Some(at(5))).await.unwrap();
    start.run(None).await.unwrap();
    let run_at: Vec<_> = start.queue.items().into_iter().map(|(message, _)| message.run_at).collect();
    assert_eq!(run_at, [at(5), at(42)]);
}

#[tokio::test]
async fn ten_thousand_accounts_have_one_turn_each() {
    let mut start = start(accounts(10_000, |number| format!("login-{}", number / 3)), minutes(10));
    start.store.register.page = 400;
    assert_eq!(start.run(None).await.unwrap(), Started { accounts: 10_000, messages: 3_334 });
    assert_eq!(start.store.reads.load(Ordering::Relaxed), 25);
    let turns = start.queue.items();
    let due: BTreeSet<_> = turns.iter().flat_map(|(message, _)| ids(message)).collect();
    let named: usize = turns.iter().map(|(message, _)| message.accounts.len()).sum();
    assert_eq!((due.len(), named), (10_000, 10_000));
    assert!(start.queue.sent().calls > 1, "not all of it is held at once");
}

#[tokio::test]
async fn a_page_that_cannot_be_read_ends_the_run_before_anything_is_sent() {
    let mut start = start(accounts(20, own_login), minutes(10));
    start.store.fails_at = Some(1);
    assert!(start.run(Some(at(0))).await.is_err());
    assert_eq!(start.queue.items(), []);
}

#[tokio::test]
async fn a_run_that_failed_half_way_is_repeated_with_the_same_messages() {
    let start = start(accounts(1500, own_login), minutes(10));
    start.queue.sent().faults = [None, Some(Fault::Lost)].into();
    assert!(start.run(Some(at(0))).await.is_err());
    let first = start.queue.items();
    start.run(Some(at(0))).await.unwrap();
    let all = start.queue.items();
    assert_eq!((first.len(), all.len()), (1000, 2500));
    assert_eq!(all[1000..2000], first, "the same turns of the same run, which are found out as such");
}

proptest! {
    #[test]
    fn every_turn_is_within_its_interval_and_what_a_queue_can_delay(login in "[a-z0-9]{1,70}", seconds in 1_u64..90_000) {
        let all = accounts(101, |_| login.clone());
        let interval = Duration::from_secs(seconds);
        for (message, delay) in futures::executor::block_on(turns(&all, interval, at(0))) {
            prop_assert!(delay < interval && delay <= minutes(15), "{delay:?}");
            let good_for = SignedDuration::try_from(interval + delay).unwrap();
            prop_assert_eq!(message.good_until, at(0) + good_for);
        }
    }
}
