//! What Captain.AI says of an order, in types.

use serde::Deserialize;

use crate::answer::read;
use crate::error::CallError;
use crate::text::Text;

/// An order as Captain.AI knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetOrder {
    /// Captain.AI's id of it.
    pub uuid: String,
    /// Where the guest can follow it.
    pub tracking_url: Option<String>,
}

/// What became of an order that was to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    /// It was made.
    New(FleetOrder),
    /// There is one with its partners id already; [`find_order`](super::CaptainClient::find_order) tells which.
    AlreadyThere,
}

/// Of an order in an answer, what is looked at. `tracking_link` was called `tracking_url` in an older version.
#[derive(Deserialize)]
pub(super) struct OrderAnswer<'a> {
    #[serde(borrow, default)]
    uuid: Option<Text<'a>>,
    #[serde(borrow, default)]
    partners_unique_internal_order_id: Option<Text<'a>>,
    #[serde(borrow, default)]
    tracking_link: Option<Text<'a>>,
    #[serde(borrow, default)]
    tracking_url: Option<Text<'a>>,
}

impl OrderAnswer<'_> {
    /// The order; it is none without an id.
    pub(super) fn order(&self) -> Result<FleetOrder, CallError> {
        let uuid = filled(self.uuid.as_ref()).ok_or(CallError::Malformed { what: "the order has no id" })?;
        let link = filled(self.tracking_link.as_ref()).or_else(|| filled(self.tracking_url.as_ref()));
        Ok(FleetOrder { uuid, tracking_url: link })
    }

    /// Whether it is the order that we call so.
    pub(super) fn is(&self, partners_id: &str) -> bool {
        self.partners_unique_internal_order_id.as_ref().is_some_and(|id| id.as_str() == partners_id)
    }
}

/// A list of orders: bare, as documented, or as a field.
pub(super) fn orders_in(answer: &[u8]) -> Result<Vec<OrderAnswer<'_>>, CallError> {
    #[derive(Deserialize)]
    struct Field<'a> {
        #[serde(borrow)]
        orders: Vec<OrderAnswer<'a>>,
    }
    if answer.trim_ascii_start().starts_with(b"{") {
        read::<Field<'_>>(answer).map(|field| field.orders)
    } else {
        read(answer)
    }
}

pub(super) fn filled(text: Option<&Text<'_>>) -> Option<String> {
    text.map(|text| text.as_str().trim()).filter(|text| !text.is_empty()).map(str::to_owned)
}
