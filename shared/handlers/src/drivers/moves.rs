//! Drivers who moved, collected by the minute for `notify`, which tells of all of them at once when the minute is over.

use std::future::Future;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::ids::{AccountId, DriverId};
use courier_domain::notification::{MovesKey, NotifyMessage};
use courier_domain::ports::{Moves, NotifyQueue, PortError};

/// How long after its end a minute is told of: whoever was writing in it has written by then.
const MARGIN: Duration = Duration::from_secs(2);

/// What becomes of drivers who moved.
pub trait Movements: Send + Sync {
    /// These drivers moved. Told twice, they are told of in the minute of the second time as well, where they still are:
    /// that does no harm.
    fn moved(
        &self,
        account: &AccountId,
        drivers: &[DriverId],
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// For functions whose events move nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyMoves;

impl Movements for NobodyMoves {
    async fn moved(&self, _: &AccountId, _: &[DriverId]) -> Result<(), PortError> {
        Ok(())
    }
}

/// How much later some accounts' minutes are told of than others': all of them end at once, and orders are told of too.
const SPREAD: u64 = 10;

/// Collects drivers by the minute.
#[derive(Debug)]
pub struct ByTheMinute<S, N, C> {
    /// Where minutes are kept.
    pub store: S,
    /// The queue of `notify`.
    pub queue: N,
    /// The time.
    pub clock: C,
}

impl<S: Moves, N: NotifyQueue, C: Clock> Movements for ByTheMinute<S, N, C> {
    /// The message is queued before that is noted, so that a minute is never left without one; two say the same. Whoever is
    /// added so late that the minute may have been told of already is added to the next as well.
    async fn moved(&self, account: &AccountId, drivers: &[DriverId]) -> Result<(), PortError> {
        if drivers.is_empty() {
            return Ok(());
        }
        loop {
            let now = self.clock.now();
            let minute = MovesKey::at(account.clone(), now);
            let is_unqueued = self.store.add_moves(&minute, drivers).await?;
            let is_in_time = self.clock.now() < minute.end() + MARGIN;
            if is_unqueued {
                let left = minute.end().duration_since(now).unsigned_abs();
                let wait = left + MARGIN + spread(account);
                self.queue.send_notify(&[NotifyMessage::Moves(minute.clone())], wait).await?;
                self.store.moves_queued(&minute).await?;
            }
            if is_in_time {
                return Ok(());
            }
        }
    }
}

/// The same for an account in every minute.
fn spread(account: &AccountId) -> Duration {
    let sum =
        account.as_str().bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    Duration::from_secs(sum % SPREAD)
}
