//! The groups of calls that share the rate of the keys between them. Orders do not wait behind drivers: the first sync of a
//! chain asks for thousands of drivers within seconds, and with one rate for all an order would draw lots with them for
//! minutes. So drivers have a quarter, orders the rest, and both together never more than the keys are allowed.

use courier_domain::gate::Rate;

/// The name of the group of orders, and of the only group when the rate is too small to be shared.
const ORDERS: &str = "captain";
const DRIVERS: &str = "captain_drivers";

/// One call in so many is for drivers. A smaller rate is not shared: drivers would have none of it.
const FOR_DRIVERS: u32 = 4;

/// Calls that share a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Of orders.
    Orders,
    /// Of drivers.
    Drivers,
}

impl Group {
    /// Its name in the record of calls, and its share of the rate.
    pub(super) fn share(self, requests_per_minute: u32) -> (&'static str, Rate) {
        let drivers = requests_per_minute / FOR_DRIVERS;
        let (name, share) = match self {
            Self::Drivers if drivers > 0 => (DRIVERS, drivers),
            Self::Orders | Self::Drivers => (ORDERS, requests_per_minute - drivers),
        };
        (name, Rate::per_minute(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_have_a_quarter_of_the_rate_and_orders_the_rest() {
        for (rate, orders, drivers) in [(300, 225, 75), (77, 58, 19), (7, 6, 1), (4, 3, 1)] {
            assert_eq!(Group::Orders.share(rate), ("captain", Rate::per_minute(orders)));
            assert_eq!(Group::Drivers.share(rate), ("captain_drivers", Rate::per_minute(drivers)));
        }
    }

    #[test]
    fn a_rate_too_small_to_be_shared_is_one_for_all() {
        for rate in 0..4 {
            for group in [Group::Orders, Group::Drivers] {
                assert_eq!(group.share(rate), ("captain", Rate::per_minute(rate)));
            }
        }
    }
}
