//! What a list of one account's couriers changes, written in chunks, each with what must be handed on.
//!
//! A chunk is all or nothing, and its drivers must be as they were read: those that somebody else changed meanwhile are read
//! again, and what no longer fits into one write is cut again.

use courier_clients::syrve::CourierList;
use courier_domain::clock::Clock;
use courier_domain::command::{CommandKind, FollowUp};
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, EventKey};
use courier_domain::ports::{
    CommandQueue, Committed, Drivers, EventBus, PortError, SyncRuns, TimelineEntry, Versioned,
};
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use courier_domain::sync::SyncCounts;
use jiff::Timestamp;

use super::account::DriverSyncAccount;
use super::claim::Claimed;
use super::plan::{Change, Plan, Planned, count};
use crate::follow_up::hand_on;

/// One transaction takes 100 items, one of which is the mark of the chunk.
const ROOM: usize = 99;
/// Chunks between two signs of life.
const CHUNKS: usize = 10;
const TRIES: usize = 6;
/// Couriers who leave in one run without a shift that is known, whose shifts Syrve is asked about. More have not left one by
/// one, and the calls would keep others' from Syrve.
const MOST_UNSEEN: usize = 50;

#[derive(Debug, thiserror::Error)]
#[error("the drivers were changed by others {TRIES} times in a row")]
struct Contended;

/// A driver to be written, and whether that counts as a change.
type Due = (Change, bool);

impl<S, A, K, P, Q, B, C> DriverSyncAccount<S, A, K, P, Q, B, C>
where
    S: SyncRuns + Drivers,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    /// Compares an account's drivers with its list and applies what differs.
    pub(super) async fn reconcile(
        &self,
        claimed: &mut Claimed,
        list: CourierList,
        fetched_at: Timestamp,
    ) -> Result<(SyncCounts, Option<String>), PortError> {
        let unreadable = list.unreadable;
        let Planned { changes, renewals, unchanged } = match self.plan(claimed, list).await? {
            Ok(planned) => planned,
            Err(reason) => return Ok((SyncCounts { unreadable, ..SyncCounts::default() }, Some(reason))),
        };
        let asks_of_unseen = !claimed.has_moved && unseen(&changes) <= MOST_UNSEEN;
        let mut counts = SyncCounts { unchanged, unreadable, ..SyncCounts::default() };
        let renewed = renewals.into_iter().filter_map(|driver| {
            let courier = driver.value.courier.get()?.clone();
            Some((Change { driver, courier, is_listed: true }, false))
        });
        let mut all: Vec<Due> = changes.into_iter().map(|change| (change, true)).chain(renewed).collect();
        let (mut done, mut chunks, mut conflicts) = (0, 0, 0);
        while done < all.len() {
            let rest = all.get_mut(done..).unwrap_or_default();
            let chunk = rest.get_mut(..chunk_size(rest)).unwrap_or_default();
            if !self.apply(claimed, chunk, fetched_at, asks_of_unseen).await? {
                conflicts += 1;
                if conflicts == TRIES {
                    return Err(PortError::Unavailable { service: "dynamodb", source: Box::new(Contended) });
                }
                self.read_again(&claimed.account.account_id, chunk).await?;
                continue;
            }
            chunk.iter().filter(|(_, counts)| *counts).for_each(|(change, _)| count(&mut counts, change));
            (done, chunks, conflicts) = (done + chunk.len(), chunks + 1, 0);
            if chunks % CHUNKS == 0 && !self.go_on(claimed, counts).await? {
                return Ok((counts, Some("another run took over".into())));
            }
        }
        Ok((counts, None))
    }

    /// What the list changes of the drivers that are stored; an error says why it is not believed.
    async fn plan(&self, claimed: &Claimed, list: CourierList) -> Result<Result<Planned, String>, PortError> {
        let mut plan = Plan::new(list);
        let mut after = None;
        loop {
            let page = self.store.drivers_after(&claimed.account.account_id, after.as_ref()).await?;
            plan.meet(&claimed.account, page.items, self.clock.now());
            match page.next.map(DriverId::try_from) {
                Some(Ok(next)) => after = Some(next),
                _ => return Ok(plan.finish(claimed.accept_losses)),
            }
        }
    }

    /// Writes one chunk with what follows from it, and hands that on; `false` when somebody else changed a driver.
    async fn apply(
        &self,
        claimed: &Claimed,
        chunk: &[Due],
        fetched_at: Timestamp,
        asks_of_unseen: bool,
    ) -> Result<bool, PortError> {
        let account = &claimed.account;
        let (id, run_at, now) = (&account.account_id, claimed.sync.value.run_at, self.clock.now());
        let key = key_of(run_at, chunk);
        let stamp = Stamp::new(fetched_at, key.clone());
        let mut written = Vec::with_capacity(chunk.len());
        let mut follow_up = FollowUp::default();
        for (Change { driver, courier, is_listed }, _) in chunk {
            let mut after: Driver = driver.value.clone();
            if after.differs_from(courier) {
                let (driver_id, listed) = (after.driver_id.clone(), DriverChange::Listed(courier.clone()));
                after.apply(&DriverReport { driver_id, stamp: stamp.clone(), change: listed });
            }
            if after != driver.value || after.is_news_to_fleet(account) {
                let mut follows = after.follow(&driver.value, account, &key, &stamp, now);
                if claimed.has_moved && !is_listed {
                    leave_shifts(&mut follows, id);
                }
                if !asks_of_unseen {
                    follows.commands.retain(|command| !is_of_unseen(&command.kind));
                }
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
            Committed::Conflict => return Ok(false),
        };
        hand_on(&self.commands, &self.bus, &follow_up).await?;
        Ok(true)
    }

    async fn read_again(&self, account: &AccountId, chunk: &mut [Due]) -> Result<(), PortError> {
        let ids: Vec<_> = chunk.iter().map(|(change, _)| change.driver.value.driver_id.clone()).collect();
        let stored = self.store.read_drivers(account, &ids).await?;
        for ((change, _), driver) in chunk.iter_mut().zip(stored) {
            change.driver = driver;
        }
        Ok(())
    }

    /// A sign of life, with the counts so far; `false` when another run has taken the account.
    async fn go_on(&self, claimed: &mut Claimed, counts: SyncCounts) -> Result<bool, PortError> {
        claimed.sync.value.go_on(counts, self.clock.now());
        let is_ours = self.store.write_sync(&claimed.account.account_id, &claimed.sync).await?;
        // Only a write of ours makes the next one ours: the other run's record has this very version.
        claimed.sync.version += u64::from(is_ours);
        Ok(is_ours)
    }
}

