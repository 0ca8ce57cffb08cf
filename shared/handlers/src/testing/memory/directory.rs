//! What operators read and write. Lists go on after a place, which is the order's or driver's id here.

use std::sync::Arc;

use courier_domain::account::{Account, AccountSecrets};
use courier_domain::command::{Command, CommandSubject};
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, OrderId};
use courier_domain::order::Order;
use courier_domain::ports::{
    Accounts, Committed, Directory, Listed, OrderFilter, PortError, Reachable, SecretVault, Secrets,
    Unmatched, Versioned, WholeDriver, WholeOrder,
};
use courier_domain::sync::DriverSync;

use super::{Memory, down, put, version};

impl Accounts for Memory {
    async fn account(&self, id: &AccountId) -> Result<Option<Arc<Account>>, PortError> {
        let mut state = self.state();
        if state.reads_to_fail > 0 {
            state.read()?;
        }
        Ok(state.accounts.get(id).map(|account| Arc::new(account.value.clone())))
    }
}

impl Secrets for Memory {
    async fn secrets(&self, id: &AccountId) -> Result<Arc<AccountSecrets>, PortError> {
        let mut state = self.state();
        state.secret_reads += 1;
        if state.secrets_to_fail > 0 {
            state.secrets_to_fail -= 1;
            return Err(down("ssm"));
        }
        Ok(Arc::new(state.secrets.get(id).cloned().unwrap_or_default()))
    }

    /// What was written since the last look is found at the next.
    async fn forget(&self, id: &AccountId) {
        let mut state = self.state();
        if let Some(corrected) = state.corrected.take() {
            state.secrets.insert(id.clone(), corrected);
        }
    }
}

impl SecretVault for Memory {
    async fn read(&self, id: &AccountId) -> Result<AccountSecrets, PortError> {
        Ok(self.state().secrets.get(id).cloned().unwrap_or_default())
    }

    async fn write(&self, id: &AccountId, secrets: &AccountSecrets) -> Result<(), PortError> {
        self.state().secrets.insert(id.clone(), secrets.clone());
        Ok(())
    }

    async fn delete(&self, id: &AccountId) -> Result<(), PortError> {
        let mut state = self.state();
        state.read()?;
        state.secrets.remove(id);
        Ok(())
    }
}

impl Reachable for Memory {
    async fn ping(&self) -> Result<(), PortError> {
        self.state().read()
    }
}

fn page<T>(mut items: Vec<T>, limit: usize, place: impl Fn(&T) -> String) -> Listed<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(place);
    Listed { items, next }
}

impl Directory for Memory {
    async fn read_account(&self, id: &AccountId) -> Result<Option<Versioned<Account>>, PortError> {
        let mut state = self.state();
        state.read()?;
        Ok(state.accounts.get(id).cloned())
    }

