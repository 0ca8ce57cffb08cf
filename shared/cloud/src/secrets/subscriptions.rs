//! What is sent to subscribers: a parameter of its own for each subscription, so that reading one reads nothing else. A copy
//! belongs to a version of the secrets, which the subscription names: a rotation counts at once, and no process asks again
//! for what has not changed.

use std::sync::Arc;

use courier_domain::ids::AccountId;
use courier_domain::ports::{PortError, SubscriptionVault};
use courier_domain::subscription::{Subscription, SubscriptionSecrets};
use moka::future::Cache;
use uuid::Uuid;

use super::{KEPT, ParameterStore, unavailable};

/// How many a process remembers.
const SUBSCRIPTIONS: u64 = 2000;

/// Copies by subscription and version of its secrets.
pub(super) type SubscriptionCache = Cache<(Uuid, u32), Arc<SubscriptionSecrets>>;

pub(super) fn cache() -> SubscriptionCache {
    Cache::builder().max_capacity(SUBSCRIPTIONS).time_to_live(KEPT).build()
}

/// Why there is no copy. That there are no secrets is not remembered: they may be on their way.
#[derive(Debug, thiserror::Error)]
enum NoCopy {
    #[error("there are no secrets")]
    Missing,
    #[error(transparent)]
    Failed(#[from] PortError),
}

impl ParameterStore {
    fn name_of(&self, account: &AccountId, subscription: Uuid) -> String {
        format!("{}/subscriptions/{subscription}", self.name(account))
    }

    async fn read_subscription(&self, name: String) -> Result<Arc<SubscriptionSecrets>, NoCopy> {
        let text = self.text(name).await?.ok_or(NoCopy::Missing)?;
        let secrets = serde_json::from_str(&text);
        let secrets = secrets.map_err(|_| PortError::Unreadable { what: "a subscription's secrets" })?;
        Ok(Arc::new(secrets))
    }
}

impl SubscriptionVault for ParameterStore {
    async fn subscription_secrets(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<Arc<SubscriptionSecrets>>, PortError> {
        let Subscription { id, account_id, secrets_version, .. } = subscription;
        let read = self.read_subscription(self.name_of(account_id, *id));
        match self.subscriptions.try_get_with((*id, *secrets_version), read).await {
            Ok(secrets) => Ok(Some(secrets)),
            Err(error) if matches!(*error, NoCopy::Missing) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
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
