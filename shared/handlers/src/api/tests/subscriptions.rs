//! Subscriptions: registered, shown without their secrets, changed, given up and enabled, deleted.

mod bodies;
mod calls;
mod deleted;
mod replays;
mod secrets;
mod state;

use courier_domain::account::MatchOrdersBy;
use courier_domain::clock::Clock;
use courier_domain::event::EventName;
use courier_domain::ids::AccountId;
use courier_domain::ports::Versioned;
use courier_domain::subscription::{CallEnd, Disabled, Line, LineId, Subscription, SubscriptionSecrets};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{API_TOKEN, Caller, Told};
use crate::testing::{Fault, account, at};

const ALL: &str = "/accounts/demo/subscriptions";
const TOKEN: &str = "secret-auth-token";

fn body() -> Value {
    json!({ "url": "https://shop.test/events", "auth_token": TOKEN })
}

/// Another account, with nothing in it.
fn add_account(caller: &Caller, id: &str) {
    let mut other = account(MatchOrdersBy::OrderId);
    other.account_id = id.parse().unwrap();
    let stored = Versioned { value: other, version: 1 };
    caller.memory.state().accounts.insert(id.parse().unwrap(), stored);
}

impl Caller {
    /// Registers a subscription; its path and its id.
    async fn subscribed(&self) -> (String, Uuid) {
        let told = self.post_with(ALL, &body()).await;
        assert_eq!(told.status, 201, "{}", told.text);
        let id = told.body["id"].as_str().unwrap();
        (format!("{ALL}/{id}"), id.parse().unwrap())
    }

    async fn put_at(&self, path: &str, body: &Value) -> Told {
        self.send("PUT", path, Some(API_TOKEN), body.to_string().as_bytes()).await
    }

