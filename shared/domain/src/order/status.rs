//! How far the whole order is, in the words in which Captain.AI tells its integrators: when it is picked up, and how it
//! ended. Where Syrve says that it is over, that counts; until then the fleet in charge decides, and of an order that no
//! fleet has, the restaurant.

use serde::{Deserialize, Serialize};

use super::{Order, SyrveStatus};
use crate::delivery::DeliveryStatus;
use crate::register::Stamp;

/// The fleet's word for an order that it gave to nobody.
const NOT_DISPATCHED: &str = "not_dispatched";

/// The status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the words of the published status list")]
pub enum OrderStatus {
    InProgress,
    Completed,
    Failed,
    Cancelled,
    AutoClosed,
    NotDispatched,
}

impl OrderStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::AutoClosed,
        Self::NotDispatched,
    ];

    /// The status as it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::AutoClosed => "auto_closed",
            Self::NotDispatched => NOT_DISPATCHED,
        }
    }
}

impl Order {
    /// The status; none as long as nobody has picked the order up and nothing has ended it.
    pub fn status(&self) -> Option<OrderStatus> {
        self.standing().map(|(status, _)| status)
    }

    /// The same with the stamp of the word that says so.
    pub(super) fn standing(&self) -> Option<(OrderStatus, Option<&Stamp>)> {
        let by_syrve = |status| Some((status, self.details.stamp()));
        let syrve = self.details.get().map(|details| &details.status);
        match syrve {
            Some(SyrveStatus::Cancelled) => return by_syrve(OrderStatus::Cancelled),
            Some(SyrveStatus::Closed) => return by_syrve(OrderStatus::Completed),
            _ => {}
        }
        let by_fleet = |status| Some((status, self.delivery().status_stamp()));
        match self.delivery().current() {
            Some(DeliveryStatus::Collected | DeliveryStatus::ReturningToPickupWithDelivery) => {
                by_fleet(OrderStatus::InProgress)
            }
            Some(DeliveryStatus::DroppedOff) => by_fleet(OrderStatus::Completed),
            Some(DeliveryStatus::Failed) => by_fleet(OrderStatus::Failed),
            Some(DeliveryStatus::Cancelled) => by_fleet(OrderStatus::Cancelled),
            Some(DeliveryStatus::AutoClosed) => by_fleet(OrderStatus::AutoClosed),
            // A driver has it, and has not picked it up.
            Some(DeliveryStatus::AssignedToDriver | DeliveryStatus::AssignedAndAcceptedByDriver) => None,
            None | Some(DeliveryStatus::UnassignedToDriver) => match syrve {
                Some(SyrveStatus::OnWay) => by_syrve(OrderStatus::InProgress),
                Some(SyrveStatus::Delivered) => by_syrve(OrderStatus::Completed),
                _ => self.not_given_to_anybody(),
            },
        }
    }

    /// The fleet in charge says that it gave the order to nobody, and has not said since that it took it from somebody.
    fn not_given_to_anybody(&self) -> Option<(OrderStatus, Option<&Stamp>)> {
        let (delivery, at) = (self.delivery(), |stamp: Option<&Stamp>| stamp.map(|stamp| stamp.at));
        let word = &delivery.order_status;
        let says_so = word.get().is_some_and(|word| word == NOT_DISPATCHED);
        let is_newest = at(word.stamp()) >= at(delivery.status_stamp());
        (says_so && is_newest).then_some((OrderStatus::NotDispatched, word.stamp()))
    }
}
