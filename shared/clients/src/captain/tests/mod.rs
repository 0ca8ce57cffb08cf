//! The client against a real HTTP server. Each test says what Captain.AI answers and what the caller is told; here is what
//! they share: a gate in memory, a clock that stands still, and keys.

mod drivers;
mod failures;
mod gate;
mod orders;

use std::time::Duration;

use courier_domain::secret::Secret;
use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockBuilder, MockServer, ResponseTemplate};

use super::{CallError, CaptainClient, CaptainLogin, Creation, FleetOrder, Outcome};
use crate::testing::{MemoryGate, TestClock};

const ACCOUNT: &str = "73f4c9af9f79";
const ORDER: &str = "6992dc85d681";
const DRIVER: &str = "7183bb9f1a65";
const ORDERS_PATH: &str = "/v1/accounts/73f4c9af9f79/orders";
const ORDER_PATH: &str = "/v1/accounts/73f4c9af9f79/orders/6992dc85d681";
const INTEGRATION_KEY: &str = "integration-key-1";
const DEVELOPER_KEY: &str = "developer-key-1";
const PARTNERS_ID: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

type Client = CaptainClient<MemoryGate, TestClock>;

/// A fake Captain.AI and a client of it.
struct World {
    server: MockServer,
    clock: TestClock,
    gate: MemoryGate,
    client: Client,
    login: CaptainLogin,
}

impl World {
    async fn new() -> Self {
        let server = MockServer::start().await;
        let (clock, gate) = (TestClock::default(), MemoryGate::default());
        let client = CaptainClient::new(gate.clone(), clock.clone());
        let login = CaptainLogin {
            base_url: server.uri(),
            account_uuid: ACCOUNT.to_owned(),
            integration_key: Secret::new(INTEGRATION_KEY),
            developer_key: Secret::new(DEVELOPER_KEY),
            requests_per_minute: 300,
        };
        Self { server, clock, gate, client, login }
    }

    /// A world in which every request is answered so.
    async fn answering(answer: ResponseTemplate) -> Self {
        let world = Self::new().await;
        Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&world.server).await;
        world
    }

    /// A second process: the same gate, an empty memory.
    fn another_process(&self) -> Client {
        CaptainClient::new(self.gate.clone(), self.clock.clone())
    }

    async fn create(&self) -> Result<Creation, CallError> {
        self.client.create_order(&self.login, &json!({"kind": "delivery"}), None).await
    }

    async fn update(&self) -> Result<(), CallError> {
        self.client.update_order(&self.login, ORDER, &json!({"items": []}), None).await
    }

    async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap().len()
    }
}

/// A request with the keys.
fn request(verb: &str, to: &str) -> MockBuilder {
    Mock::given(method(verb))
        .and(path(to))
        .and(header("x-integration-key", INTEGRATION_KEY))
        .and(header("x-developer-key", DEVELOPER_KEY))
        .and(header("accept", "application/json"))
}

/// One with a body.
fn sending(verb: &str, to: &str, body: Value) -> MockBuilder {
    request(verb, to).and(header("content-type", "application/json")).and(body_json(body))
}

fn says(status: u16, body: Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn unusual(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_string(body)
}