    async fn disabled(&self, path: &str, body: &str) -> Told {
        self.send("POST", &format!("{path}/disable"), Some(API_TOKEN), body.as_bytes()).await
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn delete(&self, path: &str) -> Told {
        self.send("DELETE", path, Some(API_TOKEN), b"").await
    }

    fn row(&self, id: Uuid) -> Subscription {
        self.memory.state().told.subscriptions[&(demo(), id)].value.clone()
    }

    fn secrets_of(&self, id: Uuid) -> SubscriptionSecrets {
        self.memory.state().told.secrets[&(demo(), id)].clone()
    }

    /// Changes what is stored of a subscription.
    fn edit(&self, id: Uuid, change: impl FnOnce(&mut Subscription)) {
        let mut state = self.memory.state();
        let stored = state.told.subscriptions.get_mut(&(demo(), id)).unwrap();
        change(&mut stored.value);
        stored.version += 1;
    }

    /// So many calls to one of its URLs failed, one a second.
    fn fail(&self, id: Uuid, of_items: bool, times: i64) {
        let mut line = Line::default();
        for second in 0..times {
            let took = std::time::Duration::ZERO;
            line.leave("account", CallEnd::Failure { took, answered: true, retry_after: None }, at(second));
        }
        self.memory.state().told.lines.insert((demo(), LineId { subscription: id, of_items }), line);
    }

    /// It has failed too often.
    fn disable(&self, id: Uuid) {
        self.fail(id, false, 100);
        let disabled = Disabled {
            at: at(99),
            reason: "100 calls in a row failed".into(),
            by_operator: false,
            told: true,
        };
        self.edit(id, |subscription| subscription.disabled = Some(disabled));
    }
}

fn demo() -> AccountId {
    "demo".parse().unwrap()
}

#[tokio::test]
async fn a_subscription_is_told_of_everything_unless_it_names_events() {
    let caller = Caller::with_account();
    let told = caller.post_with(ALL, &body()).await;
    let id = told.body["id"].as_str().unwrap();
    let key = told.body["signing_secret"].as_str().unwrap();
    assert!(key.starts_with("whsec_") && key.len() > 30, "{key}");
    let expected = json!({
        "id": id, "url": "https://shop.test/events", "items_url": null, "events": EventName::ALL.map(EventName::as_str),
        "auth_token": "set", "signing_secret": key, "state": "enabled", "disabled": null,
        "items_disabled": null, "failures": 0, "failing_since": null, "items_failures": 0,
        "items_failing_since": null, "created_at": at(0), "updated_at": at(0),
    });
    assert_eq!((told.status, &told.body), (201, &expected));

    let narrow = json!({
        "url": "HTTPS://shop.test/a", "items_url": "HTTPS://shop.test/b", "auth_token": TOKEN,
        "events": ["agent_eta_updated", "order_assigned", "agent_eta_updated"],
    });
    let told = caller.post_with(ALL, &narrow).await.body;
    let urls = (&told["url"], &told["items_url"]);
    assert_eq!(urls, (&json!("https://shop.test/a"), &json!("https://shop.test/b")), "as they are called");
    assert_eq!(told["events"], json!(["order_assigned", "agent_eta_updated"]));
    let shown = caller.get(&format!("{ALL}/{}", told["id"].as_str().unwrap())).await.body;
    assert_eq!((&shown["url"], &shown["events"]), (&told["url"], &told["events"]));
}

#[tokio::test]
async fn only_the_answers_that_make_a_key_show_it_and_none_shows_the_token() {
    let caller = Caller::with_account();
    let made = caller.post_with(ALL, &body()).await;
    let path = format!("{ALL}/{}", made.body["id"].as_str().unwrap());
    let rotated = caller.post(&format!("{path}/rotate_secret")).await;
    let keys = [&made, &rotated].map(|told| told.body["signing_secret"].as_str().unwrap().to_owned());
    let others = [
        caller.get(ALL).await,
        caller.get(&path).await,
        caller.put_at(&path, &body()).await,
        caller.post(&format!("{path}/enable")).await,
        caller.get(&format!("{path}/notifications")).await,
        caller.get(&format!("{path}/attempts")).await,
    ];
    for told in &others {
        assert_eq!(told.status, 200, "{}", told.text);
        assert!(!told.text.contains("secret") && !told.text.contains("whsec_"), "{}", told.text);
    }
    assert!(!made.text.contains(TOKEN) && !rotated.text.contains(TOKEN));
    assert!(!rotated.text.contains(&keys[0]));
    let stored = format!("{:?}", caller.memory.state().told.subscriptions);
    assert!(!stored.contains(TOKEN) && !keys.iter().any(|key| stored.contains(key)), "the table holds none");
}

#[tokio::test]
async fn the_list_shows_all_and_takes_no_parameters() {
    let caller = Caller::with_account();
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(caller.subscribed().await.1.to_string());
    }
    let last = ids[29].parse().unwrap();
    caller.disable(last);
    ids.sort();
    let told = caller.get(ALL).await.body;
    let items = told["items"].as_array().unwrap();
    assert_eq!(items.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert_eq!(told["next_cursor"], Value::Null);
    for item in items {
        let is_last = item["id"] == last.to_string();
        let (state, failures) = if is_last { ("disabled", 100) } else { ("enabled", 0) };
        assert_eq!((&item["state"], &item["failures"]), (&json!(state), &json!(failures)), "its own line");
    }
    assert_eq!(caller.get(&format!("{ALL}?limit=5")).await.problem(), (400, "limit"));
}

#[tokio::test]
async fn writing_one_counts_whole_but_for_its_token() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let wide = json!({
        "url": "https://shop.test/a", "items_url": "https://shop.test/b", "events": ["order_assigned"],
    });
    caller.clock.advance(std::time::Duration::from_mins(1));
    let told = caller.put_at(&path, &wide).await;
    assert_eq!((told.status, &told.body["items_url"]), (200, &wide["items_url"]), "{}", told.text);
    assert_eq!((&told.body["created_at"], &told.body["updated_at"]), (&json!(at(0)), &json!(at(60))));
    let bare = json!({ "url": "https://shop.test/a", "auth_token": "set" });
    let told = caller.put_at(&path, &bare).await.body;
    assert_eq!((&told["items_url"], told["events"].as_array().unwrap().len()), (&Value::Null, 8));
    assert_eq!(told, caller.get(&path).await.body);
    assert_eq!(caller.secrets_of(id).auth_token.expose(), TOKEN);
    assert_eq!(caller.row(id).secrets_version, 1, "its secrets are the same");
}

