//! Phase one: all accounts, grouped by API login, each group with its turn within the interval.
//!
//! The turn of a group is the same in every run, and a message is good until its successor's turn: so however long messages
//! wait, at any time each account has one that counts.

use std::collections::BTreeMap;
use std::time::Duration;

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::ids::{AccountId, EventKey};
use courier_domain::ports::{PortError, SyncAccounts, SyncQueue};
use courier_domain::sync::SyncMessage;
use jiff::{SignedDuration, Timestamp};

/// Accounts that are fetched in one call.
pub(super) const TOGETHER: usize = 50;
/// The longest that a queue keeps a message back.
const LONGEST_DELAY: u64 = 900;
/// Between two calls with one login that do not fit into one, seconds: the default rate is one a minute.
const APART: u64 = 65;
/// Messages held before they are sent.
const AT_ONCE: usize = 1000;

/// The function's parts.
#[derive(Debug)]
pub struct DriverSyncStart<S, Q, C> {
    /// Accounts.
    pub store: S,
    /// Where each account's turn is queued.
    pub queue: Q,
    /// The time.
    pub clock: C,
    /// Between two runs.
    pub interval: Duration,
}

/// What a run found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Started {
    /// Accounts to synchronise.
    pub accounts: usize,
    /// Messages, one for each API login or fifty accounts of one.
    pub messages: usize,
}

impl<S: SyncAccounts, Q: SyncQueue, C: Clock> DriverSyncStart<S, Q, C> {
    /// Starts the run of `run_at`; now where the schedule does not say.
    pub async fn run(&self, run_at: Option<Timestamp>) -> Result<Started, PortError> {
        let run_at = run_at.unwrap_or_else(|| self.clock.now());
        let mut by_login: BTreeMap<String, Vec<AccountId>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.store.accounts_after(after.as_ref()).await?;
            for account in page.items.into_iter().filter(is_due) {
                by_login.entry(login_of(&account)).or_default().push(account.account_id);
            }
            match page.next.map(AccountId::try_from) {
                Some(Ok(next)) => after = Some(next),
                _ => break,
            }
        }
        let mut started = Started::default();
        let mut messages = Vec::new();
        for (login, accounts) in by_login {
            started.accounts += accounts.len();
            for (number, accounts) in accounts.chunks(TOGETHER).enumerate() {
                messages.push(self.message(&login, number, accounts, run_at));
                started.messages += 1;
                if messages.len() == AT_ONCE {
                    self.queue.send_syncs(&messages).await?;
                    messages.clear();
                }
            }
        }
        if !messages.is_empty() {
            self.queue.send_syncs(&messages).await?;
        }
        tracing::info!(
            outcome = "sync_started",
            accounts = started.accounts,
            messages = started.messages,
            "driver sync started"
        );
        Ok(started)
    }

    fn message(
        &self,
        login: &str,
        number: usize,
        accounts: &[AccountId],
        run_at: Timestamp,
    ) -> (SyncMessage, Duration) {
        let window = self.interval.as_secs().clamp(1, LONGEST_DELAY);
        let number = u64::try_from(number).unwrap_or_default();
        let delay = Duration::from_secs((place_of(login) + number * APART) % window);
        let good_for = SignedDuration::try_from(self.interval + delay).unwrap_or(SignedDuration::MAX);
        let good_until = run_at.saturating_add(good_for).unwrap_or(Timestamp::MAX);
        (
            SyncMessage {
                run_at,
                good_until,
                accounts: accounts.to_vec(),
                accept_losses: false,
                login: None,
            },
            delay,
        )
    }
}

fn is_due(account: &Account) -> bool {
    account.enabled && account.syrve.is_some()
}

/// What tells logins apart; an account whose login is not known has a turn of its own.
fn login_of(account: &Account) -> String {
    let known = account.syrve.as_ref().and_then(|syrve| syrve.login_key.clone());
    known.unwrap_or_else(|| account.account_id.to_string())
}

/// A number that is the same for a login in every run and process, and spreads logins evenly.
fn place_of(login: &str) -> u64 {
    let hash = EventKey::hashed([login]);
    hash.as_str().get(..12).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
}
