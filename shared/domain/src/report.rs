//! What an event means, once a provider's module has read it: a change of an order, of drivers, or of a report. The
//! values are facts with a time; what becomes of them is decided in [`crate::order`] and [`crate::driver`].

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};

use crate::delivery::{Confirmation, DeliveryStatus, FleetDriver, Position, Provider};
use crate::driver::Courier;
use crate::ids::{DriverId, OrderId, RoleId, TerminalGroupId};
use crate::order::{CreationError, OrderDetails, OrderRef, ServiceType};
use crate::register::Stamp;

/// One event about one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderReport {
    /// The order, where the sender names it by Syrve's id.
    pub order_id: Option<OrderId>,
    /// The other names the sender has for it, best first.
    pub refs: Vec<OrderRef>,
    /// When it was true.
    pub stamp: Stamp,
    /// Who said it: `syrve`, or a fleet.
    pub source: String,
    /// The sender's name of the event, for the timeline.
    pub event: String,
    /// What changed.
    pub change: OrderChange,
}

/// What an event says of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderChange {
    /// Syrve created or changed it. `service` is `None` where Syrve does not say.
    Syrve {
        /// How the order reaches the guest.
        service: Option<ServiceType>,
        /// All that Syrve says of it.
        details: Box<OrderDetails>,
    },
    /// Syrve could not create or change it.
    SyrveError(CreationError),
    /// Nothing that we keep; the event stays visible in the timeline.
    Nothing,
    /// A fleet told how its delivery goes.
    Fleet(Provider, Box<FleetNews>),
    /// The order is known to a fleet now.
    Dispatched {
        /// The fleet.
        provider: Provider,
        /// Its id of the order, where it said so.
        fleet_order_id: Option<String>,
        /// Where the guest can follow the courier, where it said so.
        tracking_url: Option<String>,
    },
    /// A fleet does not take the order. What Syrve says next is offered to it again.
    NotDispatched {
        /// The fleet.
        provider: Provider,
        /// Whether it may have the order all the same.
        in_doubt: bool,
    },
}

/// What one event of a fleet says of a delivery; what it does not say is not touched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FleetNews {
    /// The status that was reached.
    pub status: Option<DeliveryStatus>,
    /// The status only follows from the event, or the event has no time of its own: it moves the delivery forward and
    /// never back.
    pub implied: bool,
    /// The driver, and `Some(None)` where the event says that there is none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub driver: Option<Option<FleetDriver>>,
    /// The fleet's own status of the whole order.
    pub order_status: Option<String>,
    /// Where the guest can follow the courier.
    pub tracking_url: Option<String>,
    /// When the fleet expects to be with the customer.
    pub eta: Option<Timestamp>,
    /// By when the fleet is to be there.
    pub deliver_before: Option<Timestamp>,
    /// The fleet's description of the job.
    pub description: Option<String>,
    /// Why it ended as it did.
    pub end_reason: Option<String>,
    /// What the customer said.
    pub confirmation: Option<Confirmation>,
    /// A remark.
    pub note: Option<String>,
    /// Items that were made in the kitchen.
    pub items: Vec<ItemReport>,
}

impl FleetNews {
    /// Only a status.
    pub fn status(status: DeliveryStatus) -> Self {
        Self { status: Some(status), ..Self::default() }
    }
}

/// A null is something that was said; only what is absent was not.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// The state of one item of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemReport {
    /// The fleet's id of the item.
    pub item: String,
    /// Its name, as shown.
    pub name: Option<String>,
    /// `not_being_prepared`, `being_prepared`, `prepared`, or what the sender wrote.
    pub status: String,
    /// How many of it, where the sender says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// Its place among the items, where the sender says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
}

impl ItemReport {
    /// The status of an item.
    pub fn new(item: impl Into<String>, status: impl Into<String>) -> Self {
        Self { item: item.into(), name: None, status: status.into(), quantity: None, sequence: None }
    }
}

/// One event about drivers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriverReport {
    /// Who.
    pub driver_id: DriverId,
    /// When it was true.
    pub stamp: Stamp,
    /// What changed.
    pub change: DriverChange,
}

/// What an event says of a driver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverChange {
    /// A shift was opened or closed in one terminal group.
    Shift {
        /// Where.
        terminal_group: TerminalGroupId,
        /// Open or closed.
        opened: bool,
        /// As what, in restaurants that use roles.
        role: Option<RoleId>,
    },
    /// Where the driver is.
    Position(Position),
    /// When the driver is free again.
    Eta(DriverEta),
    /// What Syrve's list of couriers says.
    Listed(Courier),
    /// A fleet has the driver on duty, or off it.
    OnDuty(Provider, bool),
    /// A fleet's driver takes orders, or takes none.
    Available(Provider, bool),
    /// A fleet's own id of the driver.
    Known(Provider, String),
    /// A fleet was not told of the driver, for a reason that may be gone next time.
    NotTold(Provider),
}

/// A fleet's estimate of when a driver is available again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverEta {
    /// Free for the next order.
    pub available_at: Option<Timestamp>,
    /// Back at the restaurant.
    pub home_at: Option<Timestamp>,
}

/// What one inbound event means.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// A change of one order.
    Order(Box<OrderReport>),
    /// Changes of drivers: one for each driver the event names.
    Drivers(Vec<DriverReport>),
    /// A report that the account ordered is ready.
    AnalyticsReady {
        /// When.
        stamp: Stamp,
        /// The fleet's id of the report.
        report: String,
        /// Where it can be fetched, if the event says so.
        url: Option<String>,
    },
}
