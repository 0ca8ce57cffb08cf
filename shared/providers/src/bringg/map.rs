//! What a Bringg event means.
//!
//! An event without a time of its own has that of its arrival, which is later than it happened; so it only ever moves a
//! delivery forward.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use courier_domain::register::Stamp;
use courier_domain::report::{OrderChange, OrderReport, Report};

use super::clean::readable;
use super::event::{HANDLED, TASK, is_about_driver};
use super::names::TaskNames;
use super::parts::Parts;
use super::{driver, news, place, status, time};
use crate::error::MapError;
use crate::lenient::word;

/// Maps an event as [`split`](super::webhook::split) made it.
pub(super) fn map(event: &InboundEvent, account: &Account) -> Result<Report, MapError> {
    let (kind, body) = (event.kind.as_str(), readable(&event.body));
    if is_about_driver(kind) {
        return driver::reports(event, &body).map(Report::Drivers);
    }
    let parts = Parts::of(kind, &body);
    let status = status::of(&parts.of_task());
    if !HANDLED.contains(&kind) && (kind != TASK || status.is_none()) {
        return Err(MapError::field("webhook_type", "must say which event this is, or the URL must"));
    }
    let (order_id, refs) = TaskNames::read(&parts).matched(account.matches_by(Provider::Bringg));
    if order_id.is_none() && refs.is_empty() {
        let problem = "must name the task; so may task_id, and external_id if the account can match it";
        return Err(MapError::field("task.id", problem));
    }
    let (place, point) = place::of(kind, &parts);
    let mut news = news::of(kind, &parts, place, status.as_ref());
    let at = time::of_order(kind, &parts, place, point, status.as_ref(), event.received_at);
    news.implied |= at.is_none() && news.status.is_some();
    let said = status.map(|status| status.known.map_or_else(|| unknown(&status.shown), str::to_owned));
    Ok(Report::Order(Box::new(OrderReport {
        order_id,
        refs,
        stamp: Stamp::new(at.unwrap_or(event.received_at), event.key.clone()),
        source: Provider::Bringg.as_str().to_owned(),
        event: said.map_or_else(|| kind.to_owned(), |said| format!("{kind} {said}")),
        change: OrderChange::Fleet(Provider::Bringg, Box::new(news)),
    })))
}

/// A status without a known name, as far as it may be repeated: a short number may.
fn unknown(shown: &str) -> String {
    let is_number = shown.len() <= 3 && shown.bytes().all(|c| c.is_ascii_digit());
    if is_number { shown.to_owned() } else { word(shown).to_owned() }
}

#[cfg(test)]
mod tests;
