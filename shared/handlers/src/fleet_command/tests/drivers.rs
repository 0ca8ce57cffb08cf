//! Drivers who are made known, and put on and off duty.

use courier_clients::CallError;
use courier_domain::command::CommandState;
use courier_domain::delivery::Provider;

use super::{Desk, desk, on_duty_desk};
use crate::queue::Verdict;
use crate::testing::events::{captain, shift};
use crate::testing::{ANN, at, no_such, rejected, unavailable, words};

#[tokio::test]
async fn a_driver_is_made_known_by_name_and_the_fleets_id_is_kept() {
    let desk = desk();
    desk.bridge.list(1, "Testa Example", true).await.unwrap();
    assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
    assert_eq!(
        (desk.fleet.calls(), desk.state("upsert_driver")),
        (vec!["upsert active".to_owned()], CommandState::Confirmed)
    );
    assert_eq!(desk.fleet.script().drivers[ANN].body["last_name"], "Example");
    assert_eq!(desk.bridge.driver().fleet_ids.get(&Provider::Captain).map(String::as_str), Some("d-1"));
    desk.bridge.list(2, "Testa Other", true).await.unwrap();
    let before = desk.bridge.memory.requests();
    assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
    let after = desk.bridge.memory.requests();
    assert_eq!((after.0 - before.0, after.1 - before.1), (1, 2), "an id that is known is not written again");
    assert_eq!(desk.fleet.script().drivers[ANN].body["last_name"], "Other");
}

#[tokio::test]
async fn a_driver_goes_on_and_off_duty_under_the_id_that_is_known() {
    let desk = on_duty_desk().await;
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["upsert active", "in /of/73f4c9af9f79/d-1/in"]);
    assert!(desk.fleet.script().drivers[ANN].on_duty);
    desk.bridge.tell_all(&[shift(3, ANN, false)]).await;
    assert_eq!(desk.step("clock_out_driver").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["out d-1"]);
}

#[tokio::test]
async fn a_driver_whose_id_is_not_known_is_made_known_first() {
    for on in [true, false] {
        let desk = on_duty_desk().await;
        let call = if on {
            assert_eq!(desk.step("clock_in_driver").await, Verdict::Done);
            "in /of/73f4c9af9f79/d-1/in"
        } else {
            desk.bridge.tell_all(&[shift(3, ANN, false)]).await;
            assert_eq!(desk.step("clock_out_driver").await, Verdict::Done);
            "out d-1"
        };
        assert_eq!(desk.fleet.calls(), ["upsert active", call]);
        assert_eq!(desk.bridge.driver().fleet_ids.get(&Provider::Captain).map(String::as_str), Some("d-1"));
    }
}

#[tokio::test]
async fn a_fleet_that_names_no_id_cannot_be_told_of_duty() {
    let desk = on_duty_desk().await;
    desk.fleet.script().silent = true;
    assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
    let reason = "Captain.AI gives no id for the driver";
    assert_eq!(desk.step("clock_in_driver").await, Verdict::Dead(reason.into()));
    assert_eq!(desk.command("clock_in_driver").last_error.as_deref(), Some(reason));
    assert!(!has_failed(&desk), "and would not be told next time");
}

fn has_failed(desk: &Desk) -> bool {
    desk.bridge.driver().told_fleet.is_some_and(|told| told.failed)
}

/// One of a courier who is on duty there, or was and is to be put off duty, and that cannot be told for hours.
async fn untold_desk(on: bool) -> Desk {
    let desk = on_duty_desk().await;
    assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
    if !on {
        assert_eq!(desk.step("clock_in_driver").await, Verdict::Done);
        desk.bridge.tell_all(&[shift(3, ANN, false)]).await;
    }
    desk.age(24 * 60 + 1);
    desk.fleet.fails(unavailable());
    let label = if on { "clock_in_driver" } else { "clock_out_driver" };
    assert!(matches!(desk.step(label).await, Verdict::Dead(_)));
    assert!(has_failed(&desk));
    desk.fleet.calls();
    desk
}

