//! Clocking a driver in and out: asked once, however often the button is pressed.

mod places;
mod refusals;

use std::time::Duration;

use courier_domain::clock::Clock as _;
use courier_domain::command::{Command, CommandKind, CommandState};
use serde_json::{Value, json};

use super::{Caller, Told};
use crate::testing::events::shift;
use crate::testing::{ANN, BAR, Bridge, Fault};

const ROLE: &str = "11111111-0000-4000-8000-000000000001";

/// A caller, and Ann as a courier who is clocked in or not.
async fn ann(clocked_in: bool) -> Caller {
    let bridge = Bridge::default();
    bridge.list(0, "Ann", true).await.unwrap();
    bridge.tell_all(&[shift(1, ANN, clocked_in)]).await;
    let caller = Caller::on(bridge.memory.clone());
    caller.clock.advance(Duration::from_mins(1));
    caller
}

impl Caller {
    async fn clock(&self, what: &str) -> Told {
        self.post(&format!("/accounts/demo/drivers/{ANN}/clock_{what}")).await
    }

    async fn clock_with(&self, what: &str, body: &Value) -> Told {
        self.post_with(&format!("/accounts/demo/drivers/{ANN}/clock_{what}"), body).await
    }

    /// All commands that are kept, oldest first.
    fn kept(&self) -> Vec<Command> {
        let mut kept: Vec<_> =
            self.memory.state().commands.values().map(|command| command.value.clone()).collect();
        kept.sort_by_key(|command| command.created_at);
        kept
    }

    /// The ids of the commands that were queued.
    fn queued(&self) -> Vec<String> {
        self.commands.items().into_iter().map(|command| command.id.to_string()).collect()
    }

    /// The newest command gets this far.
    fn goes_on_to(&self, reached: CommandState) {
        let newest = self.kept().pop().unwrap();
        let mut state = self.memory.state();
        state.commands.get_mut(&(newest.subject(), newest.id)).unwrap().value.state = reached;
    }
}

