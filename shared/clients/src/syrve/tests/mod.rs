//! The client against a real HTTP server. Each test says what Syrve answers and what the caller is told; here is what
//! they share: a token store and a gate in memory, a clock that stands still, and a login.

mod calls;
mod failures;
mod gate;
mod lists;
mod network;
mod refusals;
mod renewal;
mod replay;
mod shifts;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use courier_domain::account::SyrveRates;
use courier_domain::clock::Clock;
use courier_domain::delivery::PosStatus;
use courier_domain::gate::{Pass, Rate, Refusal};
use courier_domain::ids::{OrderId, OrganizationId};
use courier_domain::ports::{Gate, Outcome as Shown, PortError, StoredToken, TokenStore};
use courier_domain::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::{CallError, CorrelationId, Credentials, Limits, SyrveClient, SyrveLogin};
use crate::http::Timeouts;
use crate::testing::{MemoryGate, TestClock};

const LOGIN: &str = "login-abcdefghij";
const TOKEN_PATH: &str = "/api/1/access_token";
const UPDATE_PATH: &str = "/api/1/deliveries/update_order_delivery_status";
const STATUS_PATH: &str = "/api/1/commands/status";
const BY_ID_PATH: &str = "/api/1/deliveries/by_id";
const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
const ORGANIZATION: &str = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9";
const CORRELATION: &str = "48fb4cd3-2ef6-4479-bea1-7c92721b988c";

/// A store in memory; clones share it, as processes share the table.
#[derive(Clone, Default)]
struct MemoryStore(Arc<Mutex<Stored>>, MemoryGate);

#[derive(Default)]
struct Stored {
    key: Option<String>,
    token: Option<StoredToken>,
    leased_until: Option<Timestamp>,
    /// How many reads come before the last write is seen.
    late_by: u32,
    broken: bool,
}

impl MemoryStore {
    fn put(&self, token: &str, obtained_at: Timestamp) {
        let mut stored = self.0.lock().unwrap();
        stored.token = Some(StoredToken { token: Secret::new(token), obtained_at });
        stored.leased_until = None;
    }

    fn lease_elsewhere(&self, until: Timestamp) {
        self.0.lock().unwrap().leased_until = Some(until);
    }

    fn open(&self) -> Result<MutexGuard<'_, Stored>, PortError> {
        let stored = self.0.lock().unwrap();
        if stored.broken {
            return Err(PortError::Unavailable { service: "table", source: "out of order".into() });
        }
        Ok(stored)
    }
}

impl TokenStore for MemoryStore {
    async fn token(&self, _: &str) -> Result<Option<StoredToken>, PortError> {
        let mut stored = self.open()?;
        let late = stored.late_by > 0;
        stored.late_by = stored.late_by.saturating_sub(1);
        Ok(stored.token.clone().filter(|_| !late))
    }

    async fn lease(&self, _: &str, now: Timestamp, until: Timestamp) -> Result<bool, PortError> {
        let mut stored = self.open()?;
        let free = stored.leased_until.is_none_or(|until| until <= now);
        if free {
            stored.leased_until = Some(until);
        }
        Ok(free)
    }

    async fn store(&self, login: &str, token: &StoredToken) -> Result<(), PortError> {
        let mut stored = self.open()?;
        stored.key = Some(login.to_owned());
        stored.token = Some(token.clone());
        stored.leased_until = None;
        Ok(())
    }
}

impl Gate for MemoryStore {
    async fn pass(
        &self,
        login: &str,
        group: &'static str,
        rate: Rate,
        now: Timestamp,
    ) -> Result<Pass, PortError> {
        self.1.pass(login, group, rate, now).await
    }

    async fn report(
        &self,
        login: &str,
        group: &'static str,
        shown: Shown,
        seen: u32,
        now: Timestamp,
    ) -> Result<(), PortError> {
        self.1.report(login, group, shown, seen, now).await
    }

