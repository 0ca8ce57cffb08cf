//! The lines of an order: all of them as an order's status shows them, and one of them whose preparation has moved on.

use courier_domain::order::{Item, OrderDetails};
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::{Told, sent};

/// `item_status_updated`, with what the order costs and whether it is paid.
pub(super) fn item_status(told: Told) -> Value {
    let record = told.details().map(sent::financial_record).unwrap_or_default();
    let of_record = |member: &str| record.get(member).cloned();
    let tracking_url = told.facts.order.and_then(|order| order.delivery().tracking_url.get());
    json!({
        "item_uuid": told.detail.text("item"),
        "item_name": told.detail.text("name"),
        "item_status": told.detail.text("item_status"),
        "quantity": told.detail.decimal("quantity").map(sent::items::number),
        "sequence": told.detail.decimal("sequence").and_then(|sequence| sequence.to_i64()),
        "channel_slug": "unknown",
        "account_uuid": told.account_uuid(),
        "order_uuid": told.order_id(),
        "partners_unique_internal_order_id": told.order_id(),
        "published_at": told.published_at(),
        "payment_gateway_id": Value::Null,
        "payment_status": of_record("payment_status"),
        "grand_total_including_tax": of_record("grand_total_including_tax"),
        "item_account_partners_external_identifier": told.store(),
        "item_account_business_partners_external_identifier": "",
        "kind": "delivery",
        "order_description": told.order_description(),
        "tracking_link": tracking_url,
    })
}

/// Every line, with its modifiers as add-ons.
pub(super) fn lines(details: &OrderDetails) -> Vec<Value> {
    details.items.iter().zip(1..).map(line).collect()
}

/// A line by the id and the status that `item_status_updated` has for it: Syrve's id, else its place.
fn line((item, place): (&Item, usize)) -> Value {
    let addons: Vec<_> = item.modifiers.iter().map(sent::items::addon).collect();
    json!({
        "uuid": item.id.clone().unwrap_or_else(|| place.to_string()),
        "name": item.name,
        "quantity": sent::items::number(item.amount),
        "status": item.preparation(),
        "addons": addons,
        "addons_type": "extras",
        "printer": Value::Null,
    })
}
