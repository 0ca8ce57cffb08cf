//! Changing what is sent with a subscription's calls. The store of secrets lets the last writer win, so whoever changes them
//! takes hold of the subscription first: of two who rotate at once, one would be told a key that is not kept.
//!
//! The secrets are written before the version that names them, so that no process keeps old ones for new. A change that
//! fails puts back what was there. One that is cut off in between leaves a key that nobody was told beside the old one, which
//! signs for a day more, however often it is replaced: whoever got no answer rotates again. A token may be left so, too, with
//! the old version: every change makes a new one, also where the secrets are the same, so that it counts once it is repeated.

use courier_clients::subscriber::new_signing_secret;
use courier_domain::clock::Clock;
use courier_domain::ports::{PortError, SubscriptionVault, Subscriptions, Versioned};
use courier_domain::subscription::{Subscription, SubscriptionSecrets};
use jiff::{SignedDuration, Timestamp};
use lambda_http::http::StatusCode;
use serde_json::json;

use super::subscriptions::changed_meanwhile;
use super::{Answer, Api, Parts};
use crate::http::{Problem, chain, json};

/// How long a change keeps others out, should it be cut off; longer than the function may run.
const HOLD: SignedDuration = SignedDuration::from_secs(30);
/// How often the end of a change is written again over what others wrote meanwhile, such as that calls have failed too often.
const TRIES: usize = 5;

impl<P: Parts> Api<P> {
    /// The old key signs as well for a day; the answer is the only one that shows the new one.
    pub(super) async fn rotate_secret(&self, id: &str, subscription: &str) -> Answer {
        let stored = self.subscription_of(id, subscription).await?;
        let signing = new_signing_secret();
        let mut until = None;
        let now = self.clock.now();
        let rotate = |old: Option<&SubscriptionSecrets>| {
            let gone = "the subscription's secrets are gone; write it with its auth_token first";
            let old = old.ok_or_else(|| Problem::new(StatusCode::CONFLICT, gone))?;
            let many = "the signing key was replaced too often in a day; the old ones still sign";
            let rotated = old.rotated_to(signing.clone(), now);
            let rotated = rotated.ok_or_else(|| Problem::new(StatusCode::CONFLICT, many))?;
            until = rotated.previous.first().map(|previous| previous.until);
            Ok(Some(rotated))
        };
        let Subscription { account_id: account, id, .. } =
            self.change_secrets(stored, rotate, |_| ()).await?;
        tracing::info!(outcome = "secret_rotated", %account, subscription = %id, "signing secret rotated");
        let answer = json!({ "signing_secret": signing.expose(), "previous_valid_until": until });
        Ok(json(StatusCode::OK, &answer))
    }

    /// Changes a subscription and its secrets. `new` makes secrets of those that are there, or says that they are right.
    pub(super) async fn change_secrets(
        &self,
        stored: Versioned<Subscription>,
        new: impl FnOnce(Option<&SubscriptionSecrets>) -> Result<Option<SubscriptionSecrets>, Problem>,
        change: impl Fn(&mut Subscription),
    ) -> Result<Subscription, Problem> {
        let (held, until) = self.hold(stored).await?;
        let old = self.vault.subscription_secrets(&held.value).await.map_err(Problem::from);
        let made = old.and_then(|old| Ok((new(old.as_deref())?, old)));
        let (new, old) = match made {
            Ok(made) => made,
            Err(problem) => {
                self.let_go(held).await;
                return Err(problem);
            }
        };
        match self.finish(held.clone(), until, new.as_ref(), change).await {
            Ok(changed) => changed.ok_or_else(changed_meanwhile),
            Err(error) => {
                match (new, old) {
                    (Some(_), Some(old)) => self.put_back(&held.value, &old).await,
                    _ => self.let_go(held).await,
                }
                Err(error.into())
            }
        }
    }

    async fn hold(
        &self,
        mut stored: Versioned<Subscription>,
    ) -> Result<(Versioned<Subscription>, Timestamp), Problem> {
        let now = self.clock.now();
        if let Some(until) = stored.value.secrets_held_until.filter(|until| *until > now) {
            return Err(held_until(until, now));
        }
        let until = now + HOLD;
        stored.value.secrets_held_until = Some(until);
        if !self.directory.write_subscription(&stored).await? {
            return Err(changed_meanwhile());
        }
        stored.version += 1;
        Ok((stored, until))
    }

    /// As they were, under another version: a process may have read the new ones under the one that was written.
    async fn put_back(&self, held: &Subscription, old: &SubscriptionSecrets) {
        let (account, id) = (&held.account_id, held.id);
        if let Err(error) = self.vault.write_subscription_secrets(account, id, old).await {
            let error = chain(&error);
            tracing::error!(outcome = "secrets_not_put_back", %account, subscription = %id, error, "secrets are the new ones");
        }
        for _ in 0..TRIES {
            let Ok(Some(mut stored)) = self.directory.subscription(account, id).await else { return };
            stored.value.secrets_version += 1;
            stored.value.secrets_held_until = None;
            if self.directory.write_subscription(&stored).await.unwrap_or(true) {
                return;
            }
        }
    }

    /// So that whoever tries again need not wait. If this fails too, the hold ends by itself.
    async fn let_go(&self, mut held: Versioned<Subscription>) {
        held.value.secrets_held_until = None;
        let _is_free = self.directory.write_subscription(&held).await;
    }

    /// Writes new secrets, then the change with the end of the hold; nothing when somebody else has taken over.
    async fn finish(
        &self,
        mut held: Versioned<Subscription>,
        until: Timestamp,
        new: Option<&SubscriptionSecrets>,
        change: impl Fn(&mut Subscription),
    ) -> Result<Option<Subscription>, PortError> {
        let (account, id) = (held.value.account_id.clone(), held.value.id);
        if let Some(new) = new {
            self.vault.write_subscription_secrets(&account, id, new).await?;
        }
        for _ in 0..TRIES {
            change(&mut held.value);
            held.value.secrets_version += 1;
            held.value.secrets_held_until = None;
            held.value.updated_at = self.clock.now();
            if self.directory.write_subscription(&held).await? {
                return Ok(Some(held.value));
            }
            match self.directory.subscription(&account, id).await? {
                Some(now) if now.value.secrets_held_until == Some(until) => held = now,
                Some(_) => return Ok(None),
                None => {
                    // Deleted meanwhile, perhaps before its secrets were written.
                    self.vault.delete_subscription_secrets(&account, id).await?;
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }
}

/// Somebody is changing the secrets, or was cut off while he did: to read the subscription again would not help.
fn held_until(until: Timestamp, now: Timestamp) -> Problem {
    let seconds = until.duration_since(now).as_millis().unsigned_abs().div_ceil(1000);
    let why = format!("its secrets are being changed, or that was cut off; try again after {until}");
    Problem { retry_after: u16::try_from(seconds).ok(), ..Problem::new(StatusCode::CONFLICT, why) }
}
