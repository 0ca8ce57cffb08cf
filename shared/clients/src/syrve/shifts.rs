//! Shifts of employees, which Syrve calls personal sessions: opening, closing and looking. A 200 whose `error` is set is a
//! refusal here.

use courier_domain::clock::Clock;
use courier_domain::ids::{DriverId, OrganizationId, RoleId, TerminalGroupId};
use courier_domain::ports::{Gate, TokenStore};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::group::{Endpoint, Group};
use super::{CorrelationId, Leave, SyrveClient, SyrveLogin};
use crate::error::CallError;
use crate::words::Words;

const CLOCK_IN: Endpoint = Endpoint::new("/api/1/employees/shift/clockin", Group::Shifts);
const CLOCK_OUT: Endpoint = Endpoint::new("/api/1/employees/shift/clockout", Group::Shifts);
const IS_OPEN: Endpoint = Endpoint::new("/api/1/employees/shift/is_open", Group::Shifts);
const BY_COURIER: Endpoint = Endpoint::new("/api/1/employees/shifts/by_courier", Group::Shifts);

/// A shift, as all calls but one name it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "Syrve names them so")]
struct ShiftRequest<'a> {
    organization_id: &'a OrganizationId,
    terminal_group_id: &'a TerminalGroupId,
    employee_id: DriverId,
}

/// `clockin`: a role is null where the restaurant uses none.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClockInRequest<'a> {
    #[serde(flatten)]
    shift: ShiftRequest<'a>,
    role_id: Option<RoleId>,
}

/// `shifts/by_courier`: the question, without an organization.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CourierRequest {
    employee_id: DriverId,
}

/// `clockin` and `clockout`: the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClockAnswer {
    #[serde(default)]
    correlation_id: Option<CorrelationId>,
    #[serde(default)]
    error: Option<Value>,
}

/// `shift/is_open`: the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenAnswer {
    #[serde(default)]
    is_session_opened: Option<bool>,
    #[serde(default)]
    error: Option<Value>,
}

/// `shifts/by_courier`: the answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CourierAnswer {
    terminal_group_ids: Vec<TerminalGroupId>,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// Opens a shift. Syrve wants a role in restaurants that use roles, and none in others.
    ///
    /// The answer means accepted, not done: [`command_status`](Self::command_status) tells.
    pub async fn clock_in(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        terminal_group: &TerminalGroupId,
        driver: &DriverId,
        role: Option<RoleId>,
        leave: Option<Leave>,
    ) -> Result<CorrelationId, CallError> {
        let shift = shift(organization, terminal_group, driver)?;
        let request = ClockInRequest { shift, role_id: role };
        accepted(self.call_with(leave, login, &CLOCK_IN, &request).await?, login)
    }

    /// Closes a shift. The answer means accepted, as with [`clock_in`](Self::clock_in).
    pub async fn clock_out(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        terminal_group: &TerminalGroupId,
        driver: &DriverId,
        leave: Option<Leave>,
    ) -> Result<CorrelationId, CallError> {
        let request = shift(organization, terminal_group, driver)?;
        accepted(self.call_with(leave, login, &CLOCK_OUT, &request).await?, login)
    }

    /// Whether a driver's shift is open there.
    pub async fn shift_is_open(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        terminal_group: &TerminalGroupId,
        driver: &DriverId,
    ) -> Result<bool, CallError> {
        let request = shift(organization, terminal_group, driver)?;
        let answer: OpenAnswer = self.call(login, &IS_OPEN, &request).await?;
        no_error(answer.error, login)?;
        answer.is_session_opened.ok_or(CallError::Malformed { what: "it says neither open nor closed" })
    }

    /// The terminal groups in which a driver's shifts are open, of all organizations that the login sees.
    pub async fn terminal_groups_of(
        &self,
        login: &SyrveLogin,
        driver: &DriverId,
    ) -> Result<Vec<TerminalGroupId>, CallError> {
        let request = CourierRequest { employee_id: employee(driver)? };
        let answer: CourierAnswer = self.call(login, &BY_COURIER, &request).await?;
        Ok(answer.terminal_group_ids)
    }
}

fn shift<'a>(
    organization_id: &'a OrganizationId,
    terminal_group_id: &'a TerminalGroupId,
    driver: &DriverId,
) -> Result<ShiftRequest<'a>, CallError> {
    Ok(ShiftRequest { organization_id, terminal_group_id, employee_id: employee(driver)? })
}

/// A driver whom only a fleet knows has no shifts in Syrve.
fn employee(driver: &DriverId) -> Result<DriverId, CallError> {
    let employee =
        driver.employee().ok_or(CallError::Unsendable { what: "the driver is no Syrve employee" })?;
    Ok(DriverId::from(employee))
}

fn accepted(answer: ClockAnswer, login: &SyrveLogin) -> Result<CorrelationId, CallError> {
    no_error(answer.error, login)?;
    let id = answer.correlation_id.filter(|id| !id.as_str().trim().is_empty());
    id.ok_or(CallError::Malformed { what: "the correlation id is missing" })
}

fn no_error(error: Option<Value>, login: &SyrveLogin) -> Result<(), CallError> {
    error.map_or(Ok(()), |error| {
        Err(CallError::ErrorField { words: Words::of_field(&error, &login.secrets()) })
    })
}
