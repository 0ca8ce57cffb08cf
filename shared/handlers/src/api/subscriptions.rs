//! Subscriptions: registered, shown, changed, deleted. What is sent with their calls is kept apart, and written before the
//! subscription and deleted after it, so that none is ever without.

use courier_clients::subscriber::new_signing_secret;
use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::ids::AccountId;
use courier_domain::ports::{Lines, PortError, SubscriptionVault, Subscriptions, Versioned};
use courier_domain::subscription::{Line, LineId, MOST_SUBSCRIPTIONS, Subscription, SubscriptionSecrets};
use futures::future::try_join_all;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::read;
use super::subscription_body::SubscriptionBody;
use super::subscription_views::{SubscriptionLines, subscription_view};
use super::{Answer, Api, Parts, no_content, not_found, query};
use crate::http::{Problem, body, json};

/// Of how many the lines are read at once for a list.
const AT_ONCE: usize = 25;

impl<P: Parts> Api<P> {
    /// The only answer, besides a rotation's, that shows the key of the signature.
    pub(super) async fn create_subscription(&self, request: &Request, id: &str) -> Answer {
        let owner = self.stored(id).await?.value;
        let account = owner.account_id.clone();
        let asked: SubscriptionBody = read(body(request)?)?;
        let mut wanted = asked.checked(&self.guard, &self.base_url(request)).await?;
        let auth_token =
            wanted.auth_token.take().ok_or_else(|| Problem::field("auth_token", "is required"))?;
        // Two calls at once may make one too many, which does no harm.
        if self.directory.subscriptions(&account).await?.len() >= MOST_SUBSCRIPTIONS {
            let why = format!("an account has at most {MOST_SUBSCRIPTIONS} subscriptions");
            return Err(Problem::new(StatusCode::CONFLICT, why));
        }
        let now = self.clock.now();
        let secrets = SubscriptionSecrets { auth_token, signing: new_signing_secret(), previous: Vec::new() };
        let subscription = Subscription {
            id: Uuid::new_v4(),
            account_id: account.clone(),
            url: wanted.url,
            items_url: wanted.items_url,
            events: wanted.events,
            disabled: None,
            items_disabled: None,
            secrets_version: 1,
            secrets_held_until: None,
            created_at: now,
            updated_at: now,
        };
        let id = subscription.id;
        self.vault.write_subscription_secrets(&account, id, &secrets).await?;
        let stored = Versioned { value: subscription, version: 0 };
        if let Err(problem) = self.write_new(&stored, &owner).await {
            self.take_back(&account, id).await;
            return Err(problem);
        }
        tracing::info!(outcome = "subscription_created", %account, subscription = %id, "subscription created");
        let mut view = subscription_view(&stored.value, &SubscriptionLines::default());
        if let Some(fields) = view.as_object_mut() {
            fields.insert("signing_secret".into(), json!(secrets.signing.expose()));
        }
        Ok(json(StatusCode::CREATED, &view))
    }

    /// Its account may have been deleted meanwhile, by somebody who did not see this one: an account of the same id that is
    /// made later would tell it of its orders.
    async fn write_new(&self, stored: &Versioned<Subscription>, owner: &Account) -> Result<(), Problem> {
        // The id is new: what is there already is this one, written by a request whose answer was lost on the way here.
        self.directory.write_subscription(stored).await?;
        let found = self.stored(owner.account_id.as_str()).await?.value;
        if found.created_at != owner.created_at {
            return Err(not_found("account"));
        }
        Ok(())
    }

    /// Deletes one that nobody is told of, with its secrets, which would be kept for ever. A table that refuses writes may
    /// still say that there is none.
    async fn take_back(&self, account: &AccountId, id: Uuid) {
        let is_gone = match self.directory.delete_subscription(account, id).await {
            Ok(_) => true,
            Err(_) => matches!(self.directory.subscription(account, id).await, Ok(None)),
        };
        if !is_gone || self.vault.delete_subscription_secrets(account, id).await.is_err() {
            tracing::warn!(
                outcome = "subscription_not_taken_back",
                %account,
                subscription = %id,
                "a subscription was left over"
            );
        }
    }

