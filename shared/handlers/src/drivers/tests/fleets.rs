//! What fleets say of their drivers: where they are, whether they are on duty, whether they take orders.

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use courier_domain::driver::Driver;
use courier_domain::inbound::InboundEvent;
use serde_json::json;

use crate::testing::events::{all_of_fleet, fixture, shift};
use crate::testing::{ANN, Bridge, with_all_fleets};

/// An hour after the order was made.
const RECEIVED: i64 = 3600;

fn bridge() -> Bridge {
    Bridge::of(with_all_fleets(MatchOrdersBy::OrderId))
}

/// Bringg's word on a driver, of a fixture that is named after its event.
fn of_bringg(file: &str) -> InboundEvent {
    let rest = [file.split("__").next().unwrap()];
    all_of_fleet(Provider::Bringg, &rest, &fixture(&format!("bringg/{file}")), RECEIVED).remove(0)
}

/// The one driver that is known.
fn driver(bridge: &Bridge) -> Driver {
    let state = bridge.memory.state();
    let [driver] = state.drivers.values().collect::<Vec<_>>().try_into().expect("one driver");
    driver.value.clone()
}

fn flags(bridge: &Bridge) -> (Option<bool>, Option<bool>) {
    let driver = driver(bridge);
    let of = |flags: &std::collections::BTreeMap<Provider, courier_domain::register::Register<bool>>| {
        flags.get(&Provider::Bringg).and_then(|flag| flag.get().copied())
    };
    (of(&driver.on_duty), of(&driver.available))
}

#[tokio::test]
async fn a_fleets_shift_is_the_fleets_and_clocks_nobody_in_at_syrve() {
    let bridge = bridge();
    bridge.tell_all(&[of_bringg("shift_started")]).await;
    assert_eq!((flags(&bridge), driver(&bridge).clocked_in()), ((Some(true), None), false));
    bridge.tell_all(&[of_bringg("shift_ended"), of_bringg("shift_started")]).await;
    assert_eq!(flags(&bridge).0, Some(false), "a late start changes nothing");
    assert!(bridge.commands.items().is_empty());
    bridge.tell_all(&[shift(0, ANN, true)]).await;
    let driver = bridge.driver();
    assert!(driver.clocked_in() && driver.on_duty.len() == 1, "Bringg was told Syrve's id of this driver");
}

#[tokio::test]
async fn a_driver_who_takes_no_orders_takes_them_again() {
    let (away, back) = (
        of_bringg("driver_unavailable_status_changed"),
        of_bringg("driver_unavailable_status_changed__back"),
    );
    let bridge = bridge();
    bridge.tell_all(&[away]).await;
    assert_eq!(flags(&bridge), (None, Some(false)));
    bridge.tell_all(&[back]).await;
    assert_eq!(flags(&bridge), (None, Some(true)));
    assert_eq!(bridge.event_names(), [""; 0]);
}

#[tokio::test]
async fn a_fleets_position_is_the_drivers() {
    let bridge = bridge();
    bridge.tell_all(&[of_bringg("driver_location_updated")]).await;
    let position = driver(&bridge).position.get().cloned().unwrap();
    let body = fixture("bringg/driver_location_updated");
    assert_eq!(
        (json!(position.latitude), json!(position.longitude)),
        (body["lat"].clone(), body["lng"].clone())
    );
}

#[tokio::test]
async fn a_jelp_event_with_a_driver_on_the_map_is_an_event_of_the_order_and_one_of_the_driver() {
    let bridge = bridge();
    let body = fixture("jelp/assign_driver_own_fleet");
    let events = all_of_fleet(Provider::Jelp, &["assign_driver"], &body, RECEIVED);
    assert_eq!(events.len(), 2);
    bridge.tell_all(&events).await;
    let driver = bridge.driver();
    let position = driver.position.get().unwrap();
    assert_eq!((position.latitude, position.longitude), (53.3471, -6.2577));
    assert_eq!(driver.driver_id.as_str(), ANN);
}
