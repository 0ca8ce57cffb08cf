//! The driver sync as an operator sees it: asked for, under way, and how it ended.

use std::time::Duration;

use courier_domain::ids::AccountId;
use courier_domain::ports::{SyncRequests, Versioned};
use courier_domain::sync::{Claim, DriverSync, SyncCounts, SyncMessage, SyncRequest};
use serde_json::{Value, json};

use super::{API_TOKEN, Caller, whole_account};
use crate::testing::events::{captain, shift};
use crate::testing::{ANN, Bridge, Fault, at};

fn demo() -> AccountId {
    "demo".parse().unwrap()
}

/// A run of `second`, under way since the second after.
fn begun(before: Option<&DriverSync>, second: i64) -> DriverSync {
    match DriverSync::claim(before, at(second), false, at(second + 1)) {
        Claim::Take(sync) => *sync,
        other => panic!("not taken: {other:?}"),
    }
}

fn is_stored(caller: &Caller, sync: &DriverSync) {
    caller.memory.state().syncs.insert(demo(), Versioned { value: sync.clone(), version: 1 });
}

const COUNTS: SyncCounts = SyncCounts { created: 1, updated: 2, deactivated: 3, unchanged: 4, unreadable: 5 };

#[tokio::test]
async fn a_sync_that_is_asked_for_has_its_turn_at_once() {
    let caller = Caller::with_account();
    caller.clock.advance(Duration::from_secs(7));
    let told = caller.post("/accounts/demo/drivers/sync").await;
    assert_eq!((told.status, &told.body), (202, &json!({ "account_id": "demo", "run_at": at(7) })));
    let login = Some("login".to_owned());
    let (run_at, good_until, accounts) = (at(7), at(7 + 900), vec![demo()]);
    let message = SyncMessage { run_at, good_until, accounts, accept_losses: false, login };
    assert_eq!(caller.syncs.items(), [(message, Duration::ZERO)]);
    let request = SyncRequest { account_id: demo(), run_at, good_until };
    assert_eq!(caller.memory.sync_requests("login").await.unwrap(), [request]);
}

#[tokio::test]
async fn an_account_whose_login_is_not_known_asks_for_itself() {
    let caller = Caller::with_account();
    caller.memory.edit_account(|account| account.syrve.as_mut().unwrap().login_key = None);
    assert_eq!(caller.post("/accounts/demo/drivers/sync").await.status, 202);
    assert_eq!(caller.syncs.items()[0].0.login, None);
}

#[tokio::test]
async fn a_request_that_cannot_be_kept_is_told_to_the_caller_and_not_queued() {
    let caller = Caller::with_account();
    caller.memory.state().faults = [Some(Fault::Lost)].into();
    assert_eq!(caller.post("/accounts/demo/drivers/sync").await.problem().0, 503);
    assert_eq!(caller.syncs.items(), []);
}

#[tokio::test]
async fn an_account_without_a_pos_or_that_is_disabled_or_unknown_has_none() {
    let caller = Caller::with_account();
    assert_eq!(caller.post("/accounts/nobody/drivers/sync").await.problem().0, 404);
    caller.memory.edit_account(|account| account.enabled = false);
    assert_eq!(caller.post("/accounts/demo/drivers/sync").await.problem().0, 409);
    caller.memory.edit_account(|account| (account.enabled, account.syrve) = (true, None));
    assert_eq!(caller.post("/accounts/demo/drivers/sync").await.problem().0, 409);
    assert_eq!(caller.syncs.items(), []);
}

#[tokio::test]
async fn a_queue_that_does_not_answer_is_told_to_the_caller() {
    let caller = Caller::with_account();
    caller.syncs.sent().to_fail = 1;
    assert_eq!(caller.post("/accounts/demo/drivers/sync").await.problem().0, 503);
}

