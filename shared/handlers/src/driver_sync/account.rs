//! Phase two: the accounts of one API login are fetched in one call and compared one after the other.
//!
//! A run claims its account first, so that of two runs one works. Whoever goes on after a crash hands on again what the one
//! before had to, compares again, and finds the rest. One account's trouble is not the others'.

use std::collections::BTreeMap;
use std::time::Duration;

use courier_clients::syrve::CourierList;
use courier_clients::{CallError, Outcome};
use courier_domain::clock::Clock;
use courier_domain::command::retry_delay;
use courier_domain::ids::{AccountId, OrganizationId};
use courier_domain::ports::{
    Accounts, CommandQueue, Drivers, EventBus, PortError, Secrets, SyncRequests, SyncRuns,
};
use courier_domain::sync::{Seen, SyncCounts, SyncMessage};
use jiff::Timestamp;

use super::asked::Asked;
use super::claim::{Claimed, Turn};
use super::fetch::CourierLists;
use super::logins::Logins;
use super::trouble::Trouble;
use crate::commands::{SOON, is_of_login};
use crate::http::chain;
use crate::queue::Verdict;
use crate::syrve_command::login;

/// The pause where nobody says how long to wait. Drivers are not as urgent as orders, and a message may be received only so
/// often.
const PAUSE: Duration = Duration::from_secs(30);
/// The shortest pause of a message whose call may not be made yet: while a call is tried after failures, the next look is
/// only a moment away.
const LEAST_PAUSE: Duration = Duration::from_secs(5);

/// The function's parts.
#[derive(Debug)]
pub struct DriverSyncAccount<S, A, K, P, Q, B, C> {
    /// Runs and drivers.
    pub store: S,
    /// Accounts.
    pub accounts: A,
    /// API logins.
    pub secrets: K,
    /// Those that this process knows.
    pub logins: Logins,
    /// Syrve.
    pub pos: P,
    /// Commands for Syrve and the fleets.
    pub commands: Q,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
}

/// What Syrve lists for each organization.
type Lists = BTreeMap<OrganizationId, CourierList>;