    /// All of them: there are few.
    pub(super) async fn list_subscriptions(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &[])?;
        let account = self.stored(id).await?.value.account_id;
        let all = self.directory.subscriptions(&account).await?;
        let mut items: Vec<Value> = Vec::with_capacity(all.len());
        for some in all.chunks(AT_ONCE) {
            let lines = try_join_all(some.iter().map(|stored| self.lines(&stored.value))).await?;
            items
                .extend(some.iter().zip(&lines).map(|(stored, line)| subscription_view(&stored.value, line)));
        }
        Ok(json(StatusCode::OK, &json!({ "items": items, "next_cursor": null })))
    }

    pub(super) async fn get_subscription(&self, id: &str, subscription: &str) -> Answer {
        let found = self.subscription_of(id, subscription).await?.value;
        self.show(&found).await
    }

    /// The whole body counts, as with accounts: what is left out of it is as if it had never been given, but for the token.
    /// What became of a URL does not count for the one that is written in its place.
    pub(super) async fn put_subscription(&self, request: &Request, id: &str, subscription: &str) -> Answer {
        let mut stored = self.subscription_of(id, subscription).await?;
        let asked: SubscriptionBody = read(body(request)?)?;
        let mut wanted = asked.checked(&self.guard, &self.base_url(request)).await?;
        let urls = (stored.value.url.clone(), stored.value.items_url.clone());
        let written = if let Some(auth_token) = wanted.auth_token.take() {
            let with_token = |old: Option<&SubscriptionSecrets>| match old {
                Some(old) if old.auth_token == auth_token => Ok(None),
                Some(old) => Ok(Some(SubscriptionSecrets { auth_token, ..old.clone() })),
                // Lost, or deleted by hand. Nobody knows the new key, but a rotation tells one.
                None => {
                    let signing = new_signing_secret();
                    Ok(Some(SubscriptionSecrets { auth_token, signing, previous: Vec::new() }))
                }
            };
            self.change_secrets(stored, with_token, |subscription| wanted.write_to(subscription)).await?
        } else {
            wanted.write_to(&mut stored.value);
            self.write(stored).await?
        };
        let Subscription { account_id: account, id, .. } = &written;
        if (&written.url, &written.items_url) != (&urls.0, &urls.1) {
            // What failed was elsewhere.
            self.directory.clear_line(account, *id).await?;
        }
        tracing::info!(outcome = "subscription_written", %account, subscription = %id, "subscription written");
        self.show(&written).await
    }

    pub(super) async fn delete_subscription(&self, id: &str, subscription: &str) -> Answer {
        let account = self.stored(id).await?.value.account_id;
        let id: Uuid = subscription.parse().map_err(|_| not_found("subscription"))?;
        if !self.delete_with_secrets(&account, id).await? {
            return Err(not_found("subscription"));
        }
        tracing::info!(outcome = "subscription_deleted", %account, subscription = %id, "subscription deleted");
        Ok(no_content())
    }

    /// One after the other: the store of secrets takes a few writes in a second. A call that runs out of time before the last
    /// has deleted some, and the next goes on.
    pub(super) async fn delete_subscriptions(&self, account: &AccountId) -> Result<(), Problem> {
        for stored in self.directory.subscriptions(account).await? {
            self.delete_with_secrets(account, stored.value.id).await?;
        }
        Ok(())
    }

    /// `false` if there was none; its secrets are deleted even so, since the call before this one may have failed half-way.
    async fn delete_with_secrets(&self, account: &AccountId, id: Uuid) -> Result<bool, Problem> {
        let existed = self.directory.delete_subscription(account, id).await?;
        self.vault.delete_subscription_secrets(account, id).await?;
        Ok(existed)
    }

    /// A subscription of an account that exists.
    pub(super) async fn subscription_of(
        &self,
        account: &str,
        id: &str,
    ) -> Result<Versioned<Subscription>, Problem> {
        let account = self.stored(account).await?.value.account_id;
        let id: Uuid = id.parse().map_err(|_| not_found("subscription"))?;
        let found = self.directory.subscription(&account, id).await?;
        found.ok_or_else(|| not_found("subscription"))
    }

    /// Writes a changed subscription over the one that was read.
    pub(super) async fn write(&self, mut stored: Versioned<Subscription>) -> Result<Subscription, Problem> {
        stored.value.updated_at = self.clock.now();
        if !self.directory.write_subscription(&stored).await? {
            return Err(changed_meanwhile());
        }
        Ok(stored.value)
    }

    pub(super) async fn show(&self, subscription: &Subscription) -> Answer {
        let lines = self.lines(subscription).await?;
        Ok(json(StatusCode::OK, &subscription_view(subscription, &lines)))
    }

    /// How calls to each of its URLs go.
    async fn lines(&self, subscription: &Subscription) -> Result<SubscriptionLines, PortError> {
        let line = async |of_items: bool| {
            let line = LineId { subscription: subscription.id, of_items };
            self.directory.line(&subscription.account_id, line).await
        };
        let items =
            async { if subscription.items_url.is_some() { line(true).await } else { Ok(Line::default()) } };
        let (main, items) = futures::try_join!(line(false), items)?;
        Ok(SubscriptionLines { main, items })
    }
}

pub(super) fn changed_meanwhile() -> Problem {
    let why = "the subscription was changed by somebody else at the same time, read it again";
    Problem::new(StatusCode::CONFLICT, why)
}
