//! Applies what an event means, twice: the second time must change nothing, ask nobody for anything and tell nothing,
//! because every queue delivers at least once. And early and late: the order must be the same in the end, because no queue
//! keeps the senders' order.

use std::collections::BTreeMap;

use courier_domain::account::Account;
use courier_domain::driver::Driver;
use courier_domain::ids::DriverId;
use courier_domain::inbound::InboundEvent;
use courier_domain::order::Order;
use courier_domain::report::{DriverReport, OrderReport, Report};

use crate::accounts::RECEIVED_AT;
use crate::events::check_word;
use crate::orders::{orders, whenever};

/// Applies a report to whatever it is about.
pub fn settle(report: &Report, event: &InboundEvent, account: &Account) {
    match report {
        Report::Order(report) => of_order(report, event, account),
        Report::Drivers(reports) => of_drivers(reports, event, account),
        Report::AnalyticsReady { .. } => {}
    }
}

/// Applies a report to an order, in each state that it may be in.
pub fn of_order(report: &OrderReport, event: &InboundEvent, account: &Account) {
    check_word(&report.event);
    let [first, between, last] = whenever(report);
    assert!(first == between && between == last, "the order depends on when the event arrives");
    for order in orders() {
        let mut order = order.clone();
        let before = order.clone();
        order.apply(report);
        order.follow(&before, account, &event.key, RECEIVED_AT);
        let stored = stored(&order);
        let settled = order.clone();
        assert!(!order.apply(report), "the same event again changes the order");
        let follow_up = order.follow(&settled, account, &event.key, RECEIVED_AT);
        assert!(follow_up.commands.is_empty(), "the same event again asks for something");
        assert!(follow_up.events.is_empty(), "the same event again is told");
        assert_eq!(order, settled, "the same event again is remembered");
        assert_eq!(
            (stored.deliveries, stored.refs),
            (order.deliveries, order.refs),
            "an order is stored as another"
        );
    }
}

/// An order is read again before the next event.
fn stored(order: &Order) -> Order {
    let text = serde_json::to_string(order).expect("an order is JSON");
    serde_json::from_str(&text).expect("an order can be read again")
}

/// Applies reports to the drivers that they name.
pub fn of_drivers(reports: &[DriverReport], event: &InboundEvent, account: &Account) {
    let mut drivers = BTreeMap::<DriverId, Driver>::new();
    for again in [false, true] {
        for report in reports {
            let id = &report.driver_id;
            let driver = drivers.entry(id.clone()).or_insert_with(|| Driver::new(id.clone()));
            let before = driver.clone();
            let changed = driver.apply(report);
            let follow_up = driver.follow(&before, account, &event.key, &report.stamp, RECEIVED_AT);
            if again {
                assert!(!changed, "the same event again changes the driver");
                assert!(follow_up.commands.is_empty(), "the same event again asks for something");
                assert!(follow_up.events.is_empty(), "the same event again is told");
                assert_eq!(*driver, before, "the same event again is remembered");
            }
        }
    }
}
