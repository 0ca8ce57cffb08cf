//! The organizations that a login sees. A restaurant that is not among them is not the login's to ask about.

use courier_domain::clock::Clock;
use courier_domain::ids::OrganizationId;
use courier_domain::ports::{Gate, TokenStore};
use serde::{Deserialize, Serialize};

use super::group::{Endpoint, Group};
use super::{SyrveClient, SyrveLogin};
use crate::error::CallError;

const ORGANIZATIONS: Endpoint = Endpoint::new("/api/1/organizations", Group::Dictionaries);

/// `organizations`: the question. No ids mean all.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationsRequest {
    organization_ids: Option<[OrganizationId; 0]>,
    return_additional_info: bool,
    include_disabled: bool,
}

/// `organizations`: of the answer, what is looked at.
#[derive(Deserialize)]
struct OrganizationsAnswer {
    organizations: Vec<Organization>,
}

#[derive(Deserialize)]
struct Organization {
    id: String,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// All organizations that the login sees, disabled ones left out. One whose id is no UUID is no account's.
    pub async fn organizations(&self, login: &SyrveLogin) -> Result<Vec<OrganizationId>, CallError> {
        let request = OrganizationsRequest {
            organization_ids: None,
            return_additional_info: false,
            include_disabled: false,
        };
        let answer: OrganizationsAnswer = self.call(login, &ORGANIZATIONS, &request).await?;
        Ok(answer.organizations.into_iter().filter_map(|organization| organization.id.parse().ok()).collect())
    }
}
