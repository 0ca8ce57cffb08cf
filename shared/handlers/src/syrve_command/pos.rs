//! What commands need of Syrve, and the account's login with which to ask.

use std::future::Future;

use courier_clients::syrve::{CallError, CommandStatus, CorrelationId, Credentials, SyrveClient, SyrveLogin};
use courier_domain::account::{AccountSecrets, SyrveAccount};
use courier_domain::clock::Clock;
use courier_domain::delivery::PosStatus;
use courier_domain::ids::{OrderId, OrganizationId};
use courier_domain::order::SyrveStatus;
use courier_domain::ports::TokenStore;

/// The restaurant's POS.
pub trait Pos: Send + Sync {
    /// Asks to set an order's status; `delivery_date` is the restaurant's local time.
    fn update_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
        status: PosStatus,
        delivery_date: Option<&str>,
    ) -> impl Future<Output = Result<CorrelationId, CallError>> + Send;

    /// Asks what became of an accepted call.
    fn command_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        id: &CorrelationId,
    ) -> impl Future<Output = Result<CommandStatus, CallError>> + Send;

    /// Looks at the order itself.
    fn order_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
    ) -> impl Future<Output = Result<Option<SyrveStatus>, CallError>> + Send;
}

impl<S: TokenStore, C: Clock> Pos for SyrveClient<S, C> {
    async fn update_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
        status: PosStatus,
        delivery_date: Option<&str>,
    ) -> Result<CorrelationId, CallError> {
        self.update_order_delivery_status(login, &organization, &order, status, delivery_date).await
    }

    async fn command_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        id: &CorrelationId,
    ) -> Result<CommandStatus, CallError> {
        Self::command_status(self, login, &organization, id).await
    }

    async fn order_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
    ) -> Result<Option<SyrveStatus>, CallError> {
        Self::order_status(self, login, &organization, &order).await
    }
}

/// The login of an account: the newer kind where an application is registered, else the older one.
pub(super) fn login(syrve: &SyrveAccount, secrets: &AccountSecrets) -> Option<SyrveLogin> {
    let key = secrets.syrve_api_login.clone()?;
    let credentials = match (secrets.syrve_app_id.clone(), secrets.syrve_client_secret.clone()) {
        (Some(app_id), Some(client_secret)) => Credentials::V2 { api_key: key, app_id, client_secret },
        _ => Credentials::V1 { api_login: key },
    };
    Some(SyrveLogin { base_url: syrve.base_url.clone(), credentials })
}
