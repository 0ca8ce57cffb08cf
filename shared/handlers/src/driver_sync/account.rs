//! Phase two: the accounts of one API login are fetched in one call and compared one after the other.
//!
//! A run claims its account first, so that of two runs one works. Whoever goes on after a crash hands on again what the one
//! before had to, compares again, and finds the rest. One account's trouble is not the others'.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use courier_clients::syrve::{CourierList, SyrveLogin};
use courier_clients::{CallError, Outcome};
use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::command::retry_delay;
use courier_domain::ids::{AccountId, OrganizationId};
use courier_domain::ports::{
    Accounts, CommandQueue, Drivers, EventBus, PortError, Secrets, SyncRuns, Versioned,
};
use courier_domain::sync::{Claim, DriverSync, SyncCounts, SyncMessage};
use jiff::Timestamp;

use super::fetch::CourierLists;
use crate::commands::{SOON, is_of_login};
use crate::follow_up::hand_on;
use crate::http::chain;
use crate::queue::Verdict;
use crate::syrve_command::login;

/// The pause where nobody says how long to wait. Drivers are not as urgent as orders, and a message may be received only so
/// often.
const PAUSE: Duration = Duration::from_secs(30);
/// The shortest pause of a message whose call may not be made yet: while a call is tried after failures, the next look is
/// only a moment away.
const LEAST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause before another look at an account that a run is at work on.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// The function's parts.
#[derive(Debug)]
pub struct DriverSyncAccount<S, A, K, P, Q, B, C> {
    /// Runs and drivers.
    pub store: S,
    /// Accounts.
    pub accounts: A,
    /// API logins.
    pub secrets: K,
    /// Syrve.
    pub pos: P,
    /// Commands for Syrve and the fleets.
    pub commands: Q,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
}

/// An account whose turn it is.
pub(super) struct Claimed {
    pub(super) account: Arc<Account>,
    organization: OrganizationId,
    login: SyrveLogin,
    pub(super) sync: Versioned<DriverSync>,
    pub(super) accept_losses: bool,
    /// The drivers that are known are those of another organization.
    pub(super) has_moved: bool,
}

/// What Syrve lists for each organization.
type Lists = BTreeMap<OrganizationId, CourierList>;

