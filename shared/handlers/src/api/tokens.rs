//! `POST …/webhook_tokens/{sender}/rotate`: a new token for a sender. The old one stays valid for a day, and the answer is
//! the only one that ever shows a token: nobody has seen it before.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::delivery::Provider;
use courier_domain::ports::{Directory, SecretVault};
use courier_domain::secret::TokenSet;
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::StatusCode;
use serde_json::json;

use super::accounts::CONFLICT;
use super::fleets_body::{random, replace_key};
use super::{Answer, Api, Parts, not_found};
use crate::http::{Problem, json};

/// The tokens of a sender: its own, or those of the client that fetches access tokens.
fn tokens<'a>(account: &'a mut Account, sender: &str) -> Option<&'a mut TokenSet> {
    match sender {
        "syrve" => account.syrve.as_mut().map(|syrve| &mut syrve.webhook_tokens),
        "bringg_oauth" => {
            let oauth = account.fleets.get_mut(&Provider::Bringg)?.oauth.as_mut();
            oauth.map(|oauth| &mut oauth.client_secrets)
        }
        fleet => account.fleets.get_mut(&Provider::parse(fleet)?)?.webhook_tokens.as_mut(),
    }
}

impl<P: Parts> Api<P> {
    pub(super) async fn rotate(&self, id: &str, sender: &str) -> Answer {
        let mut account = self.stored(id).await?;
        let now = self.clock.now();
        if sender == "radaro" {
            let why = "Radaro makes its token itself: write that one with PUT";
            return Err(Problem::new(StatusCode::CONFLICT, why));
        }
        if sender == "bringg_jwt" {
            return self.rotate_key(&account.value, now).await;
        }
        let value = &mut account.value;
        let tokens = tokens(value, sender).ok_or_else(|| not_found("sender in this account"))?;
        let token = random();
        *tokens = tokens.rotated_to(&token, now);
        let until = tokens.previous.as_ref().map(|previous| previous.until);
        value.updated_at = now;
        if !self.directory.write_account(&account).await? {
            return Err(Problem::new(StatusCode::CONFLICT, CONFLICT));
        }
        tracing::info!(outcome = "token_rotated", account = id, sender, "webhook token rotated");
        Ok(json(StatusCode::OK, &json!({ "webhook_token": token, "previous_valid_until": until })))
    }

    /// A key for Bringg's tokens, which is a secret of ours and not kept with the account.
    async fn rotate_key(&self, account: &Account, now: Timestamp) -> Answer {
        let id = &account.account_id;
        let has_rules = account.fleets.get(&Provider::Bringg).is_some_and(|fleet| fleet.jwt.is_some());
        let mut secrets = self.vault.read(id).await?;
        let keys = secrets.webhook_keys.get_mut(&Provider::Bringg).filter(|_| has_rules);
        let keys = keys.ok_or_else(|| not_found("sender in this account"))?;
        let key = STANDARD.encode(random());
        replace_key(keys, &key, now);
        self.vault.write(id, &secrets).await?;
        tracing::info!(outcome = "token_rotated", account = %id, sender = "bringg_jwt", "webhook key rotated");
        let until = now + SignedDuration::from_hours(TokenSet::OVERLAP_HOURS);
        Ok(json(StatusCode::OK, &json!({ "webhook_token": key, "previous_valid_until": until })))
    }
}
