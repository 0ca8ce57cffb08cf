//! Two fleets on one order: which of them is in charge, what late events of the other change, and what is told of it.

use proptest::prelude::*;
use serde_json::json;

use super::story::{COURIER, Told, at, by, driver_of, implied, item, news, said, syrve, tell};
use crate::delivery::Delivery;
use crate::delivery::DeliveryStatus::{
    self, AssignedAndAcceptedByDriver as Accepted, AssignedToDriver as Assigned, AutoClosed, Cancelled,
    Collected, DroppedOff, Failed, ReturningToPickupWithDelivery as Returning,
    UnassignedToDriver as Unassigned,
};
use crate::delivery::PosStatus::{Delivered, OnWay, Waiting};
use crate::delivery::Provider::{self, Bringg, Captain, Jelp, Radaro};
use crate::report::{FleetNews, OrderChange, OrderReport};

/// Jelp fails, and Bringg takes over.
fn taken_over() -> Told {
    tell(&[
        syrve(0, COURIER, "CookingCompleted"),
        said(Jelp, 1, Assigned, Some(driver_of(Jelp, "7"))),
        by(Jelp, 2, Failed),
        said(Bringg, 3, Assigned, Some(driver_of(Bringg, "8"))),
        by(Bringg, 4, Accepted),
    ])
}

fn in_charge(told: &Told) -> (Option<Provider>, Option<DeliveryStatus>) {
    (told.order.carrier(), told.order.delivery().current())
}

/// The events of a name, without the order and the account.
fn of_name<'a>(told: &'a Told, name: &str) -> Vec<&'a serde_json::Value> {
    told.events.iter().filter(|event| event.name == name).map(|event| &event.detail).collect()
}

#[test]
fn a_second_fleet_takes_over_after_a_failure_and_both_are_kept() {
    let mut told = taken_over();
    assert_eq!(in_charge(&told), (Some(Bringg), Some(Accepted)));
    assert_eq!(told.order.delivery().current_driver(), Some(driver_of(Bringg, "8")));
    let jelp = &told.order.deliveries[&Jelp];
    assert_eq!((jelp.current(), jelp.current_driver()), (Some(Failed), Some(driver_of(Jelp, "7"))));
    told.then(&by(Bringg, 5, DroppedOff));
    assert_eq!(told.asked(), [Waiting, OnWay, Delivered]);
    assert_eq!(told.order.delivery().delivered_at(), Some(at(5)));
}

#[test]
fn late_events_of_the_first_change_nothing_that_counts() {
    let full = FleetNews {
        driver: Some(Some(driver_of(Jelp, "9"))),
        tracking_url: Some("https://jelp.test/t".into()),
        note: Some("too late".into()),
        ..FleetNews::status(Collected)
    };
    for late in [
        by(Jelp, 1, Accepted),
        by(Jelp, 1, DroppedOff),
        by(Jelp, 9, Cancelled),
        by(Jelp, 9, DroppedOff),
        by(Jelp, 9, Unassigned),
        by(Jelp, 9, Returning),
        implied(Jelp, 9, Assigned),
        implied(Jelp, 9, Accepted),
        implied(Jelp, 9, DroppedOff),
        news(Jelp, 9, full),
    ] {
        let mut told = taken_over();
        let (before, asked, count) = (told.order.delivery().clone(), told.asked(), told.events.len());
        told.then(&late);
        assert_eq!(told.order.carrier(), Some(Bringg), "{late:?}");
        assert_eq!(told.order.delivery(), &before, "{late:?}");
        assert_eq!((told.asked(), told.events.len()), (asked, count), "{late:?}");
    }
}

#[test]
fn the_first_comes_back_with_a_new_assignment_only() {
    for again in [Assigned, Accepted] {
        let mut told = taken_over();
        assert!(told.then(&by(Jelp, 9, again)));
        assert_eq!(in_charge(&told), (Some(Jelp), Some(again)));
    }
    let mut told = taken_over();
    told.then(&by(Bringg, 8, Failed));
    assert_eq!(in_charge(&told), (Some(Bringg), Some(Failed)), "the newest end, when all gave up");
    told.then(&by(Jelp, 9, Assigned));
    assert_eq!(in_charge(&told), (Some(Jelp), Some(Assigned)));
}

#[test]
fn an_assignment_of_the_second_in_which_the_first_failed_does_not_outlive_it() {
    for story in [[by(Jelp, 5, Failed), by(Jelp, 5, Assigned)], [by(Jelp, 5, Assigned), by(Jelp, 5, Failed)]]
    {
        let mut told = tell(&story);
        told.then(&by(Bringg, 1, Assigned));
        assert_eq!(told.order.carrier(), Some(Bringg));
    }
}

