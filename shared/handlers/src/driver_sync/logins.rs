//! API logins that this process has read, each under the key by which the accounts that use it name it. The parameter store
//! gives all functions together forty secrets a second, so of the accounts of one login one is read, and not in every run.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use courier_clients::syrve::{Credentials, SyrveLogin};
use courier_domain::account::SyrveAccount;

/// How many are kept.
const REMEMBERED: usize = 10_000;

/// What this process knows of logins, for as long as it lives: the key of other credentials is another one. None is shown.
#[derive(Default)]
pub struct Logins(Mutex<HashMap<String, Credentials>>);

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

impl Logins {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Credentials>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The login of an account, if it is known.
    pub(super) fn of(&self, syrve: &SyrveAccount) -> Option<SyrveLogin> {
        let credentials = self.known().get(syrve.credentials_key.as_ref()?)?.clone();
        Some(SyrveLogin { base_url: syrve.base_url.clone(), credentials, rates: syrve.rate_limits })
    }

    /// Keeps a login that was read, if it is the one that the account names: what was read may be older.
    pub(super) fn keep(&self, syrve: &SyrveAccount, login: &SyrveLogin) {
        let key = login.credentials_key();
        if syrve.credentials_key.as_ref() != Some(&key) {
            return;
        }
        let mut known = self.known();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key, login.credentials.clone());
    }

    /// Forgets a login that is not accepted.
    pub(super) fn forget(&self, login: &SyrveLogin) {
        self.known().remove(&login.credentials_key());
    }
}
