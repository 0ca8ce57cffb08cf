//! The statuses of a delivery, in lifecycle order, and the three of them that Syrve has a word for.

use serde::{Deserialize, Serialize};

/// A delivery's status, in Captain.AI's words and in lifecycle order; the order breaks ties of equal time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the words of the published status list")]
pub enum DeliveryStatus {
    UnassignedToDriver,
    AssignedToDriver,
    AssignedAndAcceptedByDriver,
    Collected,
    DroppedOff,
    ReturningToPickupWithDelivery,
    Failed,
    Cancelled,
    AutoClosed,
}

impl DeliveryStatus {
    /// Every status, in lifecycle order.
    pub const ALL: [Self; 9] = [
        Self::UnassignedToDriver,
        Self::AssignedToDriver,
        Self::AssignedAndAcceptedByDriver,
        Self::Collected,
        Self::DroppedOff,
        Self::ReturningToPickupWithDelivery,
        Self::Failed,
        Self::Cancelled,
        Self::AutoClosed,
    ];

    /// The place in the lifecycle.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// The status as it is written in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnassignedToDriver => "unassigned_to_driver",
            Self::AssignedToDriver => "assigned_to_driver",
            Self::AssignedAndAcceptedByDriver => "assigned_and_accepted_by_driver",
            Self::Collected => "collected",
            Self::DroppedOff => "dropped_off",
            Self::ReturningToPickupWithDelivery => "returning_to_pickup_with_delivery",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::AutoClosed => "auto_closed",
        }
    }

    /// The status of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it brings the order nearer to the guest.
    pub fn is_progress(self) -> bool {
        matches!(
            self,
            Self::AssignedToDriver | Self::AssignedAndAcceptedByDriver | Self::Collected | Self::DroppedOff
        )
    }

    /// Whether the fleet is done with the order without having delivered it.
    pub fn is_loss(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::AutoClosed)
    }

    /// What Syrve is to be told. Captain.AI's published mapping has these three entries and no others.
    pub fn pos_status(self) -> Option<PosStatus> {
        match self {
            Self::AssignedAndAcceptedByDriver => Some(PosStatus::Waiting),
            Self::Collected => Some(PosStatus::OnWay),
            Self::DroppedOff => Some(PosStatus::Delivered),
            _ => None,
        }
    }
}

/// The three statuses between which a Syrve order can be switched from outside, in lifecycle order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Syrve's own words")]
pub enum PosStatus {
    Waiting,
    OnWay,
    Delivered,
}

impl PosStatus {
    /// All of them, in lifecycle order.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::OnWay, Self::Delivered];

    /// The word Syrve uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::OnWay => "OnWay",
            Self::Delivered => "Delivered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_ranks_follow_the_lifecycle() {
        for (rank, status) in DeliveryStatus::ALL.into_iter().enumerate() {
            assert_eq!(DeliveryStatus::parse(status.as_str()), Some(status));
            assert_eq!(usize::from(status.rank()), rank);
        }
        assert_eq!(DeliveryStatus::parse("on_the_moon"), None);
    }

    #[test]
    fn only_three_statuses_reach_syrve() {
        let told: Vec<_> = DeliveryStatus::ALL.into_iter().filter_map(DeliveryStatus::pos_status).collect();
        assert_eq!(told, [PosStatus::Waiting, PosStatus::OnWay, PosStatus::Delivered]);
    }
}
