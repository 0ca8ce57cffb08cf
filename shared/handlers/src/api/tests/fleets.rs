//! The settings of every fleet: written, shown, written back, taken out.

use courier_domain::account::{Account, AccountSecrets, MatchOrdersBy, OrderReference, TokenPlace};
use courier_domain::delivery::Provider;
use serde_json::{Value, json};

use super::{Caller, with_all_fleets};

fn account(caller: &Caller) -> Account {
    caller.memory.state().accounts.values().next().unwrap().value.clone()
}

fn secrets(caller: &Caller) -> AccountSecrets {
    caller.memory.state().secrets.values().next().cloned().unwrap()
}

#[tokio::test]
async fn every_fleets_settings_are_kept_and_shown_without_secrets() {
    let caller = Caller::new();
    let told = caller.put("demo", &with_all_fleets()).await;
    assert_eq!(told.status, 201, "{}", told.text);
    let shown = caller.get("/accounts/demo").await;
    assert_eq!(shown.body, told.body);
    for text in [&told.text, &shown.text, &caller.get("/accounts").await.text] {
        assert!(!text.contains("secret-"), "{text}");
    }
    let fleets = &shown.body["fleets"];
    assert_eq!(
        fleets["jelp"],
        json!({
            "webhook_token": "set", "token_in": { "query": "key" }, "order_reference": "external_id",
            "match_orders_by": "number",
        })
    );
    assert_eq!(fleets["radaro"], json!({ "webhook_token": "set", "match_orders_by": "external_number" }));
    assert_eq!(
        fleets["bringg"],
        json!({
            "webhook_token": "set", "token_in": { "header": "x-bringg" }, "match_orders_by": "order_id",
            "jwt": { "key": "set", "issuer": "https://bringg.test", "audience": "the bridge", "subject": "bringg-event" },
            "oauth": { "client_id": "bringg", "client_secret": "set" },
        })
    );
    let kept = account(&caller);
    assert_eq!(kept.fleets[&Provider::Jelp].token_in, Some(TokenPlace::Query("key".into())));
    assert_eq!(kept.fleets[&Provider::Jelp].order_reference, OrderReference::ExternalId);
    assert_eq!(kept.matches_by(Provider::Radaro), MatchOrdersBy::ExternalNumber);
    assert!(!format!("{kept:?} {:?}", secrets(&caller)).contains("secret-"), "the table holds hashes only");
}

#[tokio::test]
async fn what_was_read_can_be_written_back_and_keeps_everything() {
    let caller = Caller::new();
    caller.put("demo", &with_all_fleets()).await;
    let shown = caller.get("/accounts/demo").await.body;
    let before = (account(&caller), secrets(&caller));
    let told = caller.put("demo", &shown).await;
    assert_eq!((told.status, &told.body), (200, &shown));
    assert_eq!((account(&caller), secrets(&caller)), before);
}