impl<S, A, K, P, Q, B, C> DriverSyncAccount<S, A, K, P, Q, B, C>
where
    S: SyncRuns + SyncRequests + Drivers,
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
        let asked = match self.asked(&message).await? {
            Asked::Of(asked) => asked,
            Asked::Wait(pause) => return Ok(Verdict::Later(pause)),
            Asked::Over => return Ok(Verdict::Done),
        };
        let (mut wait, mut trouble): (Option<Duration>, _) = (None, Trouble::default());
        let mut groups: Vec<(String, Vec<Claimed>)> = Vec::new();
        for (id, run_at) in &asked {
            match self.claim(id, *run_at, message.accept_losses).await {
                Ok(Turn::Ours(claimed)) => {
                    // By the login that is used: the one that the account was queued with may be another by now.
                    let key = claimed.login.credentials_key();
                    match groups.iter_mut().find(|(login, _)| *login == key) {
                        Some((_, group)) => group.push(*claimed),
                        None => groups.push((key, vec![*claimed])),
                    }
                }
                Ok(Turn::Later(until)) => wait = wait.max(Some(until)),
                Ok(Turn::Over) => {}
                Err(error) => trouble.note(id, error),
            }
        }
        for (_, group) in groups {
            wait = wait.max(self.sync_group(group, &mut trouble).await);
        }
        trouble.or(wait.map_or(Verdict::Done, Verdict::Later))
    }

    /// Fetches the drivers of accounts that share a login, and compares them. How long to wait, if Syrve could not be
    /// asked now.
    async fn sync_group(&self, group: Vec<Claimed>, trouble: &mut Trouble) -> Option<Duration> {
        let login = group.first()?.login.clone();
        let now = self.clock.now();
        let are_seen = group.iter().all(|claimed| claimed.sync.value.sees(claimed.organization, now));
        let ours = if are_seen {
            group
        } else {
            match self.pos.organizations(&login).await {
                Ok(visible) => self.seen(group, &visible, trouble).await,
                Err(error) => return self.not_fetched(group, &error, trouble).await,
            }
        };
        if ours.is_empty() {
            return None;
        }
        let fetched_at = self.clock.now();
        let mut organizations: Vec<_> = ours.iter().map(|claimed| claimed.organization).collect();
        organizations.sort_unstable();
        organizations.dedup();
        let answer = match self.pos.couriers(&login, &organizations).await {
            Ok(answer) => answer,
            Err(error) => return self.not_fetched(ours, &error, trouble).await,
        };
        let mut lists = Lists::new();
        for (organization, list) in answer {
            let known = lists.entry(organization).or_default();
            known.couriers.extend(list.couriers);
            known.unreadable = known.unreadable.saturating_add(list.unreadable);
        }
        let mut rest = ours;
        while let Some(mut claimed) = rest.pop() {
            // Two accounts of one organization are odd, and allowed.
            let is_needed_again = rest.iter().any(|other| other.organization == claimed.organization);
            let list = if is_needed_again {
                lists.get(&claimed.organization).cloned()
            } else {
                lists.remove(&claimed.organization)
            };
            if let Err(error) = self.sync_one(&mut claimed, list, fetched_at).await {
                self.give_back(claimed, error, trouble).await;
            }
        }
        None
    }

    /// The accounts whose organizations the login may see. That is remembered for as long as their lists are waited for:
    /// asked each time anew, one of the two calls would use up its rate while the other waits.
    async fn seen(
        &self,
        group: Vec<Claimed>,
        visible: &[OrganizationId],
        trouble: &mut Trouble,
    ) -> Vec<Claimed> {
        let (mut ours, hidden): (Vec<_>, Vec<_>) =
            group.into_iter().partition(|claimed| visible.contains(&claimed.organization));
        self.fail(hidden, "the organization is not among those that the API login may see", trouble).await;
        let at = self.clock.now();
        for claimed in &mut ours {
            claimed.sync.value.seen = Some(Seen { organization_id: claimed.organization, at });
        }
        ours
    }

    async fn sync_one(
        &self,
        claimed: &mut Claimed,
        list: Option<CourierList>,
        fetched_at: Timestamp,
    ) -> Result<(), PortError> {
        let (counts, error) = match list {
            Some(list) => self.reconcile(claimed, list, fetched_at).await?,
            None => (SyncCounts::default(), Some("Syrve's answer leaves the organization out".to_owned())),
        };
        self.finish(claimed, counts, error).await
    }

    /// Nothing is touched. Where another try may help, the message comes back, as long as it is good.
    async fn not_fetched(
        &self,
        group: Vec<Claimed>,
        error: &CallError,
        trouble: &mut Trouble,
    ) -> Option<Duration> {
        let words = format!("Syrve {}", chain(error));
        if is_of_login(error) && self.is_corrected(&group).await {
            return self.put_off(group, SOON, &words, trouble).await;
        }
        let wait = match error.outcome() {
            // The next run finds out whether the login is accepted again.
            Outcome::NotSent { .. } if matches!(error, CallError::LoginHeld { .. }) => None,
            Outcome::NotSent { after } => {
                let wait = after.map_or(PAUSE, |after| (after + SOON).max(LEAST_PAUSE));
                return self.put_off(group, wait, &words, trouble).await;
            }
            Outcome::Final => None,
            Outcome::Retry { after } => Some(retry_delay(5, after)),
            Outcome::Unknown => Some(retry_delay(5, None)),
        };
        self.fail(group, &words, trouble).await;
        wait
    }

    /// Whether a login was changed since this process read it, by one of the accounts that name it. Where that cannot be
    /// read, it counts as what it was.
    async fn is_corrected(&self, group: &[Claimed]) -> bool {
        let Some(claimed) = group.first() else { return false };
        self.logins.forget(&claimed.login);
        self.secrets.forget(claimed.id()).await;
        let Ok(secrets) = self.secrets.secrets(claimed.id()).await else { return false };
        let now = claimed.account.syrve.as_ref().and_then(|syrve| login(syrve, &secrets));
        now.is_some_and(|login| login != claimed.login)
    }

    /// Syrve was not asked, so nothing has gone wrong.
    async fn put_off(
        &self,
        group: Vec<Claimed>,
        wait: Duration,
        words: &str,
        trouble: &mut Trouble,
    ) -> Option<Duration> {
        for mut claimed in group {
            claimed.sync.value.release(self.clock.now());
            let account = claimed.id();
            if let Err(error) = self.store.write_sync(account, &claimed.sync).await {
                trouble.note(account, error);
                continue;
            }
            tracing::info!(outcome = "sync_put_off", %account, reason = words, seconds = wait.as_secs(), "driver sync put off");
        }
        Some(wait)
    }

    /// Ends the runs of these accounts with an error.
    async fn fail(&self, group: Vec<Claimed>, words: &str, trouble: &mut Trouble) {
        for claimed in group {
            if let Err(error) = self.finish(&claimed, SyncCounts::default(), Some(words.to_owned())).await {
                self.give_back(claimed, error, trouble).await;
            }
        }
    }

    pub(super) async fn finish(
        &self,
        claimed: &Claimed,
        counts: SyncCounts,
        error: Option<String>,
    ) -> Result<(), PortError> {
        let now = self.clock.now();
        let (account, mut sync) = (claimed.id(), claimed.sync.clone());
        sync.value.finish(counts, error.clone(), now);
        if error.is_none() {
            sync.value.organization_id = Some(claimed.organization);
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
