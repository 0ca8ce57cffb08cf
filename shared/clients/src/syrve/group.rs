//! Syrve's calls, each with the restriction group whose rate it takes a place in. The groups are Syrve's; how often their
//! calls may be made is set per API login.

use courier_domain::account::SyrveRates;
use courier_domain::gate::Rate;

use crate::exchange::Reading;

/// Calls that share a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Asking for a token.
    Authorization,
    /// Organizations and terminal groups.
    Dictionaries,
    /// The list of couriers.
    Drivers,
    /// Clocking in and out, and looking at shifts.
    Shifts,
    /// Setting the status of orders.
    OrderStatus,
    /// Looking at orders.
    Orders,
    /// Asking what became of a call.
    Commands,
}

impl Group {
    /// Its name in the record of calls.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization",
            Self::Dictionaries => "dictionaries",
            Self::Drivers => "drivers",
            Self::Shifts => "shifts",
            Self::OrderStatus => "order_status",
            Self::Orders => "orders",
            Self::Commands => "commands",
        }
    }

    /// How often its calls may be made.
    pub(super) fn rate(self, rates: &SyrveRates) -> Rate {
        match self {
            Self::Authorization => Rate::spaced(rates.authorization),
            Self::Dictionaries => Rate::per_minute(rates.dictionaries),
            Self::Drivers => Rate::per_minute(rates.drivers),
            Self::Shifts => Rate::per_minute(rates.shifts),
            Self::OrderStatus => Rate::per_minute(rates.order_status),
            Self::Orders => Rate::per_minute(rates.orders),
            Self::Commands => Rate::per_minute(rates.commands),
        }
    }
}

/// A call with a token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    pub(super) group: Group,
    pub(super) reading: Reading,
}

impl Endpoint {
    /// One with an answer of the usual size.
    pub(super) const fn new(path: &'static str, group: Group) -> Self {
        Self { path, group, reading: Reading::Answer }
    }
}
