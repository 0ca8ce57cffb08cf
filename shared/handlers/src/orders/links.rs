//! Other names of orders. A fleet may know an order by its number or by an id of its own; such a name leads to the order
//! once an event has given both, and until then events that came under it wait there.

use std::collections::BTreeSet;

use courier_domain::ids::{EventKey, OrderId};
use courier_domain::inbound::Sender;
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{Link, Versioned, Waiting};
use courier_domain::report::OrderReport;
use jiff::{SignedDuration, Timestamp};

/// How many events may wait under one name: more than one delivery makes, and few enough for one transaction.
pub(super) const MOST_WAITING: usize = 40;
/// How many events of another day stay under a name that has come back.
const MOST_LEFT: usize = 10;
/// What one transaction can carry beside the event's own line, the order and its commands: three for Syrve, three for a fleet.
const ROOM: usize = 92;
/// A restaurant's order numbers come back, but not within so many hours.
const NUMBER_HOURS: i64 = 18;
/// An order that still goes by its number after so many hours was made long before its day: its name is renewed.
const RENEW_HOURS: i64 = 12;

/// A name and where it leads.
type NamedLink = (OrderRef, Versioned<Link>);

/// Whether a name is, or may be, given to another order after some days: numbers, and what a fleet makes of them.
fn comes_back(name: &OrderRef) -> bool {
    matches!(name.kind.as_str(), "number" | "captain_description" | "jelp_public_id" | "order_name")
}

/// Whether two events are too far apart to mean the same order by a name that comes back. By the senders' clocks, so
/// that an event replayed days later does not reach the next order of that name.
fn far_apart(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() > SignedDuration::from_hours(NUMBER_HOURS)
}

/// The order that the first name with a known order leads to; of names that come back, only where no other leads
/// anywhere: what a fleet says of yesterday's order must not reach today's of the same number. A number leads to its order
/// for less than a day.
pub(super) fn leads_to(report: &OrderReport, links: &[Versioned<Link>]) -> Option<OrderId> {
    let named = |again: bool| {
        report.refs.iter().zip(links).filter(move |(name, _)| comes_back(name) == again).find_map(
            |(_, link)| {
                let linked_at = link.value.linked_at.unwrap_or(Timestamp::MIN);
                let stale = again && far_apart(report.stamp.at, linked_at);
                link.value.order_id.filter(|_| !stale)
            },
        )
    };
    named(false).or_else(|| named(true))
}

/// What joins an order with an event: names that lead to it from now on, and events that waited under them.
///
/// An event that waited may know the order by more names, under which others wait. So [`Joining::unread`] says which
/// links to read next, until there are none; almost always there are none from the first.
pub(super) struct Joining<'a> {
    before: &'a Order,
    key: &'a EventKey,
    at: Timestamp,
    read: BTreeSet<OrderRef>,
    pub(super) taken: Vec<NamedLink>,
    pub(super) waiting: Vec<Waiting>,
}

impl<'a> Joining<'a> {
    /// The event's own names. They come from whichever order had them: a number's newest order has it.
    pub(super) fn new(
        before: &'a Order,
        key: &'a EventKey,
        report: &OrderReport,
        links: Vec<Versioned<Link>>,
    ) -> Self {
        let (read, at) = (BTreeSet::new(), report.stamp.at);
        let mut joining = Self { before, key, at, read, taken: Vec::new(), waiting: Vec::new() };
        let by_hand = report.source == Sender::Operator.as_str();
        for (name, link) in report.refs.iter().zip(links) {
            joining.offer(name, link, by_hand);
        }
        joining
    }

    /// The names of waiting events whose links were not read yet.
    pub(super) fn unread(&self) -> Vec<OrderRef> {
        let names: BTreeSet<_> = self.waiting.iter().flat_map(|waiting| &waiting.report.refs).collect();
        names.into_iter().filter(|name| !self.read.contains(name)).take(ROOM).cloned().collect()
    }

    /// The links of [`Joining::unread`]. What leads to another order stays there: an event that waited is no evidence
    /// that a name has changed hands.
    pub(super) fn follow(&mut self, names: &[OrderRef], links: Vec<Versioned<Link>>) {
        let mut links = links.into_iter();
        for name in names {
            let free =
                |link: &Versioned<Link>| link.value.order_id.is_none_or(|id| id == self.before.order_id);
            match links.next().filter(free) {
                Some(link) => self.offer(name, link, false),
                None => drop(self.read.insert(name.clone())),
            }
        }
    }

    /// An order takes a name the first time it shows it, so a name once taken by a newer order stays with that one. A
    /// name that it had and that never led anywhere was left over for want of room. What waited under a number since
    /// another day was meant for an order that never came.
    fn offer(&mut self, name: &OrderRef, mut link: Versioned<Link>, by_hand: bool) {
        if !self.read.insert(name.clone()) {
            return;
        }
        let (had, value) = (self.before.refs.contains(name), &mut link.value);
        let is_ours = value.order_id == Some(self.before.order_id);
        let renew = value
            .linked_at
            .is_none_or(|at| self.at.duration_since(at) > SignedDuration::from_hours(RENEW_HOURS));
        let take = by_hand || !had || value.linked_at.is_none() || (is_ours && renew);
        let is_of_other_day =
            |waiting: &Waiting| comes_back(name) && far_apart(waiting.report.stamp.at, self.at);
        let joins = |waiting: &Waiting| {
            waiting.key != *self.key
                && self.waiting.iter().all(|other| other.key != waiting.key)
                && !is_of_other_day(waiting)
        };
        let new: Vec<_> = value.waiting.iter().filter(|waiting| joins(waiting)).cloned().collect();
        if !take || self.taken.len() + 1 + self.waiting.len() + new.len() > ROOM {
            return;
        }
        self.waiting.extend(new);
        // Those of another day stay where an operator finds them, the newest of them.
        value.waiting.retain(is_of_other_day);
        value.waiting.drain(..value.waiting.len().saturating_sub(MOST_LEFT));
        // What is joined by hand may be old, and the name another order's by now, or this one's since.
        let is_anothers = value.order_id.is_some() && !is_ours && value.linked_at > Some(self.at);
        if !(by_hand && is_anothers) {
            value.order_id = Some(self.before.order_id);
            value.linked_at = value.linked_at.filter(|_| is_ours).max(Some(self.at));
        }
        self.taken.push((name.clone(), link));
    }
}

/// The event waits under all its names, since nobody knows which of them will lead to its order; the best is where its
/// line in the timeline is kept meanwhile.
pub(super) fn wait(
    key: &EventKey,
    report: &OrderReport,
    links: Vec<Versioned<Link>>,
) -> Result<(OrderRef, Vec<NamedLink>), String> {
    let best = report.refs.first().ok_or("the event names no order")?;
    let waits = |link: &Link| link.waiting.iter().any(|waiting| waiting.key == *key);
    let mut kept = Vec::new();
    for (name, mut link) in report.refs.iter().zip(links) {
        if link.value.waiting.len() >= MOST_WAITING && !waits(&link.value) {
            if name == best {
                return Err(format!("{MOST_WAITING} events wait for this order already"));
            }
            continue;
        }
        // An old event that is replayed waits, but takes the name from nobody who has got it since.
        if link.value.linked_at.is_none_or(|at| at < report.stamp.at) {
            link.value.order_id = None;
        }
        link.value.waiting.push(Waiting { key: key.clone(), report: report.clone() });
        kept.push((name.clone(), link));
    }
    Ok((best.clone(), kept))
}
