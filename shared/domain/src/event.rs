//! Domain events: what happened, in our words, published on the event bus once state has changed. They name orders and
//! drivers by id and carry no person's data. The same cause always makes the same `event_uuid`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{AccountId, DriverId, EventKey, OrderId};

/// The namespace under which event ids are derived: a fixed random UUID of this project.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d3e_5f1a_4c0b_4e6e_9d27_6b1f_0a53_c9e4);

/// One domain event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DomainEvent {
    /// What happened: `order_created`, `order_assigned`, …
    pub name: String,
    /// The same for every delivery of the same event.
    pub event_uuid: Uuid,
    /// The account it happened in.
    pub account_id: AccountId,
    /// The order it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The driver it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<DriverId>,
    /// When it happened, by the clock of the system that reported it.
    pub occurred_at: Timestamp,
    /// What else there is to say.
    pub detail: Value,
}

impl DomainEvent {
    /// Something that happened to an order.
    pub fn of_order(
        name: &str,
        account: &AccountId,
        order_id: OrderId,
        occurred_at: Timestamp,
        cause: &EventKey,
        detail: Value,
    ) -> Self {
        let seed = format!("{name}|{account}|{order_id}|{cause}|{detail}");
        Self {
            name: name.to_owned(),
            event_uuid: Uuid::new_v5(&NAMESPACE, seed.as_bytes()),
            account_id: account.clone(),
            order_id: Some(order_id),
            driver_id: None,
            occurred_at,
            detail,
        }
    }

    /// Something that happened to a driver.
    pub fn of_driver(
        name: &str,
        account: &AccountId,
        driver_id: &DriverId,
        occurred_at: Timestamp,
        cause: &EventKey,
        detail: Value,
    ) -> Self {
        let seed = format!("{name}|{account}|{driver_id}|{cause}|{detail}");
        Self {
            name: name.to_owned(),
            event_uuid: Uuid::new_v5(&NAMESPACE, seed.as_bytes()),
            account_id: account.clone(),
            order_id: None,
            driver_id: Some(driver_id.clone()),
            occurred_at,
            detail,
        }
    }
}
