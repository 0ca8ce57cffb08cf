//! A table in memory, one per test, behind a real HTTP server, and a count of the requests made to it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use courier_cloud::table::Table;
use dynoxide::Database;

use super::aws;

pub(crate) const TABLE: &str = "courier-bridge";

/// Counts every request that leaves, retries included.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests(Arc<AtomicUsize>);

impl Requests {
    /// How many there were since this was last asked.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Intercept for Requests {
    fn name(&self) -> &'static str {
        "Requests"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A table of its own.
pub(crate) struct Store {
    pub(crate) table: Table,
    pub(crate) requests: Requests,
    outside: Client,
    endpoint: String,
}

impl Store {
    pub(crate) async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, Database::memory().unwrap()));
        let outside = aws(endpoint.clone()).dynamodb();
        create(&outside).await;
        let requests = Requests::default();
        let counted = outside.config().to_builder().interceptor(requests.clone()).build();
        let table = Table::new(Client::from_conf(counted), TABLE.into());
        Self { table, requests, outside, endpoint }
    }

    /// The table as another process sees it: through a client of its own.
    pub(crate) fn elsewhere(&self) -> Table {
        Table::new(aws(self.endpoint.clone()).dynamodb(), TABLE.into())
    }

    /// A client of the table that is not counted.
    pub(crate) fn outside(&self) -> &Client {
        &self.outside
    }

    /// Every item, as it is stored.
    pub(crate) async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let pages = self.outside.scan().table_name(TABLE).into_paginator().items().send();
        pages.collect::<Result<_, _>>().await.unwrap()
    }

    /// Both keys of all items, sorted.
    pub(crate) async fn keys(&self) -> Vec<(String, String)> {
        let text = |item: &HashMap<String, AttributeValue>, name: &str| item[name].as_s().unwrap().clone();
        let mut keys: Vec<_> =
            self.items().await.iter().map(|item| (text(item, "pk"), text(item, "sk"))).collect();
        keys.sort();
        keys
    }

    /// The sort keys of all items and the second after which each may be forgotten.
    pub(crate) async fn expiries(&self) -> Vec<(String, Option<i64>)> {
        let mut found: Vec<_> = self
            .items()
            .await
            .iter()
            .map(|item| {
                let expires = item.get("expires_at").map(|value| value.as_n().unwrap().parse().unwrap());
                (item["sk"].as_s().unwrap().clone(), expires)
            })
            .collect();
        found.sort();
        found
    }
}

/// The table as the template describes it.
async fn create(client: &Client) {
    let text = |name: &str| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let index = GlobalSecondaryIndex::builder()
        .index_name("gsi1")
        .key_schema(key("gsi1pk", KeyType::Hash))
        .key_schema(key("gsi1sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "gsi1pk", "gsi1sk"].map(text).to_vec()))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .send()
        .await
        .unwrap();
}
