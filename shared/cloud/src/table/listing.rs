//! What the API shows: an order with its timeline and commands, an account's orders newest first, its drivers, one driver
//! with its commands. Lists go
//! page by page; the place to go on from is the sort key of the index, from which the rest of the key follows.

use courier_domain::command::Command;
use courier_domain::driver::Driver;
use courier_domain::ids::{AccountId, DriverId, OrderId};
use courier_domain::order::Order;
use courier_domain::ports::{
    Listed, OrderFilter, PortError, TimelineEntry, Versioned, WholeDriver, WholeOrder,
};
use jiff::Timestamp;

use super::item::{text, value, versioned};
use super::keys::{COMMAND_PREFIX, ENTRY_PREFIX, Key, drivers_index, orders_index, s, time_place};
use super::{Item, Query, Table};

/// Orders read in one request of a list.
const READ_AT_ONCE: i32 = 100;
/// Requests for one page of a list. Where few orders fit, the page ends early and says where to go on, so that no call
/// reads a whole season.
const MOST_READS: usize = 20;
/// Commands that are shown of a driver.
const SHOWN_COMMANDS: usize = 20;

impl Table {
    /// An order that Syrve has announced, with its timeline and commands.
    pub(super) async fn find_whole_order(
        &self,
        account: &AccountId,
        id: OrderId,
    ) -> Result<Option<WholeOrder>, PortError> {
        let (mut order, mut timeline, mut commands) = (None, Vec::new(), Vec::new());
        for item in self.partition(Key::order(account, id).pk).await? {
            match text(&item, "sk").unwrap_or_default() {
                "ORDER" => order = Some(value::<Order>(&item, "an order")?),
                sk if sk.starts_with(ENTRY_PREFIX) => {
                    timeline.push(value::<TimelineEntry>(&item, "an event")?);
                }
                sk if sk.starts_with(COMMAND_PREFIX) => {
                    commands.push(value::<Command>(&item, "a command")?);
                }
                _ => {}
            }
        }
        timeline.sort_by(|a, b| (a.at, a.recorded_at, &a.key).cmp(&(b.at, b.recorded_at, &b.key)));
        commands.sort_by_cached_key(Command::place);
        Ok(order.filter(|order| order.announced).map(|order| WholeOrder { order, timeline, commands }))
    }

    /// An account's orders, newest first, of which `keep` says which to show.
    pub(super) async fn orders_page(
        &self,
        account: &AccountId,
        filter: &OrderFilter,
        keep: impl Fn(&Order) -> bool + Send,
    ) -> Result<Listed<Order>, PortError> {
        let partition = orders_index(account);
        let from = time_place(filter.from.unwrap_or(Timestamp::UNIX_EPOCH));
        let until = filter.until.map_or_else(|| "9999999999999".to_owned(), time_place);
        // The table refuses to go on from a place outside the bounds; all that follows it is known without asking.
        let after = filter.after.as_deref().filter(|place| *place <= until.as_str());
        if after.is_some_and(|place| place < from.as_str()) {
            return Ok(Listed { items: Vec::new(), next: None });
        }
        let mut query = Query {
            index: true,
            condition: "gsi1pk = :pk AND gsi1sk BETWEEN :from AND :until".into(),
            values: [(":pk", partition.clone()), (":from", from), (":until", until)]
                .map(|(name, text)| (name.to_owned(), s(text)))
                .into(),
            forward: false,
            limit: Some(READ_AT_ONCE),
            start: after.and_then(|place| order_start(account, &partition, place)),
        };
        let mut orders: Vec<Order> = Vec::new();
        for _ in 0..MOST_READS {
            let (items, next) = self.page(query.clone()).await?;
            for item in &items {
                let order = value::<Order>(item, "an order")?;
                if keep(&order) {
                    orders.push(order);
                }
                if orders.len() == filter.limit {
                    return Ok(Listed { items: orders, next: text(item, "gsi1sk").map(str::to_owned) });
                }
            }
            query.start = next;
            if query.start.is_none() {
                return Ok(Listed { items: orders, next: None });
            }
        }
        let next = query.start.as_ref().and_then(|key| text(key, "gsi1sk")).map(str::to_owned);
        Ok(Listed { items: orders, next })
    }

    /// An account's drivers by id, from after the id `after`; without a limit, as many as one request gives.
    pub(super) async fn drivers_page(
        &self,
        account: &AccountId,
        limit: Option<i32>,
        after: Option<&DriverId>,
    ) -> Result<Listed<Versioned<Driver>>, PortError> {
        let partition = drivers_index(account);
        let query = Query {
            index: true,
            condition: "gsi1pk = :pk".into(),
            values: [(":pk".to_owned(), s(&partition))].into(),
            forward: true,
            limit,
            start: after.map(|id| start(&Key::driver(account, id), &partition, &id.to_string())),
        };
        let (items, next) = self.page(query).await?;
        let drivers = items.iter().map(|item| versioned(item, "a driver")).collect::<Result<_, _>>()?;
        Ok(Listed { items: drivers, next: next.and_then(|key| text(&key, "gsi1sk").map(str::to_owned)) })
    }

    /// A driver with the newest commands about it.
    pub(super) async fn find_whole_driver(
        &self,
        account: &AccountId,
        id: &DriverId,
    ) -> Result<Option<WholeDriver>, PortError> {
        let (mut driver, mut commands) = (None, Vec::new());
        for item in self.partition(Key::driver(account, id).pk).await? {
            match text(&item, "sk").unwrap_or_default() {
                "DRIVER" => driver = Some(versioned::<Driver>(&item, "a driver")?),
                sk if sk.starts_with(COMMAND_PREFIX) => {
                    commands.push(value::<Command>(&item, "a command")?);
                }
                _ => {}
            }
        }
        commands.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        commands.truncate(SHOWN_COMMANDS);
        Ok(driver.map(|driver| WholeDriver { driver, commands }))
    }
}

fn order_start(account: &AccountId, partition: &str, place: &str) -> Option<Item> {
    let (_, order) = place.split_once('#')?;
    Some(start(&Key::order(account, order.parse().ok()?), partition, place))
}

fn start(key: &Key, partition: &str, place: &str) -> Item {
    [("pk", key.pk.as_str()), ("sk", key.sk.as_str()), ("gsi1pk", partition), ("gsi1sk", place)]
        .map(|(name, text)| (name.to_owned(), s(text)))
        .into()
}
