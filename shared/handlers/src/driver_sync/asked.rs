//! What a message asks for. Of many requests for accounts of one API login the first takes the others along: each by itself
//! would wait for a turn of its own, a minute long with the usual rate, until most of them are too old.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::ids::AccountId;
use courier_domain::ports::{PortError, SyncRequests, SyncRuns};
use courier_domain::sync::{DriverSync, SyncMessage, SyncRequest, SyncState};
use jiff::{SignedDuration, Timestamp};

use super::account::DriverSyncAccount;
use super::start::TOGETHER;
use super::trouble::is_damage;

/// The pause of a request that another one takes along, before it looks whether that was done.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// For how long a request goes before others. The function that works on it may have died, and then it is long in coming
/// back.
const GOES_FIRST: SignedDuration = SignedDuration::from_mins(5);

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Synchronise these accounts, each with the run that was asked for.
    Of(Vec<(AccountId, Timestamp)>),
    /// Wait until another request has taken this one along.
    Wait(Duration),
    /// Another one has taken it along, or is for the same account.
    Over,
}

impl<S: SyncRuns + SyncRequests, A, K, P, Q, B, C: Clock> DriverSyncAccount<S, A, K, P, Q, B, C> {
    /// What a message asks for now.
    pub(super) async fn asked(&self, message: &SyncMessage) -> Result<Asked, PortError> {
        let alone = message.accounts.iter().map(|id| (id.clone(), message.run_at)).collect();
        let Some(login) = &message.login else { return Ok(Asked::Of(alone)) };
        let now = self.clock.now();
        let mut requests = self.store.sync_requests(login).await?;
        requests.retain(|request| request.good_until > now);
        requests.sort_by(|a, b| (a.run_at, &a.account_id).cmp(&(b.run_at, &b.account_id)));
        let own = requests.iter().position(|request| message.accounts.contains(&request.account_id));
        let Some((place, request)) = own.and_then(|place| Some((place, requests.get(place)?))) else {
            return Ok(Asked::Of(alone));
        };
        if request.run_at > message.run_at {
            return Ok(Asked::Over);
        }
        for before in requests.iter().take(place) {
            if now.duration_since(before.run_at) < GOES_FIRST && !self.is_answered(before).await? {
                return Ok(Asked::Wait(LOOK_AGAIN));
            }
        }
        // Else those that it would take along leave no room for others that are still open.
        if place > 0 && self.has_succeeded(request).await? {
            return Ok(Asked::Over);
        }
        let open = requests.into_iter().skip(place).take(TOGETHER);
        Ok(Asked::Of(open.map(|request| (request.account_id, request.run_at)).collect()))
    }

    async fn has_succeeded(&self, request: &SyncRequest) -> Result<bool, PortError> {
        let sync = self.store.read_sync(&request.account_id).await?;
        let has_succeeded = |sync: DriverSync| sync.state == SyncState::Succeeded && sync.answers(request);
        Ok(sync.is_some_and(|sync| has_succeeded(sync.value)))
    }

    async fn is_answered(&self, request: &SyncRequest) -> Result<bool, PortError> {
        match self.store.read_sync(&request.account_id).await {
            Ok(sync) => Ok(sync.is_some_and(|sync| sync.value.answers(request))),
            // Nobody can do anything for it.
            Err(error) if is_damage(&error) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
