//! The functions behind the queues of inbound events: read the message, map it with its sender's module, apply it. What
//! cannot be read or mapped is kept as a dead letter with the reason, to be replayed once the mapping is repaired.

use std::future::Future;
use std::sync::Arc;

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::event::{About, Cause, DomainEvent, EventName};
use courier_domain::ids::OrderId;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::order::OrderRef;
use courier_domain::ports::{Accounts, CommandQueue, Drivers, EventBus, Orders, PortError, Reports};
use courier_domain::register::Stamp;
use courier_domain::report::{OrderChange, OrderReport, Report};
use courier_providers::contract::fleet;
use courier_providers::syrve;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::drivers::{DriverDesk, Movements};
use crate::orders::OrderDesk;
use crate::queue::Verdict;

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
        match syrve::order::map(&event, &account) {
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
pub struct FleetEvent<S, Q, B, C, M> {
    /// Orders.
    pub orders: OrderDesk<S, Q, B, C>,
    /// Drivers.
    pub drivers: DriverDesk<S, Q, B, C, M>,
}

impl<S, Q, B, C, M> Handler for FleetEvent<S, Q, B, C, M>
where
    S: Orders + Drivers + Reports,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
    M: Movements,
{
    async fn handle(&self, account: Arc<Account>, event: InboundEvent) -> Result<Verdict, PortError> {
        let report = match event.sender {
            Sender::Fleet(provider) => fleet(provider).map(&event, &account),
            Sender::Operator => return self.join(&account, event).await,
            Sender::Syrve => {
                return Ok(Verdict::Dead("an event of Syrve's is in the queue of fleets".into()));
            }
        };
        match report {
            Ok(Report::Order(report)) => self.orders.apply(&account, &event.key, &report).await,
            Ok(Report::Drivers(reports)) => {
                self.drivers.apply(&account, &event.key, event.sender.as_str(), &event.kind, &reports).await
            }
            Ok(Report::AnalyticsReady { stamp, report, url }) => {
                let (store, id) = (&self.orders.store, &account.account_id);
                // A subscriber may be a bridge, or lead back to this one under a name of its own: what is known already is
                // not told again.
                if !store.keep_report(id, &report, url.as_deref(), &event.key, stamp.at).await? {
                    return Ok(Verdict::Done);
                }
                let cause = Cause { account: id, key: &event.key, now: self.orders.clock.now() };
                let (name, detail) = (
                    EventName::AnalyticsReportReady.as_str(),
                    json!({ "provider": event.sender, "report": report, "url": url }),
                );
                let ready = DomainEvent::new(name, About::Account, stamp.at, cause, detail);
                self.orders.bus.publish(&[ready]).await?;
                Ok(Verdict::Done)
            }
            Err(error) => Ok(Verdict::Dead(error.to_string())),
        }
    }
}

/// An operator's word that a name means an order: what waits under the name joins the order, by the same way as it would
/// by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// The order.
    pub order_id: OrderId,
    /// The name.
    pub name: OrderRef,
    /// When the newest of what waits happened. A name may come back after some days, so it is joined as of then.
    pub at: Timestamp,
}

impl<S, Q, B, C, M> FleetEvent<S, Q, B, C, M>
where
    S: Orders,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    async fn join(&self, account: &Account, event: InboundEvent) -> Result<Verdict, PortError> {
        let Ok(join) = serde_json::from_value::<Join>(event.body) else {
            return Ok(Verdict::Dead("the body does not say what joins which order".into()));
        };
        let report = OrderReport {
            order_id: Some(join.order_id),
            refs: vec![join.name],
            stamp: Stamp::new(join.at, event.key.clone()),
            source: Sender::Operator.as_str().to_owned(),
            event: event.kind,
            change: OrderChange::Nothing,
        };
        self.orders.apply(account, &event.key, &report).await
    }
}

#[cfg(test)]
mod tests;
