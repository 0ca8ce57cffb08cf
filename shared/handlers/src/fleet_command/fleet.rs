//! What commands need of Captain.AI, and the account's keys with which to ask.

use std::future::Future;

use courier_clients::CallError;
use courier_clients::captain::{CaptainClient, CaptainLogin, Creation, FleetOrder, Group, Passage};
use courier_domain::account::{AccountSecrets, CaptainAccount};
use courier_domain::clock::Clock;
use courier_domain::command::{CommandKind, CommandSubject, KitchenStatus};
use courier_domain::ports::Gate;
use serde_json::Value;

/// The fleet. Ids are the fleet's own.
pub trait Fleet: Send + Sync {
    /// Leave to make one call.
    type Leave: Send;

    /// Asks to make a call for a command of that kind. A call takes the leave that it is given, or else asks for it itself.
    fn enter(
        &self,
        login: &CaptainLogin,
        kind: &CommandKind,
    ) -> impl Future<Output = Result<Self::Leave, CallError>> + Send;

    /// Makes an order.
    fn create_order(
        &self,
        login: &CaptainLogin,
        body: &Value,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<Creation, CallError>> + Send;

    /// The order of that name of ours, if the fleet has it.
    fn find_order(
        &self,
        login: &CaptainLogin,
        name: &str,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<Option<FleetOrder>, CallError>> + Send;

    /// Changes what an order shows.
    fn update_order(
        &self,
        login: &CaptainLogin,
        order: &str,
        body: &Value,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Says how far the kitchen is.
    fn update_order_status(
        &self,
        login: &CaptainLogin,
        order: &str,
        status: KitchenStatus,
        reason: Option<&str>,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Makes or changes a driver; the fleet's id, if it says so.
    fn upsert_driver(
        &self,
        login: &CaptainLogin,
        body: &Value,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<Option<String>, CallError>> + Send;

    /// Puts a driver on duty.
    fn clock_in_driver(
        &self,
        login: &CaptainLogin,
        path: &str,
        driver: &str,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Takes a driver off duty.
    fn clock_out_driver(
        &self,
        login: &CaptainLogin,
        driver: &str,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;
}

impl<G: Gate, C: Clock> Fleet for CaptainClient<G, C> {
    type Leave = Passage;

    async fn enter(&self, login: &CaptainLogin, kind: &CommandKind) -> Result<Passage, CallError> {
        let group = match kind.subject() {
            CommandSubject::OrderId(_) => Group::Orders,
            CommandSubject::DriverId(_) => Group::Drivers,
        };
        Self::enter(self, login, group).await
    }

    async fn create_order(
        &self,
        login: &CaptainLogin,
        body: &Value,
        leave: Option<Passage>,
    ) -> Result<Creation, CallError> {
        Self::create_order(self, login, body, leave).await
    }

    async fn find_order(
        &self,
        login: &CaptainLogin,
        name: &str,
        leave: Option<Passage>,
    ) -> Result<Option<FleetOrder>, CallError> {
        Self::find_order(self, login, name, leave).await
    }

    async fn update_order(
        &self,
        login: &CaptainLogin,
        order: &str,
        body: &Value,
        leave: Option<Passage>,
    ) -> Result<(), CallError> {
        Self::update_order(self, login, order, body, leave).await
    }

    async fn update_order_status(
        &self,
        login: &CaptainLogin,
        order: &str,
        status: KitchenStatus,
        reason: Option<&str>,
        leave: Option<Passage>,
    ) -> Result<(), CallError> {
        Self::update_order_status(self, login, order, status, reason, leave).await
    }

    async fn upsert_driver(
        &self,
        login: &CaptainLogin,
        body: &Value,
        leave: Option<Passage>,
    ) -> Result<Option<String>, CallError> {
        Self::upsert_driver(self, login, body, leave).await
    }

    async fn clock_in_driver(
        &self,
        login: &CaptainLogin,
        path: &str,
        driver: &str,
        leave: Option<Passage>,
    ) -> Result<(), CallError> {
        Self::clock_in_driver(self, login, path, driver, leave).await
    }

    async fn clock_out_driver(
        &self,
        login: &CaptainLogin,
        driver: &str,
        leave: Option<Passage>,
    ) -> Result<(), CallError> {
        Self::clock_out_driver(self, login, driver, leave).await
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
