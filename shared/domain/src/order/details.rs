//! What Syrve says of an order, in our types: instants in UTC, money as decimals, unknown words kept as they came.

use std::fmt;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::ids::{OrderId, OrganizationId, TerminalGroupId};

/// How an order reaches the guest (Syrve: `orderType.orderServiceType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceType {
    /// A courier brings it: the only kind that the bridge handles.
    DeliveryByCourier,
    /// The guest fetches it, eats in, or Syrve uses a word we do not know.
    Other,
}

/// A Syrve order status. Unknown words are kept: the contract drifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
#[expect(missing_docs, reason = "Syrve's own words, in lifecycle order")]
pub enum SyrveStatus {
    Unconfirmed,
    WaitCooking,
    ReadyForCooking,
    CookingStarted,
    CookingCompleted,
    Waiting,
    OnWay,
    Delivered,
    Closed,
    Cancelled,
    Unknown(String),
}

impl SyrveStatus {
    /// Syrve's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unconfirmed => "Unconfirmed",
            Self::WaitCooking => "WaitCooking",
            Self::ReadyForCooking => "ReadyForCooking",
            Self::CookingStarted => "CookingStarted",
            Self::CookingCompleted => "CookingCompleted",
            Self::Waiting => "Waiting",
            Self::OnWay => "OnWay",
            Self::Delivered => "Delivered",
            Self::Closed => "Closed",
            Self::Cancelled => "Cancelled",
            Self::Unknown(word) => word,
        }
    }

    /// Closed or Cancelled: nothing more is to be told to Syrve.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Closed | Self::Cancelled)
    }
}

impl From<String> for SyrveStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "Unconfirmed" => Self::Unconfirmed,
            "WaitCooking" => Self::WaitCooking,
            "ReadyForCooking" => Self::ReadyForCooking,
            "CookingStarted" => Self::CookingStarted,
            "CookingCompleted" => Self::CookingCompleted,
            "Waiting" => Self::Waiting,
            "OnWay" => Self::OnWay,
            "Delivered" => Self::Delivered,
            "Closed" => Self::Closed,
            "Cancelled" => Self::Cancelled,
            _ => Self::Unknown(word),
        }
    }
}

impl From<SyrveStatus> for String {
    fn from(status: SyrveStatus) -> String {
        status.as_str().to_owned()
    }
}

impl fmt::Display for SyrveStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why Syrve did not create or change an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreationError {
    /// Syrve's code.
    pub code: String,
    /// Syrve's words.
    pub message: Option<String>,
}

/// Everything the bridge keeps of a Syrve order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of the things")]
pub struct OrderDetails {
    pub status: SyrveStatus,
    pub number: Option<i64>,
    pub external_number: Option<String>,
    pub terminal_group_id: Option<TerminalGroupId>,
    pub customer: Option<Customer>,
    pub phone: Option<String>,
    pub address: Option<Address>,
    pub comment: Option<String>,
    pub items: Vec<Item>,
    /// After discounts and surcharges, in the restaurant's currency (Syrve names none).
    pub total: Option<Decimal>,
    pub payments: Vec<Payment>,
    /// What the courier must take from the guest.
    pub to_collect: Option<Decimal>,
    pub created_at: Option<Timestamp>,
    /// The time that was promised to the guest.
    pub promised_at: Option<Timestamp>,
    /// Whether the guest wants it as soon as possible, and not at a time of their choice.
    #[serde(default)]
    pub asap: Option<bool>,
    pub cooked_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub cancel_reason: Option<String>,
    pub problem: Option<Problem>,
    /// The Syrve employee whom the restaurant put on the order.
    pub courier_id: Option<String>,
    pub moved_from: Option<MovedOrder>,
    pub moved_to: Option<MovedOrder>,
}

impl OrderDetails {
    /// Status, number and times of this one, and all that may name or describe a person from `source`.
    #[must_use]
    pub(super) fn with_people_of(&self, source: Option<&Self>) -> Self {
        Self {
            customer: source.and_then(|details| details.customer.clone()),
            phone: source.and_then(|details| details.phone.clone()),
            address: source.and_then(|details| details.address.clone()),
            comment: source.and_then(|details| details.comment.clone()),
            items: source.map(|details| details.items.clone()).unwrap_or_default(),
            payments: source.map(|details| details.payments.clone()).unwrap_or_default(),
            courier_id: source.and_then(|details| details.courier_id.clone()),
            cancel_reason: source.and_then(|details| details.cancel_reason.clone()),
            problem: source.and_then(|details| details.problem.clone()),
            ..self.clone()
        }
    }
}

/// Who ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of the things")]
pub struct Customer {
    pub name: Option<String>,
    pub surname: Option<String>,
}

/// Where to. Every part may be missing; `line1` is used by restaurants without a street directory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of the things")]
pub struct Address {
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    pub line1: Option<String>,
    pub street: Option<String>,
    pub house: Option<String>,
    pub building: Option<String>,
    pub flat: Option<String>,
    pub entrance: Option<String>,
    pub floor: Option<String>,
    pub doorphone: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postcode: Option<String>,
    pub comment: Option<String>,
}

/// What kind of line an item is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Syrve's words, and the unknown")]
pub enum ItemKind {
    Product,
    Compound,
    Service,
    Unknown,
}

/// One line of an order. Deleted lines are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of the things")]
pub struct Item {
    /// Of a line, what Syrve calls it, or its place among the lines; a modifier has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub kind: ItemKind,
    pub name: String,
    pub amount: Decimal,
    pub sum: Option<Decimal>,
    pub status: Option<String>,
    pub comment: Option<String>,
    pub modifiers: Vec<Item>,
}

/// One payment of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Syrve's kind: Cash, Card, …
    pub kind: String,
    /// In the restaurant's currency.
    pub sum: Decimal,
    /// Whether it was made already, so that the courier need not take it.
    pub processed: bool,
}

/// A problem the restaurant marked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// In the restaurant's words.
    pub description: Option<String>,
}

/// The other half of an order that was moved to another terminal group or restaurant: Syrve cancels one and makes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields carry the names of the things")]
pub struct MovedOrder {
    pub order_id: Option<OrderId>,
    pub terminal_group_id: Option<TerminalGroupId>,
    pub organization_id: Option<OrganizationId>,
}