#[tokio::test]
async fn what_was_read_of_the_least_settings_can_be_written_back_too() {
    let mut body = with_all_fleets();
    body["fleets"] = json!({
        "captain": null,
        "jelp": { "webhook_token": "secret-jelp-token" },
        "radaro": { "webhook_token": "secret-radaro-token" },
        "bringg": { "oauth": { "client_id": "bringg", "client_secret": "secret-client-secret" } },
    });
    body["dispatch_to"] = Value::Null;
    let caller = Caller::new();
    let told = caller.put("demo", &body).await;
    assert_eq!(told.status, 201, "{}", told.text);
    let bringg = &told.body["fleets"]["bringg"];
    assert_eq!(
        (&bringg["webhook_token"], &bringg["jwt"], &bringg["token_in"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(told.body["fleets"]["jelp"]["order_reference"], "public_id");
    let before = (account(&caller), secrets(&caller));
    assert_eq!(caller.put("demo", &told.body).await.status, 200);
    assert_eq!((account(&caller), secrets(&caller)), before);
}

#[tokio::test]
async fn a_token_that_is_left_out_stays_and_a_way_that_is_left_out_goes() {
    let caller = Caller::new();
    caller.put("demo", &with_all_fleets()).await;
    let before = account(&caller);
    let mut body = with_all_fleets();
    for fleet in ["jelp", "radaro"] {
        body["fleets"][fleet].as_object_mut().unwrap().remove("webhook_token");
    }
    for way in ["webhook_token", "oauth"] {
        body["fleets"]["bringg"].as_object_mut().unwrap().remove(way);
    }
    assert_eq!(caller.put("demo", &body).await.status, 200);
    let after = account(&caller);
    let tokens = |account: &Account, fleet| account.fleets[&fleet].webhook_tokens.clone();
    for fleet in [Provider::Jelp, Provider::Radaro] {
        assert_eq!(tokens(&after, fleet), tokens(&before, fleet));
    }
    assert_eq!((tokens(&after, Provider::Bringg), &after.fleets[&Provider::Bringg].oauth), (None, &None));
    assert!(after.fleets[&Provider::Bringg].jwt.is_some());
}

#[tokio::test]
async fn a_fleet_that_is_taken_out_leaves_nothing_behind() {
    let caller = Caller::new();
    caller.put("demo", &with_all_fleets()).await;
    assert!(!secrets(&caller).webhook_keys.is_empty());
    let mut body = with_all_fleets();
    for fleet in ["jelp", "radaro", "bringg"] {
        body["fleets"].as_object_mut().unwrap().remove(fleet);
    }
    let told = caller.put("demo", &body).await;
    assert_eq!((told.status, &told.body["fleets"]["bringg"]), (200, &Value::Null));
    assert!(secrets(&caller).webhook_keys.is_empty());
    assert_eq!(account(&caller).fleets.keys().copied().collect::<Vec<_>>(), [Provider::Captain]);
    let urls = told.body["webhook_urls"].as_object().unwrap();
    assert_eq!(urls.keys().map(String::as_str).collect::<Vec<_>>(), ["captain", "captain_items", "syrve"]);
}

#[tokio::test]
async fn the_urls_to_register_are_shown_of_each_fleet_and_each_of_its_events() {
    let caller = Caller::new();
    let told = caller.put("demo", &with_all_fleets()).await;
    let urls = told.body["webhook_urls"].as_object().unwrap();
    for (name, url) in [
        ("jelp", "https://api.test/webhooks/jelp/demo?key={webhook_token}"),
        ("jelp_order_new", "https://api.test/webhooks/jelp/demo/order_new?key={webhook_token}"),
        (
            "jelp_decline_cancel_request",
            "https://api.test/webhooks/jelp/demo/decline_cancel_request?key={webhook_token}",
        ),
        ("radaro", "https://api.test/webhooks/radaro/demo"),
        ("bringg", "https://api.test/webhooks/bringg/demo"),
        ("bringg_driver_on_the_way", "https://api.test/webhooks/bringg/demo/driver_on_the_way"),
        ("bringg_oauth_token", "https://api.test/webhooks/bringg/demo/oauth/token"),
    ] {
        assert_eq!(urls.get(name), Some(&json!(url)), "{name}");
    }
    let mut body = with_all_fleets();
    body["fleets"]["jelp"]["token_in"] = json!({ "header": "X-Token" });
    body["fleets"]["bringg"].as_object_mut().unwrap().remove("oauth");
    let urls = caller.put("demo", &body).await.body["webhook_urls"].clone();
    assert_eq!(urls["jelp_tracking"], "https://api.test/webhooks/jelp/demo/tracking");
    assert_eq!((&urls["bringg_oauth_token"], urls["bringg_task_done"].is_string()), (&Value::Null, true));
}

#[tokio::test]
async fn a_place_for_a_token_can_be_changed_back_to_the_usual_one() {
    let caller = Caller::new();
    caller.put("demo", &with_all_fleets()).await;
    let mut body = with_all_fleets();
    body["fleets"]["jelp"]["token_in"] = Value::Null;
    body["fleets"]["bringg"].as_object_mut().unwrap().remove("token_in");
    let told = caller.put("demo", &body).await;
    for fleet in ["jelp", "bringg"] {
        assert_eq!(told.body["fleets"][fleet]["token_in"], Value::Null);
    }
}
