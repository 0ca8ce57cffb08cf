//! The terminal groups of a restaurant. Where a driver works may be said of a whole chain; this tells which places are the
//! restaurant's own.

use courier_domain::clock::Clock;
use courier_domain::ids::{OrganizationId, TerminalGroupId};
use courier_domain::ports::{Gate, TokenStore};
use serde::{Deserialize, Serialize};

use super::group::{Endpoint, Group};
use super::{SyrveClient, SyrveLogin};
use crate::error::CallError;

const TERMINAL_GROUPS: Endpoint = Endpoint::new("/api/1/terminal_groups", Group::Dictionaries);

/// `terminal_groups`: the question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TerminalGroupsRequest<'a> {
    organization_ids: [&'a OrganizationId; 1],
    include_disabled: bool,
}

/// `terminal_groups`: of the answer, what is looked at. Groups that sleep are woken by whoever works there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TerminalGroupsAnswer {
    terminal_groups: Vec<OfOrganization>,
    #[serde(default)]
    terminal_groups_in_sleep: Vec<OfOrganization>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfOrganization {
    organization_id: OrganizationId,
    items: Vec<TerminalGroup>,
}

#[derive(Deserialize)]
struct TerminalGroup {
    id: TerminalGroupId,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// The terminal groups of an organization, sleeping ones included and disabled ones left out.
    pub async fn terminal_groups(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
    ) -> Result<Vec<TerminalGroupId>, CallError> {
        let request = TerminalGroupsRequest { organization_ids: [organization], include_disabled: false };
        let answer: TerminalGroupsAnswer = self.call(login, &TERMINAL_GROUPS, &request).await?;
        let listed = answer.terminal_groups.into_iter().chain(answer.terminal_groups_in_sleep);
        let own = listed.filter(|entry| entry.organization_id == *organization);
        Ok(own.flat_map(|entry| entry.items).map(|group| group.id).collect())
    }
}
