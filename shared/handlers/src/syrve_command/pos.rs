//! What commands need of Syrve, and the account's login with which to ask.

use std::future::Future;

use courier_clients::CallError;
use courier_clients::syrve::{
    CommandStatus, CorrelationId, Credentials, Group, Leave, SyrveClient, SyrveLogin,
};
use courier_domain::account::{AccountSecrets, SyrveAccount};
use courier_domain::clock::Clock;
use courier_domain::command::{CommandKind, CommandSubject};
use courier_domain::delivery::PosStatus;
use courier_domain::ids::{DriverId, OrderId, OrganizationId, RoleId, TerminalGroupId};
use courier_domain::order::SyrveStatus;
use courier_domain::ports::{Gate, TokenStore};

/// The restaurant's POS.
pub trait Pos: Send + Sync {
    /// Leave to make one call.
    type Leave: Send;

    /// Asks to make a call for a command of that kind. A call takes the leave that it is given, or else asks for it itself.
    fn enter(
        &self,
        login: &SyrveLogin,
        kind: &CommandKind,
    ) -> impl Future<Output = Result<Self::Leave, CallError>> + Send;

    /// Asks to set an order's status; `delivery_date` is the restaurant's local time.
    fn update_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
        status: PosStatus,
        delivery_date: Option<&str>,
        leave: Option<Self::Leave>,
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

    /// Asks to open (with a role, where the restaurant uses roles) or close a driver's shift.
    fn change_shift(
        &self,
        login: &SyrveLogin,
        shift: &ShiftOf<'_>,
        open: bool,
        role: Option<RoleId>,
        leave: Option<Self::Leave>,
    ) -> impl Future<Output = Result<CorrelationId, CallError>> + Send;

    /// Looks whether a shift is open.
    fn shift_is_open(
        &self,
        login: &SyrveLogin,
        shift: &ShiftOf<'_>,
    ) -> impl Future<Output = Result<bool, CallError>> + Send;

    /// Where a driver's shifts are open, in all restaurants that the login sees.
    fn terminal_groups_of(
        &self,
        login: &SyrveLogin,
        driver: &DriverId,
    ) -> impl Future<Output = Result<Vec<TerminalGroupId>, CallError>> + Send;

    /// The restaurant's own terminal groups.
    fn terminal_groups(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
    ) -> impl Future<Output = Result<Vec<TerminalGroupId>, CallError>> + Send;
}

/// A driver's shift in one place.
#[derive(Debug, Clone, Copy)]
pub struct ShiftOf<'a> {
    /// The restaurant.
    pub organization: OrganizationId,
    /// The place.
    pub terminal_group: TerminalGroupId,
    /// The driver.
    pub driver: &'a DriverId,
}

impl<S: TokenStore + Gate, C: Clock> Pos for SyrveClient<S, C> {
    type Leave = Leave;

    async fn enter(&self, login: &SyrveLogin, kind: &CommandKind) -> Result<Leave, CallError> {
        let group = match kind.subject() {
            CommandSubject::OrderId(_) => Group::OrderStatus,
            CommandSubject::DriverId(_) => Group::Shifts,
        };
        Self::enter(self, login, group).await
    }

    async fn update_status(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
        order: OrderId,
        status: PosStatus,
        delivery_date: Option<&str>,
        leave: Option<Leave>,
    ) -> Result<CorrelationId, CallError> {
        self.update_order_delivery_status(login, &organization, &order, status, delivery_date, leave).await
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

    async fn change_shift(
        &self,
        login: &SyrveLogin,
        shift: &ShiftOf<'_>,
        open: bool,
        role: Option<RoleId>,
        leave: Option<Leave>,
    ) -> Result<CorrelationId, CallError> {
        let ShiftOf { organization, terminal_group, driver } = shift;
        if open {
            self.clock_in(login, organization, terminal_group, driver, role, leave).await
        } else {
            self.clock_out(login, organization, terminal_group, driver, leave).await
        }
    }

    async fn shift_is_open(&self, login: &SyrveLogin, shift: &ShiftOf<'_>) -> Result<bool, CallError> {
        Self::shift_is_open(self, login, &shift.organization, &shift.terminal_group, shift.driver).await
    }

    async fn terminal_groups_of(
        &self,
        login: &SyrveLogin,
        driver: &DriverId,
    ) -> Result<Vec<TerminalGroupId>, CallError> {
        Self::terminal_groups_of(self, login, driver).await
    }

    async fn terminal_groups(
        &self,
        login: &SyrveLogin,
        organization: OrganizationId,
    ) -> Result<Vec<TerminalGroupId>, CallError> {
        Self::terminal_groups(self, login, &organization).await
    }
}

/// The login of an account: the newer kind where an application is registered, else the older one.
pub(crate) fn login(syrve: &SyrveAccount, secrets: &AccountSecrets) -> Option<SyrveLogin> {
    let key = secrets.syrve_api_login.clone()?;
    let credentials = match (secrets.syrve_app_id.clone(), secrets.syrve_client_secret.clone()) {
        (Some(app_id), Some(client_secret)) => Credentials::V2 { api_key: key, app_id, client_secret },
        _ => Credentials::V1 { api_login: key },
    };
    Some(SyrveLogin { base_url: syrve.base_url.clone(), credentials, rates: syrve.rate_limits })
}
