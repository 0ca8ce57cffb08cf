//! The functions behind the queues of inbound events: read the message, map it with its sender's module, apply it. What
//! cannot be read or mapped is kept as a dead letter with the reason, to be replayed once the mapping is repaired.

use std::future::Future;
use std::sync::Arc;

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::inbound::InboundEvent;
use courier_domain::ports::{Accounts, CommandQueue, Drivers, EventBus, Orders, PortError, Reports};
use courier_domain::report::Report;
use courier_providers::{captain, syrve};

use crate::drivers::DriverDesk;
use crate::orders::OrderDesk;
use crate::queue::Verdict;

#[cfg(test)]
mod tests;

/// Reads a message's text; the error says what is wrong with it.
pub type Decode = fn(&str) -> Result<InboundEvent, String>;

/// A function behind a queue of inbound events.
pub trait Handler: Send + Sync {
    /// Maps and applies one event.
    fn handle(
        &self,
        account: Arc<Account>,
        event: InboundEvent,
    ) -> impl Future<Output = Result<Verdict, PortError>> + Send;
}

/// Reads a message and has its event handled.
pub async fn handle(
    accounts: &impl Accounts,
    decode: Decode,
    handler: &impl Handler,
    message: &str,
) -> Result<Verdict, PortError> {
    let event = match decode(message) {
        Ok(event) => event,
        Err(reason) => return Ok(Verdict::Dead(reason)),
    };
    match accounts.account(&event.account_id).await? {
        Some(account) => handler.handle(account, event).await,
        None => Ok(Verdict::Dead("the account does not exist any more".into())),
    }
}

/// `delivery-order`: Syrve's order events.
#[derive(Debug)]
pub struct DeliveryOrder<S, Q, B, C>(pub OrderDesk<S, Q, B, C>);

impl<S: Orders, Q: CommandQueue, B: EventBus, C: Clock> Handler for DeliveryOrder<S, Q, B, C> {
    async fn handle(&self, account: Arc<Account>, event: InboundEvent) -> Result<Verdict, PortError> {
        match syrve::order::map(&event, &account.zone(), account.match_orders_by) {
            Ok(report) => self.0.apply(&account, &event.key, &report).await,
            Err(error) => Ok(Verdict::Dead(error.to_string())),
        }
    }
}

/// `personal-shift`: Syrve's shift events.
#[derive(Debug)]
pub struct PersonalShift<S, Q, B, C>(pub DriverDesk<S, Q, B, C>);

impl<S: Drivers, Q: CommandQueue, B: EventBus, C: Clock> Handler for PersonalShift<S, Q, B, C> {
    async fn handle(&self, account: Arc<Account>, event: InboundEvent) -> Result<Verdict, PortError> {
        match syrve::shift::map(&event) {
            Ok(report) => self.0.apply(&account, &event.key, "syrve", &event.kind, &[report]).await,
            Err(error) => Ok(Verdict::Dead(error.to_string())),
        }
    }
}

/// `fleet-event`: what a fleet reported.
#[derive(Debug)]
pub struct FleetEvent<S, Q, B, C> {
    /// Orders.
    pub orders: OrderDesk<S, Q, B, C>,
    /// Drivers.
    pub drivers: DriverDesk<S, Q, B, C>,
}

impl<S, Q, B, C> Handler for FleetEvent<S, Q, B, C>
where
    S: Orders + Drivers + Reports,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    async fn handle(&self, account: Arc<Account>, event: InboundEvent) -> Result<Verdict, PortError> {
        match captain::map::map(&event, account.match_orders_by) {
            Ok(Report::Order(report)) => self.orders.apply(&account, &event.key, &report).await,
            Ok(Report::Drivers(reports)) => {
                self.drivers.apply(&account, &event.key, event.sender.as_str(), &event.kind, &reports).await
            }
            Ok(Report::AnalyticsReady { stamp, report, url }) => {
                let store = &self.orders.store;
                store.keep_report(&account.account_id, &report, url.as_deref(), stamp.at).await?;
                Ok(Verdict::Done)
            }
            Err(error) => Ok(Verdict::Dead(error.to_string())),
        }
    }
}