#[tokio::test]
async fn the_failures_of_each_url_are_shown() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    let both = json!({ "url": "https://shop.test/events", "items_url": "https://shop.test/items" });
    caller.put_at(&path, &both).await;
    caller.fail(id, true, 3);
    for shown in [caller.get(&path).await.body, caller.get(ALL).await.body["items"][0].clone()] {
        assert_eq!((&shown["failures"], &shown["failing_since"]), (&json!(0), &Value::Null));
        assert_eq!((&shown["items_failures"], &shown["items_failing_since"]), (&json!(3), &json!(at(0))));
    }
}

#[tokio::test]
async fn a_hundred_are_as_many_as_an_account_may_have() {
    let caller = Caller::with_account();
    add_account(&caller, "other");
    for _ in 0..100 {
        caller.subscribed().await;
    }
    let told = caller.post_with(ALL, &body()).await;
    assert_eq!(told.problem(), (409, ""));
    assert_eq!(caller.memory.state().told.secrets.len(), 100, "nothing was written for it");
    assert_eq!(caller.post_with("/accounts/other/subscriptions", &body()).await.status, 201);
    let id = caller.memory.state().told.subscriptions.keys().next().unwrap().1;
    caller.delete(&format!("{ALL}/{id}")).await;
    assert_eq!(caller.post_with(ALL, &body()).await.status, 201);
}

#[tokio::test]
async fn a_subscription_is_never_without_its_secrets() {
    let caller = Caller::with_account();
    let kept = || {
        let told = &caller.memory.state().told;
        (told.subscriptions.len(), told.secrets.len())
    };
    for fault in [Fault::Lost, Fault::Unheard] {
        caller.memory.state().faults = [Some(fault)].into();
        assert_eq!(caller.post_with(ALL, &body()).await.problem().0, 503);
        assert_eq!(kept(), (0, 0), "nobody was told its id");
    }
    caller.memory.state().faults = [Some(Fault::Lost), Some(Fault::Lost)].into();
    assert_eq!(caller.post_with(ALL, &body()).await.problem().0, 503);
    assert_eq!(kept(), (0, 0), "the table takes no writes, and can be read");
    // It is written, and cannot be deleted for now.
    caller.memory.state().faults = [Some(Fault::Unheard), Some(Fault::Lost)].into();
    assert_eq!(caller.post_with(ALL, &body()).await.problem().0, 503);
    assert_eq!(kept(), (1, 1));
}

#[tokio::test]
async fn a_store_of_secrets_that_is_full_is_not_asked_to_try_again() {
    let caller = Caller::with_account();
    caller.memory.state().is_vault_full = true;
    let told = caller.post_with(ALL, &body()).await;
    assert_eq!(told.problem(), (507, ""));
    assert!(told.body["detail"].as_str().unwrap().contains("ParameterLimitExceeded"), "{}", told.text);
    assert_eq!(caller.get(ALL).await.body["items"], json!([]));
}

#[tokio::test]
async fn somebody_who_was_faster_is_a_conflict() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.disable(id);
    for (method, path, body) in [
        ("PUT", path.clone(), body()),
        ("PUT", path.clone(), json!({ "url": "https://shop.test/new" })),
        ("PUT", path.clone(), json!({ "url": "https://shop.test/new", "auth_token": "another-token" })),
        ("POST", format!("{path}/rotate_secret"), json!({})),
        ("POST", format!("{path}/enable"), json!({})),
        ("POST", format!("{path}/disable"), json!({})),
    ] {
        if path.ends_with("/disable") {
            caller.post(&path.replace("/disable", "/enable")).await;
        }
        let (before, secrets) = (caller.row(id), caller.secrets_of(id));
        caller.memory.state().faults = [Some(Fault::Conflict)].into();
        let told = caller.send(method, &path, Some(API_TOKEN), body.to_string().as_bytes()).await;
        assert_eq!(told.problem(), (409, ""), "{method} {path}");
        assert_eq!((caller.row(id), caller.secrets_of(id)), (before, secrets), "{method} {path}");
    }
}

#[tokio::test]
async fn a_url_of_the_bridge_itself_is_refused() {
    let caller = Caller::with_account();
    for (field, url) in [("url", "https://API.test/webhooks/captain/demo"), ("items_url", "https://api.test")]
    {
        let mut own = json!({ "url": "https://shop.test/", "auth_token": TOKEN });
        own[field] = json!(url);
        assert_eq!(caller.post_with(ALL, &own).await.problem(), (400, field));
    }
}
