//! What the sync asks Syrve, and what it makes of a refusal.

use std::future::Future;

use courier_clients::CallError;
use courier_clients::syrve::{CourierList, SyrveClient, SyrveLogin};
use courier_domain::clock::Clock;
use courier_domain::ids::OrganizationId;
use courier_domain::ports::{Gate, TokenStore};

/// Syrve's lists of couriers.
pub trait CourierLists: Send + Sync {
    /// The organizations that the login may see.
    fn organizations(
        &self,
        login: &SyrveLogin,
    ) -> impl Future<Output = Result<Vec<OrganizationId>, CallError>> + Send;

    /// The couriers of organizations, system accounts left out.
    fn couriers(
        &self,
        login: &SyrveLogin,
        organizations: &[OrganizationId],
    ) -> impl Future<Output = Result<Vec<(OrganizationId, CourierList)>, CallError>> + Send;
}

impl<S: TokenStore + Gate, C: Clock> CourierLists for SyrveClient<S, C> {
    async fn organizations(&self, login: &SyrveLogin) -> Result<Vec<OrganizationId>, CallError> {
        Self::organizations(self, login).await
    }

    async fn couriers(
        &self,
        login: &SyrveLogin,
        organizations: &[OrganizationId],
    ) -> Result<Vec<(OrganizationId, CourierList)>, CallError> {
        Self::couriers(self, login, organizations).await
    }
}
