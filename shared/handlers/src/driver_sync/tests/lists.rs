//! Syrve's lists of couriers by script: which organizations a login sees, who works in each, and what goes wrong with the
//! next calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use courier_clients::CallError;
use courier_clients::syrve::{CourierList, Credentials, SyrveLogin};
use courier_domain::ids::OrganizationId;

use super::List;
use crate::driver_sync::CourierLists;

type Meanwhile = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub(super) struct Lists {
    /// What each API login sees.
    visible: BTreeMap<String, Vec<OrganizationId>>,
    /// Who works where; an organization that is not here is left out of answers.
    couriers: BTreeMap<OrganizationId, List>,
    /// What becomes of the next calls, first to come first.
    pub(super) failures: VecDeque<Option<CallError>>,
    /// Whether each organization is in an answer twice, with half of its couriers each.
    pub(super) in_halves: bool,
    /// Done while a list of couriers is on its way.
    pub(super) meanwhile: Option<Meanwhile>,
    /// Entries of each list that cannot be read.
    pub(super) unreadable: u32,
    calls: Vec<String>,
}

#[derive(Clone, Default)]
pub(super) struct FakeLists(Arc<Mutex<Lists>>);

impl FakeLists {
    pub(super) fn script(&self) -> MutexGuard<'_, Lists> {
        self.0.lock().unwrap()
    }

    /// The login sees these organizations, and no others.
    pub(super) fn sees(&self, login: &str, organizations: &[OrganizationId]) {
        self.script().visible.insert(login.to_owned(), organizations.to_vec());
    }

    /// These work in the organization.
    pub(super) fn list(&self, organization: OrganizationId, couriers: List) {
        self.script().couriers.insert(organization, couriers);
    }

    pub(super) fn listed(&self, organization: OrganizationId) -> List {
        self.script().couriers[&organization].clone()
    }

    /// The organization is not in answers any more.
    pub(super) fn leave_out(&self, organization: OrganizationId) {
        self.script().couriers.remove(&organization);
    }

    /// The next calls fail like this; `None` is a call that works.
    pub(super) fn fail(&self, failures: impl IntoIterator<Item = Option<CallError>>) {
        self.script().failures = failures.into_iter().collect();
    }

    /// The calls since this was last asked.
    pub(super) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.script().calls)
    }

    fn called(&self, call: String) -> Result<(), CallError> {
        let mut script = self.script();
        script.calls.push(call);
        script.failures.pop_front().flatten().map_or(Ok(()), Err)
    }
}

fn name_of(login: &SyrveLogin) -> &str {
    match &login.credentials {
        Credentials::V1 { api_login } => api_login.expose(),
        Credentials::V2 { api_key, .. } => api_key.expose(),
    }
}

/// The login, as a call shows it.
fn shown(login: &SyrveLogin) -> String {
    let application =
        if matches!(login.credentials, Credentials::V2 { .. }) { " with an application" } else { "" };
    format!("{}{application}", name_of(login))
}

impl CourierLists for FakeLists {
    async fn organizations(&self, login: &SyrveLogin) -> Result<Vec<OrganizationId>, CallError> {
        self.called(format!("organizations of {}", shown(login)))?;
        Ok(self.script().visible.get(name_of(login)).cloned().unwrap_or_default())
    }

    async fn couriers(
        &self,
        login: &SyrveLogin,
        organizations: &[OrganizationId],
    ) -> Result<Vec<(OrganizationId, CourierList)>, CallError> {
        self.called(format!("couriers of {} for {}", organizations.len(), shown(login)))?;
        let meanwhile = self.script().meanwhile.take();
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
        let script = self.script();
        let visible = script.visible.get(name_of(login)).cloned().unwrap_or_default();
        assert!(
            organizations.iter().all(|asked| visible.contains(asked)),
            "asked for what the login does not see"
        );
        let listed = |id: &OrganizationId| Some((*id, script.couriers.get(id)?.clone()));
        let mut lists: Vec<_> = organizations.iter().filter_map(listed).collect();
        if script.in_halves {
            let halves =
                lists.iter_mut().map(|(id, list)| (*id, list.split_off(list.len() / 2))).collect::<Vec<_>>();
            lists.extend(halves);
        }
        let unreadable = script.unreadable;
        Ok(lists.into_iter().map(|(id, couriers)| (id, CourierList { couriers, unreadable })).collect())
    }
}
