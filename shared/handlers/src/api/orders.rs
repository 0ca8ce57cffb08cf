//! Orders: a list by day and state, and one whole with its timeline and commands.

use courier_domain::delivery::DeliveryStatus;
use courier_domain::ids::OrderId;
use courier_domain::order::{Order, SyrveStatus};
use courier_domain::ports::{Directory, OrderFilter};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};

use super::views::{order_summary, order_view};
use super::{Answer, Api, Parts, not_found, query};
use crate::http::{Problem, json};

/// A state to list: a Syrve status or a delivery status, by its name.
enum State {
    Syrve(SyrveStatus),
    Delivery(DeliveryStatus),
}

impl State {
    fn parse(text: String) -> Result<Self, Problem> {
        if let Some(status) = DeliveryStatus::parse(&text) {
            return Ok(Self::Delivery(status));
        }
        match SyrveStatus::from(text) {
            SyrveStatus::Unknown(_) => Err(Problem::field("state", "neither a Syrve nor a delivery status")),
            status => Ok(Self::Syrve(status)),
        }
    }

    fn is_of(&self, order: &Order) -> bool {
        match self {
            Self::Syrve(status) => order.details.get().is_some_and(|details| details.status == *status),
            Self::Delivery(status) => order.delivery().current() == Some(*status),
        }
    }
}

impl<P: Parts> Api<P> {
    pub(super) async fn list_orders(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["date", "state", "limit", "cursor"])?;
        let account = self.stored(id).await?.value;
        let date = query::text(request, "date");
        let day = date.as_deref().map(|text| day(text, &account.zone())).transpose()?;
        let state = query::text(request, "state").map(State::parse).transpose()?;
        let (from, until) = day.map_or((None, None), |(from, until)| (Some(from), Some(until)));
        let list = format!("orders {}", date.unwrap_or_default());
        let (limit, after) = (query::limit(request)?, query::cursor(request, &list)?);
        let filter = OrderFilter { from, until, limit, after };
        let keep = |order: &Order| state.as_ref().is_none_or(|state| state.is_of(order));
        let page = self.directory.list_orders(&account.account_id, &filter, keep).await?;
        let items: Vec<Value> = page.items.iter().map(order_summary).collect();
        Ok(json(
            StatusCode::OK,
            &json!({ "items": items, "next_cursor": query::next_cursor(page.next, &list) }),
        ))
    }

    pub(super) async fn get_order(&self, id: &str, order: &str) -> Answer {
        let account = self.stored(id).await?.value;
        let order: OrderId = order.parse().map_err(|_| Problem::field("order_id", "not a UUID"))?;
        let whole = self.directory.whole_order(&account.account_id, order).await?;
        Ok(json(StatusCode::OK, &order_view(&whole.ok_or_else(|| not_found("order"))?)))
    }
}

/// A day at the restaurant, from its midnight to the next.
fn day(text: &str, zone: &TimeZone) -> Result<(Timestamp, Timestamp), Problem> {
    let wrong = || Problem::field("date", "must be a day such as 2026-03-01");
    let date: Date = text.parse().map_err(|_| wrong())?;
    let midnight = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| wrong());
    Ok((midnight(date)?, midnight(date.checked_add(1.day()).map_err(|_| wrong())?)?))
}
