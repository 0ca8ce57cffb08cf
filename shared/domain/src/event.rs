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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

    fn of_order(name: &str, account: &str, cause: &str, detail: Value) -> DomainEvent {
        DomainEvent::of_order(
            name,
            &account.parse().unwrap(),
            ORDER.parse().unwrap(),
            Timestamp::UNIX_EPOCH,
            &cause.parse().unwrap(),
            detail,
        )
    }

    #[test]
    fn the_same_cause_makes_the_same_event_uuid_in_every_version_of_this_program() {
        let event = of_order("order_created", "demo", "key", json!({ "number": 577 }));
        assert_eq!(event.event_uuid.to_string(), "df319ad0-6081-5de0-95a4-fa4b9a52add1");
    }

    #[test]
    fn another_name_account_cause_or_detail_makes_another_event_uuid() {
        let events = [
            of_order("order_created", "demo", "key", json!({})),
            of_order("order_assigned", "demo", "key", json!({})),
            of_order("order_created", "other", "key", json!({})),
            of_order("order_created", "demo", "key-2", json!({})),
            of_order("order_created", "demo", "key", json!({ "item": "pizza" })),
        ];
        let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event.event_uuid).collect();
        assert_eq!(ids.len(), events.len());
    }

    #[test]
    fn an_event_of_a_driver_differs_by_driver() {
        let of_driver = |driver: &str| {
            let (account, cause) = ("demo".parse().unwrap(), "key".parse().unwrap());
            let driver = driver.parse().unwrap();
            DomainEvent::of_driver(
                "driver_clocked_in",
                &account,
                &driver,
                Timestamp::UNIX_EPOCH,
                &cause,
                json!({}),
            )
        };
        assert_eq!(of_driver("ann"), of_driver("ann"));
        assert_ne!(of_driver("ann").event_uuid, of_driver("bob").event_uuid);
    }

    #[test]
    fn an_event_says_only_what_it_is_about() {
        let text = serde_json::to_value(of_order("order_created", "demo", "key", json!({}))).unwrap();
        assert_eq!(text["order_id"], ORDER);
        assert!(text.get("driver_id").is_none());
    }
}
