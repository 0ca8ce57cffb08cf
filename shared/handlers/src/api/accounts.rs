//! Accounts: written whole, shown without their secrets.

use courier_domain::account::{Account, AccountSecrets};
use courier_domain::clock::Clock;
use courier_domain::ids::AccountId;
use courier_domain::ports::{Directory, Gate, PortError, SecretVault, Versioned};
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::json;

use super::account_body::AccountBody;
use super::body::read;
use super::views::{AccountState, account_view};
use super::{Answer, Api, Parts, no_content, not_found, query};
use crate::http::{Problem, body, header, json};

const LIST: &str = "accounts";
pub(super) const CONFLICT: &str = "the account was changed by somebody else at the same time, read it again";

impl<P: Parts> Api<P> {
    pub(super) async fn list_accounts(&self, request: &Request) -> Answer {
        query::only(request, &["limit", "cursor"])?;
        let limit = i32::try_from(query::limit(request)?).unwrap_or(1);
        let after = query::cursor(request, LIST)?.map(|place| place.parse());
        let after = after.transpose().map_err(|_| Problem::field("cursor", query::NOT_A_CURSOR))?;
        let page = self.directory.list_accounts(limit, after.as_ref()).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for account in &page.items {
            // A list does not say which API logins are stored, or how they do: that would be requests for each account.
            items.push(account_view(account, None, &self.base_url(request)));
        }
        Ok(json(
            StatusCode::OK,
            &json!({ "items": items, "next_cursor": query::next_cursor(page.next, LIST) }),
        ))
    }

    pub(super) async fn get_account(&self, request: &Request, id: &str) -> Answer {
        let account = self.stored(id).await?.value;
        let secrets = self.vault.read(&account.account_id).await?;
        let state = self.state_of(&account, secrets).await?;
        Ok(json(StatusCode::OK, &account_view(&account, Some(&state), &self.base_url(request))))
    }

    async fn state_of(&self, account: &Account, secrets: AccountSecrets) -> Result<AccountState, PortError> {
        let refusal = async |key: Option<&String>| match key {
            Some(key) => self.directory.refusal(key).await,
            None => Ok(None),
        };
        let [calls, token, captain] = login_keys(account);
        let sync = self.directory.driver_sync(&account.account_id);
        let (calls, token, captain, sync) =
            futures::join!(refusal(calls), refusal(token), refusal(captain), sync);
        let syrve_refusal = calls?.into_iter().chain(token?).max_by_key(|refusal| refusal.until);
        Ok(AccountState { secrets, sync: sync?, syrve_refusal, captain_refusal: captain? })
    }

    pub(super) async fn put_account(&self, request: &Request, id: &str) -> Answer {
        let id: AccountId = id.parse().map_err(|error| Problem::field("account", format!("{error}")))?;
        let new: AccountBody = read(body(request)?)?;
        let stored = self.directory.read_account(&id).await?;
        let secrets = self.vault.read(&id).await?;
        let old = stored.as_ref().map(|stored| &stored.value);
        let written = new.over(id.clone(), old, &secrets, self.clock.now())?;
        // Secrets first: an account must not exist without what it needs to be served.
        if written.secrets != secrets {
            self.vault.write(&id, &written.secrets).await?;
        }
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        let account = Versioned { value: written.account, version };
        if !self.directory.write_account(&account).await? {
            return Err(Problem::new(StatusCode::CONFLICT, CONFLICT));
        }
        // Whoever writes an account may have mended its login, so it is tried again at once.
        let account = account.value;
        for key in login_keys(&account).into_iter().flatten() {
            self.directory.accept(key).await?;
        }
        tracing::info!(outcome = "account_written", account = %id, "account written");
        let status = if version == 0 { StatusCode::CREATED } else { StatusCode::OK };
        let state = self.state_of(&account, written.secrets).await?;
        Ok(json(status, &account_view(&account, Some(&state), &self.base_url(request))))
    }

    pub(super) async fn delete_account(&self, id: &str) -> Answer {
        let id: AccountId = id.parse().map_err(|_| not_found("account"))?;
        // The account is last, so that a call which runs out of time leaves it to be found by the next: an account of the same
        // id would have its subscriptions.
        self.delete_subscriptions(&id).await?;
        let existed = self.directory.delete_account(&id).await?;
        // Those that were made meanwhile, and what is left of a deletion that failed here.
        self.delete_subscriptions(&id).await?;
        self.vault.delete(&id).await?;
        if !existed {
            return Err(not_found("account"));
        }
        tracing::info!(outcome = "account_deleted", account = %id, "account deleted");
        Ok(no_content())
    }

    pub(super) async fn stored(&self, id: &str) -> Result<Versioned<Account>, Problem> {
        let id: AccountId = id.parse().map_err(|_| not_found("account"))?;
        self.directory.read_account(&id).await?.ok_or_else(|| not_found("account"))
    }

    /// Where the webhooks are reached: as configured, else as this request came in.
    pub(super) fn base_url(&self, request: &Request) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        let host =
            header(request, "x-forwarded-host").or_else(|| header(request, "host")).unwrap_or_default();
        let scheme = header(request, "x-forwarded-proto").unwrap_or("https");
        format!("{scheme}://{host}")
    }
}

/// Where it is on record that an account's logins are refused: Syrve's for calls and for a token, and Captain.AI's.
fn login_keys(account: &Account) -> [Option<&String>; 3] {
    let (syrve, captain) = (account.syrve.as_ref(), account.captain.as_ref());
    [
        syrve.and_then(|syrve| syrve.login_key.as_ref()),
        syrve.and_then(|syrve| syrve.credentials_key.as_ref()),
        captain.and_then(|captain| captain.login_key.as_ref()),
    ]
}
