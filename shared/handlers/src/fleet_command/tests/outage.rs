//! Captain.AI is down for an hour while an order is cooked and a driver comes and goes. Nothing is lost, nothing is given up,
//! and once it is back it hears the newest, in the order in which it was asked for.

use std::time::Duration;

use courier_clients::CallError;
use courier_domain::command::CommandState;
use courier_domain::inbound::InboundEvent;

use super::{Desk, FLEET, desk, with_comment};
use crate::testing::events::{announced, shift, syrve_order};
use crate::testing::{ANN, Fault, Line, ORDER, fault, held_back, unavailable};

const MINUTE: Duration = Duration::from_mins(1);

enum Happens {
    Event(InboundEvent),
    Listed(&'static str, bool),
}

/// What happens in which minute.
fn story() -> Vec<(i64, Happens)> {
    use Happens::{Event, Listed};
    let second = |minute: i64| minute * 60;
    vec![
        (1, Listed("Testa Example", true)),
        (2, Event(announced(second(2)))),
        (4, Event(shift(second(4), ANN, true))),
        (8, Event(syrve_order(second(8), "CookingStarted", "DeliveryByCourier"))),
        (12, Event(with_comment(second(12), "CookingStarted", "Ring once"))),
        (15, Event(with_comment(second(15), "CookingStarted", "Ring twice"))),
        (20, Event(with_comment(second(20), "CookingCompleted", "Ring twice"))),
        (22, Listed("Testa Other", true)),
        (25, Event(shift(second(25), ANN, false))),
        (31, Event(with_comment(second(31), "CookingCompleted", "Ring thrice"))),
        (40, Event(shift(second(40), ANN, true))),
        (45, Listed("Testa Newest", true)),
        (50, Event(shift(second(50), ANN, false))),
    ]
}

/// Tells the story minute by minute, with a receive of whatever can be received in each; the fleet is down until `back`.
async fn told(down: fn() -> CallError, back: i64) -> (Desk, Line) {
    let desk = desk();
    let mut line = Line::to(FLEET, &desk.bridge.clock);
    let mut story = story();
    desk.fleet.script().down = Some(down);
    for minute in 0..back + 10 {
        if minute == back {
            desk.fleet.calls();
            desk.fleet.script().down = None;
        }
        let now: Vec<_> = story.extract_if(.., |(at, _)| *at == minute).collect();
        for (_, happens) in now {
            match happens {
                Happens::Event(event) => desk.bridge.tell_all(&[event]).await,
                Happens::Listed(name, active) => {
                    desk.bridge.list(minute * 60, name, active).await.unwrap();
                }
            }
        }
        line.take_in(&desk.bridge.commands.items());
        line.work(async |message| desk.commands.handle(&message).await).await;
        desk.bridge.clock.advance(MINUTE);
    }
    assert!(story.is_empty());
    (desk, line)
}

#[tokio::test]
async fn an_hours_outage_loses_nothing_and_the_newest_is_told_in_order() {
    // Down as a gateway says it, as nobody knows what, and as the breaker holds back after that.
    let downs: [fn() -> CallError; 3] = [unavailable, fault, || held_back(59)];
    for (number, down) in downs.into_iter().enumerate() {
        let (desk, line) = told(down, 60).await;
        assert_eq!(desk.bridge.memory.state().commands.len(), 13);
        assert!(line.is_empty() && line.dead.is_empty(), "{:?}", line.dead);
        let states: Vec<_> =
            desk.bridge.memory.state().commands.values().map(|command| command.value.state).collect();
        let ends = [CommandState::Confirmed, CommandState::Superseded];
        assert!(states.iter().all(|state| ends.contains(state)), "{states:?}");
        let calls = desk.fleet.calls();
        let of_order: Vec<_> = calls.iter().filter(|call| !is_of_driver(call)).collect();
        let of_driver: Vec<_> = calls.iter().filter(|call| is_of_driver(call)).collect();
        // Where the outcome of the first call was not known, it is looked up first.
        let looked_up = usize::from(number == 1);
        assert_eq!(of_order[looked_up..], ["create", "status o-1 prepared", "update o-1"]);
        assert!(of_order[..looked_up].iter().all(|call| *call == "find"));
        assert_eq!(of_driver, ["upsert active", "upsert active", "out d-1", "upsert active", "out d-1"]);
        is_as_syrve_has_it(&desk);
    }
}

fn is_of_driver(call: &str) -> bool {
    ["upsert", "in", "out"].iter().any(|name| call.starts_with(name))
}

fn is_as_syrve_has_it(desk: &Desk) {
    assert!(desk.is_made_once());
    let script = desk.fleet.script();
    assert_eq!(script.orders[ORDER].body["special_instructions"], "Ring thrice");
    assert_eq!(script.orders[ORDER].statuses, ["prepared"]);
    assert_eq!(script.drivers[ANN].body["last_name"], "Newest");
    assert!(!script.drivers[ANN].on_duty);
}

#[tokio::test]
async fn while_the_fleet_is_down_each_subject_is_tried_once_a_minute_at_most() {
    let (desk, line) = told(unavailable, 60).await;
    // Of an order and a driver, one message each, besides what the ends of 13 commands take.
    assert!(line.receives <= 2 * 60 + 13 * 2, "{}", line.receives);
    is_as_syrve_has_it(&desk);
}

#[tokio::test]
async fn an_outage_of_more_than_four_hours_gives_up_with_a_reason_and_only_what_is_old() {
    let (desk, line) = told(unavailable, 250).await;
    let reason = "given up after 4 hours: Captain.AI is unavailable (status 503): down";
    assert!(!line.dead.is_empty() && line.dead.iter().all(|dead| dead == reason), "{:?}", line.dead);
    assert_eq!(desk.state("create_order"), CommandState::Failed);
    assert!(desk.bridge.order().dispatch.is_some_and(|dispatch| dispatch.in_doubt && !dispatch.made));
}

#[tokio::test]
async fn a_table_that_fails_now_and_then_in_the_outage_loses_nothing_either() {
    for fault in [Fault::Lost, Fault::Unheard, Fault::Conflict] {
        let desk = desk();
        let mut line = Line::to(FLEET, &desk.bridge.clock);
        for (minute, happens) in story() {
            match happens {
                Happens::Event(event) => desk.bridge.tell_all(&[event]).await,
                Happens::Listed(name, active) => {
                    desk.bridge.list(minute * 60, name, active).await.unwrap();
                }
            }
            line.take_in(&desk.bridge.commands.items());
            desk.fleet.script().down = (minute < 45).then_some(unavailable as fn() -> CallError);
            for trouble in [None, Some(fault), None, None, Some(fault)] {
                desk.bridge.memory.state().faults = [trouble].into();
                line.work(async |message| desk.commands.handle(&message).await).await;
                desk.bridge.clock.advance(MINUTE);
            }
            desk.bridge.memory.state().faults.clear();
        }
        assert!(line.is_empty() && line.dead.is_empty(), "{fault:?} {:?}", line.dead);
        is_as_syrve_has_it(&desk);
    }
}
