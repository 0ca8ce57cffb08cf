//! The table as operators see it.

use courier_domain::account::Account;
use courier_domain::command::Command;
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, OrderId};
use courier_domain::order::Order;
use courier_domain::ports::{
    Committed, Directory, Listed, OrderFilter, PortError, Reachable, SyncRuns, Unmatched, Versioned,
    WholeDriver, WholeOrder,
};
use courier_domain::sync::DriverSync;

use super::Table;
use super::commands::command_item;
use super::keys::Key;

impl Directory for Table {
    async fn read_account(&self, id: &AccountId) -> Result<Option<Versioned<Account>>, PortError> {
        self.find_account(id).await
    }

    async fn write_account(&self, account: &Versioned<Account>) -> Result<bool, PortError> {
        self.put_account(account).await
    }

    async fn delete_account(&self, id: &AccountId) -> Result<bool, PortError> {
        self.remove_account(id).await
    }

    async fn list_accounts(
        &self,
        limit: i32,
        after: Option<&AccountId>,
    ) -> Result<Listed<Account>, PortError> {
        self.accounts_page(Some(limit), after).await
    }

    async fn whole_order(&self, account: &AccountId, id: OrderId) -> Result<Option<WholeOrder>, PortError> {
        self.find_whole_order(account, id).await
    }

    async fn list_orders(
        &self,
        account: &AccountId,
        filter: &OrderFilter,
        keep: impl Fn(&Order) -> bool + Send,
    ) -> Result<Listed<Order>, PortError> {
        self.orders_page(account, filter, keep).await
    }

    async fn list_drivers(
        &self,
        account: &AccountId,
        limit: i32,
        after: Option<&DriverId>,
    ) -> Result<Listed<Driver>, PortError> {
        let page = self.drivers_page(account, Some(limit), after).await?;
        let items = page.items.into_iter().map(|driver| driver.value).collect();
        Ok(Listed { items, next: page.next })
    }

    async fn whole_driver(
        &self,
        account: &AccountId,
        id: &DriverId,
    ) -> Result<Option<WholeDriver>, PortError> {
        self.find_whole_driver(account, id).await
    }

    async fn commit_request(
        &self,
        driver: Versioned<Driver>,
        commands: &[Command],
    ) -> Result<bool, PortError> {
        let Some(first) = commands.first() else { return Ok(true) };
        let now = first.updated_at;
        let mut items = vec![self.driver_item(&first.account_id, driver, now)?];
        for command in commands {
            items.push(command_item(&self.name, command, 0, now)?);
        }
        Ok(self.transact_plain(items).await? == Committed::Done)
    }

    async fn list_unmatched(
        &self,
        account: &AccountId,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Unmatched>, PortError> {
        self.unmatched_page(account, limit, after).await
    }

    async fn unmatched(&self, account: &AccountId, id: &str) -> Result<Option<Unmatched>, PortError> {
        self.find_unmatched(account, id).await
    }

    async fn driver_sync(&self, account: &AccountId) -> Result<Option<DriverSync>, PortError> {
        Ok(self.read_sync(account).await?.map(|sync| sync.value))
    }
}

impl Reachable for Table {
    async fn ping(&self) -> Result<(), PortError> {
        self.get(Key::token("ping")).await.map(|_| ())
    }
}
