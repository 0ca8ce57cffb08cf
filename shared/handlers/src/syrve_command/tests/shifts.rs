//! Drivers who are clocked in and out, and nothing goes wrong.

use std::time::Duration;

use courier_domain::command::{CommandKind, CommandState};
use serde_json::json;

use super::{Desk, SUCCESS, asked, clock_desk, desk_of, later};
use crate::queue::Verdict;
use crate::testing::events::{fixture, of_syrve, shift};
use crate::testing::{ANN, Bridge, Fault, KITCHEN, at, rejected};

/// Ann has worked in the kitchen before, and is in at second 2 or out.
async fn worked(is_in: bool) -> Bridge {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift(1, ANN, !is_in), shift(2, ANN, is_in)]).await;
    bridge
}

/// When Ann's shift in the kitchen was last opened or closed, and which of it.
fn known(desk: &Desk) -> (bool, Option<jiff::Timestamp>) {
    let driver = desk.bridge.driver();
    let shift = &driver.shifts[&KITCHEN.parse().unwrap()];
    assert_eq!(shift.get().is_some_and(|shift| shift.opened), driver.clocked_in());
    (driver.clocked_in(), shift.stamp().map(|stamp| stamp.at))
}

#[tokio::test]
async fn a_shift_is_asked_for_confirmed_and_known_as_of_the_request() {
    for open in [true, false] {
        let desk = asked(worked(!open).await, 10, open).await;
        let told = desk.bridge.event_names();
        desk.bridge.clock.advance(Duration::from_secs(5));
        desk.pos.update(Ok("c-1")).question(SUCCESS);
        assert_eq!(desk.step().await, later(1));
        assert_eq!(
            (desk.state(), known(&desk)),
            (CommandState::Sent, (!open, Some(at(2)))),
            "accepted is not done"
        );
        assert_eq!(desk.step().await, Verdict::Done);
        let verb = if open { "open" } else { "close" };
        assert_eq!(desk.pos.calls(), [format!("{verb} at {KITCHEN}"), "ask c-1".to_owned()]);
        assert_eq!((desk.state(), known(&desk)), (CommandState::Confirmed, (open, Some(at(10)))));
        let new = desk.bridge.event_names().split_off(told.len());
        assert_eq!(new, [if open { "driver_clocked_in" } else { "driver_clocked_out" }]);
        assert!(desk.commands.ledger.bus.items().is_empty(), "nobody need be told of the command");
    }
}

#[tokio::test]
async fn syrves_own_word_of_the_shift_that_follows_changes_nothing_and_asks_nothing() {
    for open in [true, false] {
        let bridge = Bridge::dispatching();
        bridge.list(0, "Testa Example", true).await.unwrap();
        bridge.tell_all(&[shift(1, ANN, open), shift(2, ANN, !open)]).await;
        let desk = asked(bridge, 10, open).await;
        desk.pos.update(Ok("c-1")).question(SUCCESS);
        assert_eq!(desk.run().await, (2, Verdict::Done));
        let told = (desk.bridge.event_names(), desk.bridge.labels());
        let fleet = if open { "clock_in_driver" } else { "clock_out_driver" };
        assert_eq!(told.1.last().map(String::as_str), Some(fleet), "the fleet hears of it at once");
        desk.bridge.tell_all(&[shift(12, ANN, open)]).await;
        assert_eq!((desk.bridge.event_names(), desk.bridge.labels()), told);
        assert_eq!(known(&desk), (open, Some(at(12))));
        assert_eq!(desk.step().await, Verdict::Done);
        assert_eq!(desk.pos.calls().len(), 2);
    }
}

#[tokio::test]
async fn syrves_own_word_that_is_faster_than_the_answer_is_the_only_event() {
    let desk = asked(worked(false).await, 10, true).await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.step().await, later(1));
    desk.bridge.tell_all(&[shift(11, ANN, true)]).await;
    assert_eq!((desk.step().await, desk.state()), (Verdict::Done, CommandState::Confirmed));
    assert_eq!(known(&desk), (true, Some(at(11))));
    let names = desk.bridge.event_names();
    assert_eq!(names.iter().filter(|name| *name == "driver_clocked_in").count(), 2, "worked before, and now");
}