    async fn write_account(&self, account: &Versioned<Account>) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            let id = account.value.account_id.clone();
            if account.version != version(&state.accounts, &id) {
                return Committed::Conflict;
            }
            put(&mut state.accounts, id, account.clone());
            Committed::Done
        });
        Ok(written? == Committed::Done)
    }

    async fn delete_account(&self, id: &AccountId) -> Result<bool, PortError> {
        Ok(self.state().accounts.remove(id).is_some())
    }

    async fn list_accounts(
        &self,
        limit: i32,
        after: Option<&AccountId>,
    ) -> Result<Listed<Account>, PortError> {
        let state = self.state();
        let rest = state.accounts.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let accounts = rest.map(|(_, account)| account.value.clone()).collect();
        Ok(page(accounts, usize::try_from(limit).unwrap(), |account| account.account_id.to_string()))
    }

    async fn whole_order(&self, _account: &AccountId, id: OrderId) -> Result<Option<WholeOrder>, PortError> {
        let state = self.state();
        let Some(order) = state.orders.get(&id).filter(|order| order.value.announced) else {
            return Ok(None);
        };
        let mut timeline: Vec<_> = state.timeline(id).into_iter().cloned().collect();
        timeline.sort_by_key(|entry| (entry.at, entry.recorded_at));
        let commands = state.commands.values().map(|command| command.value.clone()).collect();
        Ok(Some(WholeOrder { order: order.value.clone(), timeline, commands }))
    }

    async fn list_orders(
        &self,
        _account: &AccountId,
        filter: &OrderFilter,
        keep: impl Fn(&Order) -> bool + Send,
    ) -> Result<Listed<Order>, PortError> {
        let state = self.state();
        let made = |order: &Order| order.details.get().and_then(|details| details.created_at);
        let mut orders: Vec<Order> = state.orders.values().map(|order| order.value.clone()).collect();
        orders.retain(|order| {
            let at = made(order);
            order.announced
                && filter.from.is_none_or(|from| at >= Some(from))
                && filter.until.is_none_or(|until| at < Some(until))
                && keep(order)
        });
        orders.sort_by_key(|order| (std::cmp::Reverse(made(order)), order.order_id));
        if let Some(after) = &filter.after {
            let place = orders.iter().position(|order| order.order_id.to_string() == *after);
            orders.drain(..=place.unwrap());
        }
        Ok(page(orders, filter.limit, |order| order.order_id.to_string()))
    }

    async fn list_drivers(
        &self,
        _account: &AccountId,
        limit: i32,
        after: Option<&DriverId>,
    ) -> Result<Listed<Driver>, PortError> {
        let state = self.state();
        let rest = state.drivers.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
        let drivers = rest.map(|(_, driver)| driver.value.clone()).collect();
        Ok(page(drivers, usize::try_from(limit).unwrap(), |driver| driver.driver_id.to_string()))
    }

    async fn whole_driver(
        &self,
        _account: &AccountId,
        id: &DriverId,
    ) -> Result<Option<WholeDriver>, PortError> {
        let mut state = self.state();
        state.read()?;
        let Some(driver) = state.drivers.get(id).cloned() else { return Ok(None) };
        let subject = CommandSubject::DriverId(id.clone());
        let of_driver = state.commands.iter().filter(|((about, _), _)| *about == subject);
        let mut commands: Vec<_> = of_driver.map(|(_, command)| command.value.clone()).collect();
        commands.sort_by_key(|command| std::cmp::Reverse(command.created_at));
        Ok(Some(WholeDriver { driver, commands }))
    }

    async fn commit_request(
        &self,
        driver: Versioned<Driver>,
        commands: &[Command],
    ) -> Result<bool, PortError> {
        let written = self.state().write(|state| {
            let id = driver.value.driver_id.clone();
            let key = |command: &Command| (command.subject(), command.id.clone());
            let is_there = |command: &Command| version(&state.commands, &key(command)) > 0;
            if driver.version != version(&state.drivers, &id) || commands.iter().any(is_there) {
                return Committed::Conflict;
            }
            put(&mut state.drivers, id, driver);
            for command in commands {
                put(&mut state.commands, key(command), Versioned { value: command.clone(), version: 0 });
            }
            Committed::Done
        });
        Ok(written? == Committed::Done)
    }

    async fn list_unmatched(
        &self,
        _account: &AccountId,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Unmatched>, PortError> {
        let mut all = self.state().unmatched();
        all.retain(|unmatched| after.is_none_or(|after| unmatched.id.as_str() > after));
        Ok(page(all, usize::try_from(limit).unwrap(), |unmatched| unmatched.id.clone()))
    }

    async fn unmatched(&self, _account: &AccountId, id: &str) -> Result<Option<Unmatched>, PortError> {
        Ok(self.state().unmatched().into_iter().find(|unmatched| unmatched.id == id))
    }

    async fn driver_sync(&self, account: &AccountId) -> Result<Option<DriverSync>, PortError> {
        Ok(self.state().syncs.get(account).map(|sync| sync.value.clone()))
    }
}
