//! The orders that events are applied to: one that nobody has announced, one that Syrve has, and one that a fleet carries
//! already. What follows from an event differs between them; what the order is in the end does not depend on when the
//! event arrives.

use std::sync::LazyLock;

use courier_domain::account::Account;
use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::inbound::Sender;
use courier_domain::order::Order;
use courier_domain::register::Stamp;
use courier_domain::report::{FleetNews, OrderChange, OrderReport};
use courier_providers::syrve;

use crate::accounts::{RECEIVED_AT, accounts};
use crate::events::queued;

/// The order in each of its states.
pub fn orders() -> &'static [Order] {
    &STORY.states
}

/// What the order is when it hears of this first, in between and last.
pub fn whenever(report: &OrderReport) -> [Order; 3] {
    let [announced, accepted] = &STORY.reports;
    let stories =
        [[report, announced, accepted], [announced, report, accepted], [announced, accepted, report]];
    stories.map(|story| {
        let mut order = STORY.states[0].clone();
        for report in story {
            order.apply(report);
        }
        order
    })
}

struct Story {
    reports: [OrderReport; 2],
    states: Vec<Order>,
}

static STORY: LazyLock<Story> = LazyLock::new(|| {
    let account = accounts(Provider::Captain).swap_remove(0);
    let announced = announcement(&account);
    let accepted = FleetNews::status(DeliveryStatus::AssignedAndAcceptedByDriver);
    let accepted = OrderReport {
        stamp: Stamp::new(RECEIVED_AT, announced.stamp.key.clone()),
        source: Provider::Captain.as_str().to_owned(),
        change: OrderChange::Fleet(Provider::Captain, Box::new(accepted)),
        ..announced.clone()
    };
    let mut order = Order::new(announced.order_id.expect("Syrve names the order"));
    let mut states = vec![order.clone()];
    let reports = [announced, accepted];
    for report in &reports {
        let before = order.clone();
        order.apply(report);
        order.follow(&before, &account, &report.stamp.key, RECEIVED_AT);
        states.push(order.clone());
    }
    Story { reports, states }
});

fn announcement(account: &Account) -> OrderReport {
    let body = include_bytes!("../../fixtures/syrve/order_created.json");
    let event = syrve::webhook::split(body).expect("a fixture").swap_remove(0).raw;
    syrve::order::map(&queued(Sender::Syrve, &event, RECEIVED_AT), account).expect("a fixture")
}
