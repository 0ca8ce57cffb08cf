//! What we must be able to send, as one `SecureString` per account and one per subscription in the parameter store. The store's
//! request quota is small, and all functions share it: a process keeps what it read, and reads few at a time.

mod subscriptions;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_sdk_ssm::types::ParameterType;
use courier_domain::account::AccountSecrets;
use courier_domain::ids::AccountId;
use courier_domain::ports::{PortError, SecretVault, Secrets};
use moka::future::Cache;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::lazy::Lazy;
use subscriptions::SubscriptionCache;

const KEPT: Duration = Duration::from_mins(5);
const ACCOUNTS: u64 = 1000;
/// What was read within this time is not read again, whoever asks: many commands that wait for one refused login would
/// use up the store's quota, which all accounts share.
const FRESH: Duration = Duration::from_secs(3);
/// Reads under way at once. A process that has just started wants the secrets of hundreds of subscriptions.
const READS: usize = 8;

/// The parameters below one prefix.
#[derive(Debug, Clone)]
pub struct ParameterStore {
    client: Lazy<Client>,
    prefix: String,
    cache: Cache<AccountId, Kept>,
    subscriptions: SubscriptionCache,
    reads: Arc<Semaphore>,
}

/// Secrets and when they were read.
#[derive(Debug, Clone)]
struct Kept {
    secrets: Arc<AccountSecrets>,
    read_at: Instant,
}

fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> PortError {
    PortError::Unavailable { service: "ssm", source: Box::new(error) }
}

impl ParameterStore {
    /// The parameters below `prefix`, such as `/courier-bridge/<stack>`.
    pub fn new(client: impl Into<Lazy<Client>>, prefix: String) -> Self {
        Self {
            client: client.into(),
            prefix,
            cache: Cache::builder().max_capacity(ACCOUNTS).time_to_live(KEPT).build(),
            subscriptions: subscriptions::cache(),
            reads: Arc::new(Semaphore::new(READS)),
        }
    }

    fn name(&self, id: &AccountId) -> String {
        format!("{}/accounts/{id}", self.prefix)
    }
}

impl ParameterStore {
    /// The text of a parameter, if there is one.
    async fn text(&self, name: String) -> Result<Option<String>, PortError> {
        let _turn = self.reads.acquire().await.map_err(unavailable)?;
        let call = self.client.get_parameter().name(name).with_decryption(true);
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(answer) => {
                Ok(Some(answer.parameter.and_then(|parameter| parameter.value).unwrap_or_default()))
            }
            Err(GetParameterError::ParameterNotFound(_)) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// As many parameters as there may be, or one that is too long, is the same however often one tries.
    async fn put<T: Serialize>(&self, name: String, secrets: &T) -> Result<(), PortError> {
        let value = serde_json::to_string(secrets).map_err(unavailable)?;
        let call = self.client.put_parameter().name(name).value(value).overwrite(true);
        let written = call.r#type(ParameterType::SecureString).send().await;
        written.map(|_| ()).map_err(|error| {
            let error = error.into_service_error();
            match error.code() {
                Some(code @ ("ParameterLimitExceeded" | "ValidationException")) => {
                    PortError::Refused { service: "ssm", code: code.to_owned() }
                }
                _ => unavailable(error),
            }
        })
    }

    /// None to delete is fine.
    async fn remove(&self, name: String) -> Result<(), PortError> {
        let call = self.client.delete_parameter().name(name);
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(error) if error.is_parameter_not_found() => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}

impl SecretVault for ParameterStore {
    async fn read(&self, id: &AccountId) -> Result<AccountSecrets, PortError> {
        let Some(text) = self.text(self.name(id)).await? else { return Ok(AccountSecrets::default()) };
        serde_json::from_str(&text).map_err(|_| PortError::Unreadable { what: "an account's secrets" })
    }

    async fn write(&self, id: &AccountId, secrets: &AccountSecrets) -> Result<(), PortError> {
        self.put(self.name(id), secrets).await?;
        self.cache.invalidate(id).await;
        Ok(())
    }

    async fn delete(&self, id: &AccountId) -> Result<(), PortError> {
        self.cache.invalidate(id).await;
        self.remove(self.name(id)).await
    }
}

impl Secrets for ParameterStore {
    async fn secrets(&self, id: &AccountId) -> Result<Arc<AccountSecrets>, PortError> {
        let read = async {
            let secrets = Arc::new(self.read(id).await?);
            Ok::<_, PortError>(Kept { secrets, read_at: Instant::now() })
        };
        let kept = self.cache.try_get_with_by_ref(id, read).await.map_err(unavailable)?;
        Ok(kept.secrets)
    }

    async fn forget(&self, id: &AccountId) {
        if self.cache.get(id).await.is_some_and(|kept| kept.read_at.elapsed() >= FRESH) {
            self.cache.invalidate(id).await;
        }
    }
}
