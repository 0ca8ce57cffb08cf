//! An account: one restaurant, its Syrve organization, its fleets and the tokens they use. What we must send (API logins,
//! keys) is not here: it is in the secret store under [`AccountSecrets`].

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::delivery::Provider;
use crate::ids::{AccountId, OrganizationId, TerminalGroupId};
use crate::secret::{Secret, TokenSet};

/// An account as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The slug.
    pub account_id: AccountId,
    /// The restaurant's name.
    pub name: String,
    /// IANA time zone, such as `Europe/Dublin`: Syrve's order times are local to it.
    pub time_zone: String,
    /// A disabled account's webhooks are answered and not kept, and nothing is sent for it.
    pub enabled: bool,
    /// The POS.
    pub syrve: Option<SyrveAccount>,
    /// The fleets whose webhooks are taken.
    #[serde(default)]
    pub fleets: BTreeMap<Provider, FleetAccount>,
    /// Captain.AI's API.
    pub captain: Option<CaptainAccount>,
    /// The fleet that orders are written to.
    pub dispatch_to: Option<Provider>,
    /// By which of its names a fleet knows an order, where the fleet's own setting does not say.
    pub match_orders_by: MatchOrdersBy,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// By which name a fleet knows an order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchOrdersBy {
    /// Syrve's order id, a UUID.
    #[default]
    OrderId,
    /// The number an external system gave the order.
    ExternalNumber,
    /// The number on the bill. It comes back after some time, so the newest order has it.
    Number,
}

/// What the bridge knows of a restaurant's Syrve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyrveAccount {
    /// Scheme and host of the region's API.
    pub base_url: String,
    /// The organization whose events are accepted.
    pub organization_id: OrganizationId,
    /// What Syrve puts into `Authorization`.
    pub webhook_tokens: TokenSet,
    /// Used where a driver's own terminal group is not known.
    pub terminal_group_id: Option<TerminalGroupId>,
    /// What its API login is known by without being shown: a hash. Accounts that share one share calls and rates.
    #[serde(default)]
    pub login_key: Option<String>,
    /// The same of all that a token is asked for with.
    #[serde(default)]
    pub credentials_key: Option<String>,
    /// How often the API login may be used.
    #[serde(default)]
    pub rate_limits: SyrveRates,
}

/// Calls in any minute with one API login, by Syrve's restriction groups. Syrve publishes no quotas; they are set per API
/// login by the restaurant. These defaults are what careful integrations keep to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyrveRates {
    /// Asking for an access token. Never two at once.
    pub authorization: u32,
    /// `Data: dictionaries`: organizations.
    pub dictionaries: u32,
    /// `Drivers: dictionaries`: the list of couriers.
    pub drivers: u32,
    /// `Employees: shifts`: clocking in and out, and looking at shifts.
    pub shifts: u32,
    /// `Order status: changing`
    pub order_status: u32,
    /// `Orders: receiving`: looking at orders.
    pub orders: u32,
    /// `Commands`: asking what became of a call.
    pub commands: u32,
}

impl Default for SyrveRates {
    fn default() -> Self {
        Self {
            authorization: 12,
            dictionaries: 1,
            drivers: 1,
            shifts: 100,
            order_status: 100,
            orders: 10,
            commands: 60,
        }
    }
}

/// How a fleet's calls are told from anybody else's, and how its orders are found. A call that passes one of the ways that
/// are set is accepted, so that a restaurant can change from one to another without a gap.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FleetAccount {
    /// The token that the fleet puts into each call.
    pub webhook_tokens: Option<TokenSet>,
    /// Where it puts the token; `None` is the sender's own place.
    pub token_in: Option<TokenPlace>,
    /// What a JSON Web Token of the fleet must say. Its key is a secret.
    pub jwt: Option<JwtRules>,
    /// The client that fetches access tokens from us.
    pub oauth: Option<OauthClient>,
    /// By which of its names this fleet knows an order; `None` is as the account says.
    pub match_orders_by: Option<MatchOrdersBy>,
    /// Where in Jelp's events that name is.
    pub order_reference: OrderReference,
}

/// Where a token is in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenPlace {
    /// In the header of this name, in lower case.
    Header(String),
    /// In the URL's query, under this name.
    Query(String),
}

/// Where in Jelp's events the name is by which the restaurant knows the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderReference {
    /// `publicId`, which every event has.
    #[default]
    PublicId,
    /// `folio`, Jelp's short code, which every event has.
    Folio,
    /// A `reference` in `externalId`, which only the events with the full order have.
    ExternalId,
}

/// The claims that a fleet's JSON Web Tokens must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwtRules {
    /// `iss`
    pub issuer: String,
    /// `aud`
    pub audience: String,
    /// `sub`
    pub subject: String,
}

/// A client of our token endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OauthClient {
    /// Its name.
    pub client_id: String,
    /// Its secrets.
    pub client_secrets: TokenSet,
}

/// What the bridge knows of a restaurant's account in Captain.AI's API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptainAccount {
    /// Scheme and host of its API.
    pub base_url: Option<String>,
    /// Captain.AI's id of the restaurant.
    pub account_uuid: Option<String>,
    /// What its keys are known by without being shown: a hash. Accounts that share them share the rate.
    #[serde(default)]
    pub login_key: Option<String>,
    /// Calls in any minute with one pair of keys. Captain.AI publishes no limit.
    #[serde(default = "captain_rate")]
    pub requests_per_minute: u32,
}

/// Calls in any minute, where the account does not say otherwise.
pub fn captain_rate() -> u32 {
    300
}

impl CaptainAccount {
    /// Where its API is reached.
    pub fn api(&self) -> &str {
        self.base_url.as_deref().unwrap_or("https://api.captain.ai")
    }
}

/// What we must be able to send for an account; kept encrypted, apart from the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountSecrets {
    /// Syrve: the API login, which v2 calls `apiKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syrve_api_login: Option<Secret>,
    /// Syrve v2: the registered application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syrve_app_id: Option<String>,
    /// Syrve v2: its secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syrve_client_secret: Option<Secret>,
    /// Captain.AI: per integration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captain_integration_key: Option<Secret>,
    /// Captain.AI: per developer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captain_developer_key: Option<Secret>,
    /// Keys with which calls of fleets are checked.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub webhook_keys: BTreeMap<Provider, WebhookKeys>,
}

/// Keys for one fleet's calls, in base64.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookKeys {
    /// With which the fleet signs its JSON Web Tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<Secret>,
    /// The one before, for as long as it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_jwt: Option<PreviousKey>,
    /// With which we sign the access tokens that the fleet fetches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_tokens: Option<Secret>,
}

/// A rotated-out key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousKey {
    /// The key.
    pub key: Secret,
    /// The first instant at which it is refused.
    pub until: Timestamp,
}

impl Account {
    /// The time zone. A name that this build's database does not know any more counts as UTC; names are checked when an
    /// account is written.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// By which of its names a fleet knows an order.
    pub fn matches_by(&self, provider: Provider) -> MatchOrdersBy {
        let own = self.fleets.get(&provider).and_then(|fleet| fleet.match_orders_by);
        own.unwrap_or(self.match_orders_by)
    }

    /// Whether any fleet may know an order by this name.
    pub fn has_fleets_that_match_by(&self, name: MatchOrdersBy) -> bool {
        self.match_orders_by == name || self.fleets.values().any(|fleet| fleet.match_orders_by == Some(name))
    }
}
