//! What a fleet said of each status of its delivery, which of them it has by that, and how much the fleet has to do with
//! the order. Only the newest word on each status is kept, so that nothing depends on the order of arrival.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Delivery, DeliveryStatus};
use crate::register::Stamp;

/// When a fleet last said one status, by an event that told it and by one that implied it. The stamps have the status's
/// rank: of the same second, the later stage of the lifecycle is the newer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// An event of this status, with a time of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told: Option<Stamp>,
    /// An event from which it follows, or one without a time, which has the time it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied: Option<Stamp>,
}

impl Delivery {
    /// Takes what an event says of a status.
    pub(super) fn offer_status(&mut self, status: DeliveryStatus, stamp: &Stamp, implied: bool) {
        let evidence = self.statuses.entry(status).or_default();
        let held = if implied { &mut evidence.implied } else { &mut evidence.told };
        *held = held.take().max(Some(stamp.ranked(status.rank())));
    }

    /// The status: the newest that was told. What is only implied counts where it is further along and not older, so that
    /// it never takes a delivery back.
    pub(super) fn standing(&self) -> Option<(DeliveryStatus, &Stamp)> {
        let told =
            self.statuses.iter().filter_map(|(status, evidence)| Some((evidence.told.as_ref()?, *status)));
        let told = told.max().map(|(stamp, status)| (status, stamp));
        let counts = |status: DeliveryStatus, stamp: &Stamp| {
            told.is_none_or(|(known, at)| status > known && stamp.at >= at.at)
        };
        let implied =
            self.statuses.iter().filter_map(|(status, evidence)| Some((*status, evidence.implied.as_ref()?)));
        implied.filter(|(status, stamp)| counts(*status, stamp)).max().or(told)
    }

    /// The status as it stands.
    pub fn current(&self) -> Option<DeliveryStatus> {
        self.standing().map(|(status, _)| status)
    }

    /// When that status was reached, and by which event.
    pub fn status_stamp(&self) -> Option<&Stamp> {
        self.standing().map(|(_, stamp)| stamp)
    }

    /// When the guest received the order, if the status says that they did.
    pub fn delivered_at(&self) -> Option<Timestamp> {
        self.standing().filter(|(status, _)| *status == DeliveryStatus::DroppedOff).map(|(_, stamp)| stamp.at)
    }

    /// The newest of all that was said of its status.
    pub(crate) fn newest(&self) -> Option<&Stamp> {
        self.newest_of(|_| true)
    }

    fn newest_of(&self, which: impl Fn(DeliveryStatus) -> bool) -> Option<&Stamp> {
        let evidence = self.statuses.iter().filter(|(status, _)| which(**status));
        evidence.flat_map(|(_, evidence)| [&evidence.told, &evidence.implied]).flatten().max()
    }

    /// Which of an order's deliveries counts, the greatest: one of a fleet that has not given the order up; of these, one
    /// that has delivered it, or at least has it in its hands; of these, the one that moved last.
    pub(crate) fn claim(&self) -> impl Ord {
        use DeliveryStatus::{Collected, DroppedOff};
        let newest = self.newest();
        let carries = (newest.is_some() && !self.is_given_up()).then(|| {
            let holds = self.current().filter(|status| matches!(status, Collected | DroppedOff));
            (holds, self.newest_of(DeliveryStatus::is_progress))
        });
        (carries, newest)
    }

    /// Whether the fleet said that it will not deliver it, and has not assigned it to a driver since. What it says of it
    /// later does not undo that, nor does an event without a time, which may be older.
    fn is_given_up(&self) -> bool {
        use DeliveryStatus::{AssignedAndAcceptedByDriver, AssignedToDriver};
        let begun = [AssignedToDriver, AssignedAndAcceptedByDriver];
        let begun = begun.iter().filter_map(|status| self.statuses.get(status)?.told.as_ref()).max();
        self.newest_of(DeliveryStatus::is_loss) > begun
    }
}
