//! The words in which the tests tell what happened to an order: reports by second and key, and a teller that applies them
//! the way a function does (`apply`, then `follow` from the state before) and keeps what was handed on.

use jiff::Timestamp;

use crate::account::Account;
use crate::command::{Command, CommandKind};
use crate::delivery::{DeliveryStatus, FleetDriver, PosStatus, Provider};
use crate::event::DomainEvent;
use crate::ids::{DriverId, EventKey, OrderId};
use crate::order::{Address, CreationError, Customer, Item, ItemKind, Order, OrderDetails, ServiceType};
use crate::register::Stamp;
use crate::report::{FleetNews, ItemReport, OrderChange, OrderReport};
use crate::testing::account;

pub(super) const COURIER: Option<ServiceType> = Some(ServiceType::DeliveryByCourier);
pub(super) const OTHER: Option<ServiceType> = Some(ServiceType::Other);

pub(super) fn order_id() -> OrderId {
    "497f6eca-6276-4993-bfeb-53cbbbba6f08".parse().unwrap()
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + second).unwrap()
}

pub(super) fn stamp(second: i64, key: &str) -> Stamp {
    Stamp::new(at(second), key.parse().unwrap())
}

/// A report whose key follows from what it says, as a real event's does.
pub(super) fn report(second: i64, change: OrderChange) -> OrderReport {
    let source = match &change {
        OrderChange::Syrve { .. } | OrderChange::SyrveError(_) => "syrve",
        OrderChange::Fleet(provider, _) => provider.as_str(),
        _ => "captain",
    };
    OrderReport {
        order_id: Some(order_id()),
        refs: Vec::new(),
        stamp: Stamp::new(at(second), EventKey::hashed([format!("{second} {change:?}").as_str()])),
        source: source.into(),
        event: "event".into(),
        change,
    }
}

/// Syrve's word on the order at `second`; the customer is called after the second.
pub(super) fn syrve(second: i64, service: Option<ServiceType>, status: &str) -> OrderReport {
    let mut pizza = line("pizza", "");
    pizza.status = None;
    syrve_with(second, service, status, vec![pizza])
}

/// A line with Syrve's word for its status.
pub(super) fn line(id: &str, status: &str) -> Item {
    Item {
        id: Some(id.into()),
        kind: ItemKind::Product,
        name: format!("One {id}"),
        amount: "1".parse().unwrap(),
        sum: None,
        status: Some(status.into()),
        comment: Some("no onions for Ann".into()),
        modifiers: Vec::new(),
    }
}

/// Syrve's word on an order of these lines.
pub(super) fn syrve_with(
    second: i64,
    service: Option<ServiceType>,
    status: &str,
    items: Vec<Item>,
) -> OrderReport {
    let details = OrderDetails {
        status: status.to_owned().into(),
        number: Some(577),
        external_number: None,
        terminal_group_id: None,
        customer: Some(Customer { name: Some(format!("Ann {second}")), surname: None }),
        phone: Some("+353 1 000".into()),
        address: Some(Address { line1: Some("Main St".into()), ..Address::default() }),
        comment: Some("Blue door".into()),
        items,
        total: Some("12.50".parse().unwrap()),
        payments: Vec::new(),
        to_collect: None,
        created_at: Some(at(0)),
        promised_at: None,
        asap: None,
        cooked_at: None,
        sent_at: None,
        delivered_at: None,
        closed_at: None,
        cancelled_at: None,
        cancel_reason: None,
        problem: None,
        courier_id: None,
        moved_from: None,
        moved_to: None,
    };
    report(second, OrderChange::Syrve { service, details: Box::new(details) })
}

pub(super) fn failed(second: i64, code: &str) -> OrderReport {
    report(second, OrderChange::SyrveError(CreationError { code: code.into(), message: None }))
}

pub(super) fn driver(name: &str) -> FleetDriver {
    FleetDriver::new(name.parse().unwrap(), None)
}

/// What a fleet says of its delivery.
pub(super) fn news(provider: Provider, second: i64, news: FleetNews) -> OrderReport {
    report(second, OrderChange::Fleet(provider, Box::new(news)))
}

/// A status of a fleet, and the driver that it names.
pub(super) fn said(
    provider: Provider,
    second: i64,
    status: DeliveryStatus,
    driver: Option<FleetDriver>,
) -> OrderReport {
    news(provider, second, FleetNews { driver: driver.map(Some), ..FleetNews::status(status) })
}