#[test]
fn of_two_fleets_with_a_driver_the_one_that_moved_last_counts_until_one_collects() {
    let mut told = tell(&[syrve(0, COURIER, "WaitCooking"), by(Jelp, 1, Assigned), by(Radaro, 2, Assigned)]);
    assert_eq!(in_charge(&told), (Some(Radaro), Some(Assigned)));
    told.then(&by(Jelp, 3, Collected));
    assert_eq!(in_charge(&told), (Some(Jelp), Some(Collected)));
    told.then(&by(Radaro, 4, Accepted));
    assert_eq!(in_charge(&told), (Some(Jelp), Some(Collected)), "who has the order in hand counts");
    told.then(&by(Jelp, 5, DroppedOff));
    told.then(&by(Radaro, 6, Collected));
    assert_eq!(in_charge(&told), (Some(Jelp), Some(DroppedOff)), "what was delivered is not on its way");
    told.then(&by(Radaro, 7, Cancelled));
    assert_eq!(told.asked(), [Waiting, OnWay, Delivered]);
}

#[test]
fn a_fleet_that_lets_go_of_an_order_it_collected_leaves_it_to_the_other() {
    for end in [Unassigned, Returning, Failed, Cancelled, AutoClosed] {
        let told = tell(&[by(Jelp, 1, Collected), by(Radaro, 2, Accepted), by(Jelp, 3, end)]);
        assert_eq!(in_charge(&told), (Some(Radaro), Some(Accepted)), "{end:?}");
    }
}

#[test]
fn a_relay_is_with_who_collected_last() {
    let told = tell(&[by(Jelp, 1, Collected), by(Radaro, 2, Collected)]);
    assert_eq!(told.order.carrier(), Some(Radaro));
    let late = tell(&[by(Radaro, 2, Collected), by(Jelp, 1, Collected)]);
    assert_eq!(late.order.carrier(), Some(Radaro));
}

#[test]
fn an_end_at_a_fleet_asks_syrve_for_nothing_and_cancels_nothing() {
    for end in [Failed, Cancelled, AutoClosed] {
        let mut told = tell(&[syrve(0, COURIER, "CookingCompleted"), by(Jelp, 1, Collected)]);
        let asked = told.asked();
        told.then(&by(Jelp, 2, end));
        assert_eq!(told.asked(), asked);
        assert!(!told.order.is_over() && told.order.on_delivery());
        let last: Vec<_> =
            told.events.iter().rev().take(2).map(|event| (&event.name, event.occurred_at)).collect();
        assert_eq!(
            last,
            [(&"order_status_updated".to_owned(), at(2)), (&"job_delivery_status_updated".to_owned(), at(2))]
        );
        let detail =
            json!({ "provider": "jelp", "job_delivery_status": end, "driver_id": null, "fleet_id": null });
        assert_eq!(of_name(&told, "job_delivery_status_updated").last(), Some(&&detail));
    }
}

#[test]
fn a_courier_anew_is_waited_for_anew() {
    let mut told =
        tell(&[syrve(0, COURIER, "CookingCompleted"), by(Jelp, 1, Collected), by(Jelp, 2, Failed)]);
    told.then(&by(Radaro, 3, Accepted));
    told.then(&by(Radaro, 4, DroppedOff));
    assert_eq!(told.asked(), [Waiting, OnWay, Waiting, OnWay, Delivered]);
}

#[test]
fn the_end_of_a_fleet_is_told_although_another_takes_over_at_once() {
    let mut told = tell(&[
        syrve(0, COURIER, "WaitCooking"),
        said(Radaro, 1, Assigned, Some(driver_of(Radaro, "8"))),
        said(Jelp, 2, Assigned, Some(driver_of(Jelp, "7"))),
    ]);
    let heard = told.events.len();
    told.then(&by(Jelp, 3, Failed));
    let names: Vec<_> =
        told.events[heard..].iter().map(|event| (event.name.as_str(), &event.detail)).collect();
    assert_eq!(
        names,
        [
            ("order_assigned", &json!({ "provider": "radaro", "driver_id": "radaro:8", "fleet_id": "8" })),
            (
                "job_delivery_status_updated",
                &json!({ "provider": "jelp", "job_delivery_status": "failed", "driver_id": "jelp:7", "fleet_id": "7" })
            ),
            (
                "job_delivery_status_updated",
                &json!({
                    "provider": "radaro", "job_delivery_status": "assigned_to_driver", "driver_id": "radaro:8",
                    "fleet_id": "8",
                })
            ),
        ]
    );
}

