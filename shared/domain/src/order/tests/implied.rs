//! What a fleet implies, or says without a time: it moves a delivery forward and never back, and gives way to what is told.

use super::story::{COURIER, Told, at, by, implied, status, syrve, tell};
use crate::delivery::DeliveryStatus::{
    self, AssignedAndAcceptedByDriver as Accepted, AssignedToDriver as Assigned, Cancelled, Collected,
    DroppedOff, UnassignedToDriver as Unassigned,
};
use crate::delivery::PosStatus::{Delivered, OnWay, Waiting};
use crate::delivery::Provider::{Bringg, Captain, Radaro};

fn current(told: &Told) -> Option<DeliveryStatus> {
    told.order.delivery().current()
}

#[test]
fn what_is_implied_moves_a_delivery_forward() {
    let mut told = tell(&[syrve(0, COURIER, "WaitCooking"), by(Bringg, 1, Assigned)]);
    assert!(told.then(&implied(Bringg, 2, Accepted)));
    assert!(told.then(&implied(Bringg, 3, Collected)));
    assert_eq!((current(&told), told.asked()), (Some(Collected), vec![Waiting, OnWay]));
    assert_eq!(told.order.delivery().status_stamp().map(|stamp| stamp.at), Some(at(3)));
}

#[test]
fn what_is_implied_never_moves_a_delivery_back() {
    let mut told = tell(&[syrve(0, COURIER, "WaitCooking"), by(Bringg, 1, Collected)]);
    let (asked, count) = (told.asked(), told.events.len());
    for (second, status) in [(2, Unassigned), (3, Assigned), (4, Accepted), (5, Collected)] {
        assert!(!told.then(&implied(Bringg, second, status)), "{status:?}");
    }
    assert_eq!((current(&told), told.asked(), told.events.len()), (Some(Collected), asked, count));
}

#[test]
fn of_what_is_only_implied_the_furthest_counts_at_whatever_time() {
    for story in [
        [implied(Bringg, 1, Collected), implied(Bringg, 2, Accepted)],
        [implied(Bringg, 2, Accepted), implied(Bringg, 1, Collected)],
    ] {
        assert_eq!(current(&tell(&story)), Some(Collected));
    }
}

#[test]
fn what_is_told_later_takes_back_what_was_implied() {
    let told = tell(&[by(Bringg, 1, Assigned), implied(Bringg, 2, Collected), by(Bringg, 3, Unassigned)]);
    assert_eq!(current(&told), Some(Unassigned));
    let late = tell(&[by(Bringg, 3, Unassigned), implied(Bringg, 2, Collected), by(Bringg, 1, Assigned)]);
    assert_eq!(late.order, told.order);
}

#[test]
fn what_is_told_at_the_time_of_what_is_implied_does_not_take_it_back() {
    let told = tell(&[implied(Bringg, 2, Collected), by(Bringg, 2, Accepted)]);
    assert_eq!(current(&told), Some(Collected));
}

#[test]
fn a_delivery_that_was_taken_back_goes_forward_from_there() {
    let mut told = tell(&[implied(Bringg, 2, DroppedOff), by(Bringg, 3, Unassigned)]);
    told.then(&implied(Bringg, 4, Accepted));
    assert_eq!(current(&told), Some(Accepted), "what was implied before counts no more");
}

#[test]
fn an_event_without_a_time_of_a_delivery_that_is_over_says_nothing_of_it() {
    let mut told = tell(&[by(Radaro, 1, Assigned), by(Radaro, 2, Cancelled)]);
    assert!(!told.then(&implied(Radaro, 9, Assigned)));
    assert!(!told.then(&implied(Radaro, 10, DroppedOff)));
    assert_eq!(current(&told), Some(Cancelled));
}

#[test]
fn a_confirmation_after_the_delivery_does_not_move_its_time() {
    let (dropped, confirmed) = (by(Radaro, 5, DroppedOff), implied(Radaro, 9, DroppedOff));
    let mut told = tell([&dropped]);
    assert!(!told.then(&confirmed));
    assert_eq!(told.order.delivery().delivered_at(), Some(at(5)));
    let mut early = tell(&[syrve(0, COURIER, "OnWay"), confirmed]);
    assert_eq!(early.order.delivery().delivered_at(), Some(at(9)), "as long as nothing better is known");
    early.then(&dropped);
    assert_eq!(early.order.delivery().delivered_at(), Some(at(5)));
    assert_eq!(early.asked(), [Delivered]);
}

#[test]
fn what_captain_tells_goes_back_and_forth_as_it_says() {
    let told = tell(&[status(1, Collected), status(2, Accepted), implied(Captain, 1, DroppedOff)]);
    assert_eq!(current(&told), Some(Accepted));
}
