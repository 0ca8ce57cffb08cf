//! Which steps Syrve is asked for: of a fleet that does not tell each of them, the skipped ones first and in order; of
//! Captain.AI, exactly what it told.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::story::{COURIER, OTHER, Told, at, by, implied, syrve, tell};
use crate::command::CommandKind;
use crate::delivery::DeliveryStatus::{
    AssignedAndAcceptedByDriver as Accepted, AssignedToDriver as Assigned, Cancelled, Collected, DroppedOff,
    Failed, UnassignedToDriver as Unassigned,
};
use crate::delivery::PosStatus::{Delivered, OnWay, Waiting};
use crate::delivery::Provider::{self, Bringg, Captain, Jelp, Radaro};
use crate::order::SupersededBy;
use crate::report::OrderReport;

/// The fleets of which the first later status implies that a driver accepted.
const SKIPPING: [Provider; 3] = [Jelp, Radaro, Bringg];

fn begun(report: OrderReport) -> Told {
    tell(&[syrve(0, COURIER, "CookingCompleted"), report])
}

/// The commands that would still be sent.
fn live(told: &Told) -> Vec<String> {
    let live = told.commands.iter().filter(|command| told.order.superseded(&command.stamp).is_none());
    live.map(|command| command.kind.label()).collect()
}

#[test]
fn collected_first_asks_for_waiting_too() {
    for fleet in SKIPPING {
        assert_eq!(begun(by(fleet, 1, Collected)).asked(), [Waiting, OnWay], "{fleet:?}");
        assert_eq!(begun(implied(fleet, 1, Collected)).asked(), [Waiting, OnWay], "{fleet:?}");
    }
    assert_eq!(begun(by(Captain, 1, Collected)).asked(), [OnWay]);
}

#[test]
fn dropped_off_first_asks_for_all_three_and_gives_the_time_only_with_the_last() {
    for fleet in SKIPPING {
        let told = begun(by(fleet, 7, DroppedOff));
        let asked: Vec<_> = told
            .commands
            .iter()
            .map(|command| match &command.kind {
                CommandKind::UpdateOrderDeliveryStatus { status, delivered_at, .. } => {
                    (*status, *delivered_at)
                }
                other => panic!("not a status: {other:?}"),
            })
            .collect();
        assert_eq!(asked, [(Waiting, None), (OnWay, None), (Delivered, Some(at(7)))], "{fleet:?}");
    }
    assert_eq!(begun(by(Captain, 7, DroppedOff)).asked(), [Delivered]);
}

#[test]
fn the_commands_of_one_cause_have_ids_of_their_own_and_the_same_each_time() {
    let ids = |told: &Told| told.commands.iter().map(|command| command.id.clone()).collect::<Vec<_>>();
    let (one, two) = (begun(by(Jelp, 1, DroppedOff)), begun(by(Jelp, 1, DroppedOff)));
    assert_eq!(ids(&one), ids(&two));
    assert_eq!(ids(&one).into_iter().collect::<BTreeSet<_>>().len(), 3);
    assert!(one.commands.iter().all(|command| command.stamp == one.commands[0].stamp));
}

#[test]
fn what_syrve_reached_by_its_own_word_is_not_asked_for() {
    for (word, asked) in [
        ("CookingStarted", vec![Waiting, OnWay, Delivered]),
        ("Waiting", vec![OnWay, Delivered]),
        ("OnWay", vec![Delivered]),
        ("Delivered", vec![Delivered]),
    ] {
        let told = tell(&[syrve(0, COURIER, word), by(Jelp, 1, DroppedOff)]);
        assert_eq!(told.asked(), asked, "{word}");
    }
    let ahead = tell(&[syrve(5, COURIER, "Delivered"), by(Jelp, 1, DroppedOff)]);
    assert_eq!(ahead.asked(), []);
}

