//! Drivers who moved, collected by the minute for `notify`, which tells of all of them at once when the minute is over.

use std::future::Future;
use std::time::Duration;

use courier_domain::ids::{AccountId, DriverId};
use courier_domain::notification::{MovesKey, NotifyMessage};
use courier_domain::ports::{Moves, NotifyQueue, PortError};
use jiff::Timestamp;

/// After the end of a minute: whoever was writing in it has written by then.
const MARGIN: Duration = Duration::from_secs(2);

/// What becomes of drivers who moved.
pub trait Movements: Send + Sync {
    /// These drivers moved, as the bridge learns at `now`. Told twice, they are told of in the minute of the second time as
    /// well, where they still are: that does no harm.
    fn moved(
        &self,
        account: &AccountId,
        drivers: &[DriverId],
        now: Timestamp,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// For functions whose events move nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NobodyMoves;

impl Movements for NobodyMoves {
    async fn moved(&self, _: &AccountId, _: &[DriverId], _: Timestamp) -> Result<(), PortError> {
        Ok(())
    }
}

/// Collects drivers by the minute.
#[derive(Debug)]
pub struct ByTheMinute<S, N> {
    /// Where minutes are kept.
    pub store: S,
    /// The queue of `notify`.
    pub queue: N,
}

impl<S: Moves, N: NotifyQueue> Movements for ByTheMinute<S, N> {
    /// The message is queued before that is noted, so that a minute is never left without one; two say the same.
    async fn moved(
        &self,
        account: &AccountId,
        drivers: &[DriverId],
        now: Timestamp,
    ) -> Result<(), PortError> {
        if drivers.is_empty() {
            return Ok(());
        }
        let minute = MovesKey::at(account.clone(), now);
        if self.store.add_moves(&minute, drivers).await? {
            let left = minute.end().duration_since(now).unsigned_abs();
            self.queue.send_notify(&[NotifyMessage::Moves(minute.clone())], left + MARGIN).await?;
            self.store.moves_queued(&minute).await?;
        }
        Ok(())
    }
}
