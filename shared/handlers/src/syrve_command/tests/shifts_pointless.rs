//! Clock-ins and clock-outs that something newer made pointless, and those of a driver who left.

use std::time::Duration;

use courier_domain::command::{Command, CommandKind, CommandState};

use super::{Desk, SUCCESS, asked, desk_of, later};
use crate::queue::Verdict;
use crate::testing::events::{shift, shift_at};
use crate::testing::{ANN, BAR, Bridge, KITCHEN, fault, refused};

/// Ann is out, and asked to come in at second 10.
async fn desk() -> Desk {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift(1, ANN, false)]).await;
    asked(bridge, 10, true).await
}

/// Somebody asks for the opposite since.
async fn changed_minds(desk: &Desk) -> Command {
    desk.bridge.clock.advance(Duration::from_secs(10));
    let kind = CommandKind::ClockOut { driver_id: ANN.parse().unwrap(), terminal_group_id: None };
    desk.bridge.request(false, kind).await
}

fn is_superseded(desk: &Desk, reason: &str) {
    let command = desk.command();
    assert_eq!((command.state, command.last_error.as_deref()), (CommandState::Superseded, Some(reason)));
    assert!(desk.commands.ledger.bus.items().is_empty(), "nobody need be told");
}

#[tokio::test]
async fn of_two_requests_only_the_newer_is_carried_out() {
    let desk = desk().await;
    let newer = changed_minds(&desk).await;
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "a newer request");
    assert_eq!(desk.pos.calls(), [""; 0]);
    let newer = desk_of(desk.bridge.clone(), &newer);
    newer.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(newer.run().await, (2, Verdict::Done));
    assert_eq!(newer.pos.calls()[0], format!("close at {KITCHEN}"));
}

#[tokio::test]
async fn a_shift_that_somebody_opened_or_closed_in_syrve_since_makes_a_request_pointless() {
    for opened in [true, false] {
        let desk = desk().await;
        desk.bridge.tell_all(&[shift(15, ANN, opened)]).await;
        assert_eq!(desk.step().await, Verdict::Done);
        is_superseded(&desk, "a newer shift in Syrve");
        assert_eq!(desk.pos.calls(), [""; 0]);
        assert_eq!(desk.bridge.driver().clocked_in(), opened);
    }
}

#[tokio::test]
async fn a_shift_that_syrve_tells_of_late_does_not() {
    let desk = desk().await;
    desk.bridge.tell_all(&[shift(9, ANN, true), shift(5, ANN, false)]).await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.run().await, (2, Verdict::Done));
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn the_echo_of_one_request_does_not_make_the_next_pointless() {
    let desk = desk().await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.step().await, later(1));
    let newer = changed_minds(&desk).await;
    desk.bridge.tell_all(&[shift(25, ANN, true)]).await;
    assert_eq!(desk.step().await, Verdict::Done);
    let newer = desk_of(desk.bridge.clone(), &newer);
    newer.pos.update(Ok("c-2")).question(SUCCESS);
    assert_eq!(newer.run().await, (2, Verdict::Done));
    assert_eq!(
        (newer.state(), &newer.pos.calls()[0]),
        (CommandState::Confirmed, &format!("close at {KITCHEN}"))
    );
}

#[tokio::test]
async fn a_request_behind_another_is_pointless_once_it_is_as_it_wants() {
    let desk = desk().await;
    let newer = changed_minds(&desk).await;
    desk.bridge.tell_all(&[shift(25, ANN, false)]).await;
    let newer = desk_of(desk.bridge.clone(), &newer);
    assert_eq!(newer.step().await, Verdict::Done);
    is_superseded(&newer, "a newer shift in Syrve");
}

#[tokio::test]
async fn a_request_that_was_accepted_is_followed_to_its_end() {
    let desk = desk().await;
    desk.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(desk.step().await, later(1));
    changed_minds(&desk).await;
    assert_eq!(desk.step().await, Verdict::Done);
    assert_eq!(desk.state(), CommandState::Confirmed);
}

#[tokio::test]
async fn a_call_of_unknown_outcome_is_not_repeated_for_a_pointless_request() {
    let desk = desk().await;
    desk.pos.update(Err(fault())).shift(Ok(false));
    assert_eq!(desk.step().await, later(2));
    changed_minds(&desk).await;
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "a newer request");
}

#[tokio::test]
async fn a_refusal_is_no_alarm_when_nobody_wants_the_shift_any_more() {
    let desk = desk().await;
    desk.pos.update(Ok("c-1")).question(Ok(refused("Common"))).shift(Ok(false));
    assert_eq!(desk.step().await, later(1));
    changed_minds(&desk).await;
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "a newer request");
}

/// Ann worked in two places at once, and has left the restaurant.
async fn left() -> (Bridge, [Command; 2]) {
    let bridge = Bridge::default();
    bridge.list(0, "Testa Example", true).await.unwrap();
    bridge.tell_all(&[shift_at(1, ANN, KITCHEN, true), shift_at(2, ANN, BAR, true)]).await;
    bridge.list(5, "Testa Example", false).await.unwrap();
    let commands = bridge.commands.items().try_into().unwrap();
    (bridge, commands)
}

#[tokio::test]
async fn a_driver_who_left_is_clocked_out_in_every_place() {
    let (bridge, commands) = left().await;
    let names = ["driver_clocked_in", "driver_deactivated", "driver_clocked_out"];
    assert_eq!(bridge.event_names(), names);
    let mut closed = Vec::new();
    for command in &commands {
        let desk = desk_of(bridge.clone(), command);
        desk.pos.update(Ok("c-1")).question(SUCCESS);
        assert_eq!(desk.run().await, (2, Verdict::Done));
        assert_eq!(desk.state(), CommandState::Confirmed);
        closed.extend(desk.pos.calls().into_iter().next());
    }
    assert_eq!(closed, [format!("close at {KITCHEN}"), format!("close at {BAR}")]);
    assert_eq!(bridge.event_names(), names, "what was known is not told again");
    assert_eq!(bridge.commands.items().len(), 2);
}

#[tokio::test]
async fn syrves_word_of_the_one_shift_closed_leaves_the_other_to_be_closed() {
    let (bridge, [kitchen, bar]) = left().await;
    let first = desk_of(bridge.clone(), &kitchen);
    first.pos.update(Ok("c-1")).question(SUCCESS);
    assert_eq!(first.run().await, (2, Verdict::Done));
    bridge.tell_all(&[shift_at(8, ANN, KITCHEN, false)]).await;
    let second = desk_of(bridge.clone(), &bar);
    second.pos.update(Ok("c-2")).question(SUCCESS);
    assert_eq!(second.run().await, (2, Verdict::Done));
    assert_eq!(
        (second.pos.calls()[0].clone(), second.state()),
        (format!("close at {BAR}"), CommandState::Confirmed)
    );
}

#[tokio::test]
async fn a_shift_of_a_driver_who_left_that_syrve_has_closed_itself_is_not_closed_again() {
    let (bridge, [kitchen, _]) = left().await;
    bridge.tell_all(&[shift_at(8, ANN, KITCHEN, false)]).await;
    let desk = desk_of(bridge, &kitchen);
    assert_eq!(desk.step().await, Verdict::Done);
    is_superseded(&desk, "a newer shift in Syrve");
}
