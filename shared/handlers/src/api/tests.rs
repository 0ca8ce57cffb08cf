//! The API as its callers see it.

mod accounts;
mod bodies;
mod clock;
mod deliveries;
mod dispatch;
mod fleet_bodies;
mod fleets;
mod health;
mod keys;
mod lists;
mod logins;
mod orders;
mod rates;
mod routes;
mod subscriptions;
mod syncs;
mod tokens;
mod undelivered;
mod unmatched;

use std::collections::HashMap;
use std::time::Duration;

use courier_domain::account::MatchOrdersBy;
use courier_domain::command::Command;
use courier_domain::inbound::InboundEvent;
use courier_domain::notification::NotifyMessage;
use courier_domain::ports::{NotifyQueue, PortError, UrlGuard};
use courier_domain::secret::TokenHash;
use courier_domain::sync::SyncMessage;
use lambda_http::http::Request as HttpRequest;
use lambda_http::{Body, RequestExt};
use serde_json::{Value, json};

use super::{Api, Parts};
use crate::testing::{HandClock, Memory, ORGANIZATION, Outbox, account, secrets};

const API_TOKEN: &str = "the-api-token";

struct Caller {
    memory: Memory,
    commands: Outbox<Command>,
    events: Outbox<InboundEvent>,
    syncs: Syncs,
    notify: SlowQueue,
    clock: HandClock,
    api: Api<InMemory>,
}

struct InMemory;

impl Parts for InMemory {
    type Store = Memory;
    type Vault = Memory;
    type Commands = Outbox<Command>;
    type Events = Outbox<InboundEvent>;
    type Syncs = Syncs;
    type Notify = SlowQueue;
    type Guard = Door;
    type Clock = HandClock;
}

type Syncs = Outbox<(SyncMessage, Duration)>;

/// The queue of what is sent to subscribers, which may take its time.
#[derive(Debug, Clone, Default)]
struct SlowQueue {
    outbox: Outbox<(NotifyMessage, Duration)>,
    takes: Duration,
    /// Messages of others that lie in it.
    of_others: u64,
}

impl NotifyQueue for SlowQueue {
    async fn send_notify(&self, messages: &[NotifyMessage], delay: Duration) -> Result<(), PortError> {
        tokio::time::sleep(self.takes).await;
        self.outbox.send_notify(messages, delay).await
    }

    async fn waiting(&self) -> Result<u64, PortError> {
        Ok(self.outbox.waiting().await? + self.of_others)
    }
}

/// Lets https through, in lower case, but for one address.
struct Door;

impl UrlGuard for Door {
    async fn admit(&self, url: &str) -> Result<String, String> {
        match url.to_lowercase() {
            url if !url.starts_with("https://") => Err("must be an https URL".to_owned()),
            url if url.contains("10.0.0.1") => Err("leads to an address that is not called".to_owned()),
            url => Ok(url),
        }
    }
}

/// An answer: status, headers that matter, body.
#[derive(Debug)]
struct Told {
    status: u16,
    allow: Option<String>,
    retry_after: Option<String>,
    text: String,
    body: Value,
}

impl Told {
    /// Status and field of a problem.
    fn problem(&self) -> (u16, &str) {
        assert_eq!(self.body["status"], self.status, "{}", self.text);
        (self.status, self.body["field"].as_str().unwrap_or_default())
    }
}

impl Caller {
    fn on(memory: Memory) -> Self {
        let (commands, syncs, clock) = (Outbox::default(), Syncs::default(), HandClock::default());
        let (events, notify) = (Outbox::default(), SlowQueue::default());
        let api = Api {
            directory: memory.clone(),
            vault: memory.clone(),
            commands: commands.clone(),
            events: events.clone(),
            syncs: syncs.clone(),
            notify: notify.clone(),
            guard: Door,
            clock: clock.clone(),
            // The last one is of somebody whose token was not set when it was hashed.
            tokens: ["another-token", API_TOKEN, ""].map(TokenHash::of).into(),
            public_url: None,
        };
        Self { memory, commands, events, syncs, notify, clock, api }
    }

    /// Nothing is stored.
    fn new() -> Self {
        Self::on(Memory::default())
    }

    /// The account `demo` is stored.
    fn with_account() -> Self {
        Self::on(Memory::with_account(account(MatchOrdersBy::OrderId), secrets()))
    }

    async fn send(&self, method: &str, path: &str, token: Option<&str>, body: &[u8]) -> Told {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut parameters: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            parameters.entry(name.to_owned()).or_default().push(value.to_owned());
        }
        let request = HttpRequest::builder().method(method).uri(format!("https://api.test/v1{path}"));
        let request = request.header("host", "api.test");
        let request = match token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        };
        let request = request.body(Body::from(body)).unwrap().with_query_string_parameters(parameters);
        let response = self.api.handle(&request).await;
        let header =
            |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let text = match response.body() {
            Body::Text(text) => text.clone(),
            _ => String::new(),
        };
        let is_problem = status >= 400 && (method, path) != ("GET", "/health");
        assert_eq!(header("content-type").unwrap().contains("problem"), is_problem);
        assert_eq!(status == 401, header("www-authenticate").is_some());
        let body = serde_json::from_str(&text).unwrap_or_default();
        Told { status, allow: header("allow"), retry_after: header("retry-after"), text, body }
    }

    async fn get(&self, path: &str) -> Told {
        self.send("GET", path, Some(API_TOKEN), b"").await
    }

    async fn post(&self, path: &str) -> Told {
        self.send("POST", path, Some(API_TOKEN), b"").await
    }

    async fn post_with(&self, path: &str, body: &Value) -> Told {
        self.send("POST", path, Some(API_TOKEN), body.to_string().as_bytes()).await
    }

    async fn put(&self, id: &str, body: &Value) -> Told {
        self.send("PUT", &format!("/accounts/{id}"), Some(API_TOKEN), body.to_string().as_bytes()).await
    }
}

/// The body that makes an account with everything.
fn whole_account() -> Value {
    json!({
        "name": "Demo Restaurant", "time_zone": "Europe/Dublin", "enabled": true,
        "syrve": {
            "base_url": "https://pos.test/", "organization_id": ORGANIZATION, "api_login": "secret-api-login",
            "app_id": "an-app", "client_secret": "secret-client-secret",
            "webhook_token": "secret-syrve-token", "terminal_group_id": null,
        },
        "fleets": { "captain": {
            "webhook_token": "secret-captain-token", "base_url": "https://fleet.test",
            "integration_key": "secret-integration-key", "developer_key": "secret-developer-key",
            "account_uuid": "73f4c9af9f79",
        } },
        "dispatch_to": "captain", "match_orders_by": "order_id",
    })
}

/// The same with every fleet, and every way in which Bringg proves itself.
fn with_all_fleets() -> Value {
    let mut account = whole_account();
    account["fleets"]["jelp"] = json!({
        "webhook_token": "secret-jelp-token", "token_in": { "query": "key" }, "order_reference": "external_id",
        "match_orders_by": "number",
    });
    account["fleets"]["radaro"] =
        json!({ "webhook_token": "secret-radaro-token", "match_orders_by": "external_number" });
    account["fleets"]["bringg"] = json!({
        "webhook_token": "secret-bringg-token", "token_in": { "header": "X-Bringg" },
        "jwt": {
            "key": "secret-jwt-key-of-32-bytes-or-more-in-text", "key_encoding": "text",
            "issuer": "https://bringg.test", "audience": "the bridge", "subject": "bringg-event",
        },
        "oauth": { "client_id": "bringg", "client_secret": "secret-client-secret" },
        "match_orders_by": "order_id",
    });
    account
}
