//! What is read from the table is what was written, whatever it holds.

use courier_domain::delivery::{Confirmation, DeliveryStatus, FleetDriver, Position, Provider};
use courier_domain::driver::{ClockRequest, Courier, Driver};
use courier_domain::order::{
    Address, Customer, Item, ItemKind, MovedOrder, Order, OrderDetails, Payment, Problem, ServiceType,
};
use courier_domain::ports::{Drivers, Orders, Versioned};
use courier_domain::report::{DriverChange, DriverEta, DriverReport, FleetNews, ItemReport, OrderChange};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::common::*;

fn item(name: &str, amount: &str, modifiers: Vec<Item>) -> Item {
    Item {
        id: Some(format!("{name}#1")),
        kind: ItemKind::Compound,
        name: name.into(),
        amount: amount.parse().unwrap(),
        sum: Some("-0.10".parse().unwrap()),
        status: None,
        comment: Some(String::new()),
        modifiers,
    }
}

/// Every field filled, with values that tables like to change.
fn rich(name: &str, latitude: f64, amount: &str) -> OrderDetails {
    let point = Address {
        latitude: Some(latitude),
        longitude: Some(-0.0),
        city: Some(name.into()),
        ..Address::default()
    };
    OrderDetails {
        status: "SomethingNew".to_owned().into(),
        number: Some(i64::MAX),
        external_number: Some(name.into()),
        customer: Some(Customer { name: Some(name.into()), surname: None }),
        address: Some(point),
        items: vec![item(name, amount, vec![item(name, "1.00", Vec::new())])],
        total: Some("79228162514264337593543950335".parse().unwrap()),
        payments: vec![Payment { kind: "Cash".into(), sum: amount.parse().unwrap(), processed: true }],
        problem: Some(Problem { description: Some(name.into()) }),
        moved_to: Some(MovedOrder {
            order_id: Some(order_id(2)),
            terminal_group_id: None,
            organization_id: None,
        }),
        ..details(0)
    }
}

fn rich_order(name: &str, latitude: f64, amount: &str) -> Order {
    let mut order = Order::new(order_id(1));
    let details = Box::new(rich(name, latitude, amount));
    let service = Some(ServiceType::DeliveryByCourier);
    order.apply(&report(1, 1, OrderChange::Syrve { service, details }));
    let made = |n: u32| ItemReport {
        quantity: Some(amount.parse().unwrap()),
        sequence: Some(n.into()),
        ..ItemReport::new(format!("{n}.{name}#/"), name)
    };
    let text = || Some(name.to_owned());
    let driver = FleetDriver {
        name: text(),
        phone: text(),
        carrier: text(),
        ..FleetDriver::new(driver_id(1), text())
    };
    let news = FleetNews {
        status: Some(DeliveryStatus::AssignedToDriver),
        implied: false,
        driver: Some(Some(driver)),
        order_status: text(),
        tracking_url: text(),
        eta: Some(at(3)),
        deliver_before: Some(at(4)),
        description: text(),
        end_reason: text(),
        confirmation: Some(Confirmation { confirmed: true, rating: amount.parse().ok(), comment: text() }),
        note: text(),
        items: (0..3).map(made).collect(),
    };
    let implied =
        FleetNews { status: Some(DeliveryStatus::Collected), implied: true, ..FleetNews::default() };
    for (second, provider, news) in [(2, Provider::Bringg, news), (3, Provider::Jelp, implied)] {
        order.apply(&report(1, second, OrderChange::Fleet(provider, Box::new(news))));
    }
    let before = order.clone();
    order.follow(&before, &restaurant("demo"), &key("cause"), at(9));
    order
}

fn words() -> impl Strategy<Value = (String, f64, String)> {
    ("\\PC{0,12}", -180.0..180.0, "-?[0-9]{1,12}(\\.[0-9]{1,6})?")
}

#[tokio::test]
async fn an_order_comes_back_as_it_was_written() {
    let store = Store::new().await;
    let mut runner = TestRunner::deterministic();
    for version in 0..64 {
        let (name, latitude, amount) = words().new_tree(&mut runner).unwrap().current();
        let value = rich_order(&name, latitude, &amount);
        let told = entry(&format!("key-{version}"), 1);
        store.table.commit_order(commit(Versioned { value: value.clone(), version }, told)).await.unwrap();
        let read = store.table.read_order(&demo(), Some(order_id(1)), &[]).await.unwrap();
        assert_eq!(read.order, Some(Versioned { value, version: version + 1 }));
    }
}

#[tokio::test]
async fn a_driver_comes_back_as_it_was_written() {
    let store = Store::new().await;
    let mut driver = Driver::new(driver_id(1));
    let position = Position {
        latitude: 53.349_805_310_000_01,
        longitude: -6.260_31,
        speed_kmh: Some(0.1 + 0.2),
        course: None,
        recorded_at: at(2),
    };
    let shift = |group: &str, opened| DriverChange::Shift {
        terminal_group: group.parse().unwrap(),
        opened,
        role: Some("11111111-0000-4000-8000-000000000001".parse().unwrap()),
    };
    let courier = Courier { name: Some("Zoë".into()), active: false };
    for change in [
        DriverChange::Listed(courier),
        DriverChange::OnDuty(Provider::Bringg, true),
        DriverChange::Available(Provider::Bringg, false),
        DriverChange::Known(Provider::Captain, "7183bb9f1a65".into()),
        shift("a5561d5e-0000-4000-8000-000000000001", true),
        shift("a5561d5e-0000-4000-8000-000000000002", false),
        DriverChange::Position(position),
        DriverChange::Eta(DriverEta { available_at: Some(at(4)), home_at: None }),
    ] {
        driver.apply(&DriverReport { driver_id: driver_id(1), stamp: stamp("one"), change });
    }
    driver.clock_request = Some(ClockRequest { opened: true, stamp: stamp("one"), behind: true });
    store.table.commit_drivers(&demo(), vec![fresh(driver.clone())], entry("one", 1)).await.unwrap();
    driver.updated_at = Some(at(1));
    let read = store.table.read_drivers(&demo(), &[driver_id(1)]).await.unwrap();
    assert_eq!(read, [Versioned { value: driver, version: 1 }]);
}