#[tokio::test]
async fn an_account_shows_its_newest_run() {
    let caller = Caller::with_account();
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!((&shown["driver_sync"], &shown["sync_error"]), (&Value::Null, &Value::Null));
    let mut sync = begun(None, 10);
    is_stored(&caller, &sync);
    let shown = caller.get("/accounts/demo").await.body;
    let expected = json!({
        "state": "running", "started_at": at(11), "finished_at": null, "succeeded_at": null, "duration_ms": null,
        "created": 0, "updated": 0, "deactivated": 0, "unchanged": 0, "unreadable": 0,
    });
    assert_eq!((&shown["driver_sync"], &shown["sync_error"]), (&expected, &Value::Null));
    sync.finish(COUNTS, None, at(14));
    is_stored(&caller, &sync);
    let shown = caller.get("/accounts/demo").await.body;
    let expected = json!({
        "state": "succeeded", "started_at": at(11), "finished_at": at(14), "succeeded_at": at(14), "duration_ms": 3000,
        "created": 1, "updated": 2, "deactivated": 3, "unchanged": 4, "unreadable": 5,
    });
    assert_eq!((&shown["driver_sync"], &shown["sync_error"]), (&expected, &Value::Null));
}

#[tokio::test]
async fn an_error_is_shown_until_a_run_ends_well_and_so_is_when_one_last_did() {
    let caller = Caller::with_account();
    let mut first = begun(None, 0);
    first.finish(COUNTS, None, at(5));
    let mut second = begun(Some(&first), 600);
    second.finish(
        SyncCounts::default(),
        Some("Syrve lists no couriers; nothing was changed".into()),
        at(602),
    );
    let third = begun(Some(&second), 1200);
    for (sync, state) in [(&second, "failed"), (&third, "running")] {
        is_stored(&caller, sync);
        let shown = caller.get("/accounts/demo").await.body;
        assert_eq!(shown["sync_error"], "Syrve lists no couriers; nothing was changed");
        assert_eq!(shown["driver_sync"]["state"], state);
        assert_eq!(shown["driver_sync"]["succeeded_at"], json!(at(5)));
    }
}

#[tokio::test]
async fn the_answer_to_a_change_shows_the_run_and_a_list_does_not() {
    let caller = Caller::with_account();
    is_stored(&caller, &begun(None, 10));
    let told = caller.put("demo", &whole_account()).await;
    assert_eq!(told.body["driver_sync"]["state"], "running");
    let listed = caller.get("/accounts").await.body["items"][0].take();
    assert_eq!(listed["account_id"], "demo");
    for field in ["driver_sync", "sync_error"] {
        assert_eq!(listed.get(field), None, "{field}");
    }
}

#[tokio::test]
async fn couriers_show_when_they_were_last_compared_and_others_do_not() {
    let bridge = Bridge::default();
    let cook = ANN.replace("17", "18");
    let eta = json!({ "agent_partners_external_identifier": null, "agent_uuid": "7183" });
    bridge.list(0, "Ann", true).await.unwrap();
    bridge.tell_all(&[shift(1, &cook, true), captain("agent_eta_updated", 2, &eta)]).await;
    let caller = Caller::on(bridge.memory.clone());
    let mut sync = begun(None, 10);
    sync.finish(COUNTS, None, at(14));
    let mut next = begun(Some(&sync), 600);
    next.finish(SyncCounts::default(), Some("refused".into()), at(602));
    is_stored(&caller, &next);
    let listed = caller.get("/accounts/demo/drivers").await.body["items"].take();
    let synced: Vec<_> = listed.as_array().unwrap().iter().map(|driver| &driver["synced_at"]).collect();
    assert_eq!(synced, [&Value::Null, &json!(at(14)), &Value::Null]);
    assert_eq!(listed[1]["name"], "Ann");
    assert!(listed[1].get("commands").is_none(), "a list leaves the commands out");
    let shown = caller.get(&format!("/accounts/demo/drivers/{ANN}")).await.body;
    assert_eq!((&shown["synced_at"], &shown["commands"]), (&json!(at(14)), &json!([])));
    let shown = caller.get(&format!("/accounts/demo/drivers/{cook}")).await.body;
    assert_eq!((&shown["synced_at"], &shown["name"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn a_person_says_that_a_list_is_right_however_many_drivers_it_has_lost() {
    let caller = Caller::with_account();
    let path = "/accounts/demo/drivers/sync";
    let asked = caller.send("POST", path, Some(API_TOKEN), br#"{"accept_losses":true}"#).await;
    assert_eq!(asked.status, 202);
    let message = &caller.syncs.items()[0].0;
    assert_eq!((message.accept_losses, &message.login), (true, &None), "it is nobody else's word");
    let odd = caller.send("POST", path, Some(API_TOKEN), br#"{"accept_loses":true}"#).await;
    assert_eq!(odd.problem(), (400, "accept_loses"));
}
