//! The store: everything in one `DynamoDB` table. An inbound event is one transaction here, in which its key, the version
//! check, the new state and the line in the timeline stand or fall together.

mod accounts;
mod commands;
mod directory;
mod drivers;
mod gate;
mod item;
mod keys;
mod lines;
mod listing;
mod moves;
mod notifications;
mod orders;
mod packed;
mod sent;
mod subscriptions;
mod syncs;
mod tokens;
mod unmatched;
mod write;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use courier_domain::ports::PortError;
use futures::future::try_join_all;

pub use accounts::CachedAccounts;

use item::Item;
use keys::{Key, s};
use lines::Turns;
use moves::Added;

/// How long orders, their events and their commands are kept after their last change, and drivers, days.
pub const ORDER_DAYS: i64 = 90;
/// How long notifications and the calls made for them are kept, and how calls to a subscription went, after the last of
/// them, days.
pub const NOTIFICATION_DAYS: i64 = 30;
/// How long it is remembered which drivers moved in a minute, days: longer than its message can wait, which may do so for
/// four days, then lie with the dead letters for fourteen and wait for four again.
pub const MOVES_DAYS: i64 = 30;
/// How long events and commands about drivers are kept, and the stubs of orders that no courier brings, days.
pub const EVENT_DAYS: i64 = 7;

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    turns: Turns,
    added: Added,
}

fn unavailable<E: std::error::Error + Send + Sync + 'static>(error: E) -> PortError {
    PortError::Unavailable { service: "dynamodb", source: Box::new(error) }
}

impl Table {
    /// The table of that name.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name, turns: Turns::default(), added: Added::default() }
    }

    async fn get(&self, key: Key) -> Result<Option<Item>, PortError> {
        let call = self.client.get_item().table_name(&self.name).key("pk", s(key.pk)).key("sk", s(key.sk));
        Ok(call.consistent_read(true).send().await.map_err(unavailable)?.item)
    }

    /// Reads up to 100 items in one request, consistently; keyed by primary key, since they come in any order. What the
    /// table leaves out for its own reasons is asked for again. A key named twice is asked for once: the table refuses
    /// such requests.
    async fn get_many(&self, keys: &[Key]) -> Result<HashMap<(String, String), Item>, PortError> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let unique: HashSet<_> = keys.iter().collect();
        let wanted =
            unique.into_iter().map(|key| Item::from([("pk".into(), s(&key.pk)), ("sk".into(), s(&key.sk))]));
        let request = KeysAndAttributes::builder().set_keys(Some(wanted.collect())).consistent_read(true);
        let mut open = Some(HashMap::from([(self.name.clone(), request.build().map_err(unavailable)?)]));
        let mut found = HashMap::new();
        for round in 0..5_u64 {
            let Some(request) = open.take() else { break };
            let answer = self
                .client
                .batch_get_item()
                .set_request_items(Some(request))
                .send()
                .await
                .map_err(unavailable)?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                if let (Some(pk), Some(sk)) = (item::text(&item, "pk"), item::text(&item, "sk")) {
                    found.insert((pk.to_owned(), sk.to_owned()), item);
                }
            }
            open = answer.unprocessed_keys.filter(|keys| !keys.is_empty());
            if open.is_some() {
                tokio::time::sleep(Duration::from_millis(25 << round)).await;
            }
        }
        if open.is_some() { Err(unavailable(Throttled)) } else { Ok(found) }
    }

    /// Reads any number of items, in requests of 100 side by side; one alone costs less.
    async fn get_all(&self, keys: &[Key]) -> Result<HashMap<(String, String), Item>, PortError> {
        if let [key] = keys {
            let item = self.get(key.clone()).await?;
            return Ok(item.into_iter().map(|item| ((key.pk.clone(), key.sk.clone()), item)).collect());
        }
        let requests = keys.chunks(100).map(|some| self.get_many(some));
        Ok(try_join_all(requests).await?.into_iter().flatten().collect())
    }

    /// One page of an index or partition; of a partition, as it is now.
    async fn page(&self, query: Query) -> Result<(Vec<Item>, Option<Item>), PortError> {
        let mut call = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(query.index.then(|| "gsi1".to_owned()))
            .consistent_read(!query.index)
            .key_condition_expression(query.condition)
            .set_expression_attribute_values(Some(query.values))
            .scan_index_forward(query.forward)
            .set_exclusive_start_key(query.start);
        call = call.set_limit(query.limit);
        let answer = call.send().await.map_err(unavailable)?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key.filter(|key| !key.is_empty())))
    }

    /// All items of a partition, by their sort keys.
    async fn partition(&self, pk: String) -> Result<Vec<Item>, PortError> {
        let query = Query {
            index: false,
            condition: "pk = :pk".into(),
            values: [(":pk".to_owned(), s(pk))].into(),
            forward: true,
            limit: None,
            start: None,
        };
        self.every(query).await
    }

    /// All pages of a query.
    async fn every(&self, mut query: Query) -> Result<Vec<Item>, PortError> {
        let mut all = Vec::new();
        loop {
            let (items, next) = self.page(query.clone()).await?;
            all.extend(items);
            query.start = next;
            if query.start.is_none() {
                return Ok(all);
            }
        }
    }
}

/// A query before it is sent.
#[derive(Debug, Clone)]
struct Query {
    index: bool,
    condition: String,
    values: HashMap<String, AttributeValue>,
    forward: bool,
    limit: Option<i32>,
    start: Option<Item>,
}

#[derive(Debug, thiserror::Error)]
#[error("the table kept leaving out items")]
struct Throttled;
