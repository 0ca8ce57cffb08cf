//! The driver sync of an account: who may run it, how far it is, and how it ended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, OrganizationId};

/// For how long a run holds its account between two signs of life.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// For how long it is believed that an API login may see what it could see.
const SEEN_FOR: SignedDuration = SignedDuration::from_mins(5);

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
    /// What tells its API login from others, where a request for this one takes along those for others of the same login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

/// A sync of one account that somebody has asked for. It is kept with its API login, since one call answers all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// Whose.
    pub account_id: AccountId,
    /// When it was made: the run that is asked for.
    pub run_at: Timestamp,
    /// For how long it is tried.
    pub good_until: Timestamp,
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
    /// The newest word of a person that a list is right, however many drivers it has lost.
    #[serde(default)]
    pub word: Option<Word>,
    /// Whether Syrve need not be asked again what the API login may see, while its list is waited for.
    #[serde(default)]
    pub seen: Option<Seen>,
}

/// That the API login may see the organization of an account whose list is still waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which organization.
    pub organization_id: OrganizationId,
    /// When Syrve said so.
    pub at: Timestamp,
}

/// A person's word for a list. It is kept with the runs, so that it counts whichever of them is the next to compare a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// When it was given.
    pub given_at: Timestamp,
    /// Whether a run has ended well with it.
    pub is_used: bool,
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
    /// Whether the run of `run_at` may work on the account whose newest run is `stored`; `accept_losses` as its message has
    /// it. A word that no run has used is not passed over because a newer run, which had not heard it, was faster.
    pub fn claim(stored: Option<&Self>, run_at: Timestamp, accept_losses: bool, now: Timestamp) -> Claim {
        let is_held = stored.is_some_and(|sync| sync.state == SyncState::Running && sync.leased_until > now);
        let known = stored.and_then(|sync| sync.word);
        let is_news = accept_losses
            && known.is_none_or(|word| word.given_at < run_at || (word.given_at == run_at && !word.is_used));
        match stored {
            Some(sync) if is_held && (is_news || sync.run_at <= run_at) => {
                return Claim::Busy(sync.leased_until);
            }
            _ if is_news => {}
            // A newer run that failed or was broken off has its own message, which comes back.
            Some(sync) if is_held || sync.run_at > run_at => return Claim::Skip,
            Some(sync) if sync.state == SyncState::Succeeded && sync.run_at == run_at => return Claim::Skip,
            _ => {}
        }
        Claim::Take(Box::new(Self {
            // Not before one that is known: its message would find its work undone, and do it once more.
            run_at: stored.map_or(run_at, |sync| sync.run_at.max(run_at)),
            organization_id: stored.and_then(|sync| sync.organization_id),
            state: SyncState::Running,
            started_at: now,
            finished_at: None,
            succeeded_at: stored.and_then(|sync| sync.succeeded_at),
            counts: SyncCounts::default(),
            error: stored.and_then(|sync| sync.error.clone()),
            leased_until: now + LEASE,
            seen: stored.and_then(|sync| sync.seen),
            word: if is_news { Some(Word { given_at: run_at, is_used: false }) } else { known },
        }))
    }

    /// Whether the API login was seen to see the organization some minutes ago at most.
    pub fn sees(&self, organization: OrganizationId, now: Timestamp) -> bool {
        self.seen.is_some_and(|seen| {
            seen.organization_id == organization && now.duration_since(seen.at) < SEEN_FOR
        })
    }

    /// Whether a list is to be believed, however many drivers it has lost.
    pub fn accepts_losses(&self) -> bool {
        self.word.is_some_and(|word| !word.is_used)
    }

    /// Whether the run that was asked for has ended, or a newer one has.
    pub fn answers(&self, request: &SyncRequest) -> bool {
        self.state != SyncState::Running && self.run_at >= request.run_at
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

    /// Broken off by a failure on our side: the account is free, and the failure shows until a run ends well. What the run
    /// has written may not be handed on yet, so it counts as under way.
    pub fn break_off(&mut self, why: String, now: Timestamp) {
        self.error = Some(why);
        self.seen = None;
        self.release(now);
    }

    /// Ended, well or with an error.
    pub fn finish(&mut self, counts: SyncCounts, error: Option<String>, now: Timestamp) {
        self.counts = counts;
        self.state = if error.is_some() { SyncState::Failed } else { SyncState::Succeeded };
        self.finished_at = Some(now);
        if error.is_none() {
            self.succeeded_at = Some(now);
            self.word = self.word.map(|word| Word { is_used: true, ..word });
        }
        self.error = error;
        self.seen = None;
        self.leased_until = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_772_000_000 + second).unwrap()
    }

    fn claim(stored: &DriverSync, run: i64, now: i64) -> Claim {
        DriverSync::claim(Some(stored), at(run), false, at(now))
    }

    fn taken(stored: Option<&DriverSync>, run: i64, now: i64) -> DriverSync {
        match DriverSync::claim(stored, at(run), false, at(now)) {
            Claim::Take(sync) => *sync,
            other => panic!("not taken: {other:?}"),
        }
    }

    #[test]
    fn a_run_under_way_keeps_others_out_until_its_lease_is_over() {
        let first = taken(None, 0, 1);
        assert_eq!(claim(&first, 0, 2), Claim::Busy(first.leased_until));
        assert_eq!(claim(&first, -600, 2), Claim::Skip);
        assert_eq!(claim(&first, 600, 2), Claim::Busy(first.leased_until));
        let again = taken(Some(&first), 0, 92);
        assert_eq!((again.run_at, again.started_at), (at(0), at(92)));
        assert_eq!(DriverSync::broken_off(Some(&first)), Some(at(0)));
        assert_eq!(taken(Some(&first), 600, 92).run_at, at(600));
    }

    #[test]
    fn a_run_that_ended_is_not_done_again_and_the_next_one_is() {
        let mut first = taken(None, 0, 1);
        first.finish(SyncCounts::default(), None, at(5));
        assert_eq!(claim(&first, 0, 6), Claim::Skip);
        assert_eq!(DriverSync::broken_off(Some(&first)), None);
        assert_eq!(taken(Some(&first), 600, 601).succeeded_at, Some(at(5)));
    }

    #[test]
    fn a_run_that_failed_or_was_put_off_may_be_tried_again() {
        let mut failed = taken(None, 0, 1);
        failed.finish(SyncCounts::default(), Some("cut off".into()), at(5));
        assert_eq!(taken(Some(&failed), 0, 6).state, SyncState::Running);
        assert_eq!(claim(&failed, -600, 6), Claim::Skip);
        let mut released = taken(None, 0, 1);
        released.release(at(2));
        assert_eq!(taken(Some(&released), 0, 2).started_at, at(2));
    }

    /// The claim of a message whose sender says that the list is right.
    fn with_word(stored: &DriverSync, run: i64, now: i64) -> Claim {
        DriverSync::claim(Some(stored), at(run), true, at(now))
    }

    #[test]
    fn a_word_that_no_run_has_used_is_heard_after_a_newer_run_too_and_once() {
        let newer = taken(None, 600, 601);
        assert_eq!(with_word(&newer, 590, 602), Claim::Busy(newer.leased_until));
        let mut ended = newer.clone();
        ended.finish(SyncCounts::default(), Some("lost 6 of 10".into()), at(603));
        for stored in [&ended, &{
            let mut well = newer.clone();
            well.finish(SyncCounts::default(), None, at(603));
            well
        }] {
            let Claim::Take(mut again) = with_word(stored, 590, 604) else { panic!("not taken") };
            assert_eq!((again.run_at, again.accepts_losses()), (at(600), true));
            again.finish(SyncCounts::default(), None, at(605));
            assert!(!again.accepts_losses());
            assert_eq!(with_word(&again, 590, 606), Claim::Skip, "another copy of the message");
            assert!(!taken(Some(&again), 1200, 1201).accepts_losses());
        }
    }

    #[test]
    fn a_word_counts_until_a_run_has_used_it() {
        let Claim::Take(mut heard) = DriverSync::claim(None, at(0), true, at(1)) else { panic!("not taken") };
        heard.finish(SyncCounts::default(), Some("Syrve is unavailable".into()), at(5));
        let mut next = taken(Some(&heard), 600, 601);
        assert!(next.accepts_losses(), "also for a run that was not asked to");
        next.finish(SyncCounts::default(), None, at(605));
        assert!(!taken(Some(&next), 1200, 1201).accepts_losses());
    }

    #[test]
    fn a_run_that_was_broken_off_says_why_and_keeps_nobody_waiting() {
        let mut broken = taken(None, 0, 1);
        broken.break_off("dynamodb is unavailable".into(), at(5));
        assert_eq!(
            (broken.state, broken.error.as_deref()),
            (SyncState::Running, Some("dynamodb is unavailable"))
        );
        assert_eq!(DriverSync::broken_off(Some(&broken)), Some(at(0)), "what it wrote is to be handed on");
        assert_eq!(taken(Some(&broken), 0, 5).error.as_deref(), Some("dynamodb is unavailable"));
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
