//! Subscriptions, which are kept with their account: every event of it asks for all of them, in one request.

use courier_domain::ids::AccountId;
use courier_domain::ports::{PortError, Subscriptions, Versioned};
use courier_domain::subscription::{LineId, Subscription};
use uuid::Uuid;

use super::item::{NewItem, versioned};
use super::keys::{Key, SUBSCRIPTION_PREFIX, s};
use super::{Query, Table};

const WHAT: &str = "a subscription";

impl Subscriptions for Table {
    async fn subscriptions(&self, account: &AccountId) -> Result<Vec<Versioned<Subscription>>, PortError> {
        let partition = Key::account(account).pk;
        let values = [(":pk", partition.as_str()), (":prefix", SUBSCRIPTION_PREFIX)];
        let items = self.every(Query {
            index: false,
            condition: "pk = :pk AND begins_with(sk, :prefix)".into(),
            values: values.map(|(name, text)| (name.to_owned(), s(text))).into(),
            forward: true,
            limit: None,
            start: None,
        });
        items.await?.iter().map(|item| versioned(item, WHAT)).collect()
    }

    async fn subscription(
        &self,
        account: &AccountId,
        id: Uuid,
    ) -> Result<Option<Versioned<Subscription>>, PortError> {
        self.get(Key::subscription(account, id)).await?.map(|item| versioned(&item, WHAT)).transpose()
    }

    async fn write_subscription(&self, subscription: &Versioned<Subscription>) -> Result<bool, PortError> {
        let Versioned { value, version } = subscription;
        let item = NewItem::new(Key::subscription(&value.account_id, value.id), WHAT, value)?;
        self.put_over(item, *version).await
    }

    async fn delete_subscription(&self, account: &AccountId, id: Uuid) -> Result<bool, PortError> {
        // The subscription comes last: cut off before it, the call finds it again.
        for of_items in [false, true] {
            self.remove(Key::line(account, LineId { subscription: id, of_items })).await?;
        }
        self.remove(Key::subscription(account, id)).await
    }
}