/// Leaves the shifts in Syrve of a driver of the organization that the account had before. It is the account that has gone:
/// the driver may be at work there still, and under the new organization's id Syrve would refuse to close the shift.
fn leave_shifts(follows: &mut FollowUp, account: &AccountId) {
    follows.commands.retain(|command| {
        let is_theirs = matches!(command.kind, CommandKind::ClockOut { .. });
        if is_theirs {
            let reason = "the shift is in the organization that the account had before";
            tracing::info!(outcome = "not_clocked_out", %account, subject_id = command.subject().id(), reason, "shift left open");
        }
        !is_theirs
    });
}

/// How many leave without a shift that is known.
fn unseen(changes: &[Change]) -> usize {
    changes.iter().filter(|change| leaves_unseen(change)).count()
}

fn leaves_unseen(change: &Change) -> bool {
    !change.courier.active && change.driver.value.works_unseen()
}

/// Whether a command closes a shift that is not known, should there be one.
fn is_of_unseen(kind: &CommandKind) -> bool {
    matches!(kind, CommandKind::ClockOut { terminal_group_id: None, .. })
}

/// How many drivers fit into one transaction with all the commands that may follow from them: for each itself, a clock-out
/// for each open shift or for one that is not known, and two commands for the fleet.
fn chunk_size(changes: &[Due]) -> usize {
    let mut room = ROOM;
    let fits = changes.iter().take_while(|(change, _)| {
        let needs = 3 + change.driver.value.open_shifts().count() + usize::from(leaves_unseen(change));
        let fits = room >= needs;
        room = room.saturating_sub(needs);
        fits
    });
    fits.count().max(1)
}

/// The key of a chunk: the same for the same drivers in the same state, so that a repeated write is found out.
fn key_of(run_at: Timestamp, chunk: &[Due]) -> EventKey {
    let drivers = chunk.iter().map(|(change, _)| &change.driver);
    let mut parts = vec!["driver_sync".to_owned(), run_at.to_string()];
    parts.extend(drivers.map(|driver| format!("{} {}", driver.value.driver_id, driver.version)));
    EventKey::hashed(parts.iter().map(String::as_str))
}
