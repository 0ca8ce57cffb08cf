//! The `fleets` of an account's body: how each fleet's calls are told, and how it names orders. A secret that is absent, or
//! `"set"`, keeps its value (of Bringg's ways of telling its calls one that is absent is not used any more); a new one takes over, and the old one stays valid for a day.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use courier_domain::account::{
    AccountSecrets, FleetAccount, JwtRules, MatchOrdersBy, OauthClient, OrderReference, PreviousKey,
    TokenPlace, WebhookKeys, captain_rate,
};
use courier_domain::delivery::Provider;
use courier_domain::secret::{Secret, TokenSet};
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::HeaderName;
use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use super::account_body::{given, webhook_tokens};
use super::rules::{length, token};
use crate::http::Problem;

/// RFC 7518 asks for a key as long as the hash.
const SHORTEST_KEY: usize = 32;
/// All of an account's keys together fit into one parameter of the store.
const LONGEST_KEY: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FleetsBody {
    pub(super) captain: Option<CaptainBody>,
    jelp: Option<JelpBody>,
    radaro: Option<RadaroBody>,
    bringg: Option<BringgBody>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaptainBody {
    webhook_token: Option<String>,
    match_orders_by: Option<MatchOrdersBy>,
    pub(super) base_url: Option<String>,
    pub(super) integration_key: Option<String>,
    pub(super) developer_key: Option<String>,
    pub(super) account_uuid: Option<String>,
    #[serde(default = "captain_rate")]
    pub(super) requests_per_minute: u32,
    #[serde(default, rename = "key_error")]
    _key_error: IgnoredAny,
}

/// `{"header": "<name>"}` or `{"query": "<name>"}`.
type PlaceBody = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JelpBody {
    webhook_token: Option<String>,
    token_in: Option<PlaceBody>,
    #[serde(default)]
    order_reference: OrderReference,
    match_orders_by: Option<MatchOrdersBy>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RadaroBody {
    webhook_token: Option<String>,
    match_orders_by: Option<MatchOrdersBy>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BringgBody {
    webhook_token: Option<String>,
    token_in: Option<PlaceBody>,
    jwt: Option<JwtBody>,
    oauth: Option<OauthBody>,
    match_orders_by: Option<MatchOrdersBy>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JwtBody {
    key: Option<String>,
    #[serde(default)]
    key_encoding: KeyEncoding,
    issuer: String,
    audience: String,
    subject: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeyEncoding {
    #[default]
    Base64,
    Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OauthBody {
    client_id: String,
    client_secret: Option<String>,
}

/// A random text that nobody can guess.
pub(super) fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// What a body makes of what was there.
pub(super) struct Over<'a> {
    pub(super) old: Option<&'a FleetAccount>,
    pub(super) secrets: &'a mut AccountSecrets,
    pub(super) now: Timestamp,
}

impl FleetsBody {
    /// Each fleet of the body, over what is stored of it.
    pub(super) fn written(
        &self,
        provider: Provider,
        over: &mut Over,
    ) -> Result<Option<FleetAccount>, Problem> {
        match provider {
            Provider::Captain => self.captain.as_ref().map(|body| body.over(over)).transpose(),
            Provider::Jelp => self.jelp.as_ref().map(|body| body.over(over)).transpose(),
            Provider::Radaro => self.radaro.as_ref().map(|body| body.over(over)).transpose(),
            Provider::Bringg => self.bringg.as_ref().map(|body| body.over(over)).transpose(),
        }
    }
}

impl Over<'_> {
    fn tokens(&self, field: &str, text: Option<&String>) -> Result<TokenSet, Problem> {
        let old = self.old.and_then(|old| old.webhook_tokens.as_ref());
        webhook_tokens(field, text.cloned(), old, self.now)
    }
}

impl CaptainBody {
    fn over(&self, over: &Over) -> Result<FleetAccount, Problem> {
        let tokens = over.tokens("fleets.captain.webhook_token", self.webhook_token.as_ref())?;
        let match_orders_by = self.match_orders_by;
        Ok(FleetAccount { webhook_tokens: Some(tokens), match_orders_by, ..FleetAccount::default() })
    }
}

impl JelpBody {
    /// Jelp documents no way of its own, so the token is where the account says.
    fn over(&self, over: &Over) -> Result<FleetAccount, Problem> {
        let tokens = over.tokens("fleets.jelp.webhook_token", self.webhook_token.as_ref())?;
        Ok(FleetAccount {
            webhook_tokens: Some(tokens),
            token_in: place("fleets.jelp.token_in", self.token_in.as_ref())?,
            match_orders_by: self.match_orders_by,
            order_reference: self.order_reference,
            ..FleetAccount::default()
        })
    }
}

impl RadaroBody {
    fn over(&self, over: &Over) -> Result<FleetAccount, Problem> {
        let tokens = over.tokens("fleets.radaro.webhook_token", self.webhook_token.as_ref())?;
        let match_orders_by = self.match_orders_by;
        Ok(FleetAccount { webhook_tokens: Some(tokens), match_orders_by, ..FleetAccount::default() })
    }
}

impl BringgBody {
    fn over(&self, over: &mut Over) -> Result<FleetAccount, Problem> {
        if self.webhook_token.is_none() && self.jwt.is_none() && self.oauth.is_none() {
            return Err(Problem::field("fleets.bringg", "needs webhook_token, jwt or oauth"));
        }
        let token_in = place("fleets.bringg.token_in", self.token_in.as_ref())?;
        if matches!(token_in, Some(TokenPlace::Query(_))) {
            return Err(Problem::field("fleets.bringg.token_in", "must be a header"));
        }
        let field = "fleets.bringg.webhook_token";
        let token = self.webhook_token.as_ref().map(|text| over.tokens(field, Some(text)));
        let mut keys = over.secrets.webhook_keys.remove(&Provider::Bringg).unwrap_or_default();
        let jwt = self.jwt.as_ref().map(|body| body.over(&mut keys, over.now)).transpose()?;
        let old = over.old.and_then(|old| old.oauth.as_ref());
        let oauth = self.oauth.as_ref().map(|body| body.over(old, &mut keys, over.now)).transpose()?;
        if jwt.is_none() {
            (keys.jwt, keys.previous_jwt) = (None, None);
        }
        if oauth.is_none() {
            keys.access_tokens = None;
        }
        if keys != WebhookKeys::default() {
            over.secrets.webhook_keys.insert(Provider::Bringg, keys);
        }
        Ok(FleetAccount {
            webhook_tokens: token.transpose()?,
            token_in,
            jwt,
            oauth,
            match_orders_by: self.match_orders_by,
            ..FleetAccount::default()
        })
    }
}

impl JwtBody {
    fn over(&self, keys: &mut WebhookKeys, now: Timestamp) -> Result<JwtRules, Problem> {
        for (field, text) in [
            ("fleets.bringg.jwt.issuer", &self.issuer),
            ("fleets.bringg.jwt.audience", &self.audience),
            ("fleets.bringg.jwt.subject", &self.subject),
        ] {
            length(field, text, 1, 200)?;
        }
        if let Some(text) = given(self.key.clone()) {
            let bytes = match self.key_encoding {
                KeyEncoding::Text => Some(text.into_bytes()),
                KeyEncoding::Base64 => {
                    let text = text.trim_end_matches('=');
                    STANDARD_NO_PAD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()
                }
            };
            let key = bytes.filter(|bytes| (SHORTEST_KEY..=LONGEST_KEY).contains(&bytes.len())).ok_or_else(
                || {
                    let rule = "must be a key of 32 to 256 bytes, in base64 unless key_encoding is text";
                    Problem::field("fleets.bringg.jwt.key", rule)
                },
            )?;
            replace_key(keys, &STANDARD.encode(key), now);
        }
        if keys.jwt.is_none() {
            return Err(Problem::field("fleets.bringg.jwt.key", "is required"));
        }
        let (issuer, audience) = (self.issuer.clone(), self.audience.clone());
        Ok(JwtRules { issuer, audience, subject: self.subject.clone() })
    }
}

/// A new key takes over, and the old one stays valid for a day.
pub(super) fn replace_key(keys: &mut WebhookKeys, key: &str, now: Timestamp) {
    if keys.jwt.as_ref().is_some_and(|old| old.expose() == key) {
        return;
    }
    let until = now + SignedDuration::from_hours(TokenSet::OVERLAP_HOURS);
    keys.previous_jwt = keys.jwt.replace(Secret::new(key)).map(|key| PreviousKey { key, until });
}

impl OauthBody {
    fn over(
        &self,
        old: Option<&OauthClient>,
        keys: &mut WebhookKeys,
        now: Timestamp,
    ) -> Result<OauthClient, Problem> {
        token("fleets.bringg.oauth.client_id", &self.client_id, 1, 128)?;
        let field = "fleets.bringg.oauth.client_secret";
        let old = old.map(|old| &old.client_secrets);
        let client_secrets = webhook_tokens(field, self.client_secret.clone(), old, now)?;
        let sign = || Secret::new(STANDARD.encode(random()));
        keys.access_tokens = keys.access_tokens.take().or_else(|| Some(sign()));
        Ok(OauthClient { client_id: self.client_id.clone(), client_secrets })
    }
}

/// Where the token is, by a name that HTTP takes.
fn place(field: &str, place: Option<&PlaceBody>) -> Result<Option<TokenPlace>, Problem> {
    let Some(place) = place else { return Ok(None) };
    let mut members = place.iter().map(|(place, name)| (place.as_str(), name));
    match (members.next(), members.next()) {
        (Some(("header", name)), None) => {
            let name = name.parse::<HeaderName>();
            let name = name.map_err(|_| Problem::field(field, "must be the name of a header"))?;
            Ok(Some(TokenPlace::Header(name.as_str().to_owned())))
        }
        (Some(("query", name)), None) => {
            token(field, name, 1, 64)?;
            // It stands in the URL that is shown, as it is.
            if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
                return Err(Problem::field(field, "must be letters, digits, _, . or -"));
            }
            Ok(Some(TokenPlace::Query(name.clone())))
        }
        _ => Err(Problem::field(field, "must be either header or query, with a name")),
    }
}