#[tokio::test]
async fn duty_that_could_not_be_told_for_hours_is_told_with_the_next_list() {
    for (on, calls) in
        [(true, ["upsert active", "in /of/73f4c9af9f79/d-1/in"]), (false, ["out d-1", "upsert active"])]
    {
        let desk = untold_desk(on).await;
        desk.bridge.list(10, "Testa Example", true).await.unwrap();
        assert_eq!(desk.work().await.len(), 1, "only what was given up before");
        assert_eq!(desk.fleet.calls(), calls);
        assert_eq!((desk.fleet.script().drivers[ANN].on_duty, has_failed(&desk)), (on, false));
    }
}

#[tokio::test]
async fn duty_that_could_not_be_told_for_hours_is_told_with_the_next_shift_and_not_with_a_position() {
    let desk = untold_desk(false).await;
    let seen = serde_json::json!({ "agent_partners_external_identifier": ANN, "agent_uuid": "d-1" });
    desk.bridge.tell_all(&[captain("agent_eta_updated", 8, &seen)]).await;
    assert_eq!(desk.work().await.len(), 1, "only what was given up before");
    assert_eq!(desk.fleet.calls(), [""; 0]);
    desk.bridge.tell_all(&[shift(9, ANN, false)]).await;
    desk.work().await;
    assert_eq!(desk.fleet.calls(), ["out d-1", "upsert active"]);
}

#[tokio::test]
async fn duty_that_the_fleet_refuses_is_not_told_again() {
    let desk = on_duty_desk().await;
    assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
    desk.fleet.fails(rejected());
    assert!(matches!(desk.step("clock_in_driver").await, Verdict::Dead(_)));
    assert!(!has_failed(&desk), "every list would have it refused again");
}

#[tokio::test]
async fn duty_whose_path_is_wrong_is_told_with_the_next_list_and_what_is_forbidden_is_not() {
    let forbidden = || CallError::Forbidden { words: words("Not allowed") };
    let no_method = || CallError::Rejected { status: 405, words: words("Method not allowed") };
    let errors: [(fn() -> CallError, bool); 3] = [(no_such, true), (no_method, true), (forbidden, false)];
    for (error, again) in errors {
        let desk = on_duty_desk().await;
        assert_eq!(desk.step("upsert_driver").await, Verdict::Done);
        desk.fleet.fails(error());
        assert!(matches!(desk.step("clock_in_driver").await, Verdict::Dead(_)));
        desk.bridge.list(10, "Testa Example", true).await.unwrap();
        desk.work().await;
        assert_eq!(desk.fleet.script().drivers[ANN].on_duty, again);
    }
}

#[tokio::test]
async fn one_who_left_goes_off_duty_before_becoming_inactive() {
    let desk = on_duty_desk().await;
    assert_eq!(desk.work().await, [""; 0]);
    desk.fleet.calls();
    desk.bridge.list(5, "Testa Example", false).await.unwrap();
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["out d-1", "upsert inactive"]);
    let script = desk.fleet.script();
    assert_eq!((script.drivers[ANN].on_duty, &script.drivers[ANN].body["active"]), (false, &false.into()));
}

#[tokio::test]
async fn one_who_left_goes_off_duty_there_though_no_shift_is_known() {
    let desk = desk();
    desk.bridge.list(1, "Testa Example", true).await.unwrap();
    assert_eq!(desk.work().await, [""; 0]);
    desk.fleet.script().drivers.get_mut(ANN).unwrap().on_duty = true;
    desk.fleet.calls();
    desk.bridge.list(5, "Testa Example", false).await.unwrap();
    assert_eq!(desk.work().await, [""; 0]);
    assert_eq!(desk.fleet.calls(), ["out d-1", "upsert inactive"]);
}

#[tokio::test]
async fn what_the_fleet_reports_of_a_driver_does_not_stand_in_its_way() {
    let desk = on_duty_desk().await;
    let agent = serde_json::json!({ "agent_partners_external_identifier": ANN, "agent_uuid": "d-1" });
    desk.bridge.tell_all(&[captain("agent_eta_updated", 4, &agent)]).await;
    assert_eq!(desk.work().await, [""; 0]);
    let driver = desk.bridge.driver();
    assert!(driver.eta.stamp().is_some_and(|stamp| stamp.at >= at(0)) && driver.clocked_in());
    assert!(desk.fleet.script().drivers[ANN].on_duty);
}
