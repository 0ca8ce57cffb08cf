//! The orders that events are applied to: one that nobody has announced, one that Syrve has, and one that a fleet carries
//! already. What follows from an event differs between them.

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

/// The three.
pub fn orders() -> &'static [Order] {
    &ORDERS
}

static ORDERS: LazyLock<Vec<Order>> = LazyLock::new(|| {
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
    for report in [announced, accepted] {
        let before = order.clone();
        order.apply(&report);
        order.follow(&before, &account, &report.stamp.key, RECEIVED_AT);
        states.push(order.clone());
    }
    states
});

fn announcement(account: &Account) -> OrderReport {
    let body = include_bytes!("../../fixtures/syrve/order_created.json");
    let event = syrve::webhook::split(body).expect("a fixture").swap_remove(0).raw;
    syrve::order::map(&queued(Sender::Syrve, &event), account).expect("a fixture")
}
