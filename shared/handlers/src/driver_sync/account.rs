//! Phase two: the accounts of one API login are fetched in one call and compared one after the other.
//!
//! A run claims its account first, so that of two runs one works. What it changes is written in chunks, each with what must
//! be handed on; whoever goes on after a crash hands that on again, compares again, and finds the rest.

use std::sync::Arc;
use std::time::Duration;

use courier_clients::syrve::SyrveLogin;
use courier_clients::{CallError, Outcome};
use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::command::{FollowUp, retry_delay};
use courier_domain::driver::{Courier, Driver};
use courier_domain::ids::{AccountId, DriverId, EventKey, OrganizationId};
use courier_domain::ports::{
    Accounts, CommandQueue, Committed, Drivers, EventBus, PortError, Secrets, SyncRuns, TimelineEntry, Versioned,
};
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use courier_domain::sync::{Claim, DriverSync, SyncCounts, SyncMessage};
use jiff::Timestamp;

use super::fetch::CourierLists;
use super::plan::{Change, Plan, Planned, count};
use super::start::login_of;
use crate::commands::{SOON, is_of_login};
use crate::follow_up::hand_on;
use crate::http::chain;
use crate::queue::Verdict;
use crate::syrve_command::login;

/// One transaction takes 100 items, one of which is the mark of the chunk.
const ROOM: usize = 99;
/// Chunks between two signs of life.
const CHUNKS: usize = 10;
const TRIES: usize = 6;

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
struct Claimed {
    account: Arc<Account>,
    organization: OrganizationId,
    login: SyrveLogin,
    sync: Versioned<DriverSync>,
    /// The run before, if it was broken off.
    broken_off: Option<Timestamp>,
}