    async fn refuse(&self, login: &str, refusal: &Refusal) -> Result<(), PortError> {
        self.1.refuse(login, refusal).await
    }

    async fn refusal(&self, login: &str) -> Result<Option<Refusal>, PortError> {
        self.1.refusal(login).await
    }

    async fn accept(&self, login: &str) -> Result<(), PortError> {
        self.1.accept(login).await
    }
}

type Client = SyrveClient<MemoryStore, TestClock>;

/// A fake Syrve and a client of it.
struct World {
    server: MockServer,
    clock: TestClock,
    store: MemoryStore,
    client: Client,
    login: SyrveLogin,
}

impl World {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let clock = TestClock::default();
        let store = MemoryStore::default();
        let client = client(&store, &clock);
        let login = v1(&server.uri());
        Self { server, clock, store, client, login }
    }

    /// A second process: the same store, an empty memory.
    fn another_process(&self) -> Client {
        client(&self.store, &self.clock)
    }

    /// The client gives up sooner from here on.
    fn becomes_impatient(&mut self) {
        self.client = impatient_client(&self.store, &self.clock);
    }

    /// Syrve gives this token, `times` times at most.
    async fn gives_token(&self, token: &str, times: u64) {
        post(TOKEN_PATH).respond_with(token_answer(token)).up_to_n_times(times).mount(&self.server).await;
    }

    /// Syrve answers any update so.
    async fn answers_updates(&self, answer: ResponseTemplate) {
        post(UPDATE_PATH).respond_with(answer).mount(&self.server).await;
    }

    /// Syrve accepts updates that carry this token.
    async fn accepts(&self, token: &str) {
        post(UPDATE_PATH)
            .and(header("authorization", format!("Bearer {token}")))
            .respond_with(accepted())
            .mount(&self.server)
            .await;
    }

    async fn update(&self) -> Result<CorrelationId, CallError> {
        self.update_by(&self.client).await
    }

    async fn update_by(&self, client: &Client) -> Result<CorrelationId, CallError> {
        client
            .update_order_delivery_status(
                &self.login,
                &organization(),
                &order(),
                PosStatus::OnWay,
                None,
                None,
            )
            .await
    }

    /// How many requests came to a path.
    async fn requests(&self, to: &str) -> usize {
        self.bodies(to).await.len()
    }

    /// What came to a path.
    async fn bodies(&self, to: &str) -> Vec<Value> {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().filter(|r| r.url.path() == to).map(|r| r.body_json().unwrap()).collect()
    }
}

fn client(store: &MemoryStore, clock: &TestClock) -> Client {
    SyrveClient::new(store.clone(), clock.clone())
}

/// A client for the tests in which waiting is in vain.
fn impatient_client(store: &MemoryStore, clock: &TestClock) -> Client {
    let http = Timeouts { connect: Duration::from_secs(5), total: Duration::from_millis(500) };
    let limits =
        Limits { http, token_wait: Duration::from_millis(50), token_poll: Duration::from_millis(10) };
    SyrveClient::with_limits(store.clone(), clock.clone(), limits)
}

fn v1(base_url: &str) -> SyrveLogin {
    let credentials = Credentials::V1 { api_login: Secret::new(LOGIN) };
    SyrveLogin { base_url: base_url.to_owned(), credentials, rates: SyrveRates::default() }
}

fn organization() -> OrganizationId {
    ORGANIZATION.parse().unwrap()
}

fn order() -> OrderId {
    ORDER.parse().unwrap()
}

fn post(to: &str) -> MockBuilder {
    Mock::given(method("POST")).and(path(to))
}

fn token_answer(token: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"correlationId": CORRELATION, "token": token}))
}

fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"correlationId": CORRELATION}))
}

fn refused(status: u16, description: &str) -> ResponseTemplate {
    let body = json!({"correlationId": CORRELATION, "errorDescription": description, "error": null});
    ResponseTemplate::new(status).set_body_json(body)
}
