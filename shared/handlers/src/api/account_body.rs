//! The body of `PUT /v1/accounts/{account}` and what it makes of an account. What was read can be written back: a secret
//! that is absent, or `"set"` as the API shows it, keeps its value, and what is only shown is not looked at, but for an
//! `account_id` that is another account's.

use std::collections::BTreeMap;

use courier_domain::account::{
    Account, AccountSecrets, CaptainAccount, FleetAccount, MatchOrdersBy, SyrveAccount, SyrveRates,
};
use courier_domain::delivery::Provider;
use courier_domain::ids::{AccountId, OrganizationId, TerminalGroupId};
use courier_domain::secret::{Secret, TokenSet};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::fleets_body::{CaptainBody, FleetsBody, Over};
use super::rules::{length, rate, token, url};
use crate::fleet_command::login as captain_login;
use crate::http::Problem;
use crate::syrve_command::login as syrve_login;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountBody {
    name: String,
    time_zone: String,
    #[serde(default = "yes")]
    enabled: bool,
    syrve: Option<SyrveBody>,
    #[serde(default)]
    fleets: FleetsBody,
    dispatch_to: Option<Provider>,
    #[serde(default)]
    match_orders_by: MatchOrdersBy,
    account_id: Option<String>,
    #[serde(default, rename = "webhook_urls")]
    _webhook_urls: IgnoredAny,
    #[serde(default, rename = "created_at")]
    _created_at: IgnoredAny,
    #[serde(default, rename = "updated_at")]
    _updated_at: IgnoredAny,
    #[serde(default, rename = "driver_sync")]
    _driver_sync: IgnoredAny,
    #[serde(default, rename = "sync_error")]
    _sync_error: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SyrveBody {
    base_url: String,
    organization_id: OrganizationId,
    api_login: Option<String>,
    app_id: Option<String>,
    client_secret: Option<String>,
    webhook_token: Option<String>,
    terminal_group_id: Option<TerminalGroupId>,
    #[serde(default)]
    rate_limits: SyrveRates,
    #[serde(default, rename = "login_error")]
    _login_error: IgnoredAny,
}

fn yes() -> bool {
    true
}

/// Secrets as they were, and as they are to be.
pub(super) struct Written {
    pub(super) account: Account,
    pub(super) secrets: AccountSecrets,
}

impl AccountBody {
    /// Checks the body against what is stored and makes the new account and its secrets.
    pub(super) fn over(
        self,
        id: AccountId,
        old: Option<&Account>,
        secrets: &AccountSecrets,
        now: Timestamp,
    ) -> Result<Written, Problem> {
        if self.account_id.is_some_and(|shown| shown != id.as_str()) {
            return Err(Problem::field("account_id", "is not the account of the path"));
        }
        length("name", &self.name, 1, 200)?;
        if TimeZone::get(&self.time_zone).ok().is_none_or(|zone| zone.is_unknown()) {
            return Err(Problem::field("time_zone", "not an IANA time zone such as Europe/Dublin"));
        }
        let mut secrets = secrets.clone();
        let old_syrve = old.and_then(|account| account.syrve.as_ref());
        let syrve = self.syrve.map(|body| syrve(body, old_syrve, &mut secrets, now)).transpose()?;
        let mut fleets = BTreeMap::new();
        for provider in Provider::ALL {
            let old = old.and_then(|account| account.fleets.get(&provider));
            let written = self.fleets.written(provider, &mut Over { old, secrets: &mut secrets, now })?;
            fleets.extend(written.map(|fleet| (provider, fleet)));
        }
        let captain = self.fleets.captain.map(|body| captain(body, &mut secrets)).transpose()?;
        forget_unused(&mut secrets, syrve.is_some(), &fleets);
        let account = Account {
            account_id: id,
            name: self.name,
            time_zone: self.time_zone,
            enabled: self.enabled,
            syrve,
            fleets,
            captain,
            dispatch_to: self.dispatch_to,
            match_orders_by: self.match_orders_by,
            created_at: old.map_or(now, |account| account.created_at),
            updated_at: now,
        };
        can_dispatch(&account, &secrets)?;
        Ok(Written { account, secrets })
    }
}

/// What writing orders to a fleet takes.
fn can_dispatch(account: &Account, secrets: &AccountSecrets) -> Result<(), Problem> {
    match account.dispatch_to {
        None => return Ok(()),
        Some(Provider::Captain) => {}
        Some(_) => return Err(Problem::field("dispatch_to", "orders can be written to captain only")),
    }
    let captain = account.captain.as_ref();
    let captain =
        captain.ok_or_else(|| Problem::field("dispatch_to", "the account has no fleets.captain"))?;
    if captain.account_uuid.is_none() {
        return Err(Problem::field("fleets.captain.account_uuid", "is required with dispatch_to"));
    }
    if secrets.captain_integration_key.is_none() {
        return Err(Problem::field("fleets.captain.integration_key", "is required with dispatch_to"));
    }
    if secrets.captain_developer_key.is_none() {
        return Err(Problem::field("fleets.captain.developer_key", "is required with dispatch_to"));
    }
    if account.matches_by(Provider::Captain) != MatchOrdersBy::OrderId {
        let reason =
            "must be order_id for the fleet of dispatch_to: orders are written to it under Syrve's order id";
        let is_own =
            account.fleets.get(&Provider::Captain).is_some_and(|fleet| fleet.match_orders_by.is_some());
        let field = if is_own { "fleets.captain.match_orders_by" } else { "match_orders_by" };
        return Err(Problem::field(field, reason));
    }
    Ok(())
}

fn syrve(
    body: SyrveBody,
    old: Option<&SyrveAccount>,
    secrets: &mut AccountSecrets,
    now: Timestamp,
) -> Result<SyrveAccount, Problem> {
    let base_url = url("syrve.base_url", &body.base_url)?;
    let tokens = old.map(|old| &old.webhook_tokens);
    let webhook_tokens = webhook_tokens("syrve.webhook_token", body.webhook_token, tokens, now)?;
    replace(&mut secrets.syrve_api_login, key("syrve.api_login", body.api_login)?.map(Secret::new));
    replace(&mut secrets.syrve_app_id, key("syrve.app_id", body.app_id)?);
    replace(
        &mut secrets.syrve_client_secret,
        key("syrve.client_secret", body.client_secret)?.map(Secret::new),
    );
    if secrets.syrve_api_login.is_none() {
        return Err(Problem::field("syrve.api_login", "is required"));
    }
    if secrets.syrve_app_id.is_some() != secrets.syrve_client_secret.is_some() {
        return Err(Problem::field("syrve.client_secret", "app_id and client_secret go together"));
    }
    let limits = &body.rate_limits;
    for (field, limit) in [
        ("authorization", limits.authorization),
        ("dictionaries", limits.dictionaries),
        ("drivers", limits.drivers),
        ("shifts", limits.shifts),
        ("order_status", limits.order_status),
        ("orders", limits.orders),
        ("commands", limits.commands),
    ] {
        rate(&format!("syrve.rate_limits.{field}"), limit)?;
    }
    let mut account = SyrveAccount {
        base_url,
        organization_id: body.organization_id,
        webhook_tokens,
        terminal_group_id: body.terminal_group_id,
        login_key: None,
        credentials_key: None,
        rate_limits: body.rate_limits,
    };
    if let Some(login) = syrve_login(&account, secrets) {
        account.login_key = Some(login.key());
        account.credentials_key = Some(login.credentials_key());
    }
    Ok(account)
}

fn captain(body: CaptainBody, secrets: &mut AccountSecrets) -> Result<CaptainAccount, Problem> {
    let integration_key = key("fleets.captain.integration_key", body.integration_key)?;
    replace(&mut secrets.captain_integration_key, integration_key.map(Secret::new));
    let developer_key = key("fleets.captain.developer_key", body.developer_key)?;
    replace(&mut secrets.captain_developer_key, developer_key.map(Secret::new));
    let base_url = body.base_url.map(|text| url("fleets.captain.base_url", &text)).transpose()?;
    if let Some(id) = &body.account_uuid {
        token("fleets.captain.account_uuid", id, 1, 128)?;
    }
    rate("fleets.captain.requests_per_minute", body.requests_per_minute)?;
    let mut account = CaptainAccount {
        base_url,
        account_uuid: body.account_uuid,
        login_key: None,
        requests_per_minute: body.requests_per_minute,
    };
    account.login_key = captain_login(&account, secrets).map(|login| login.key());
    Ok(account)
}

/// A sender that is gone leaves no secret behind.
fn forget_unused(secrets: &mut AccountSecrets, syrve: bool, fleets: &BTreeMap<Provider, FleetAccount>) {
    if !syrve {
        secrets.syrve_api_login = None;
        secrets.syrve_app_id = None;
        secrets.syrve_client_secret = None;
    }
    secrets.webhook_keys.retain(|provider, _| fleets.contains_key(provider));
    if !fleets.contains_key(&Provider::Captain) {
        secrets.captain_integration_key = None;
        secrets.captain_developer_key = None;
    }
}

/// What was sent, unless it is the word that stands for a secret in answers.
pub(super) fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| text != "set")
}

/// A key that we are to send. All of an account's keys together fit into one parameter of the store.
fn key(field: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    let text = given(text);
    if let Some(text) = &text {
        token(field, text, 1, 512)?;
    }
    Ok(text)
}

fn replace<T>(kept: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *kept = new;
    }
}

/// A new token takes over and the old one stays valid for a day, however it is changed.
pub(super) fn webhook_tokens(
    field: &str,
    text: Option<String>,
    old: Option<&TokenSet>,
    now: Timestamp,
) -> Result<TokenSet, Problem> {
    match (given(text), old) {
        (Some(text), old) => {
            token(field, &text, 16, 256)?;
            Ok(old.map_or_else(|| TokenSet::only(&text), |old| old.rotated_to(&text, now)))
        }
        (None, Some(old)) => Ok(old.clone()),
        (None, None) => Err(Problem::field(field, "is required")),
    }
}