/// The id of the command that an answer promises.
fn promised(told: &Told) -> String {
    assert_eq!(told.status, 202, "{}", told.text);
    told.body["command"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_is_kept_with_its_driver_and_queued() {
    for (what, clocked_in, kind) in [("in", false, "clockin"), ("out", true, "clockout")] {
        let caller = ann(clocked_in).await;
        let told = caller.clock(what).await;
        let id = promised(&told);
        let command = &told.body["command"];
        assert_eq!((&command["kind"], &command["state"]), (&json!(kind), &json!("queued")));
        assert_eq!((&command["attempts"], &command["last_error"]), (&json!(0), &Value::Null));
        assert_eq!(caller.queued(), std::slice::from_ref(&id));
        let shown = caller.get(&format!("/accounts/demo/drivers/{ANN}")).await.body;
        assert_eq!((&shown["commands"][0]["id"], &shown["clocked_in"]), (&json!(id), &json!(clocked_in)));
        let request =
            caller.memory.state().drivers[&ANN.parse().unwrap()].value.clock_request.clone().unwrap();
        assert_eq!((request.opened, request.stamp), (what == "in", caller.kept()[0].stamp.clone()));
    }
}

#[tokio::test]
async fn what_is_already_so_is_answered_without_a_command() {
    for (what, clocked_in) in [("in", true), ("out", false)] {
        let caller = ann(clocked_in).await;
        let writes = caller.memory.requests().1;
        let told = caller.clock(what).await;
        assert_eq!((told.status, &told.body["driver"]["clocked_in"]), (200, &json!(clocked_in)));
        assert_eq!(told.body["driver"]["driver_id"], ANN);
        assert!(told.body.get("command").is_none());
        assert_eq!((caller.queued().len(), caller.kept().len()), (0, 0));
        assert_eq!(caller.memory.requests().1, writes);
    }
}

#[tokio::test]
async fn the_same_request_twice_asks_once_and_is_queued_again_under_the_same_id() {
    let caller = ann(false).await;
    let first = promised(&caller.clock("in").await);
    caller.clock.advance(Duration::from_secs(20));
    caller.goes_on_to(CommandState::Sent);
    assert_eq!(promised(&caller.clock("in").await), first);
    assert_eq!((caller.queued(), caller.kept().len()), (vec![first.clone(), first], 1));
}

#[tokio::test]
async fn a_request_that_could_not_be_queued_is_queued_by_the_next_press() {
    let caller = ann(false).await;
    caller.commands.sent().to_fail = 1;
    assert_eq!(caller.clock("in").await.problem().0, 503);
    assert_eq!((caller.queued().len(), caller.kept().len()), (0, 1));
    let id = promised(&caller.clock("in").await);
    assert_eq!((caller.queued(), caller.kept().len()), (vec![id], 1));
}

#[tokio::test]
async fn a_request_that_nobody_queued_in_its_time_is_made_anew() {
    let caller = ann(false).await;
    caller.commands.sent().to_fail = 1;
    caller.clock("in").await;
    caller.clock.advance(Duration::from_mins(14));
    let old = promised(&caller.clock("in").await);
    caller.clock.advance(Duration::from_mins(2));
    let new = promised(&caller.clock("in").await);
    assert_ne!(new, old, "the old one would be given up unsent");
    assert_eq!(caller.queued(), [old, new]);
}

#[tokio::test]
async fn the_opposite_request_takes_the_place_of_the_one_before() {
    let caller = ann(false).await;
    let mut ids = Vec::new();
    for what in ["in", "out", "in"] {
        ids.push(promised(&caller.clock(what).await));
        caller.clock.advance(Duration::from_secs(1));
    }
    assert_eq!((caller.queued(), caller.kept().len()), (ids.clone(), 3));
    let driver = caller.memory.state().drivers[&ANN.parse().unwrap()].value.clone();
    let superseded: Vec<_> =
        caller.kept().iter().map(|command| driver.superseded(command).is_some()).collect();
    assert_eq!(superseded, [true, true, false]);
}

#[tokio::test]
async fn after_a_command_has_ended_the_same_request_is_a_new_one() {
    for end in [CommandState::Failed, CommandState::Superseded, CommandState::Confirmed] {
        let caller = ann(false).await;
        let first = promised(&caller.clock("in").await);
        caller.goes_on_to(end);
        caller.clock.advance(Duration::from_secs(1));
        assert_ne!(promised(&caller.clock("in").await), first, "{end:?}");
    }
}

#[tokio::test]
async fn where_and_as_what_are_carried_to_syrve() {
    let caller = ann(false).await;
    promised(&caller.clock_with("in", &json!({ "terminal_group_id": BAR, "role_id": ROLE })).await);
    let (bar, role) = (Some(BAR.parse().unwrap()), Some(ROLE.parse().unwrap()));
    let driver_id = ANN.parse().unwrap();
    let expected = CommandKind::ClockIn { driver_id, terminal_group_id: bar, role_id: role };
    assert_eq!(caller.commands.items()[0].kind, expected);
    let caller = ann(true).await;
    promised(&caller.clock_with("out", &json!({ "terminal_group_id": BAR })).await);
    let expected = CommandKind::ClockOut { driver_id: ANN.parse().unwrap(), terminal_group_id: bar };
    assert_eq!(caller.commands.items()[0].kind, expected);
}

#[tokio::test]
async fn the_role_of_the_last_shift_is_taken_where_none_is_given() {
    for body in [json!({}), json!({ "terminal_group_id": null, "role_id": null })] {
        let caller = ann(false).await;
        let stamp = courier_domain::register::Stamp::new(crate::testing::at(0), "shift".parse().unwrap());
        let ann = ANN.parse().unwrap();
        caller.memory.state().drivers.get_mut(&ann).unwrap().value.role.offer(&stamp, ROLE.parse().unwrap());
        promised(&caller.clock_with("in", &body).await);
        let expected = CommandKind::ClockIn {
            driver_id: ann,
            terminal_group_id: None,
            role_id: Some(ROLE.parse().unwrap()),
        };
        assert_eq!(caller.commands.items()[0].kind, expected, "{body}");
    }
}

#[tokio::test]
async fn somebody_who_writes_the_driver_in_between_is_nobodys_conflict_until_it_never_ends() {
    let caller = ann(false).await;
    caller.memory.state().faults = std::iter::repeat_n(Some(Fault::Conflict), 5).collect();
    let id = promised(&caller.clock("in").await);
    assert_eq!((caller.queued(), caller.kept().len()), (vec![id], 1));

    let caller = ann(false).await;
    caller.memory.state().faults = std::iter::repeat_n(Some(Fault::Conflict), 6).collect();
    assert_eq!(caller.clock("in").await.problem().0, 409);
    assert_eq!((caller.queued().len(), caller.kept().len()), (0, 0));
}

#[tokio::test]
async fn a_request_whose_write_was_lost_or_unheard_of_is_asked_once_in_the_end() {
    for (fault, kept) in [(Fault::Lost, 0), (Fault::Unheard, 1)] {
        let caller = ann(false).await;
        caller.memory.state().faults = [Some(fault)].into();
        assert_eq!(caller.clock("in").await.problem().0, 503);
        assert_eq!((caller.queued().len(), caller.kept().len()), (0, kept), "{fault:?}");
        let id = promised(&caller.clock("in").await);
        assert_eq!((caller.queued(), caller.kept().len()), (vec![id], 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_request_is_not_taken_back_by_a_shift_that_was_known_before_it_whosever_clock_is_ahead() {
    let bridge = Bridge::default();
    bridge.list(0, "Ann", true).await.unwrap();
    bridge.tell_all(&[shift(3, ANN, false)]).await;
    let caller = Caller::on(bridge.memory.clone());
    let shift_at = {
        let state = caller.memory.state();
        let driver = &state.drivers[&ANN.parse().unwrap()].value;
        driver.shifts.values().next().and_then(|shift| shift.stamp()).map(|stamp| stamp.at).unwrap()
    };
    assert!(caller.clock.now() < shift_at);
    for what in ["in", "out", "in"] {
        promised(&caller.clock(what).await);
    }
    let driver = caller.memory.state().drivers[&ANN.parse().unwrap()].value.clone();
    let mut kept = caller.kept();
    kept.sort_by_key(|command| command.stamp.clone());
    let superseded: Vec<_> = kept.iter().map(|command| driver.superseded(command).is_some()).collect();
    assert_eq!(superseded, [true, true, false], "only by the newer request");
}
