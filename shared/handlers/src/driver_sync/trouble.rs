//! A run that is broken off by a failure on our side: the account says so and is free at once, and the message comes back
//! for it, while it finds the others done.

use courier_domain::clock::Clock;
use courier_domain::ids::AccountId;
use courier_domain::ports::{
    Accounts, CommandQueue, Drivers, EventBus, PortError, Secrets, SyncRequests, SyncRuns,
};
use courier_domain::sync::SyncCounts;

use super::account::DriverSyncAccount;
use super::claim::Claimed;
use super::fetch::CourierLists;
use crate::http::chain;

/// What went wrong with the accounts of a message so far.
#[derive(Debug, Default)]
pub(super) struct Trouble(Option<PortError>);

impl Trouble {
    /// Notes what went wrong with one account.
    pub(super) fn note(&mut self, account: &AccountId, error: PortError) {
        tracing::warn!(outcome = "sync_broken_off", %account, error = chain(&error), "driver sync broken off");
        self.0.get_or_insert(error);
    }

    /// The first failure, unless all went well.
    pub(super) fn or<T>(self, well: T) -> Result<T, PortError> {
        self.0.map_or(Ok(well), Err)
    }
}

/// Whether something that is stored is damaged: another look now would find it so again.
pub(super) fn is_damage(error: &PortError) -> bool {
    matches!(error, PortError::Unreadable { .. })
}

/// What the account shows. What exactly the service said is in the log: it may name what is nobody else's business.
pub(super) fn words(error: &PortError) -> String {
    format!("the bridge could not go on: {error}")
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
    /// Gives an account back that a failure on our side has broken off.
    pub(super) async fn give_back(&self, mut claimed: Claimed, error: PortError, trouble: &mut Trouble) {
        let shown = words(&error);
        let given_back = if is_damage(&error) || error.is_final() {
            self.finish(&claimed, SyncCounts::default(), Some(shown)).await
        } else {
            claimed.sync.value.break_off(shown, self.clock.now());
            self.store.write_sync(claimed.id(), &claimed.sync).await.map(|_| ())
        };
        match given_back {
            Ok(()) if is_damage(&error) => {}
            // Where it could not be given back, the account is free once the lease is over.
            _ => trouble.note(claimed.id(), error),
        }
    }
}
