//! Other names of orders. A fleet may know an order by its number or by an id of its own; such a name leads to the order
//! once an event has given both, and until then events that came under it wait there.

use courier_domain::account::{Account, MatchOrdersBy};
use courier_domain::ids::{EventKey, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{Link, Versioned, Waiting};
use courier_domain::report::OrderReport;
use jiff::{SignedDuration, Timestamp};

/// How many events may wait under one name: more than one delivery makes, and few enough for one transaction.
const MOST_WAITING: usize = 40;
/// A restaurant's order numbers come back, but not within so many hours.
const NUMBER_HOURS: i64 = 18;

/// The order that the first name with a known order leads to. A number leads to its order for less than a day.
pub(super) fn leads_to(
    account: &Account,
    report: &OrderReport,
    links: &[Versioned<Link>],
) -> Option<OrderId> {
    let by_number = account.match_orders_by == MatchOrdersBy::Number;
    let comes_back = |kind: &str| kind == "captain_description" || (by_number && kind == "number");
    report.refs.iter().zip(links).find_map(|(name, link)| {
        let linked_at = link.value.linked_at.unwrap_or(Timestamp::MIN);
        let age = report.stamp.at.duration_since(linked_at);
        let stale = comes_back(&name.kind) && age > SignedDuration::from_hours(NUMBER_HOURS);
        link.value.order_id.filter(|_| !stale)
    })
}

/// The names that the order did not have before now lead to it, and what waited under them is taken out. A name once
/// taken by a newer order stays with that one, because an order takes a name only the first time it shows it.
pub(super) fn join(
    before: &Order,
    report: &OrderReport,
    links: Vec<Versioned<Link>>,
    now: Timestamp,
) -> (Vec<(OrderRef, Versioned<Link>)>, Vec<Waiting>) {
    let mut taken = Vec::new();
    let mut joined = Vec::new();
    for (name, mut link) in report.refs.iter().zip(links) {
        if before.refs.contains(name) {
            continue;
        }
        link.value.order_id = Some(before.order_id);
        link.value.linked_at = Some(now);
        joined.append(&mut link.value.waiting);
        taken.push((name.clone(), link));
    }
    (taken, joined)
}

/// The event waits under its best name.
pub(super) fn wait(
    key: &EventKey,
    report: &OrderReport,
    links: Vec<Versioned<Link>>,
) -> Result<(OrderRef, Versioned<Link>), String> {
    let (Some(name), Some(mut link)) = (report.refs.first(), links.into_iter().next()) else {
        return Err("the event names no order".into());
    };
    if link.value.waiting.len() >= MOST_WAITING {
        return Err(format!("{MOST_WAITING} events wait for this order already"));
    }
    link.value.order_id = None;
    link.value.waiting.push(Waiting { key: key.clone(), report: report.clone() });
    Ok((name.clone(), link))
}
