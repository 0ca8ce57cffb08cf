//! Items: key and index attributes beside the value itself, which is kept as a map under `data`, its version, and the
//! second after which it may be forgotten.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use courier_domain::ports::{PortError, Versioned};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::{Key, n, s};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item on its way into the table.
#[derive(Debug)]
pub(crate) struct NewItem {
    attributes: Item,
}

impl NewItem {
    pub(crate) fn new<T: Serialize>(key: Key, what: &'static str, value: &T) -> Result<Self, PortError> {
        let data: AttributeValue =
            serde_dynamo::to_attribute_value(value).map_err(|_| PortError::Unreadable { what })?;
        let attributes =
            HashMap::from([("pk".into(), s(key.pk)), ("sk".into(), s(key.sk)), ("data".into(), data)]);
        Ok(Self { attributes })
    }

    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn indexed(self, pk: String, sk: String) -> Self {
        self.with("gsi1pk", s(pk)).with("gsi1sk", s(sk))
    }

    pub(crate) fn expiring(self, at: Timestamp) -> Self {
        self.with("expires_at", n(at.as_second()))
    }

    pub(crate) fn attributes(self) -> Item {
        self.attributes
    }

    /// Written whatever is there.
    pub(crate) fn put(self, table: &str) -> Result<TransactWriteItem, PortError> {
        Ok(TransactWriteItem::builder()
            .put(finish(Put::builder().table_name(table).set_item(Some(self.attributes)))?)
            .build())
    }

    /// Written only over `version`, which becomes `version + 1`; 0 stands for nothing there.
    pub(crate) fn put_over(self, table: &str, version: u64) -> Result<TransactWriteItem, PortError> {
        let put =
            Put::builder().table_name(table).set_item(Some(self.with("version", n(version + 1)).attributes));
        let put = if version == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("version = :version").expression_attribute_values(":version", n(version))
        };
        Ok(TransactWriteItem::builder().put(finish(put)?).build())
    }

    /// Written only if nothing is there, or nothing that is still valid: the table forgets expired items late. What is
    /// there comes back with the refusal.
    pub(crate) fn put_once(self, table: &str, now: Timestamp) -> Result<TransactWriteItem, PortError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(self.attributes))
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", n(now.as_second()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(TransactWriteItem::builder().put(finish(put)?).build())
    }
}

fn finish(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<Put, PortError> {
    put.build().map_err(super::unavailable)
}

/// The value of an item.
pub(crate) fn value<T: DeserializeOwned>(item: &Item, what: &'static str) -> Result<T, PortError> {
    let data = item.get("data").cloned().unwrap_or(AttributeValue::Null(true));
    serde_dynamo::from_attribute_value(data).map_err(|_| PortError::Unreadable { what })
}

/// The value of an item with its version.
pub(crate) fn versioned<T: DeserializeOwned>(
    item: &Item,
    what: &'static str,
) -> Result<Versioned<T>, PortError> {
    Ok(Versioned { value: value(item, what)?, version: number(item, "version") })
}

pub(crate) fn number(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok()).unwrap_or(0)
}

pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}
