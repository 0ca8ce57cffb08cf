//! A driver with shifts in several places, and requests that name one; and a request while another is still open.

use courier_domain::command::{CommandKind, CommandState};
use serde_json::{Value, json};

use super::{Told, ann, promised};
use crate::api::tests::Caller;
use crate::testing::events::shift_at;
use crate::testing::{ANN, BAR, Bridge, KITCHEN};

/// A caller, and Ann at work in two places.
async fn at_work_twice() -> Caller {
    let bridge = Bridge::default();
    bridge.list(0, "Ann", true).await.unwrap();
    bridge.tell_all(&[shift_at(1, ANN, KITCHEN, true), shift_at(2, ANN, BAR, true)]).await;
    let caller = Caller::on(bridge.memory.clone());
    caller.clock.advance(std::time::Duration::from_mins(1));
    caller
}

/// The ids of all commands that an answer promises.
fn all_promised(told: &Told) -> Vec<String> {
    let ids = told.body["commands"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|command| command["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(promised(told), ids[0]);
    ids
}

/// Where the queued commands close shifts.
fn closed(caller: &Caller) -> Vec<String> {
    let items = caller.commands.items();
    let place = |kind: &CommandKind| match kind {
        CommandKind::ClockOut { terminal_group_id: Some(group), .. } => group.to_string(),
        other => panic!("{other:?}"),
    };
    items.iter().map(|command| place(&command.kind)).collect()
}

#[tokio::test]
async fn to_clock_out_without_a_place_closes_all_open_shifts() {
    let caller = at_work_twice().await;
    let ids = all_promised(&caller.clock("out").await);
    assert_eq!((ids.len(), caller.queued()), (2, ids.clone()));
    assert_eq!(closed(&caller), [KITCHEN, BAR]);
    let driver = caller.memory.state().drivers[&ANN.parse().unwrap()].value.clone();
    assert!(caller.kept().iter().all(|command| driver.superseded(command).is_none()));
    assert_eq!(all_promised(&caller.clock("out").await), ids, "who asks again asks for nothing new");
    caller.goes_on_to(CommandState::Confirmed);
    assert_eq!(all_promised(&caller.clock("out").await).len(), 1, "what is left of it");
    assert_eq!(caller.kept().len(), 2);
}

#[tokio::test]
async fn to_clock_out_of_one_place_leaves_the_other() {
    let caller = at_work_twice().await;
    let out_of = |place: &str| json!({ "terminal_group_id": place });
    let bar = promised(&caller.clock_with("out", &out_of(BAR)).await);
    assert_eq!(closed(&caller), [BAR]);
    assert_eq!(promised(&caller.clock_with("out", &out_of(BAR)).await), bar);
    assert_ne!(promised(&caller.clock_with("out", &out_of(KITCHEN)).await), bar);
}

#[tokio::test]
async fn a_place_that_is_named_is_the_one_that_counts() {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift_at(1, ANN, KITCHEN, true), shift_at(2, ANN, BAR, false)]).await;
    let caller = Caller::on(bridge.memory.clone());
    let at = |place: &str| json!({ "terminal_group_id": place });
    for (what, place, status) in
        [("in", KITCHEN, 200), ("out", BAR, 200), ("in", BAR, 202), ("out", KITCHEN, 202)]
    {
        assert_eq!(caller.clock_with(what, &at(place)).await.status, status, "{what} {place}");
    }
    let nobody_knows = "a5561d5e-0000-4000-8000-000000000009";
    promised(&ann(true).await.clock_with("out", &at(nobody_knows)).await);
    assert_eq!(ann(false).await.clock_with("out", &at(nobody_knows)).await.status, 200);
}

#[tokio::test]
async fn a_request_remembers_whether_another_was_still_open() {
    let caller = ann(false).await;
    let behind = |caller: &Caller| {
        let driver = caller.memory.state().drivers[&ANN.parse().unwrap()].value.clone();
        driver.clock_request.unwrap().behind
    };
    promised(&caller.clock("in").await);
    assert!(!behind(&caller));
    caller.clock.advance(std::time::Duration::from_secs(1));
    promised(&caller.clock("out").await);
    assert!(behind(&caller));
}

#[tokio::test]
async fn couriers_are_told_from_other_employees() {
    let bridge = Bridge::default();
    bridge.tell_all(&[shift_at(1, ANN, KITCHEN, true)]).await;
    let path = format!("/accounts/demo/drivers/{ANN}");
    let shown = Caller::on(bridge.memory.clone()).get(&path).await.body;
    assert_eq!(
        (&shown["courier"], &shown["active"], &shown["name"]),
        (&json!(false), &json!(true), &Value::Null)
    );
    bridge.list(5, "Ann", true).await.unwrap();
    assert_eq!(Caller::on(bridge.memory).get(&path).await.body["courier"], true);
}
