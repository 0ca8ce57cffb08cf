//! Accounts: read by every webhook, so each process keeps what it read for a minute; written by operators only.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnValue;
use courier_domain::account::Account;
use courier_domain::ids::AccountId;
use courier_domain::ports::{Accounts, Listed, PortError, Versioned};
use moka::future::Cache;

use super::item::{NewItem, number, text, value, versioned};
use super::keys::{ACCOUNTS, Key, s};
use super::{Item, Query, Table, unavailable};

const WHAT: &str = "an account";
/// How long a process may answer from its copy.
const KEPT: Duration = Duration::from_mins(1);
/// How many accounts a process remembers, the unknown ones included.
const REMEMBERED: u64 = 2000;

/// Accounts from the table, through a copy at most a minute old. That an account does not exist is remembered too, a
/// failure is not. Callers at the same time share one read.
#[derive(Debug, Clone)]
pub struct CachedAccounts {
    table: Table,
    cache: Cache<AccountId, Option<Arc<Account>>>,
}

impl CachedAccounts {
    /// The accounts of a table.
    pub fn new(table: Table) -> Self {
        Self { table, cache: Cache::builder().max_capacity(REMEMBERED).time_to_live(KEPT).build() }
    }
}

impl Accounts for CachedAccounts {
    async fn account(&self, id: &AccountId) -> Result<Option<Arc<Account>>, PortError> {
        let read = async {
            Ok::<_, PortError>(self.table.find_account(id).await?.map(|account| Arc::new(account.value)))
        };
        self.cache.try_get_with_by_ref(id, read).await.map_err(unavailable)
    }

    async fn account_now(&self, id: &AccountId) -> Result<Option<Arc<Account>>, PortError> {
        self.cache.invalidate(id).await;
        self.account(id).await
    }
}

impl Table {
    /// The account as it is now.
    pub(super) async fn find_account(&self, id: &AccountId) -> Result<Option<Versioned<Account>>, PortError> {
        self.get(Key::account(id)).await?.map(|item| versioned(&item, WHAT)).transpose()
    }

    /// Writes an account over the version it was read at; `false` when somebody else wrote first.
    pub(super) async fn put_account(&self, account: &Versioned<Account>) -> Result<bool, PortError> {
        let id = &account.value.account_id;
        let item = NewItem::new(Key::account(id), WHAT, &account.value)?;
        self.put_over(item.indexed(ACCOUNTS.to_owned(), id.to_string()), account.version).await
    }

    /// Deletes an account and its record of the driver sync; its orders and drivers stay until they expire, out of
    /// everybody's reach. `false` if there was none.
    pub(super) async fn remove_account(&self, id: &AccountId) -> Result<bool, PortError> {
        // The account comes last: cut off before it, the call finds it again.
        self.remove(Key::sync(id)).await?;
        self.remove(Key::account(id)).await
    }

    /// Deletes an item; `false` if there was none.
    pub(super) async fn remove(&self, key: Key) -> Result<bool, PortError> {
        let call = self.client.delete_item().table_name(&self.name).key("pk", s(key.pk)).key("sk", s(key.sk));
        let answer = call.return_values(ReturnValue::AllOld).send().await.map_err(unavailable)?;
        Ok(answer.attributes.is_some_and(|item| number(&item, "version") > 0))
    }

    /// Accounts by id, from after the id `after`; without a limit, as many as one request gives.
    pub(super) async fn accounts_page(
        &self,
        limit: Option<i32>,
        after: Option<&AccountId>,
    ) -> Result<Listed<Account>, PortError> {
        let (items, next) = self.account_items(limit, after).await?;
        let accounts = items.iter().map(|item| value(item, WHAT)).collect::<Result<_, _>>()?;
        Ok(Listed { items: accounts, next })
    }

    /// The same without those that cannot be read, so that one of them does not stop what is done for all.
    pub(super) async fn readable_accounts(
        &self,
        after: Option<&AccountId>,
    ) -> Result<Listed<Account>, PortError> {
        let (items, next) = self.account_items(None, after).await?;
        let readable = items.iter().filter_map(|item| {
            let account = value(item, WHAT);
            if account.is_err() {
                let account = text(item, "gsi1sk");
                tracing::error!(
                    outcome = "account_unreadable",
                    account,
                    "account left out: it cannot be read"
                );
            }
            account.ok()
        });
        Ok(Listed { items: readable.collect(), next })
    }

    async fn account_items(
        &self,
        limit: Option<i32>,
        after: Option<&AccountId>,
    ) -> Result<(Vec<Item>, Option<String>), PortError> {
        let start = after.map(|id| {
            let key = Key::account(id);
            [("pk", key.pk), ("sk", key.sk), ("gsi1pk", ACCOUNTS.to_owned()), ("gsi1sk", id.to_string())]
                .map(|(name, text)| (name.to_owned(), s(text)))
                .into()
        });
        let query = Query {
            index: true,
            condition: "gsi1pk = :pk".into(),
            values: [(":pk".to_owned(), s(ACCOUNTS))].into(),
            forward: true,
            limit,
            start,
        };
        let (items, next) = self.page(query).await?;
        Ok((items, next.and_then(|key| text(&key, "gsi1sk").map(str::to_owned))))
    }
}
