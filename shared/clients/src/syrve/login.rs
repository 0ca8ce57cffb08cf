//! Who we are to Syrve: an address and credentials of one of two kinds. The older kind is one key per restaurant; the
//! newer one adds an application registered with Syrve.

use courier_domain::account::SyrveRates;
use courier_domain::secret::Secret;
use serde::Serialize;

use crate::login_key;

/// An address and the credentials to use there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyrveLogin {
    /// Scheme and host of the region's API.
    pub base_url: String,
    /// The credentials.
    pub credentials: Credentials,
    /// How often they may be used.
    pub rates: SyrveRates,
}

/// What a token is asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// `/api/1/access_token`
    V1 {
        /// The restaurant's key.
        api_login: Secret,
    },
    /// `/api/v2/access_token`
    V2 {
        /// The restaurant's key: the same thing as `api_login`.
        api_key: Secret,
        /// The registered application.
        app_id: String,
        /// Its secret.
        client_secret: Secret,
    },
}

/// The body that asks for a token, on the wire only.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum TokenRequest<'a> {
    #[serde(rename_all = "camelCase")]
    V1 { api_login: &'a str },
    #[serde(rename_all = "camelCase")]
    V2 { api_key: &'a str, app_id: &'a str, client_secret: &'a str },
}

impl SyrveLogin {
    /// The base URL without a slash at its end.
    pub(super) fn base(&self) -> &str {
        login_key::base(&self.base_url)
    }

    /// What rates are kept under, and that calls are refused: a hash, so that no login is in a table's key. Syrve counts the
    /// calls of a restaurant's key, with whatever kind of credentials it is used.
    pub fn key(&self) -> String {
        let (Credentials::V1 { api_login: login } | Credentials::V2 { api_key: login, .. }) =
            &self.credentials;
        login_key::of(&["syrve", self.base(), login.expose()])
    }

    /// What tokens are kept under: a token is of one kind of credentials. A new client secret keeps the key, since the
    /// token it gives is for the same login.
    pub(super) fn token_key(&self) -> String {
        let (kind, login, app) = match &self.credentials {
            Credentials::V1 { api_login } => ("v1", api_login.expose(), ""),
            Credentials::V2 { api_key, app_id, .. } => ("v2", api_key.expose(), app_id.as_str()),
        };
        login_key::of(&["syrve", kind, self.base(), login, app])
    }

    /// What it is kept under that no token is given. It is another as soon as any part of the credentials is.
    pub fn credentials_key(&self) -> String {
        let secret = match &self.credentials {
            Credentials::V1 { .. } => "",
            Credentials::V2 { client_secret, .. } => client_secret.expose(),
        };
        login_key::of(&[&self.token_key(), secret])
    }

    /// Where a token is asked for, and with what.
    pub(super) fn token_request(&self) -> (&'static str, TokenRequest<'_>) {
        match &self.credentials {
            Credentials::V1 { api_login } => {
                ("/api/1/access_token", TokenRequest::V1 { api_login: api_login.expose() })
            }
            Credentials::V2 { api_key, app_id, client_secret } => {
                let (api_key, client_secret) = (api_key.expose(), client_secret.expose());
                ("/api/v2/access_token", TokenRequest::V2 { api_key, app_id, client_secret })
            }
        }
    }

    /// What must not be shown.
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        match &self.credentials {
            Credentials::V1 { api_login } => vec![api_login],
            Credentials::V2 { api_key, client_secret, .. } => vec![api_key, client_secret],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v1(base_url: &str, login: &str) -> SyrveLogin {
        let credentials = Credentials::V1 { api_login: Secret::new(login) };
        SyrveLogin { base_url: base_url.to_owned(), credentials, rates: SyrveRates::default() }
    }

    #[test]
    fn a_key_names_address_and_login_and_shows_neither() {
        let key = v1("https://api.test", "login-1").key();
        assert_eq!(key.len(), 64);
        assert_eq!(key, v1("https://api.test/", "login-1").key());
        assert_ne!(key, v1("https://api.test", "login-2").key());
        assert_ne!(key, v1("https://other.test", "login-1").key());
    }

    fn v2(app_id: &str, client_secret: &str) -> SyrveLogin {
        let (api_key, client_secret) = (Secret::new("login-1"), Secret::new(client_secret));
        let credentials = Credentials::V2 { api_key, app_id: app_id.to_owned(), client_secret };
        SyrveLogin { credentials, ..v1("https://api.test", "login-1") }
    }

    #[test]
    fn calls_of_one_login_are_counted_together_whatever_it_is_used_with() {
        let keys =
            [v1("https://api.test", "login-1"), v2("app", "a"), v2("other", "b")].map(|login| login.key());
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }

    #[test]
    fn a_token_is_of_one_kind_of_credentials_and_survives_a_new_client_secret() {
        let key = v2("app", "a").token_key();
        assert_eq!(key, v2("app", "b").token_key());
        assert_ne!(key, v2("other", "a").token_key());
        assert_ne!(key, v1("https://api.test", "login-1").token_key());
    }

    #[test]
    fn any_new_part_of_the_credentials_shows() {
        let login = v2("app", "a");
        assert_eq!(login.credentials_key(), v2("app", "a").credentials_key());
        let others = [v2("app", "b"), v2("other", "a"), v1("https://api.test", "login-1")];
        assert!(others.iter().all(|other| other.credentials_key() != login.credentials_key()));
    }
}
