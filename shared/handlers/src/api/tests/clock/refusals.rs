//! Who cannot be clocked in or out, and what a body must not say.

use serde_json::json;

use super::ann;
use crate::api::tests::{API_TOKEN, Caller};
use crate::testing::events::{captain, shift};
use crate::testing::{ANN, Bridge};

#[tokio::test]
async fn what_is_wrong_with_a_body_is_named_and_nothing_is_asked() {
    let caller = ann(false).await;
    for (what, body, field) in [
        ("in", json!({ "terminalGroupId": "a" }), "terminalGroupId"),
        ("in", json!({ "terminal_group_id": "kitchen" }), "terminal_group_id"),
        ("in", json!({ "role_id": 7 }), "role_id"),
        ("out", json!({ "role_id": super::ROLE }), "role_id"),
        ("out", json!({ "organization_id": "a" }), "organization_id"),
        ("in", json!([]), "body"),
        ("in", json!("now"), "body"),
    ] {
        assert_eq!(caller.clock_with(what, &body).await.problem(), (400, field), "{body}");
    }
    let path = format!("/accounts/demo/drivers/{ANN}/clock_in");
    assert_eq!(caller.send("POST", &path, Some(API_TOKEN), b"{").await.problem(), (400, "body"));
    assert_eq!((caller.queued().len(), caller.kept().len()), (0, 0));
}

#[tokio::test]
async fn a_driver_who_left_can_be_clocked_out_and_not_in() {
    let bridge = Bridge::default();
    bridge.list(0, "Ann", false).await.unwrap();
    bridge.tell_all(&[shift(1, ANN, true)]).await;
    let caller = Caller::on(bridge.memory.clone());
    let told = caller.clock("in").await;
    assert_eq!(told.problem().0, 409);
    assert!(told.text.contains("inactive"), "{}", told.text);
    assert_eq!(caller.queued().len(), 0);
    super::promised(&caller.clock("out").await);
}

#[tokio::test]
async fn a_driver_whom_only_the_fleet_knows_has_no_shifts_in_syrve() {
    let bridge = Bridge::default();
    let eta = json!({ "agent_partners_external_identifier": null, "agent_uuid": "7183" });
    bridge.tell_all(&[captain("agent_eta_updated", 2, &eta)]).await;
    let caller = Caller::on(bridge.memory.clone());
    for id in ["captain:7183", "captain%3A7183", "captain%3a7183"] {
        for what in ["in", "out"] {
            let told = caller.post(&format!("/accounts/demo/drivers/{id}/clock_{what}")).await;
            assert_eq!(told.problem().0, 409, "{id}");
        }
    }
    assert_eq!(caller.queued().len(), 0);
}

#[tokio::test]
async fn an_id_may_come_encoded() {
    let caller = ann(false).await;
    let encoded = ANN.replace('-', "%2D");
    super::promised(&caller.post(&format!("/accounts/demo/drivers/{encoded}/clock_in")).await);
}

#[tokio::test]
async fn who_is_not_there_is_not_found() {
    let caller = ann(false).await;
    let nobody = ANN.replace("17", "18");
    for path in [format!("demo/drivers/{nobody}"), format!("nobody/drivers/{ANN}"), "demo/drivers/%20".into()]
    {
        for what in ["in", "out"] {
            assert_eq!(
                caller.post(&format!("/accounts/{path}/clock_{what}")).await.problem().0,
                404,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn an_account_that_is_disabled_or_has_no_pos_cannot_ask_it() {
    let caller = ann(false).await;
    caller.memory.edit_account(|account| account.enabled = false);
    assert_eq!(caller.clock("in").await.problem().0, 409);
    caller.memory.edit_account(|account| (account.enabled, account.syrve) = (true, None));
    assert_eq!(caller.clock("out").await.problem().0, 409);
    assert_eq!((caller.queued().len(), caller.kept().len()), (0, 0));
}
