//! Orders: making, finding and changing them, and saying how far the kitchen is.

use courier_domain::clock::Clock;
use courier_domain::command::KitchenStatus;
use courier_domain::ports::Gate;
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::call::{Empty, Request};
use super::group::Group;
use super::path::segment;
use super::refusal::is_already_there;
use super::types::{OrderAnswer, orders_in};
use super::{CaptainClient, CaptainLogin, Creation, FleetOrder, Passage};
use crate::answer::read;
use crate::error::CallError;
use crate::exchange::Reading;

/// `order-status`: the request.
#[derive(Serialize)]
struct StatusUpdate<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancellation_reason: Option<&'a str>,
}

impl<G: Gate, C: Clock> CaptainClient<G, C> {
    /// Makes an order. That there is one with its `partners_unique_internal_order_id` already is not an error.
    pub async fn create_order(
        &self,
        login: &CaptainLogin,
        order: &Value,
        passage: Option<Passage>,
    ) -> Result<Creation, CallError> {
        let path = orders_of(login)?;
        let request = Request {
            group: Group::Orders,
            method: Method::POST,
            path: &path,
            body: Some(order),
            reading: Reading::Answer,
        };
        match self.send(login, request, passage).await {
            Ok(answer) => read::<OrderAnswer<'_>>(&answer)?.order().map(Creation::New),
            Err(error) if is_already_there(&error) => Ok(Creation::AlreadyThere),
            Err(error) => Err(error),
        }
    }

    /// The order with this `partners_unique_internal_order_id`.
    ///
    /// Captain.AI documents no search, only a list of the account's orders, and neither pages nor how far back the list
    /// goes. So this looks through what one answer holds: `None` does not prove that there is no such order.
    pub async fn find_order(
        &self,
        login: &CaptainLogin,
        partners_id: &str,
        passage: Option<Passage>,
    ) -> Result<Option<FleetOrder>, CallError> {
        let path = orders_of(login)?;
        let request = Empty {
            group: Group::Orders,
            method: Method::GET,
            path: &path,
            body: None,
            reading: Reading::List,
        };
        let answer = self.send(login, request, passage).await?;
        let orders = orders_in(&answer)?;
        orders.iter().find(|order| order.is(partners_id)).map(OrderAnswer::order).transpose()
    }

    /// Changes what an order shows.
    pub async fn update_order(
        &self,
        login: &CaptainLogin,
        uuid: &str,
        changes: &Value,
        passage: Option<Passage>,
    ) -> Result<(), CallError> {
        let path = format!("{}/{}", orders_of(login)?, segment(uuid)?);
        let request = Request {
            group: Group::Orders,
            method: Method::PATCH,
            path: &path,
            body: Some(changes),
            reading: Reading::Nothing,
        };
        self.send(login, request, passage).await.map(drop)
    }

    /// Says how far the kitchen is. A reason is for `cancelled`.
    pub async fn update_order_status(
        &self,
        login: &CaptainLogin,
        uuid: &str,
        status: KitchenStatus,
        reason: Option<&str>,
        passage: Option<Passage>,
    ) -> Result<(), CallError> {
        let path = format!("/v1/order-status/{}", segment(uuid)?);
        let body = StatusUpdate { status: status.as_str(), cancellation_reason: reason };
        let request = Request {
            group: Group::Orders,
            method: Method::PATCH,
            path: &path,
            body: Some(&body),
            reading: Reading::Nothing,
        };
        self.send(login, request, passage).await.map(drop)
    }
}

fn orders_of(login: &CaptainLogin) -> Result<String, CallError> {
    Ok(format!("/v1/accounts/{}/orders", segment(&login.account_uuid)?))
}
