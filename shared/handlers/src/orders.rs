//! Applying an event to an order: one read, one transaction, and what follows handed on. The loop ends because whoever
//! loses a race reads what the winner wrote.

mod links;
#[cfg(test)]
mod tests;

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::command::FollowUp;
use courier_domain::ids::{AccountId, EventKey, OrderId};
use courier_domain::order::Order;
use courier_domain::ports::{
    CommandQueue, Committed, EventBus, OrderCommit, OrderRead, Orders, PortError, Subject, TimelineEntry,
    Versioned,
};
use courier_domain::report::OrderReport;

use crate::follow_up::hand_on;
use crate::queue::Verdict;

const TRIES: usize = 6;

/// Applies events to orders.
#[derive(Debug)]
pub struct OrderDesk<S, Q, B, C> {
    /// Where orders are kept.
    pub store: S,
    /// Commands for Syrve and the fleets.
    pub commands: Q,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
}

#[derive(Debug, thiserror::Error)]
#[error("the order was changed by others {TRIES} times in a row")]
struct Contended;

impl<S: Orders, Q: CommandQueue, B: EventBus, C: Clock> OrderDesk<S, Q, B, C> {
    /// Applies one event and hands on what follows.
    pub async fn apply(
        &self,
        account: &Account,
        key: &EventKey,
        report: &OrderReport,
    ) -> Result<Verdict, PortError> {
        for _ in 0..TRIES {
            let (order_id, read) = self.find(account, report).await?;
            let commit = match order_id {
                Some(order_id) => self.change(account, key, report, order_id, read).await?,
                None => match self.park(account, key, report, read) {
                    Ok(commit) => commit,
                    Err(reason) => return Ok(Verdict::Dead(reason)),
                },
            };
            let (entry, applied) = (commit.entry.follow_up.clone(), commit.entry.applied);
            let follow_up = match self.store.commit_order(commit).await? {
                Committed::Done => {
                    log(
                        &account.account_id,
                        order_id,
                        report,
                        key,
                        if applied { "applied" } else { "not_applied" },
                    );
                    entry
                }
                Committed::Duplicate(follow_up) => {
                    log(&account.account_id, order_id, report, key, "duplicate");
                    follow_up
                }
                Committed::Conflict => continue,
            };
            hand_on(&self.commands, &self.bus, &follow_up).await?;
            return Ok(Verdict::Done);
        }
        Err(PortError::Unavailable { service: "dynamodb", source: Box::new(Contended) })
    }

    /// The order that the event is about, and what is stored of it. Where the event gives Syrve's id that is one read;
    /// where it only gives another name, the name is looked up first.
    async fn find(
        &self,
        account: &Account,
        report: &OrderReport,
    ) -> Result<(Option<OrderId>, OrderRead), PortError> {
        let id = &account.account_id;
        let mut read = self.store.read_order(id, report.order_id, &report.refs).await?;
        if report.order_id.is_some() {
            return Ok((report.order_id, read));
        }
        let Some(order_id) = links::leads_to(report, &read.links) else { return Ok((None, read)) };
        read.order = self.store.read_order(id, Some(order_id), &[]).await?.order;
        Ok((Some(order_id), read))
    }

    async fn change(
        &self,
        account: &Account,
        key: &EventKey,
        report: &OrderReport,
        order_id: OrderId,
        read: OrderRead,
    ) -> Result<OrderCommit, PortError> {
        let id = &account.account_id;
        let now = self.clock.now();
        let stored = read.order.unwrap_or_else(|| Versioned { value: Order::new(order_id), version: 0 });
        let before = stored.value;
        let mut joining = links::Joining::new(&before, key, report, read.links);
        loop {
            let names = joining.unread();
            if names.is_empty() {
                break;
            }
            let read = self.store.read_order(id, None, &names).await?;
            joining.follow(&names, read.links);
        }
        let mut order = before.clone();
        let applied = order.apply(report);
        let mut joined = Vec::new();
        for waiting in &joining.waiting {
            let applied = order.apply(&waiting.report);
            joined.push(line(&waiting.key, &waiting.report, applied, FollowUp::default(), now));
        }
        let links = joining.taken;
        let follow_up = order.follow(&before, account, key, now);
        let changed = order != before;
        Ok(OrderCommit {
            account_id: id.clone(),
            order: changed.then_some(Versioned { value: order, version: stored.version }),
            subject: Subject::Order(order_id),
            entry: line(key, report, applied, follow_up, now),
            joined,
            links,
        })
    }

    /// Keeps an event for an order that nobody has announced under this name yet.
    fn park(
        &self,
        account: &Account,
        key: &EventKey,
        report: &OrderReport,
        read: OrderRead,
    ) -> Result<OrderCommit, String> {
        let (name, links) = links::wait(key, report, read.links)?;
        Ok(OrderCommit {
            account_id: account.account_id.clone(),
            order: None,
            subject: Subject::Link(name),
            entry: line(key, report, false, FollowUp::default(), self.clock.now()),
            joined: Vec::new(),
            links,
        })
    }
}

fn line(
    key: &EventKey,
    report: &OrderReport,
    applied: bool,
    follow_up: FollowUp,
    now: jiff::Timestamp,
) -> TimelineEntry {
    TimelineEntry {
        key: key.clone(),
        at: report.stamp.at,
        recorded_at: now,
        source: report.source.clone(),
        event: report.event.clone(),
        applied,
        follow_up,
    }
}

fn log(account: &AccountId, order: Option<OrderId>, report: &OrderReport, key: &EventKey, outcome: &str) {
    let order = order.map(|id| id.to_string()).unwrap_or_default();
    tracing::info!(outcome, %account, order, event_id = %key, source = report.source, event = report.event, "order event handled");
}