/// A status of a fleet.
pub(super) fn by(provider: Provider, second: i64, status: DeliveryStatus) -> OrderReport {
    said(provider, second, status, None)
}

/// A status that follows from what a fleet said, or was said at no known time.
pub(super) fn implied(provider: Provider, second: i64, status: DeliveryStatus) -> OrderReport {
    news(provider, second, FleetNews { implied: true, ..FleetNews::status(status) })
}

/// A driver of a fleet, by the fleet's id.
pub(super) fn driver_of(provider: Provider, fleet_id: &str) -> FleetDriver {
    FleetDriver::new(DriverId::of_fleet(provider.as_str(), fleet_id).unwrap(), Some(fleet_id.into()))
}

pub(super) fn assigned(second: i64, name: &str) -> OrderReport {
    said(Provider::Captain, second, DeliveryStatus::AssignedToDriver, Some(driver(name)))
}

pub(super) fn unassigned(second: i64) -> OrderReport {
    let none = FleetNews { driver: Some(None), ..FleetNews::status(DeliveryStatus::UnassignedToDriver) };
    news(Provider::Captain, second, none)
}

pub(super) fn status(second: i64, status: DeliveryStatus) -> OrderReport {
    said(Provider::Captain, second, status, None)
}

/// A driver who is given by the fleet's id and Syrve's.
pub(super) fn assigned_employee(second: i64, employee: &str, fleet_id: &str) -> OrderReport {
    let driver = FleetDriver::new(employee.parse().unwrap(), Some(fleet_id.into()));
    said(Provider::Captain, second, DeliveryStatus::AssignedToDriver, Some(driver))
}

/// A status that names its driver by the fleet's id only.
pub(super) fn status_by(second: i64, status: DeliveryStatus, fleet_id: &str) -> OrderReport {
    said(Provider::Captain, second, status, Some(driver_of(Provider::Captain, fleet_id)))
}

/// The fleet's status of the whole order, which has no place in the lifecycle, and the driver it names.
pub(super) fn order_status(second: i64, text: &str, name: &str) -> OrderReport {
    let (driver, order_status) = (Some(Some(driver(name))), Some(text.into()));
    news(Provider::Captain, second, FleetNews { driver, order_status, ..FleetNews::default() })
}

pub(super) fn item(second: i64, item: &str, status: &str) -> OrderReport {
    let item = ItemReport::new(item, status);
    news(Provider::Captain, second, FleetNews { items: vec![item], ..FleetNews::default() })
}

/// An order and everything that was handed on while its story was told.
pub(super) struct Told {
    pub(super) account: Account,
    pub(super) order: Order,
    pub(super) commands: Vec<Command>,
    pub(super) events: Vec<DomainEvent>,
}

impl Told {
    /// Tells one more event; says whether it changed anything.
    pub(super) fn then(&mut self, report: &OrderReport) -> bool {
        let before = self.order.clone();
        let changed = self.order.apply(report);
        let follow_up = self.order.follow(&before, &self.account, &report.stamp.key, at(100_000));
        self.commands.extend(follow_up.commands);
        self.events.extend(follow_up.events);
        changed
    }

    /// The statuses that Syrve was asked for, in order.
    pub(super) fn asked(&self) -> Vec<PosStatus> {
        self.commands.iter().map(pos_status).collect()
    }

    pub(super) fn event_names(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.name.as_str()).collect()
    }
}

pub(super) fn pos_status(command: &Command) -> PosStatus {
    match &command.kind {
        CommandKind::UpdateOrderDeliveryStatus { status, .. } => *status,
        other => panic!("not a status: {other:?}"),
    }
}

/// The order after these events, in this order of arrival.
pub(super) fn tell<'a>(reports: impl IntoIterator<Item = &'a OrderReport>) -> Told {
    tell_to(None, reports)
}

/// The same for an account whose orders are written to a fleet.
pub(super) fn tell_to<'a>(
    dispatch_to: Option<Provider>,
    reports: impl IntoIterator<Item = &'a OrderReport>,
) -> Told {
    let account = account(dispatch_to);
    let mut told = Told { account, order: Order::new(order_id()), commands: Vec::new(), events: Vec::new() };
    for report in reports {
        told.then(report);
    }
    told
}