const ROLE: &str = "20e00000-0000-4000-8000-000000000001";

#[tokio::test]
async fn the_role_of_earlier_shifts_is_named_on_the_way_in_and_not_on_the_way_out() {
    for open in [true, false] {
        let bridge = Bridge::default();
        let mut body = fixture("syrve/shift_opened_with_role")[0].take();
        body["eventInfo"]["terminalGroupId"] = json!(KITCHEN);
        body["eventInfo"]["id"] = json!(ANN);
        bridge.tell_all(&[of_syrve(&body), shift(2, ANN, !open)]).await;
        let desk = asked(bridge, 10, open).await;
        desk.pos.update(Ok("c-1"));
        desk.step().await;
        let call = if open { format!("open at {KITCHEN} as {ROLE}") } else { format!("close at {KITCHEN}") };
        assert_eq!(desk.pos.calls(), [call]);
    }
}

#[tokio::test]
async fn a_role_that_was_asked_for_is_the_drivers_own_from_then_on() {
    let bridge = worked(false).await;
    bridge.clock.advance(Duration::from_secs(10));
    let (driver_id, role_id) = (ANN.parse().unwrap(), Some(ROLE.parse().unwrap()));
    let kind = CommandKind::ClockIn { driver_id, terminal_group_id: None, role_id };
    let command = bridge.request(true, kind).await;
    let desk = desk_of(bridge, &command);
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    assert_eq!(desk.pos.calls()[0], format!("open at {KITCHEN} as {ROLE}"));
    assert_eq!(desk.bridge.driver().role.get(), role_id.as_ref());
}

#[tokio::test]
async fn a_confirmation_that_broke_off_half_way_tells_of_the_shift_once() {
    for (position, fault) in [(0, Fault::Lost), (0, Fault::Unheard), (1, Fault::Lost), (1, Fault::Unheard)] {
        let desk = asked(worked(false).await, 10, true).await;
        desk.pos.update(Ok("c-1")).question(SUCCESS).question(SUCCESS);
        assert_eq!(desk.step().await, later(1));
        desk.bridge.memory.state().faults =
            std::iter::repeat_n(None, position).chain([Some(fault)]).collect();
        assert!(desk.receive().await.is_err());
        assert_eq!(desk.step().await, Verdict::Done);
        assert_eq!((desk.state(), known(&desk)), (CommandState::Confirmed, (true, Some(at(10)))));
        let mut events = desk.bridge.bus.items();
        events.retain(|event| event.name == "driver_clocked_in" && event.occurred_at == at(10));
        events.dedup();
        assert_eq!(events.len(), 1, "{position} {fault:?}");
    }
}

#[tokio::test]
async fn a_shift_that_syrve_refuses_is_an_event_of_the_driver_and_leaves_the_driver_as_is() {
    let desk = asked(worked(false).await, 10, true).await;
    desk.pos.update(Err(rejected()));
    let Verdict::Dead(reason) = desk.step().await else { panic!("it is not given up") };
    assert_eq!(reason, "Syrve refused the call with status 400: WrongOrganization");
    let [event] = desk.commands.ledger.bus.items().try_into().unwrap();
    assert_eq!((event.name.as_str(), event.driver_id), ("command_failed", Some(ANN.parse().unwrap())));
    assert_eq!((&event.detail["kind"], event.order_id), (&json!("clockin"), None));
    assert_eq!((desk.state(), known(&desk)), (CommandState::Failed, (false, Some(at(2)))));
    assert!(desk.bridge.memory.state().entries.is_empty(), "drivers have no timeline");
}

#[tokio::test]
async fn a_driver_of_whom_no_shift_was_ever_told_can_be_clocked_in() {
    let desk = clock_desk(10, true).await;
    desk.pos.groups(Ok(vec![KITCHEN])).own_groups(Ok(vec![KITCHEN])).update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    assert_eq!(known(&desk), (true, Some(at(10))));
    assert_eq!(desk.bridge.event_names(), ["driver_clocked_in"]);
}