#[derive(Debug, thiserror::Error)]
#[error("the drivers were changed by others {TRIES} times in a row")]
struct Contended;

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
            tracing::info!(outcome = "sync_superseded", accounts = message.accounts.len(), "the next run has its turn");
            return Ok(Verdict::Done);
        }
        let mut wait: Option<Duration> = None;
        let mut groups: Vec<(String, Vec<Claimed>)> = Vec::new();
        for id in &message.accounts {
            match self.claim(id, message.run_at).await? {
                Turn::Ours(claimed) => {
                    let key = login_of(&claimed.account);
                    match groups.iter_mut().find(|(login, _)| *login == key) {
                        Some((_, group)) => group.push(*claimed),
                        None => groups.push((key, vec![*claimed])),
                    }
                }
                Turn::Later(until) => wait = wait.max(Some(until)),
                Turn::Over => {}
            }
        }
        for (_, group) in groups {
            wait = wait.max(self.sync_group(group).await?);
        }
        Ok(wait.map_or(Verdict::Done, Verdict::Later))
    }

    async fn claim(&self, id: &AccountId, run_at: Timestamp) -> Result<Turn, PortError> {
        let Some(account) = self.accounts.account(id).await?.filter(|account| account.enabled) else {
            return Ok(Turn::Over);
        };
        let Some(syrve) = &account.syrve else { return Ok(Turn::Over) };
        let secrets = self.secrets.secrets(id).await?;
        let Some(login) = login(syrve, &secrets) else { return Ok(Turn::Over) };
        let organization = syrve.organization_id;
        let stored = self.store.read_sync(id).await?;
        let (known, version) = (stored.as_ref().map(|sync| &sync.value), stored.as_ref().map_or(0, |sync| sync.version));
        let now = self.clock.now();
        let sync = match DriverSync::claim(known, run_at, now) {
            Claim::Take(sync) => *sync,
            Claim::Skip => return Ok(Turn::Over),
            Claim::Busy(until) => return Ok(Turn::Later(pause_until(until, now))),
        };
        let broken_off = DriverSync::broken_off(known);
        let mut sync = Versioned { value: sync, version };
        if !self.store.write_sync(id, &sync).await? {
            return Ok(Turn::Later(Duration::from_secs(1)));
        }
        sync.version += 1;
        Ok(Turn::Ours(Box::new(Claimed { account, organization, login, sync, broken_off })))
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
        let mut lists = match self.pos.couriers(&login, &organizations).await {
            Ok(lists) => lists,
            Err(error) => return self.not_fetched(ours, &error).await,
        };
        let mut rest = ours;
        while let Some(mut claimed) = rest.pop() {
            let is_ours = |(organization, _): &(OrganizationId, _)| *organization == claimed.organization;
            // Two accounts of one organization are odd, and allowed.
            let needed_again = rest.iter().any(|other| other.organization == claimed.organization);
            let list = match lists.iter().position(is_ours) {
                Some(place) if needed_again => lists.get(place).map(|(_, list)| list.clone()),
                Some(place) => Some(lists.swap_remove(place).1),
                None => None,
            };
            let (counts, error) = match list {
                Some(list) => self.reconcile(&mut claimed, list, fetched_at).await?,
                None => (SyncCounts::default(), Some("Syrve's answer leaves the organization out".to_owned())),
            };
            self.finish(claimed, counts, error).await?;
        }
        Ok(None)
    }

    /// Nothing is touched. Where another try may help, the message comes back, as long as it is good.
    async fn not_fetched(&self, group: Vec<Claimed>, error: &CallError) -> Result<Option<Duration>, PortError> {
        let words = format!("Syrve {}", chain(error));
        if is_of_login(error) && self.is_corrected(&group).await? {
            return self.put_off(group, SOON, &words).await;
        }
        let wait = match error.outcome() {
            // The next run finds out whether the login is accepted again.
            Outcome::NotSent { .. } if matches!(error, CallError::LoginHeld { .. }) => None,
            Outcome::NotSent { after } => {
                let wait = after.unwrap_or(SOON) + SOON;
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

    /// Compares an account's drivers with its list and applies what differs.
    async fn reconcile(
        &self,
        claimed: &mut Claimed,
        list: Vec<(DriverId, Courier)>,
        fetched_at: Timestamp,
    ) -> Result<(SyncCounts, Option<String>), PortError> {
        let id = &claimed.account.account_id;
        if let Some(run_at) = claimed.broken_off {
            for follow_up in self.store.handed_on(id, run_at).await? {
                hand_on(&self.commands, &self.bus, &follow_up).await?;
            }
        }
        let mut plan = Plan::new(list);
        let mut after = None;
        loop {
            let page = self.store.drivers_after(id, after.as_ref()).await?;
            plan.meet(&claimed.account, page.items, self.clock.now());
            match page.next.map(DriverId::try_from) {
                Some(Ok(next)) => after = Some(next),
                _ => break,
            }
        }
        let Planned { changes, renewals, unchanged } = match plan.finish() {
            Ok(planned) => planned,
            Err(reason) => return Ok((SyncCounts::default(), Some(reason))),
        };
        let mut counts = SyncCounts { unchanged, ..SyncCounts::default() };
        let renewed = renewals.into_iter().filter_map(|driver| {
            let courier = driver.value.courier.get()?.clone();
            Some(Change { driver, courier })
        });
        let all: Vec<_> = changes.into_iter().map(|change| (change, true)).chain(renewed.map(|change| (change, false))).collect();
        // One driver: itself, and at most a clock-out for each open shift, and two commands for the fleet.
        let mut rest = all.as_slice();
        let mut chunk_number = 0;
        while !rest.is_empty() {
            let size = chunk_size(rest);
            let (chunk, tail) = rest.split_at(size);
            rest = tail;
            self.apply(claimed, chunk, fetched_at).await?;
            chunk.iter().filter(|(_, counts_as_change)| *counts_as_change).for_each(|(change, _)| count(&mut counts, change));
            chunk_number += 1;
            if chunk_number % CHUNKS == 0 && !self.go_on(claimed, counts).await? {
                return Ok((counts, Some("another run took over".into())));
            }
        }
        Ok((counts, None))
    }

    /// Writes one chunk with what follows from it, and hands that on. Drivers that somebody else changed meanwhile are
    /// read again.
    async fn apply(
        &self,
        claimed: &Claimed,
        chunk: &[(Change, bool)],
        fetched_at: Timestamp,
    ) -> Result<(), PortError> {
        let account = &claimed.account;
        let (id, run_at) = (&account.account_id, claimed.sync.value.run_at);
        let mut stored: Vec<_> = chunk.iter().map(|(change, _)| change.driver.clone()).collect();
        for _ in 0..TRIES {
            let key = key_of(run_at, &stored);
            let mut written = Vec::with_capacity(stored.len());
            let mut follow_up = FollowUp::default();
            let now = self.clock.now();
            for (driver, (change, _)) in stored.iter().zip(chunk) {
                let mut after: Driver = driver.value.clone();
                let stamp = Stamp::new(fetched_at, key.clone());
                if after.differs_from(&change.courier) {
                    let listed = DriverChange::Listed(change.courier.clone());
                    let driver_id = after.driver_id.clone();
                    after.apply(&DriverReport { driver_id, stamp: stamp.clone(), change: listed });
                }
                if after != driver.value || after.is_news_to_fleet(account) {
                    let follows = after.follow(&driver.value, account, &key, &stamp, now);
                    follow_up.commands.extend(follows.commands);
                    follow_up.events.extend(follows.events);
                }
                written.push(Versioned { value: after, version: driver.version });
            }
            let entry = TimelineEntry {
                key,
                at: fetched_at,
                recorded_at: now,
                source: "syrve".into(),
                event: "couriers".into(),
                applied: true,
                follow_up: follow_up.clone(),
            };
            let follow_up = match self.store.commit_sync(id, run_at, written, entry).await? {
                Committed::Done => follow_up,
                Committed::Duplicate(follow_up) => follow_up,
                Committed::Conflict => {
                    let ids: Vec<_> = stored.iter().map(|driver| driver.value.driver_id.clone()).collect();
                    stored = self.store.read_drivers(id, &ids).await?;
                    continue;
                }
            };
            return hand_on(&self.commands, &self.bus, &follow_up).await;
        }
        Err(PortError::Unavailable { service: "dynamodb", source: Box::new(Contended) })
    }

    /// A sign of life, with the counts so far; `false` when another run has taken the account.
    async fn go_on(&self, claimed: &mut Claimed, counts: SyncCounts) -> Result<bool, PortError> {
        claimed.sync.value.go_on(counts, self.clock.now());
        let is_ours = self.store.write_sync(&claimed.account.account_id, &claimed.sync).await?;
        claimed.sync.version += 1;
        Ok(is_ours)
    }

    async fn finish(&self, claimed: Claimed, counts: SyncCounts, error: Option<String>) -> Result<(), PortError> {
        let now = self.clock.now();
        let Claimed { account, mut sync, .. } = claimed;
        let account = &account.account_id;
        sync.value.finish(counts, error.clone(), now);
        // Somebody who took over writes the end.
        self.store.write_sync(account, &sync).await?;
        let duration_ms = now.duration_since(sync.value.started_at).as_millis();
        let SyncCounts { created, updated, deactivated, unchanged } = counts;
        match error {
            None => tracing::info!(
                outcome = "synced", %account, created, updated, deactivated, unchanged, %duration_ms, "drivers synchronised"
            ),
            Some(error) => {
                tracing::warn!(outcome = "sync_failed", %account, error, %duration_ms, "drivers not synchronised");
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

/// How many drivers fit into one transaction with all the commands that may follow from them.
fn chunk_size(changes: &[(Change, bool)]) -> usize {
    let mut room = ROOM;
    let fits = changes.iter().take_while(|(change, _)| {
        let needs = 3 + change.driver.value.open_shifts().count();
        let fits = room >= needs;
        room = room.saturating_sub(needs);
        fits
    });
    fits.count().max(1)
}

/// The key of a chunk: the same for the same drivers in the same state, so that a repeated write is found out.
fn key_of(run_at: Timestamp, drivers: &[Versioned<Driver>]) -> EventKey {
    let mut parts = vec!["driver_sync".to_owned(), run_at.to_string()];
    parts.extend(drivers.iter().map(|driver| format!("{} {}", driver.value.driver_id, driver.version)));
    EventKey::hashed(parts.iter().map(String::as_str))
}

fn pause_until(until: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Duration::from_secs(wait.as_secs() + 1)
}