#[test]
fn a_step_that_was_asked_for_is_not_asked_for_again() {
    let mut told = begun(by(Jelp, 1, Collected));
    for report in [by(Jelp, 2, Collected), by(Jelp, 1, Assigned), implied(Jelp, 3, Accepted)] {
        told.then(&report);
    }
    assert_eq!(told.asked(), [Waiting, OnWay]);
    told.then(&by(Jelp, 4, DroppedOff));
    assert_eq!(told.asked(), [Waiting, OnWay, Delivered]);
}

#[test]
fn what_has_no_word_in_syrve_asks_for_no_step() {
    for status in [Unassigned, Assigned, Failed, Cancelled] {
        assert_eq!(begun(by(Jelp, 1, status)).asked(), [], "{status:?}");
    }
}

#[test]
fn steps_that_still_wait_are_carried_out_before_a_later_one() {
    let mut told = begun(by(Radaro, 1, Accepted));
    told.then(&by(Radaro, 2, Collected));
    told.then(&by(Radaro, 3, DroppedOff));
    let all = ["Waiting", "OnWay", "Delivered"].map(|word| format!("update_order_delivery_status {word}"));
    assert_eq!(live(&told), all);
    let mut told = begun(by(Captain, 1, Accepted));
    told.then(&by(Captain, 2, Collected));
    assert_eq!(live(&told), all[1..2]);
}

#[test]
fn steps_that_still_wait_are_pointless_once_the_delivery_goes_back() {
    let mut told = begun(by(Radaro, 1, DroppedOff));
    told.then(&by(Radaro, 2, Accepted));
    assert_eq!(told.asked(), [Waiting, OnWay, Delivered, Waiting]);
    for command in &told.commands[..3] {
        assert_eq!(told.order.superseded(&command.stamp), Some(SupersededBy::NewerStatus));
    }
    assert_eq!(live(&told), ["update_order_delivery_status Waiting"]);
}

#[test]
fn an_order_that_comes_back_asks_for_the_dropped_steps_again() {
    let mut told = begun(by(Jelp, 1, Collected));
    told.then(&syrve(2, OTHER, "CookingCompleted"));
    told.then(&by(Jelp, 3, DroppedOff));
    told.then(&syrve(4, COURIER, "CookingCompleted"));
    assert_eq!(told.asked(), [Waiting, OnWay, Waiting, OnWay, Delivered]);
    assert_eq!(live(&told).len(), 3);
}

#[test]
fn an_order_that_is_announced_late_asks_for_every_step_at_once() {
    let told = tell(&[by(Bringg, 2, Assigned), by(Bringg, 3, Collected), syrve(1, COURIER, "WaitCooking")]);
    assert_eq!(told.asked(), [Waiting, OnWay]);
}

proptest! {
    #[test]
    fn a_delivery_asks_for_each_step_once_and_in_order_however_its_events_arrive(
        fleet in prop::sample::select(SKIPPING.to_vec()),
        accepts in any::<bool>(),
        (first, repeats) in (Just((0..5).collect::<Vec<usize>>()).prop_shuffle(), prop::collection::vec(0..5_usize, 0..5)),
    ) {
        let accepted = if accepts { by(fleet, 2, Accepted) } else { implied(fleet, 2, Accepted) };
        let story = [
            syrve(0, COURIER, "WaitCooking"),
            by(fleet, 1, Assigned),
            accepted,
            by(fleet, 3, Collected),
            by(fleet, 4, DroppedOff),
        ];
        let told = tell(first.iter().chain(&repeats).map(|n| &story[*n]));
        prop_assert_eq!(told.asked(), [Waiting, OnWay, Delivered]);
        prop_assert_eq!(live(&told).len(), 3);
    }
}

#[test]
fn a_step_that_syrve_made_itself_meanwhile_is_not_sent_any_more() {
    let mut told = begun(by(Jelp, 5, DroppedOff));
    assert_eq!(told.asked(), [Waiting, OnWay, Delivered]);
    told.then(&syrve(6, COURIER, "OnWay"));
    let pointless = |status| told.order.step_superseded(status);
    assert_eq!(pointless(Waiting), Some(SupersededBy::SyrveAhead));
    assert_eq!(pointless(OnWay), Some(SupersededBy::SyrveAhead));
    assert_eq!(pointless(Delivered), None);
}
