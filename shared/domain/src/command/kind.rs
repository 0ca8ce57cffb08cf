//! What commands there are, to which system each goes, and for how long it is worth trying.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::delivery::{PosStatus, Provider};
use crate::ids::{DriverId, OrderId, RoleId, TerminalGroupId};

/// Food gets cold: what the kitchen or the guest waits for is worth minutes of retrying.
const MINUTES: SignedDuration = SignedDuration::from_mins(15);
/// Nobody waits for a clock-out, and a shift left open is a wrong pay slip.
const AN_HOUR: SignedDuration = SignedDuration::from_hours(1);
/// A fleet must learn what became of an order even after an outage; what is pointless by then is superseded.
const HOURS: SignedDuration = SignedDuration::from_hours(4);
/// The first sync of a chain asks for so many drivers that their share of the rate is used up for hours, and whether each
/// is on duty waits behind. What is not so any more by then is superseded.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommandKind {
    /// Syrve: set the status of a delivery order.
    UpdateOrderDeliveryStatus {
        /// The order.
        order_id: OrderId,
        /// The status to set.
        status: PosStatus,
        /// When the guest received the order; only with Delivered.
        delivered_at: Option<Timestamp>,
    },
    /// Syrve: open a driver's shift.
    #[serde(rename = "clockin")]
    ClockIn {
        /// The driver.
        driver_id: DriverId,
        /// Where; `None` takes the driver's own, which may have to be looked up.
        terminal_group_id: Option<TerminalGroupId>,
        /// As what, in restaurants that use roles.
        role_id: Option<RoleId>,
    },
    /// Syrve: close a driver's shift.
    #[serde(rename = "clockout")]
    ClockOut {
        /// The driver.
        driver_id: DriverId,
        /// Where; `None` takes the driver's own, which may have to be looked up.
        terminal_group_id: Option<TerminalGroupId>,
    },
    /// Captain.AI: make an order.
    CreateOrder {
        /// The order.
        order_id: OrderId,
    },
    /// Captain.AI: change what an order shows.
    UpdateOrder {
        /// The order.
        order_id: OrderId,
    },
    /// Captain.AI: say how far the kitchen is.
    UpdateOrderStatus {
        /// The order.
        order_id: OrderId,
        /// How far.
        status: KitchenStatus,
    },
    /// Captain.AI: make or change a driver.
    UpsertDriver {
        /// The driver.
        driver_id: DriverId,
    },
    /// Captain.AI: put a driver on duty.
    ClockInDriver {
        /// The driver.
        driver_id: DriverId,
    },
    /// Captain.AI: take a driver off duty.
    ClockOutDriver {
        /// The driver.
        driver_id: DriverId,
    },
}

/// How far the kitchen is with an order, in Captain.AI's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the words of the published status list")]
pub enum KitchenStatus {
    BeingPrepared,
    Prepared,
    Cancelled,
}

impl KitchenStatus {
    /// The word as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeingPrepared => "being_prepared",
            Self::Prepared => "prepared",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The order or driver that a command is about; commands about one thing are carried out in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandSubject {
    /// An order.
    OrderId(OrderId),
    /// A driver.
    DriverId(DriverId),
}

impl CommandSubject {
    /// What it is: `order` or `driver`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OrderId(_) => "order",
            Self::DriverId(_) => "driver",
        }
    }

    /// Its id.
    pub fn id(&self) -> String {
        match self {
            Self::OrderId(id) => id.to_string(),
            Self::DriverId(id) => id.to_string(),
        }
    }
}

/// The outside system that a command goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// The POS.
    Syrve,
    /// A fleet.
    Fleet(Provider),
}

impl System {
    /// Its name in timelines and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syrve => "syrve",
            Self::Fleet(provider) => provider.as_str(),
        }
    }
}

impl CommandKind {
    /// Its name in the API and in logs: the name of the other system's call.
    pub fn name(&self) -> &'static str {
        match self {
            Self::UpdateOrderDeliveryStatus { .. } => "update_order_delivery_status",
            Self::ClockIn { .. } => "clockin",
            Self::ClockOut { .. } => "clockout",
            Self::CreateOrder { .. } => "create_order",
            Self::UpdateOrder { .. } => "update_order",
            Self::UpdateOrderStatus { .. } => "update_order_status",
            Self::UpsertDriver { .. } => "upsert_driver",
            Self::ClockInDriver { .. } => "clock_in_driver",
            Self::ClockOutDriver { .. } => "clock_out_driver",
        }
    }

    /// A short text for the timeline, such as `update_order_delivery_status OnWay`.
    pub fn label(&self) -> String {
        match self {
            Self::UpdateOrderDeliveryStatus { status, .. } => format!("{} {}", self.name(), status.as_str()),
            Self::UpdateOrderStatus { status, .. } => format!("{} {}", self.name(), status.as_str()),
            _ => self.name().to_owned(),
        }
    }

    /// What tells two commands of one cause about one subject apart.
    pub(super) fn identity(&self) -> String {
        match self {
            Self::ClockIn { terminal_group_id: Some(group), .. }
            | Self::ClockOut { terminal_group_id: Some(group), .. } => format!("{}-{group}", self.name()),
            Self::UpdateOrderDeliveryStatus { status, .. } => format!("{}-{}", self.name(), status.as_str()),
            _ => self.name().to_owned(),
        }
    }

    /// The order or driver it is about.
    pub fn subject(&self) -> CommandSubject {
        match self {
            Self::UpdateOrderDeliveryStatus { order_id, .. }
            | Self::CreateOrder { order_id }
            | Self::UpdateOrder { order_id }
            | Self::UpdateOrderStatus { order_id, .. } => CommandSubject::OrderId(*order_id),
            Self::ClockIn { driver_id, .. }
            | Self::ClockOut { driver_id, .. }
            | Self::UpsertDriver { driver_id }
            | Self::ClockInDriver { driver_id }
            | Self::ClockOutDriver { driver_id } => CommandSubject::DriverId(driver_id.clone()),
        }
    }

    /// The system it goes to.
    pub fn system(&self) -> System {
        match self {
            Self::UpdateOrderDeliveryStatus { .. } | Self::ClockIn { .. } | Self::ClockOut { .. } => {
                System::Syrve
            }
            Self::CreateOrder { .. }
            | Self::UpdateOrder { .. }
            | Self::UpdateOrderStatus { .. }
            | Self::UpsertDriver { .. }
            | Self::ClockInDriver { .. }
            | Self::ClockOutDriver { .. } => System::Fleet(Provider::Captain),
        }
    }

    /// For how long after it was asked for it is tried.
    pub fn window(&self) -> SignedDuration {
        match self {
            Self::UpdateOrderDeliveryStatus { .. } | Self::ClockIn { .. } => MINUTES,
            Self::ClockOut { .. } => AN_HOUR,
            Self::CreateOrder { .. } | Self::UpdateOrder { .. } | Self::UpdateOrderStatus { .. } => HOURS,
            Self::UpsertDriver { .. } | Self::ClockInDriver { .. } | Self::ClockOutDriver { .. } => A_DAY,
        }
    }

    /// Whether it may let minutes go by where a crowd waits: thousands of them may wait together, and each look costs.
    pub fn is_patient(&self) -> bool {
        matches!(self, Self::UpsertDriver { .. } | Self::ClockInDriver { .. } | Self::ClockOutDriver { .. })
    }
}