#[test]
fn a_driver_is_taken_off_in_the_name_of_the_fleet_that_had_them() {
    let mut told = tell(&[
        syrve(0, COURIER, "WaitCooking"),
        by(Radaro, 1, Unassigned),
        said(Jelp, 2, Assigned, Some(driver_of(Jelp, "7"))),
        by(Jelp, 3, Failed),
    ]);
    assert_eq!(in_charge(&told), (Some(Radaro), Some(Unassigned)));
    let expected = json!({ "provider": "jelp", "driver_id": "jelp:7", "fleet_id": "7" });
    assert_eq!(of_name(&told, "order_unassigned"), [&expected]);
    let off = told.events.iter().find(|event| event.name == "order_unassigned").unwrap();
    assert_eq!(off.occurred_at, at(3));
    told.then(&said(Radaro, 4, Assigned, Some(driver_of(Radaro, "8"))));
    assert_eq!(of_name(&told, "order_assigned").len(), 2);
}

#[test]
fn a_fleet_that_said_nothing_of_a_status_does_not_take_over() {
    let link = OrderChange::Dispatched {
        provider: Captain,
        fleet_order_id: None,
        tracking_url: Some("https://captain.test/t".into()),
    };
    let mut told = tell(&[syrve(0, COURIER, "WaitCooking"), by(Jelp, 1, Assigned), by(Jelp, 2, Failed)]);
    let count = told.events.len();
    told.then(&super::story::report(3, link));
    let driver = FleetNews { driver: Some(Some(driver_of(Radaro, "8"))), ..FleetNews::default() };
    told.then(&news(Radaro, 4, driver));
    assert_eq!(in_charge(&told), (Some(Jelp), Some(Failed)));
    assert_eq!(told.events.len(), count);
}

#[test]
fn items_and_empty_news_make_no_fleet_one_of_the_orders() {
    let mut told = tell(&[by(Jelp, 1, Assigned), item(2, "pizza", "prepared")]);
    for implied in [false, true] {
        assert!(!told.then(&news(Radaro, 3, FleetNews { implied, ..FleetNews::default() })));
    }
    assert_eq!(told.order.deliveries.keys().collect::<Vec<_>>(), [&Jelp]);
    assert_eq!(tell(&[]).order.delivery(), &Delivery::default());
}

#[test]
fn only_the_fleet_that_an_order_was_written_to_has_its_answers_id() {
    let made = OrderChange::Dispatched {
        provider: Captain,
        fleet_order_id: Some("6992".into()),
        tracking_url: None,
    };
    let mut told = tell(&[by(Jelp, 1, Assigned)]);
    told.then(&super::story::report(2, made));
    assert_eq!(told.order.fleet_order_id(Captain), Some("6992"));
    assert_eq!(told.order.fleet_order_id(Jelp), None);
    let named =
        OrderReport { refs: vec![crate::order::OrderRef::new("jelp", "AIEW")], ..by(Jelp, 3, Assigned) };
    told.then(&named);
    assert_eq!(told.order.fleet_order_id(Jelp), Some("AIEW"));
}

proptest! {
    #[test]
    fn whatever_arrives_when_the_second_fleet_has_delivered_and_the_first_has_failed(
        order in Just((0..11).collect::<Vec<usize>>()).prop_shuffle(),
        repeats in prop::collection::vec(0..11_usize, 0..6),
    ) {
        let story = [
            syrve(0, COURIER, "CookingCompleted"),
            said(Jelp, 1, Assigned, Some(driver_of(Jelp, "7"))),
            by(Jelp, 2, Collected),
            by(Jelp, 3, Failed),
            by(Jelp, 11, Cancelled),
            by(Jelp, 12, DroppedOff),
            implied(Jelp, 13, Assigned),
            said(Bringg, 4, Assigned, Some(driver_of(Bringg, "8"))),
            implied(Bringg, 5, Accepted),
            by(Bringg, 6, Collected),
            by(Bringg, 7, DroppedOff),
        ];
        let told = tell(order.iter().chain(&repeats).map(|n| &story[*n]));
        prop_assert_eq!(in_charge(&told), (Some(Bringg), Some(DroppedOff)));
        prop_assert_eq!(told.order.delivery().delivered_at(), Some(at(7)));
        prop_assert_eq!(told.order.delivery().current_driver(), Some(driver_of(Bringg, "8")));
        prop_assert_eq!(told.asked().pop(), Some(Delivered));
    }
}
