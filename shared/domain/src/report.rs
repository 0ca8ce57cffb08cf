//! What an event means, once a provider's module has read it: a change of an order, of drivers, or of a report. The
//! values are facts with a time; what becomes of them is decided in [`crate::order`] and [`crate::driver`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::delivery::{DeliveryStatus, FleetDriver, Position, Provider};
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
    /// Where the guest can follow the courier, if the event says so.
    #[serde(default)]
    pub tracking_url: Option<String>,
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
    /// A driver was assigned.
    Assigned(Provider, FleetDriver),
    /// The driver was taken off.
    Unassigned(Provider),
    /// The delivery's status changed.
    Status {
        /// Who carries.
        provider: Provider,
        /// The new status, `None` where it has no place in our lifecycle.
        status: Option<DeliveryStatus>,
        /// The driver, where the event names one.
        driver: Option<FleetDriver>,
        /// The fleet's own status of the whole order.
        order_status: Option<String>,
    },
    /// Items were made in the kitchen.
    Items(Vec<ItemReport>),
    /// The order is known to a fleet now.
    Dispatched {
        /// The fleet.
        provider: Provider,
        /// Its id of the order, where it said so.
        fleet_order_id: Option<String>,
    },
    /// A fleet does not take the order. What Syrve says next is offered to it again.
    NotDispatched(Provider),
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
