//! Applying events to drivers. One event may name hundreds of drivers; they are read a hundred at a time and written only
//! where something changed. Those who are somewhere else now are handed on as well.

use std::collections::BTreeMap;

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::command::FollowUp;
use courier_domain::driver::Driver;
use courier_domain::ids::{DriverId, EventKey};
use courier_domain::ports::{
    CommandQueue, Committed, Drivers, EventBus, PortError, TimelineEntry, Versioned,
};
use courier_domain::report::DriverReport;

use crate::follow_up::hand_on;
use crate::queue::Verdict;

mod moves;
#[cfg(test)]
mod tests;

pub use moves::{ByTheMinute, Movements, NobodyMoves};

const TRIES: usize = 6;
/// One transaction takes 100 items, one of which is the mark of the event.
const ROOM: usize = 99;
/// Of a driver whom a fleet is told of: the driver and two commands. Any event may be the first after the restaurant has
/// begun to write to a fleet.
const OF_DISPATCHED: usize = 3;

/// Applies events to drivers.
#[derive(Debug)]
pub struct DriverDesk<S, Q, B, C, M = NobodyMoves> {
    /// Where drivers are kept.
    pub store: S,
    /// Commands for Syrve and the fleets.
    pub commands: Q,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
    /// What becomes of drivers who moved.
    pub moves: M,
}

impl<S, Q, B, C> DriverDesk<S, Q, B, C> {
    /// The same where events move drivers.
    pub fn with_moves<M: Movements>(self, moves: M) -> DriverDesk<S, Q, B, C, M> {
        let Self { store, commands, bus, clock, moves: NobodyMoves } = self;
        DriverDesk { store, commands, bus, clock, moves }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the drivers were changed by others {TRIES} times in a row")]
struct Contended;

impl<S: Drivers, Q: CommandQueue, B: EventBus, C: Clock, M: Movements> DriverDesk<S, Q, B, C, M> {
    /// Applies all that one event says of drivers.
    pub async fn apply(
        &self,
        account: &Account,
        key: &EventKey,
        source: &str,
        event: &str,
        reports: &[DriverReport],
    ) -> Result<Verdict, PortError> {
        let mut by_driver: BTreeMap<&DriverId, Vec<&DriverReport>> = BTreeMap::new();
        for report in reports {
            by_driver.entry(&report.driver_id).or_default().push(report);
        }
        let drivers: Vec<_> = by_driver.into_iter().collect();
        let size = if account.dispatch_to.is_some() { ROOM / OF_DISPATCHED } else { ROOM };
        for (number, chunk) in drivers.chunks(size).enumerate() {
            // Each part of a large event has a mark of its own, or the first would make the others duplicates.
            let key =
                if number == 0 { key.clone() } else { EventKey::hashed([key.as_str(), &number.to_string()]) };
            self.apply_chunk(account, &key, source, event, chunk).await?;
        }
        Ok(Verdict::Done)
    }

    async fn apply_chunk(
        &self,
        account: &Account,
        key: &EventKey,
        source: &str,
        event: &str,
        chunk: &[(&DriverId, Vec<&DriverReport>)],
    ) -> Result<(), PortError> {
        let id = &account.account_id;
        let ids: Vec<_> = chunk.iter().map(|(id, _)| (*id).clone()).collect();
        for _ in 0..TRIES {
            let stored = self.store.read_drivers(id, &ids).await?;
            let mut changed = Vec::new();
            let mut follow_up = FollowUp::default();
            for (driver, (_, reports)) in stored.into_iter().zip(chunk) {
                let before: Driver = driver.value;
                let mut after = before.clone();
                for report in reports {
                    after.apply(report);
                }
                let Some(last) = reports.last().filter(|_| after != before) else { continue };
                let follows = after.follow(&before, account, key, &last.stamp, self.clock.now());
                follow_up.commands.extend(follows.commands);
                follow_up.events.extend(follows.events);
                follow_up.moved.extend(follows.moved);
                changed.push(Versioned { value: after, version: driver.version });
            }
            let count = changed.len();
            let entry = self.mark(key, source, event, chunk, count > 0, follow_up.clone());
            let (follow_up, outcome) = match self.store.commit_drivers(id, changed, entry).await? {
                Committed::Done => (follow_up, if count > 0 { "applied" } else { "not_applied" }),
                Committed::Duplicate(follow_up) => (follow_up, "duplicate"),
                Committed::Conflict => continue,
            };
            tracing::info!(outcome, account = %id, event_id = %key, source, event, drivers = count, "driver event handled");
            let (handed_on, moved) = futures::join!(
                hand_on(&self.commands, &self.bus, &follow_up),
                self.moves.moved(id, &follow_up.moved)
            );
            return handed_on.and(moved);
        }
        Err(PortError::Unavailable { service: "dynamodb", source: Box::new(Contended) })
    }

    fn mark(
        &self,
        key: &EventKey,
        source: &str,
        event: &str,
        chunk: &[(&DriverId, Vec<&DriverReport>)],
        applied: bool,
        follow_up: FollowUp,
    ) -> TimelineEntry {
        let now = self.clock.now();
        let newest = chunk.iter().flat_map(|(_, reports)| reports).map(|report| report.stamp.at).max();
        TimelineEntry {
            key: key.clone(),
            at: newest.unwrap_or(now),
            recorded_at: now,
            source: source.to_owned(),
            event: event.to_owned(),
            applied,
            follow_up,
        }
    }
}
