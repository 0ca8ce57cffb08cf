//! Who we are to Captain.AI: an address, the account there, and two keys that are sent with every call.

use courier_domain::secret::Secret;

use crate::login_key;

/// An address, an account and the keys to use there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptainLogin {
    /// Scheme and host of the API.
    pub base_url: String,
    /// Captain.AI's id of the restaurant.
    pub account_uuid: String,
    /// `x-integration-key`: per integration.
    pub integration_key: Secret,
    /// `x-developer-key`: per developer of it.
    pub developer_key: Secret,
    /// How often the keys may be used.
    pub requests_per_minute: u32,
}

impl CaptainLogin {
    /// The base URL without a slash at its end.
    pub(super) fn base(&self) -> &str {
        login_key::base(&self.base_url)
    }

    /// What the rate is kept under: a hash, so that no key is in a table's key. Accounts that share the keys share it.
    pub fn key(&self) -> String {
        let keys = (self.integration_key.expose(), self.developer_key.expose());
        login_key::of(&["captain", self.base(), keys.0, keys.1])
    }

    /// What must not be shown.
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        vec![&self.integration_key, &self.developer_key]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(base_url: &str, account: &str, keys: [&str; 2]) -> CaptainLogin {
        let [integration_key, developer_key] = keys.map(Secret::new);
        CaptainLogin {
            base_url: base_url.to_owned(),
            account_uuid: account.to_owned(),
            integration_key,
            developer_key,
            requests_per_minute: 300,
        }
    }

    #[test]
    fn a_key_names_address_and_keys_and_shows_neither() {
        let key = login("https://api.test", "a", ["one", "two"]).key();
        assert_eq!(key.len(), 64);
        assert_eq!(key, login("https://api.test/", "b", ["one", "two"]).key(), "accounts share it");
        assert_ne!(key, login("https://other.test", "a", ["one", "two"]).key());
        assert_ne!(key, login("https://api.test", "a", ["two", "one"]).key());
        assert_ne!(key, login("https://api.test", "a", ["onetwo", ""]).key());
    }

    #[test]
    fn a_login_does_not_print_its_keys() {
        let shown =
            format!("{:?}", login("https://api.test", "a", ["integration-secret", "developer-secret"]));
        assert!(!shown.contains("-secret"), "{shown}");
    }
}
