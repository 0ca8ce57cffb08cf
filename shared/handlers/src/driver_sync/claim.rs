//! An account's turn: a run claims it before it works on it, and takes over what a run before it could not hand on.

use std::sync::Arc;
use std::time::Duration;

use courier_clients::syrve::SyrveLogin;
use courier_domain::account::{Account, SyrveAccount};
use courier_domain::clock::Clock;
use courier_domain::ids::{AccountId, OrganizationId};
use courier_domain::ports::{
    Accounts, CommandQueue, Drivers, EventBus, PortError, Secrets, SyncRequests, SyncRuns, Versioned,
};
use courier_domain::sync::{Claim, DriverSync};
use jiff::Timestamp;

use super::account::DriverSyncAccount;
use super::fetch::CourierLists;
use super::trouble::{is_damage, words};
use crate::commands::SOON;
use crate::follow_up::hand_on;
use crate::syrve_command::login;

/// The longest pause before another look at an account that a run is at work on.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// An account whose turn it is.
pub(super) struct Claimed {
    pub(super) account: Arc<Account>,
    pub(super) organization: OrganizationId,
    pub(super) login: SyrveLogin,
    pub(super) sync: Versioned<DriverSync>,
    /// A list is to be believed, however many drivers it has lost.
    pub(super) accept_losses: bool,
    /// The drivers that are known are those of another organization.
    pub(super) has_moved: bool,
}

impl Claimed {
    pub(super) fn id(&self) -> &AccountId {
        &self.account.account_id
    }
}

/// Whose turn it is.
pub(super) enum Turn {
    Ours(Box<Claimed>),
    Later(Duration),
    Over,
}

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
    pub(super) async fn claim(
        &self,
        id: &AccountId,
        run_at: Timestamp,
        accept_losses: bool,
    ) -> Result<Turn, PortError> {
        let Some(account) = self.accounts.account(id).await?.filter(|account| account.enabled) else {
            return Ok(Turn::Over);
        };
        let Some(syrve) = &account.syrve else { return Ok(Turn::Over) };
        let organization = syrve.organization_id;
        let stored = self.store.read_sync(id).await?;
        let known = stored.as_ref().map(|sync| &sync.value);
        let now = self.clock.now();
        let sync = match DriverSync::claim(known, run_at, accept_losses, now) {
            Claim::Take(sync) => *sync,
            Claim::Skip => return Ok(Turn::Over),
            Claim::Busy(until) => return Ok(Turn::Later(pause_until(until, now))),
        };
        let login = match self.prepare(&account, known).await {
            Ok(Some(login)) => login,
            Ok(None) => return Ok(Turn::Over),
            Err(error) => {
                self.show(id, stored, sync, &error).await?;
                return if is_damage(&error) { Ok(Turn::Over) } else { Err(error) };
            }
        };
        let mut sync = Versioned { value: sync, version: stored.as_ref().map_or(0, |sync| sync.version) };
        if !self.store.write_sync(id, &sync).await? {
            return Ok(Turn::Later(SOON));
        }
        sync.version += 1;
        // The drivers of the organization before are not those of this one, however many they are.
        let has_moved = sync.value.organization_id.is_some_and(|known| known != organization);
        let accept_losses = has_moved || sync.value.accepts_losses();
        Ok(Turn::Ours(Box::new(Claimed { account, organization, login, sync, accept_losses, has_moved })))
    }

    /// What a claim needs first: the login, and that a run that was broken off has nothing left to hand on. Once the claim
    /// is written over that run nobody knows of it any more.
    async fn prepare(
        &self,
        account: &Account,
        known: Option<&DriverSync>,
    ) -> Result<Option<SyrveLogin>, PortError> {
        let id = &account.account_id;
        let Some(syrve) = &account.syrve else { return Ok(None) };
        let Some(login) = self.login_of(id, syrve).await? else { return Ok(None) };
        if let Some(run_at) = DriverSync::broken_off(known) {
            for follow_up in self.store.handed_on(id, run_at).await? {
                hand_on(&self.commands, &self.bus, &follow_up).await?;
            }
        }
        Ok(Some(login))
    }

    async fn login_of(&self, id: &AccountId, syrve: &SyrveAccount) -> Result<Option<SyrveLogin>, PortError> {
        if let Some(login) = self.logins.of(syrve) {
            return Ok(Some(login));
        }
        let secrets = self.secrets.secrets(id).await?;
        let login = login(syrve, &secrets);
        if let Some(login) = &login {
            self.logins.keep(syrve, login);
        }
        Ok(login)
    }

    /// Shows on an account why it could not be claimed. What is stored of the run before stays as it is.
    async fn show(
        &self,
        id: &AccountId,
        stored: Option<Versioned<DriverSync>>,
        claim: DriverSync,
        error: &PortError,
    ) -> Result<(), PortError> {
        let mut sync = stored.unwrap_or(Versioned { value: claim, version: 0 });
        let words = words(error);
        if is_damage(error) {
            tracing::error!(outcome = "sync_failed", account = %id, error = words, "drivers not synchronised");
        }
        if sync.value.error.as_ref() != Some(&words) {
            sync.value.break_off(words, self.clock.now());
            self.store.write_sync(id, &sync).await?;
        }
        Ok(())
    }
}

/// The pause until an account may be free. Most runs are done long before their lease is over.
fn pause_until(until: Timestamp, now: Timestamp) -> Duration {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Duration::from_secs(wait.as_secs() + 1).min(LOOK_AGAIN)
}
