//! The driver sync of an account: who may run it, how far it is, and how it ended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, OrganizationId};

/// For how long a run holds its account between two signs of life.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// One message of the sync: accounts that share a login, since one call can fetch the drivers of all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncMessage {
    /// When the run was started.
    pub run_at: Timestamp,
    /// The turn of the same accounts in the next run: from then on that one does the work.
    pub good_until: Timestamp,
    /// The accounts.
    pub accounts: Vec<AccountId>,
    /// A person says that a list is right, however many drivers it has lost.
    #[serde(default)]
    pub accept_losses: bool,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Under way.
    Running,
    /// All drivers were compared.
    Succeeded,
    /// Nothing was touched, or not all of it.
    Failed,
}

/// Drivers by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SyncCounts {
    /// Not known before.
    pub created: u32,
    /// Renamed, or active again.
    pub updated: u32,
    /// Gone from the restaurant.
    pub deactivated: u32,
    /// As they were.
    pub unchanged: u32,
    /// Entries of the list that are no employees, and were left out.
    pub unreadable: u32,
}

/// The newest run of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverSync {
    /// When the run was started.
    pub run_at: Timestamp,
    /// Whose list the drivers were last compared with.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// How far it is.
    pub state: SyncState,
    /// When this account's turn came.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When a run last ended well.
    pub succeeded_at: Option<Timestamp>,
    /// What became of the drivers, so far.
    pub counts: SyncCounts,
    /// Why it failed. It stays until a run ends well.
    pub error: Option<String>,
    /// Until when nobody else may run, while it is running.
    pub leased_until: Timestamp,
}

/// Whether a run may work on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It may, once this is written.
    Take(Box<DriverSync>),
    /// A newer run is under way, or this one is done.
    Skip,
    /// An older one is at work until then, or this one: another copy of its message, or one whose function died.
    Busy(Timestamp),
}

impl DriverSync {
    /// Whether the run of `run_at` may work on the account whose newest run is `stored`.
    pub fn claim(stored: Option<&Self>, run_at: Timestamp, now: Timestamp) -> Claim {
        let is_held = stored.is_some_and(|sync| sync.state == SyncState::Running && sync.leased_until > now);
        match stored {
            Some(sync) if is_held && sync.run_at <= run_at => return Claim::Busy(sync.leased_until),
            // A newer run that failed or was broken off has its own message, which comes back.
            Some(sync) if is_held || sync.run_at > run_at => return Claim::Skip,
            Some(sync) if sync.state == SyncState::Succeeded && sync.run_at == run_at => return Claim::Skip,
            _ => {}
        }
        Claim::Take(Box::new(Self {
            run_at,
            organization_id: stored.and_then(|sync| sync.organization_id),
            state: SyncState::Running,
            started_at: now,
            finished_at: None,
            succeeded_at: stored.and_then(|sync| sync.succeeded_at),
            counts: SyncCounts::default(),
            error: stored.and_then(|sync| sync.error.clone()),
            leased_until: now + LEASE,
        }))
    }

    /// The run whose hand-over may not have been finished: broken off by a crash.
    pub fn broken_off(stored: Option<&Self>) -> Option<Timestamp> {
        stored.filter(|sync| sync.state == SyncState::Running).map(|sync| sync.run_at)
    }

    /// Still at work.
    pub fn go_on(&mut self, counts: SyncCounts, now: Timestamp) {
        self.counts = counts;
        self.leased_until = now + LEASE;
    }

    /// Not now: the account is free for whoever comes next, which may be this run again.
    pub fn release(&mut self, now: Timestamp) {
        self.leased_until = now;
    }

    /// Ended, well or with an error.
    pub fn finish(&mut self, counts: SyncCounts, error: Option<String>, now: Timestamp) {
        self.counts = counts;
        self.state = if error.is_some() { SyncState::Failed } else { SyncState::Succeeded };
        self.finished_at = Some(now);
        if error.is_none() {
            self.succeeded_at = Some(now);
        }
        self.error = error;
        self.leased_until = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + second).unwrap()
    }

    fn taken(stored: Option<&DriverSync>, run: i64, now: i64) -> DriverSync {
        match DriverSync::claim(stored, at(run), at(now)) {
            Claim::Take(sync) => *sync,
            other => panic!("not taken: {other:?}"),
        }
    }

    #[test]
    fn a_run_under_way_keeps_others_out_until_its_lease_is_over() {
        let first = taken(None, 0, 1);
        assert_eq!(DriverSync::claim(Some(&first), at(0), at(2)), Claim::Busy(first.leased_until));
        assert_eq!(DriverSync::claim(Some(&first), at(-600), at(2)), Claim::Skip);
        assert_eq!(DriverSync::claim(Some(&first), at(600), at(2)), Claim::Busy(first.leased_until));
        let again = taken(Some(&first), 0, 92);
        assert_eq!((again.run_at, again.started_at), (at(0), at(92)));
        assert_eq!(DriverSync::broken_off(Some(&first)), Some(at(0)));
        assert_eq!(taken(Some(&first), 600, 92).run_at, at(600));
    }

    #[test]
    fn a_run_that_ended_is_not_done_again_and_the_next_one_is() {
        let mut first = taken(None, 0, 1);
        first.finish(SyncCounts::default(), None, at(5));
        assert_eq!(DriverSync::claim(Some(&first), at(0), at(6)), Claim::Skip);
        assert_eq!(DriverSync::broken_off(Some(&first)), None);
        assert_eq!(taken(Some(&first), 600, 601).succeeded_at, Some(at(5)));
    }

    #[test]
    fn a_run_that_failed_or_was_put_off_may_be_tried_again() {
        let mut failed = taken(None, 0, 1);
        failed.finish(SyncCounts::default(), Some("cut off".into()), at(5));
        assert_eq!(taken(Some(&failed), 0, 6).state, SyncState::Running);
        assert_eq!(DriverSync::claim(Some(&failed), at(-600), at(6)), Claim::Skip);
        let mut released = taken(None, 0, 1);
        released.release(at(2));
        assert_eq!(taken(Some(&released), 0, 2).started_at, at(2));
    }

    #[test]
    fn an_error_stays_until_a_run_ends_well() {
        let mut sync = taken(None, 0, 1);
        sync.finish(SyncCounts::default(), Some("refused".into()), at(5));
        assert_eq!((sync.state, sync.succeeded_at), (SyncState::Failed, None));
        let mut next = taken(Some(&sync), 600, 601);
        assert_eq!(next.error.as_deref(), Some("refused"));
        next.finish(SyncCounts { unchanged: 3, ..SyncCounts::default() }, None, at(602));
        assert_eq!((next.error, next.succeeded_at), (None, Some(at(602))));
    }
}
