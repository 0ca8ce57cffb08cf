//! What is sent to subscribers: a parameter of its own for each subscription, so that reading one reads nothing else. A copy
//! belongs to a version of the secrets, which the subscription names: a rotation counts at once, and no process asks again
//! for what has not changed while it uses it. Only what was written just now is asked for again: for a moment the store may
//! still have answered with the secrets before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use courier_domain::clock::{Clock, SystemClock};
use courier_domain::ids::AccountId;
use courier_domain::ports::{PortError, SubscriptionVault};
use courier_domain::subscription::{Subscription, SubscriptionSecrets};
use jiff::{SignedDuration, Timestamp};
use moka::Expiry;
use moka::future::Cache;
use uuid::Uuid;

use super::{KEPT, ParameterStore, unavailable};

const WHAT: &str = "a subscription's secrets";
/// How many a process remembers.
const SUBSCRIPTIONS: u64 = 2000;
/// How long it remembers those that it does not use.
const UNUSED: Duration = Duration::from_hours(1);
/// Secrets whose subscription was written within this time may be others in a moment.
const SETTLED: SignedDuration = SignedDuration::from_mins(1);

/// Copies by subscription and version of its secrets.
pub(super) type SubscriptionCache = Cache<(Uuid, u32), Copied>;

pub(super) fn cache() -> SubscriptionCache {
    let cache = Cache::builder().max_capacity(SUBSCRIPTIONS).time_to_idle(UNUSED);
    cache.expire_after(UntilSettled).build()
}

/// Secrets as they were read, and whether they stay so.
#[derive(Debug, Clone)]
pub(super) struct Copied {
    secrets: Arc<SubscriptionSecrets>,
    is_settled: bool,
}

/// Copies that may be of older secrets are kept for a while only.
struct UntilSettled;

impl Expiry<(Uuid, u32), Copied> for UntilSettled {
    fn expire_after_create(&self, _: &(Uuid, u32), copied: &Copied, _: Instant) -> Option<Duration> {
        (!copied.is_settled).then_some(KEPT)
    }
}

fn is_settled(subscription: &Subscription, read_at: Timestamp) -> bool {
    read_at.duration_since(subscription.updated_at) > SETTLED
}

/// Why there is no copy. None of this is remembered: secrets that are not there may be on their way, and damaged ones are
/// written again.
#[derive(Debug, thiserror::Error)]
enum NoCopy {
    #[error("there are no secrets")]
    Missing,
    #[error("the secrets cannot be read")]
    Damaged,
    #[error(transparent)]
    Failed(#[from] PortError),
}

impl ParameterStore {
    fn name_of(&self, account: &AccountId, subscription: Uuid) -> String {
        format!("{}/subscriptions/{subscription}", self.name(account))
    }

    async fn copy(&self, subscription: &Subscription) -> Result<Copied, NoCopy> {
        let is_settled = is_settled(subscription, SystemClock.now());
        let name = self.name_of(&subscription.account_id, subscription.id);
        let text = self.text(name).await?.ok_or(NoCopy::Missing)?;
        let secrets = serde_json::from_str(&text).map_err(|_| NoCopy::Damaged)?;
        Ok(Copied { secrets: Arc::new(secrets), is_settled })
    }
}

impl SubscriptionVault for ParameterStore {
    async fn subscription_secrets(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<Arc<SubscriptionSecrets>>, PortError> {
        let key = (subscription.id, subscription.secrets_version);
        let copied = self.subscriptions.try_get_with(key, self.copy(subscription)).await;
        // The error is shared with all who waited for this read.
        copied.map(|copied| Some(copied.secrets)).or_else(|error| match &*error {
            NoCopy::Missing => Ok(None),
            NoCopy::Damaged => Err(PortError::Unreadable { what: WHAT }),
            NoCopy::Failed(_) => Err(unavailable(error)),
        })
    }

    async fn write_subscription_secrets(
        &self,
        account: &AccountId,
        id: Uuid,
        secrets: &SubscriptionSecrets,
    ) -> Result<(), PortError> {
        self.put(self.name_of(account, id), secrets).await
    }

    async fn delete_subscription_secrets(&self, account: &AccountId, id: Uuid) -> Result<(), PortError> {
        self.remove(self.name_of(account, id)).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written_at(at: Timestamp) -> Subscription {
        let value = json!({
            "id": Uuid::nil(), "account_id": "demo", "url": "https://example.com/", "events": [],
            "secrets_version": 1, "created_at": at, "updated_at": at,
        });
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_copy_is_kept_for_as_long_as_it_is_used_once_it_cannot_be_of_older_secrets() {
        let secrets = json!({ "auth_token": "token", "signing": "whsec_key" });
        let secrets: Arc<SubscriptionSecrets> = Arc::new(serde_json::from_value(secrets).unwrap());
        let written = Timestamp::UNIX_EPOCH;
        // A clock may be behind the one that wrote.
        for (second, kept) in [(-5, Some(KEPT)), (0, Some(KEPT)), (60, Some(KEPT)), (61, None), (9999, None)]
        {
            let read_at = written + SignedDuration::from_secs(second);
            let is_settled = is_settled(&written_at(written), read_at);
            let copied = Copied { secrets: Arc::clone(&secrets), is_settled };
            let left = UntilSettled.expire_after_create(&(Uuid::nil(), 1), &copied, Instant::now());
            assert_eq!(left, kept, "{second}");
        }
    }
}
