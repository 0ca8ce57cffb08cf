//! What commands need of Captain.AI, and the account's keys with which to ask.

use std::future::Future;

use courier_clients::CallError;
use courier_clients::captain::{CaptainClient, CaptainLogin, Creation, FleetOrder};
use courier_domain::account::{AccountSecrets, CaptainAccount};
use courier_domain::clock::Clock;
use courier_domain::command::KitchenStatus;
use courier_domain::ports::Gate;
use serde_json::Value;

/// The fleet. Ids are the fleet's own.
pub trait Fleet: Send + Sync {
    /// Makes an order.
    fn create_order(
        &self,
        login: &CaptainLogin,
        body: &Value,
    ) -> impl Future<Output = Result<Creation, CallError>> + Send;

    /// The order of that name of ours, if the fleet has it.
    fn find_order(
        &self,
        login: &CaptainLogin,
        name: &str,
    ) -> impl Future<Output = Result<Option<FleetOrder>, CallError>> + Send;

    /// Changes what an order shows.
    fn update_order(
        &self,
        login: &CaptainLogin,
        order: &str,
        body: &Value,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Says how far the kitchen is.
    fn update_order_status(
        &self,
        login: &CaptainLogin,
        order: &str,
        status: KitchenStatus,
        reason: Option<&str>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Makes or changes a driver; the fleet's id, if it says so.
    fn upsert_driver(
        &self,
        login: &CaptainLogin,
        body: &Value,
    ) -> impl Future<Output = Result<Option<String>, CallError>> + Send;

    /// Puts a driver on duty.
    fn clock_in_driver(
        &self,
        login: &CaptainLogin,
        path: &str,
        driver: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Takes a driver off duty.
    fn clock_out_driver(
        &self,
        login: &CaptainLogin,
        driver: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

impl<G: Gate, C: Clock> Fleet for CaptainClient<G, C> {
    async fn create_order(&self, login: &CaptainLogin, body: &Value) -> Result<Creation, CallError> {
        Self::create_order(self, login, body).await
    }

    async fn find_order(&self, login: &CaptainLogin, name: &str) -> Result<Option<FleetOrder>, CallError> {
        Self::find_order(self, login, name).await
    }

    async fn update_order(&self, login: &CaptainLogin, order: &str, body: &Value) -> Result<(), CallError> {
        Self::update_order(self, login, order, body).await
    }

    async fn update_order_status(
        &self,
        login: &CaptainLogin,
        order: &str,
        status: KitchenStatus,
        reason: Option<&str>,
    ) -> Result<(), CallError> {
        Self::update_order_status(self, login, order, status, reason).await
    }

    async fn upsert_driver(&self, login: &CaptainLogin, body: &Value) -> Result<Option<String>, CallError> {
        Self::upsert_driver(self, login, body).await
    }

    async fn clock_in_driver(&self, login: &CaptainLogin, path: &str, driver: &str) -> Result<(), CallError> {
        Self::clock_in_driver(self, login, path, driver).await
    }

    async fn clock_out_driver(&self, login: &CaptainLogin, driver: &str) -> Result<(), CallError> {
        Self::clock_out_driver(self, login, driver).await
    }
}

/// The keys of an account, if it has all that a call needs.
pub(crate) fn login(captain: &CaptainAccount, secrets: &AccountSecrets) -> Option<CaptainLogin> {
    Some(CaptainLogin {
        base_url: captain.api().to_owned(),
        account_uuid: captain.account_uuid.clone()?,
        integration_key: secrets.captain_integration_key.clone()?,
        developer_key: secrets.captain_developer_key.clone()?,
        requests_per_minute: captain.requests_per_minute,
    })
}
