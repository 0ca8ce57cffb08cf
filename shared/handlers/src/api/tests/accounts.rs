//! Accounts: written whole, shown without their secrets, deleted with them.

use courier_domain::account::AccountSecrets;
use serde_json::{Value, json};

use super::{API_TOKEN, Caller, whole_account};
use crate::testing::Fault;

fn kept(caller: &Caller) -> AccountSecrets {
    caller.memory.state().secrets.values().next().cloned().unwrap_or_default()
}

#[tokio::test]
async fn an_account_is_made_once_and_changed_after_that() {
    let caller = Caller::new();
    assert_eq!(caller.put("demo", &whole_account()).await.status, 201);
    assert_eq!(caller.put("demo", &whole_account()).await.status, 200);
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!(shown["syrve"]["base_url"], "https://pos.test");
    assert_eq!((&shown["match_orders_by"], &shown["dispatch_to"]), (&json!("order_id"), &json!("captain")));
    let urls = json!({
        "syrve": "https://api.test/webhooks/syrve/demo",
        "captain": "https://api.test/webhooks/captain/demo",
        "captain_items": "https://api.test/webhooks/captain/demo/items",
    });
    assert_eq!(shown["webhook_urls"], urls);
}

#[tokio::test]
async fn webhook_urls_are_below_the_public_url_where_one_is_configured() {
    let mut caller = Caller::with_account();
    caller.api.public_url = Some("https://bridge.example/".into());
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!(shown["webhook_urls"]["syrve"], "https://bridge.example/webhooks/syrve/demo");
}

#[tokio::test]
async fn no_answer_shows_a_secret() {
    let caller = Caller::new();
    let answers = [
        caller.put("demo", &whole_account()).await,
        caller.get("/accounts/demo").await,
        caller.get("/accounts").await,
        caller.put("demo", &whole_account()).await,
    ];
    for told in &answers {
        assert!(!told.text.contains("secret-"), "{}", told.text);
    }
    let set = &answers[1].body;
    for field in ["/syrve/api_login", "/syrve/client_secret", "/syrve/webhook_token"] {
        assert_eq!(set.pointer(field), Some(&json!("set")), "{field}");
    }
    for field in ["webhook_token", "integration_key", "developer_key"] {
        assert_eq!(set["fleets"]["captain"][field], "set", "{field}");
    }
    let stored = format!("{:?}", caller.memory.state().accounts);
    assert!(!stored.contains("secret-"), "the table holds hashes only");
}

#[tokio::test]
async fn a_secret_that_is_absent_or_shown_as_set_keeps_its_value() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let (before, tokens) = (kept(&caller), caller.memory.state().accounts.clone());
    for stand_in in [json!("set"), Value::Null] {
        let mut body = whole_account();
        for field in ["api_login", "client_secret", "app_id", "webhook_token"] {
            body["syrve"][field] = stand_in.clone();
        }
        for field in ["integration_key", "developer_key", "webhook_token"] {
            body["fleets"]["captain"][field] = stand_in.clone();
        }
        assert_eq!(caller.put("demo", &body).await.status, 200);
        assert_eq!(kept(&caller), before);
    }
    let account = |accounts: &std::collections::BTreeMap<
        _,
        courier_domain::ports::Versioned<courier_domain::account::Account>,
    >| { accounts.values().next().unwrap().value.syrve.clone().unwrap().webhook_tokens };
    let now = caller.memory.state().accounts.clone();
    assert_eq!(account(&now), account(&tokens));
}

#[tokio::test]
async fn what_was_read_can_be_written_back() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!(caller.put("demo", &shown).await.status, 200);
    assert_eq!(caller.put("other", &shown).await.problem(), (400, "account_id"));
}

#[tokio::test]
async fn a_sender_that_is_taken_out_leaves_no_secret_behind() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let bare = json!({ "name": "Demo", "time_zone": "Europe/Dublin" });
    let told = caller.put("demo", &bare).await;
    assert_eq!(
        (told.status, &told.body["syrve"], &told.body["webhook_urls"]),
        (200, &Value::Null, &json!({}))
    );
    assert_eq!(kept(&caller), AccountSecrets::default());
}

#[tokio::test]
async fn a_refused_body_changes_nothing() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let (before, writes) = (kept(&caller), caller.memory.requests().1);
    let mut body = whole_account();
    body["syrve"]["api_login"] = json!("secret-other-login");
    body["time_zone"] = json!("Mars/Olympus");
    assert_eq!(caller.put("demo", &body).await.status, 400);
    assert_eq!((kept(&caller), caller.memory.requests().1), (before, writes));
}

#[tokio::test]
async fn somebody_who_was_faster_is_a_conflict() {
    let caller = Caller::with_account();
    caller.memory.state().faults = [Some(Fault::Conflict)].into();
    assert_eq!(caller.put("demo", &whole_account()).await.problem().0, 409);
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_secrets() {
    let caller = Caller::with_account();
    let told = caller.send("DELETE", "/accounts/demo", Some(API_TOKEN), b"").await;
    assert_eq!((told.status, told.text.as_str()), (204, ""));
    assert!(caller.memory.state().secrets.is_empty());
    assert_eq!(caller.get("/accounts/demo").await.status, 404);
    assert_eq!(caller.send("DELETE", "/accounts/demo", Some(API_TOKEN), b"").await.status, 404);
}

#[tokio::test]
async fn a_deletion_that_failed_half_way_is_finished_by_the_next() {
    let caller = Caller::with_account();
    caller.memory.state().reads_to_fail = 1;
    assert_eq!(caller.send("DELETE", "/accounts/demo", Some(API_TOKEN), b"").await.status, 503);
    caller.send("DELETE", "/accounts/demo", Some(API_TOKEN), b"").await;
    assert!(caller.memory.state().secrets.is_empty());
}
