//! Delivery orders: setting an order's status, and reading the status it has.

use courier_domain::clock::Clock;
use courier_domain::delivery::PosStatus;
use courier_domain::ids::{OrderId, OrganizationId};
use courier_domain::order::SyrveStatus;
use courier_domain::ports::{Gate, TokenStore};
use serde::{Deserialize, Serialize};

use super::group::{Endpoint, Group};
use super::{CorrelationId, Leave, SyrveClient, SyrveLogin};
use crate::error::CallError;

const UPDATE: Endpoint = Endpoint::new("/api/1/deliveries/update_order_delivery_status", Group::OrderStatus);
const BY_ID: Endpoint = Endpoint::new("/api/1/deliveries/by_id", Group::Orders);

/// `update_order_delivery_status`: the request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusUpdate<'a> {
    organization_id: &'a OrganizationId,
    order_id: &'a OrderId,
    delivery_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_date: Option<&'a str>,
}

/// The answer to every command.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    correlation_id: CorrelationId,
}

/// `deliveries/by_id`: the request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrdersById<'a> {
    organization_id: &'a OrganizationId,
    order_ids: [&'a OrderId; 1],
}

/// `deliveries/by_id`: of the answer, what is looked at.
#[derive(Deserialize)]
struct OrdersAnswer {
    orders: Vec<OrderInfo>,
}

#[derive(Deserialize)]
struct OrderInfo {
    id: String,
    #[serde(default)]
    order: Option<OrderBody>,
}

#[derive(Deserialize)]
struct OrderBody {
    status: SyrveStatus,
}

impl<S: TokenStore + Gate, C: Clock> SyrveClient<S, C> {
    /// Sets an order's status. `delivery_date` is when the guest received the order: `yyyy-MM-dd HH:mm:ss.fff` in the
    /// restaurant's local time; it is sent when given, and Syrve wants it with `Delivered` and never otherwise.
    ///
    /// The answer means accepted, not done: [`command_status`](Self::command_status) tells.
    pub async fn update_order_delivery_status(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        order: &OrderId,
        status: PosStatus,
        delivery_date: Option<&str>,
        leave: Option<Leave>,
    ) -> Result<CorrelationId, CallError> {
        let request = StatusUpdate {
            organization_id: organization,
            order_id: order,
            delivery_status: status.as_str(),
            delivery_date,
        };
        let Accepted { correlation_id } = self.call_with(leave, login, &UPDATE, &request).await?;
        if correlation_id.as_str().is_empty() {
            return Err(CallError::Malformed { what: "the correlation id is empty" });
        }
        Ok(correlation_id)
    }

    /// The status that an order has. `None` when Syrve does not have the order (it promises seven days) or has it
    /// without content, as it does while an order is being made and when that failed.
    pub async fn order_status(
        &self,
        login: &SyrveLogin,
        organization: &OrganizationId,
        order: &OrderId,
    ) -> Result<Option<SyrveStatus>, CallError> {
        let request = OrdersById { organization_id: organization, order_ids: [order] };
        let answer: OrdersAnswer = self.call(login, &BY_ID, &request).await?;
        let found = answer.orders.into_iter().find(|info| info.id.parse() == Ok(*order));
        Ok(found.and_then(|info| info.order).map(|body| body.status))
    }
}
