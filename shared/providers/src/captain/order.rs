//! An order as it is written to Captain.AI: the bodies that make it and change it.
//!
//! The address goes into `delivery_job.dropoff_location`, coordinates as texts, as Captain.AI's page on delivery jobs and
//! its own Go client have it. The print event shows it inside `recipient`, but the page on recipients lists none there.
//!
//! Not published, so assumed: the words for payment other than `fully_paid`; that the items of a change replace all items,
//! and what a change does not name stays; that a null takes a text away. Coordinates without a value and phone numbers of
//! another format are refused, and with them the whole change, so what is not in `REMOVABLE` is only left out of it:
//! coordinates stay if an address is corrected to one without. Syrve knows neither country nor currency.

mod address;
pub(super) mod items;
mod json;
mod money;
mod phone;
#[cfg(test)]
mod tests;

use courier_domain::account::Account;
use courier_domain::ids::OrderId;
use courier_domain::order::{Customer, Order, OrderDetails};
use serde_json::{Map, Value, json};

use json::{joined, members, stated, text};
use phone::Phone;

/// The body of `POST /v1/accounts/{uuid}/orders`: what is not known is left out. `None` for an order of which Syrve has
/// said nothing.
pub fn creation(order: &Order, account: &Account) -> Option<Value> {
    let placed_at = order.details.get()?.created_at.or_else(|| Some(order.details.stamp()?.at))?;
    let mut body = stated(shown(order, account)?);
    body.extend(members(json!({
        "placed_at_time": placed_at.to_string(),
        "partners_unique_internal_order_id": order.order_id,
        "kind": "delivery",
        // The kitchen's progress is told as Syrve tells it, not guessed from a duration.
        "preparation": { "auto_prepare": false },
    })));
    Some(Value::Object(body))
}

/// The body of `PATCH /v1/accounts/{uuid}/orders/{order_uuid}`: all that is shown of the order, with a null for what is
/// not there any more, so that a comment that was taken back goes away. `None` as for [`creation`].
pub fn changes(order: &Order, account: &Account) -> Option<Value> {
    let mut body = Value::Object(stated(shown(order, account)?));
    for (object, names) in REMOVABLE {
        let Some(members) = body.pointer_mut(object).and_then(Value::as_object_mut) else { continue };
        for name in names {
            members.entry(*name).or_insert(Value::Null);
        }
    }
    Some(body)
}

/// What can be taken away from an order, by the object that holds it.
const REMOVABLE: [(&str, &[&str]); 3] = [
    ("", &["special_instructions", "scheduled_for"]),
    (
        "/delivery_job/dropoff_location",
        &[
            "line_2",
            "apartment_number",
            "city",
            "state",
            "postcode",
            "address_specific_instructions_to_driver",
        ],
    ),
    ("/custom_fields", &["syrve_order_number", "syrve_external_number"]),
];

/// What may change, whole: a field without a value is null.
fn shown(order: &Order, account: &Account) -> Option<Map<String, Value>> {
    let details = order.details.get()?;
    let reference = reference(order, details);
    let full_name = name(details.customer.as_ref()).unwrap_or_else(|| format!("Guest {reference}"));
    let phone = details.phone.as_deref().and_then(Phone::read);
    // The promised time is there for every order; `scheduled_for` is an exact time that the guest chose.
    let chosen_time = details.promised_at.filter(|_| details.asap == Some(false));
    Some(members(json!({
        "store_order_reference_description": reference,
        "recipient": {
            "full_name": full_name,
            "phone_number": phone.as_ref().and_then(Phone::international),
        },
        "delivery_job": { "dropoff_location": details.address.as_ref().and_then(address::location) },
        "special_instructions": instructions(details, phone.as_ref()),
        "scheduled_for": chosen_time.map(|at| at.to_string()),
        "items": items::lines(&details.items),
        "financial_record": money::record(details),
        "custom_fields": fields(order.order_id, Some(details), account),
    })))
}

/// The names of the order that Captain.AI gives back with each event of it.
fn fields(order_id: OrderId, details: Option<&OrderDetails>, account: &Account) -> Value {
    json!({
        "courier_bridge_account_id": account.account_id,
        "syrve_order_id": order_id,
        "syrve_organization_id": account.syrve.as_ref().map(|syrve| syrve.organization_id),
        "syrve_order_number": details.and_then(|details| details.number),
        "syrve_external_number": details.and_then(|details| text(details.external_number.as_ref())),
    })
}

/// The custom fields that are known, as Captain.AI gives them back.
pub(super) fn custom_fields(
    order_id: OrderId,
    details: Option<&OrderDetails>,
    account: &Account,
) -> Map<String, Value> {
    stated(members(fields(order_id, details, account)))
}

/// What is known of the payment.
pub(super) fn financial_record(details: &OrderDetails) -> Value {
    money::record(details)
}

/// The comment, and a phone number that cannot be sent as one: the driver can still dial it.
fn instructions(details: &OrderDetails, phone: Option<&Phone>) -> Option<String> {
    let phone = phone.and_then(Phone::national).map(|digits| format!("Phone: {digits}"));
    joined([text(details.comment.as_ref()), phone.as_deref()], "\n")
}

/// What people call the order: the number on the bill, else another system's, else the beginning of Syrve's id.
fn reference(order: &Order, details: &OrderDetails) -> String {
    let number = details.number.map(|number| format!("#{number}"));
    let external = || text(details.external_number.as_ref()).map(str::to_owned);
    number.or_else(external).unwrap_or_else(|| order.order_id.to_string().chars().take(8).collect())
}

fn name(customer: Option<&Customer>) -> Option<String> {
    let customer = customer?;
    let names = [text(customer.name.as_ref()), text(customer.surname.as_ref())];
    joined(names, " ")
}
