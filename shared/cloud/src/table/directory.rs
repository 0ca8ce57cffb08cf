//! The table as operators see it.

use courier_domain::account::Account;
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, OrderId};
use courier_domain::order::Order;
use courier_domain::ports::{Directory, Listed, OrderFilter, PortError, Reachable, Versioned, WholeOrder};

use super::Table;
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
        self.accounts_page(limit, after).await
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
        self.drivers_page(account, limit, after).await
    }

    async fn driver(&self, account: &AccountId, id: &DriverId) -> Result<Option<Driver>, PortError> {
        self.find_driver(account, id).await
    }
}

impl Reachable for Table {
    async fn ping(&self) -> Result<(), PortError> {
        self.get(Key::token("ping")).await.map(|_| ())
    }
}
