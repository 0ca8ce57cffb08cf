//! The calls, each with what it says and what its answer teaches.

use courier_clients::Outcome;
use courier_clients::captain::{Creation, FleetOrder};
use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, KitchenStatus};
use courier_domain::delivery::Provider;
use courier_domain::driver::Driver;
use courier_domain::ids::{DriverId, EventKey, OrderId};
use courier_domain::order::{Order, OrderRef};
use courier_domain::ports::{
    Accounts, CommandQueue, CommandTarget, Commands, Drivers, EventBus, Orders, PortError, Secrets,
};
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport, OrderChange, OrderReport};
use courier_providers::captain;

use super::FleetCommands;
use super::fleet::Fleet;
use super::steps::{Desk, Failure, NOT_LISTED};
use crate::commands::outcome;

const NOTHING_KNOWN: Failure = Failure::Never("Syrve has said nothing of it that could be sent");
const WRONG_TARGET: Failure = Failure::Never("it is no command for Captain.AI");

impl<S, A, K, F, Q, B, C> FleetCommands<S, A, K, F, Q, B, C>
where
    S: Commands + Orders + Drivers,
    A: Accounts,
    K: Secrets,
    F: Fleet,
    Q: CommandQueue,
    B: EventBus,
    C: Clock,
{
    pub(super) async fn call(
        &self,
        command: &Command,
        target: &CommandTarget,
        desk: &Desk,
        leave: F::Leave,
    ) -> Result<(), Failure> {
        let mut leave = Some(leave);
        match (&command.kind, target) {
            (CommandKind::CreateOrder { .. }, CommandTarget::Order(order)) => {
                self.create(command, order, desk, leave).await
            }
            (CommandKind::UpdateOrder { .. }, CommandTarget::Order(order)) => {
                let body = captain::order::changes(order, &desk.account).ok_or(NOTHING_KNOWN)?;
                let id = self.id_of(command, order, desk, &mut leave).await?;
                Ok(self.fleet.update_order(&desk.login, &id, &body, leave).await?)
            }
            (CommandKind::UpdateOrderStatus { status, .. }, CommandTarget::Order(order)) => {
                let id = self.id_of(command, order, desk, &mut leave).await?;
                let reason = order.details.get().and_then(|details| details.cancel_reason.as_deref());
                let reason = reason.filter(|_| *status == KitchenStatus::Cancelled);
                Ok(self.fleet.update_order_status(&desk.login, &id, *status, reason, leave).await?)
            }
            (CommandKind::UpsertDriver { .. }, CommandTarget::Driver(driver)) => {
                self.upsert(command, driver, desk, leave).await.map(|_| ())
            }
            (CommandKind::ClockInDriver { .. }, CommandTarget::Driver(driver)) => {
                let id = self.driver_id(command, driver, desk, &mut leave).await?;
                Ok(self.fleet.clock_in_driver(&desk.login, &self.clock_in_path, &id, leave).await?)
            }
            (CommandKind::ClockOutDriver { .. }, CommandTarget::Driver(driver)) => {
                let id = self.driver_id(command, driver, desk, &mut leave).await?;
                Ok(self.fleet.clock_out_driver(&desk.login, &id, leave).await?)
            }
            _ => Err(WRONG_TARGET),
        }
    }

    async fn create(
        &self,
        command: &Command,
        order: &Order,
        desk: &Desk,
        leave: Option<F::Leave>,
    ) -> Result<(), Failure> {
        let body = captain::order::creation(order, &desk.account).ok_or(NOTHING_KNOWN)?;
        match self.fleet.create_order(&desk.login, &body, leave).await? {
            Creation::New(made) => {
                self.learn(command, order.order_id, &desk.account, Some(made)).await?;
            }
            // An earlier call, whose answer was lost, made it. That it cannot be looked up does not change that.
            Creation::AlreadyThere => match self.find(command, order.order_id, desk).await {
                Ok(true) => {}
                Err(Failure::Look(error)) if outcome(&error) != Outcome::Final => {
                    return Err(Failure::Look(error));
                }
                Ok(false) | Err(Failure::Look(_)) => {
                    self.learn(command, order.order_id, &desk.account, None).await?;
                }
                Err(failure) => return Err(failure),
            },
        }
        Ok(())
    }

    /// Whether the fleet has the order; its id is kept if so.
    pub(super) async fn find(&self, command: &Command, order: OrderId, desk: &Desk) -> Result<bool, Failure> {
        let found = self.fleet.find_order(&desk.login, &order.to_string(), None).await;
        let Some(found) = found.map_err(Failure::Look)? else { return Ok(false) };
        self.learn(command, order, &desk.account, Some(found)).await?;
        Ok(true)
    }

    /// The fleet's id of an order, looked up where no answer and no event gave it.
    async fn id_of(
        &self,
        command: &Command,
        order: &Order,
        desk: &Desk,
        leave: &mut Option<F::Leave>,
    ) -> Result<String, Failure> {
        if let Some(id) = order.fleet_order_id(Provider::Captain) {
            return Ok(id.to_owned());
        }
        let name = order.order_id.to_string();
        let found = self.fleet.find_order(&desk.login, &name, leave.take()).await?;
        let found = found.ok_or(match command.kind {
            CommandKind::UpdateOrderStatus { status: KitchenStatus::Cancelled, .. } => Failure::NotListed,
            _ => Failure::Never(NOT_LISTED),
        })?;
        let id = found.uuid.clone();
        self.learn(command, order.order_id, &desk.account, Some(found)).await?;
        Ok(id)
    }

    /// Keeps that the fleet has an order and what it calls it, so that events which carry only that name find it.
    async fn learn(
        &self,
        command: &Command,
        order: OrderId,
        account: &Account,
        made: Option<FleetOrder>,
    ) -> Result<(), PortError> {
        let fleet_order_id = made.as_ref().map(|made| made.uuid.clone());
        let tracking_url = made.and_then(|made| made.tracking_url);
        let change = OrderChange::Dispatched { provider: Provider::Captain, fleet_order_id, tracking_url };
        self.tell(command, order, account, change).await
    }

    /// Applies what became of an order at the fleet, like an event of the fleet's own.
    pub(super) async fn tell(
        &self,
        command: &Command,
        order: OrderId,
        account: &Account,
        change: OrderChange,
    ) -> Result<(), PortError> {
        let (event, name) = match &change {
            OrderChange::Dispatched { fleet_order_id, .. } => ("order_dispatched", fleet_order_id.clone()),
            _ => ("order_not_dispatched", None),
        };
        let source = Provider::Captain.as_str();
        let key = EventKey::hashed([command.id.as_str(), event]);
        let report = OrderReport {
            order_id: Some(order),
            refs: name.map(|name| OrderRef::new(source, name)).into_iter().collect(),
            stamp: Stamp::new(self.ledger.clock.now(), key.clone()),
            source: source.to_owned(),
            event: event.to_owned(),
            change,
        };
        self.orders.apply(account, &key, &report).await?;
        Ok(())
    }

    /// Makes or changes a driver; the fleet's id of them.
    async fn upsert(
        &self,
        command: &Command,
        driver: &Driver,
        desk: &Desk,
        leave: Option<F::Leave>,
    ) -> Result<Option<String>, Failure> {
        let body = captain::driver::upsert(driver).ok_or(NOTHING_KNOWN)?;
        let known = driver.fleet_ids.get(&Provider::Captain);
        let told = self.fleet.upsert_driver(&desk.login, &body, leave).await?;
        if let Some(id) = told.clone().filter(|id| Some(id) != known) {
            let change = DriverChange::Known(Provider::Captain, id);
            self.tell_driver(command, &driver.driver_id, &desk.account, change).await?;
        }
        Ok(told.or_else(|| known.cloned()))
    }

    /// Applies what became of a driver at the fleet, like an event of the fleet's own.
    pub(super) async fn tell_driver(
        &self,
        command: &Command,
        driver_id: &DriverId,
        account: &Account,
        change: DriverChange,
    ) -> Result<(), PortError> {
        let event =
            if matches!(change, DriverChange::NotTold(_)) { "driver_not_told" } else { "driver_known" };
        // Drivers of one step of a sync have commands of the same id.
        let key = EventKey::hashed([command.id.as_str(), driver_id.as_str(), event]);
        let stamp = Stamp::new(self.ledger.clock.now(), key.clone());
        let report = DriverReport { driver_id: driver_id.clone(), stamp, change };
        self.drivers.apply(account, &key, Provider::Captain.as_str(), event, &[report]).await?;
        Ok(())
    }

    /// The fleet's id of a driver, who is made there if it is not known.
    async fn driver_id(
        &self,
        command: &Command,
        driver: &Driver,
        desk: &Desk,
        leave: &mut Option<F::Leave>,
    ) -> Result<String, Failure> {
        if let Some(id) = driver.fleet_ids.get(&Provider::Captain) {
            return Ok(id.clone());
        }
        let id = self.upsert(command, driver, desk, leave.take()).await?;
        id.ok_or(Failure::Never("Captain.AI gives no id for the driver"))
    }
}