impl<S, A, K, P, Q, B, C> DriverSyncAccount<S, A, K, P, Q, B, C>
where
    S: SyncRuns + Drivers,
    A: Accounts,
    K: Secrets,
    P: CourierLists,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    /// Synchronises the accounts of a message.
    pub async fn handle(&self, message: &str) -> Result<Verdict, PortError> {
        let message: SyncMessage = match serde_json::from_str(message) {
            Ok(message) => message,
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                return Ok(Verdict::Dead(format!("the message is no sync (line {line}, column {column})")));
            }
        };
        if self.clock.now() >= message.good_until {
            let first = message.accounts.first().map(AccountId::as_str);
            tracing::error!(
                outcome = "sync_superseded",
                account = first,
                accounts = message.accounts.len(),
                "the next run has its turn"
            );
            return Ok(Verdict::Done);
        }
        let (mut wait, mut failure): (Option<Duration>, Option<PortError>) = (None, None);
        let mut groups: Vec<(String, Vec<Claimed>)> = Vec::new();
        for id in &message.accounts {
            match self.claim(id, &message).await {
                Ok(Turn::Ours(claimed)) => {
                    // By the login that is used: the one that the account was queued with may be another by now.
                    let key = claimed.login.key();
                    match groups.iter_mut().find(|(login, _)| *login == key) {
                        Some((_, group)) => group.push(*claimed),
                        None => groups.push((key, vec![*claimed])),
                    }
                }
                Ok(Turn::Later(until)) => wait = wait.max(Some(until)),
                Ok(Turn::Over) => {}
                Err(error) => failure = Some(broken_off(failure, id, error)),
            }
        }
        for (_, group) in groups {
            match self.sync_group(group).await {
                Ok(until) => wait = wait.max(until),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        failure.map_or_else(|| Ok(wait.map_or(Verdict::Done, Verdict::Later)), Err)
    }

    async fn claim(&self, id: &AccountId, message: &SyncMessage) -> Result<Turn, PortError> {
        let Some(account) = self.accounts.account(id).await?.filter(|account| account.enabled) else {
            return Ok(Turn::Over);
        };
        let Some(syrve) = &account.syrve else { return Ok(Turn::Over) };
        let secrets = self.secrets.secrets(id).await?;
        let Some(login) = login(syrve, &secrets) else { return Ok(Turn::Over) };
        let organization = syrve.organization_id;
        let stored = self.store.read_sync(id).await?;
        let (known, version) =
            (stored.as_ref().map(|sync| &sync.value), stored.as_ref().map_or(0, |sync| sync.version));
        let now = self.clock.now();
        let sync = match DriverSync::claim(known, message.run_at, now) {
            Claim::Take(sync) => *sync,
            Claim::Skip => return Ok(Turn::Over),
            Claim::Busy(until) => return Ok(Turn::Later(pause_until(until, now))),
        };
        // Before the claim is written over the run that was broken off: nobody would know of it after that.
        if let Some(run_at) = DriverSync::broken_off(known) {
            for follow_up in self.store.handed_on(id, run_at).await? {
                hand_on(&self.commands, &self.bus, &follow_up).await?;
            }
        }
        let mut sync = Versioned { value: sync, version };
        if !self.store.write_sync(id, &sync).await? {
            return Ok(Turn::Later(SOON));
        }
        sync.version += 1;
        // The drivers of the organization before are not those of this one, however many they are.
        let has_moved = sync.value.organization_id.is_some_and(|known| known != organization);
        let accept_losses = message.accept_losses || has_moved;
        Ok(Turn::Ours(Box::new(Claimed { account, organization, login, sync, accept_losses, has_moved })))
    }

    /// Fetches the drivers of accounts that share a login, and compares them. How long to wait, if Syrve could not be
    /// asked now.
    async fn sync_group(&self, group: Vec<Claimed>) -> Result<Option<Duration>, PortError> {
        let Some(login) = group.first().map(|claimed| claimed.login.clone()) else { return Ok(None) };
        let visible = match self.pos.organizations(&login).await {
            Ok(visible) => visible,
            Err(error) => return self.not_fetched(group, &error).await,
        };
        let (ours, hidden): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|claimed| visible.contains(&claimed.organization));
        for claimed in hidden {
            let error = "the organization is not among those that the API login may see".to_owned();
            self.finish(claimed, SyncCounts::default(), Some(error)).await?;
        }
        if ours.is_empty() {
            return Ok(None);
        }
        let fetched_at = self.clock.now();
        let mut organizations: Vec<_> = ours.iter().map(|claimed| claimed.organization).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let answer = match self.pos.couriers(&login, &organizations).await {
            Ok(answer) => answer,
            Err(error) => return self.not_fetched(ours, &error).await,
        };
        let mut lists = Lists::new();
        for (organization, list) in answer {
            let known = lists.entry(organization).or_default();
            known.couriers.extend(list.couriers);
            known.unreadable = known.unreadable.saturating_add(list.unreadable);
        }
        let (mut rest, mut failure) = (ours, None);
        while let Some(claimed) = rest.pop() {
            let id = claimed.account.account_id.clone();
            // Two accounts of one organization are odd, and allowed.
            let is_needed_again = rest.iter().any(|other| other.organization == claimed.organization);
            let list = if is_needed_again {
                lists.get(&claimed.organization).cloned()
            } else {
                lists.remove(&claimed.organization)
            };
            if let Err(error) = self.sync_one(claimed, list, fetched_at).await {
                failure = Some(broken_off(failure, &id, error));
            }
        }
        failure.map_or(Ok(None), Err)
    }

    async fn sync_one(
        &self,
        mut claimed: Claimed,
        list: Option<CourierList>,
        fetched_at: Timestamp,
    ) -> Result<(), PortError> {
        let (counts, error) = match list {
            Some(list) => self.reconcile(&mut claimed, list, fetched_at).await?,
            None => (SyncCounts::default(), Some("Syrve's answer leaves the organization out".to_owned())),
        };
        self.finish(claimed, counts, error).await
    }

    /// Nothing is touched. Where another try may help, the message comes back, as long as it is good.
    async fn not_fetched(
        &self,
        group: Vec<Claimed>,
        error: &CallError,
    ) -> Result<Option<Duration>, PortError> {
        let words = format!("Syrve {}", chain(error));
        if is_of_login(error) && self.is_corrected(&group).await? {
            return self.put_off(group, SOON, &words).await;
        }
        let wait = match error.outcome() {
            // The next run finds out whether the login is accepted again.
            Outcome::NotSent { .. } if matches!(error, CallError::LoginHeld { .. }) => None,
            Outcome::NotSent { after } => {
                let wait = after.map_or(PAUSE, |after| (after + SOON).max(LEAST_PAUSE));
                return self.put_off(group, wait, &words).await;
            }
            Outcome::Final => None,
            Outcome::Retry { after } => Some(retry_delay(5, after)),
            Outcome::Unknown => Some(retry_delay(5, None)),
        };
        for claimed in group {
            self.finish(claimed, SyncCounts::default(), Some(words.clone())).await?;
        }
        Ok(wait)
    }

    /// Whether a login was changed since this process read it.
    async fn is_corrected(&self, group: &[Claimed]) -> Result<bool, PortError> {
        let mut corrected = false;
        for claimed in group {
            let account = &claimed.account;
            self.secrets.forget(&account.account_id).await;
            let secrets = self.secrets.secrets(&account.account_id).await?;
            let now = account.syrve.as_ref().and_then(|syrve| login(syrve, &secrets));
            corrected |= now.is_some_and(|login| login != claimed.login);
        }
        Ok(corrected)
    }

    /// Syrve was not asked, so nothing has gone wrong.
    async fn put_off(
        &self,
        group: Vec<Claimed>,
        wait: Duration,
        words: &str,
    ) -> Result<Option<Duration>, PortError> {
        for mut claimed in group {
            let account = &claimed.account.account_id;
            claimed.sync.value.release(self.clock.now());
            self.store.write_sync(account, &claimed.sync).await?;
            tracing::info!(outcome = "sync_put_off", %account, reason = words, seconds = wait.as_secs(), "driver sync put off");
        }
        Ok(Some(wait))
    }

    async fn finish(
        &self,
        claimed: Claimed,
        counts: SyncCounts,
        error: Option<String>,
    ) -> Result<(), PortError> {
        let now = self.clock.now();
        let Claimed { account, mut sync, organization, .. } = claimed;
        let account = &account.account_id;
        sync.value.finish(counts, error.clone(), now);
        if error.is_none() {
            sync.value.organization_id = Some(organization);
        }
        // Somebody who took over writes the end.
        self.store.write_sync(account, &sync).await?;
        let duration_ms = now.duration_since(sync.value.started_at).as_millis();
        let SyncCounts { created, updated, deactivated, unchanged, unreadable } = counts;
        match error {
            None => tracing::info!(
                outcome = "synced", %account, created, updated, deactivated, unchanged, unreadable, %duration_ms, "drivers synchronised"
            ),
            Some(error) => {
                tracing::error!(outcome = "sync_failed", %account, error, %duration_ms, "drivers not synchronised");
            }
        }
        Ok(())
    }
}

/// Whose turn it is.
enum Turn {
    Ours(Box<Claimed>),
    Later(Duration),
    Over,
}

/// Notes what went wrong with one account. The message comes back for it, and finds the others done.
fn broken_off(before: Option<PortError>, account: &AccountId, error: PortError) -> PortError {
    tracing::warn!(outcome = "sync_broken_off", %account, error = chain(&error), "driver sync broken off");
    before.unwrap_or(error)
}

/// The pause until an account may be free. Most runs are done long before their lease is over.
fn pause_until(until: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Duration::from_secs(wait.as_secs() + 1).min(LOOK_AGAIN)
}
