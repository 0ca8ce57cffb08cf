//! The drivers of restaurants, as Syrve lists them: all at once, without pages, also those who left. The list may hold
//! tens of thousands, so each is made into what is kept of it as soon as it is read.

mod employee;

use courier_domain::clock::Clock;
use courier_domain::driver::Courier;
use courier_domain::ids::{DriverId, OrganizationId};
use courier_domain::ports::{Gate, TokenStore};
use serde::{Deserialize, Serialize};

use super::group::{Endpoint, Group};
use super::{SyrveClient, SyrveLogin};
use crate::answer::read;
use crate::error::CallError;
use crate::exchange::Reading;

const COURIERS: Endpoint =
    Endpoint { path: "/api/1/employees/couriers", group: Group::Drivers, reading: Reading::List };

/// `employees/couriers`: the question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CouriersRequest<'a> {
    organization_ids: &'a [OrganizationId],
}

/// `employees/couriers`: the answer.
#[derive(Deserialize)]
struct CouriersAnswer {
    employees: Vec<OfOrganization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfOrganization {
    organization_id: OrganizationId,
    items: CourierList,
}

/// The couriers of one organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CourierList {
    /// Those that could be read, in the order of the list.
    pub couriers: Vec<(DriverId, Courier)>,
    /// Entries that are no employees: without a UUID, or with anything that is not what Syrve says it is.
    pub unreadable: u32,
}

impl From<Vec<(DriverId, Courier)>> for CourierList {
    fn from(couriers: Vec<(DriverId, Courier)>) -> Self {
        Self { couriers, unreadable: 0 }
    }
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// The couriers of these organizations, those who left marked as not active, Syrve's own system accounts left out.
    ///
    /// The answer is as Syrve gives it: an organization that it does not list is not there, which is not the same as one
    /// without couriers, and what it lists twice is there twice.
    pub async fn couriers(
        &self,
        login: &SyrveLogin,
        organizations: &[OrganizationId],
    ) -> Result<Vec<(OrganizationId, CourierList)>, CallError> {
        let request = CouriersRequest { organization_ids: organizations };
        let body = self.send(None, login, &COURIERS, &request).await?;
        let answer: CouriersAnswer = read(&body)?;
        Ok(answer.employees.into_iter().map(|entry| (entry.organization_id, entry.items)).collect())
    }
}
