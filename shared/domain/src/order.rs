//! An order: what Syrve says of it, how a fleet carries it, and what follows. Both sides are registers, so a fleet's event
//! for an order that Syrve has not announced yet simply waits here, and joins by itself when the order arrives.

mod details;
mod dispatch;
mod events;
mod follow;
mod items;
mod status;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use details::{
    Address, CreationError, Customer, Item, ItemKind, MovedOrder, OrderDetails, Payment, Problem,
    ServiceType, SyrveStatus,
};
pub use dispatch::Dispatch;
pub use follow::{Requested, SupersededBy};
pub use items::ItemStatus;
pub use status::OrderStatus;

use crate::delivery::{Delivery, Provider};
use crate::event::Predecessor;
use crate::ids::OrderId;
use crate::register::{Register, Stamp};
use crate::report::{FleetNews, ItemReport, OrderChange, OrderReport};

/// Another name of an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrderRef {
    /// Whose name it is: `number`, `external_number`, or a fleet with the kind of its id.
    pub kind: String,
    /// The name.
    pub value: String,
}

impl OrderRef {
    /// A name of a kind.
    pub fn new(kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }
}

/// The state of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Syrve's id.
    pub order_id: OrderId,
    /// Whether Syrve ever said that a courier brings it. Only then is it shown.
    #[serde(default)]
    pub announced: bool,
    /// How it reaches the guest.
    #[serde(default)]
    pub service: Register<ServiceType>,
    /// The newest that Syrve says of it.
    #[serde(default)]
    pub details: Register<OrderDetails>,
    /// The newest failure that Syrve reported.
    #[serde(default)]
    pub error: Register<CreationError>,
    /// How each fleet that said anything carries it.
    #[serde(default)]
    pub deliveries: BTreeMap<Provider, Delivery>,
    /// Items by the fleet's id.
    #[serde(default)]
    pub items: BTreeMap<String, Register<ItemReport>>,
    /// Its other names.
    #[serde(default)]
    pub refs: BTreeSet<OrderRef>,
    /// What Syrve was last asked to set.
    #[serde(default)]
    pub requested: Option<Requested>,
    /// What the fleet that orders are written to was last asked.
    #[serde(default)]
    pub dispatch: Option<Dispatch>,
    /// What subscribers were last told of it: the newest event of each name, and of each item the newest, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_told: Vec<Predecessor>,
}

impl Order {
    /// An order of which nothing is known.
    pub fn new(order_id: OrderId) -> Self {
        Self {
            order_id,
            announced: false,
            service: Register::default(),
            details: Register::default(),
            error: Register::default(),
            deliveries: BTreeMap::new(),
            items: BTreeMap::new(),
            refs: BTreeSet::new(),
            requested: None,
            dispatch: None,
            last_told: Vec::new(),
        }
    }

    /// Whether a courier is to bring it, by Syrve's newest word.
    pub fn on_delivery(&self) -> bool {
        self.service.get() == Some(&ServiceType::DeliveryByCourier)
    }

    /// Whether Syrve's newest word is that the order is over (Closed or Cancelled).
    pub fn is_over(&self) -> bool {
        self.details.get().is_some_and(|details| details.status.is_over())
    }

    /// Applies an event; says whether it changed anything that is shown. A late event does not.
    pub fn apply(&mut self, report: &OrderReport) -> bool {
        let stamp = &report.stamp;
        let changed = match &report.change {
            OrderChange::Syrve { service, details } => self.apply_syrve(stamp, *service, details),
            OrderChange::SyrveError(error) => self.error.offer(stamp, error.clone()),
            OrderChange::Nothing => false,
            OrderChange::Dispatched { provider, fleet_order_id, tracking_url } => {
                let link = tracking_url.clone();
                let news = FleetNews { tracking_url: link, ..FleetNews::default() };
                let linked = self.apply_news(*provider, stamp, &news);
                self.dispatched(*provider, stamp, fleet_order_id.clone()) | linked
            }
            OrderChange::NotDispatched { provider, in_doubt } => self.not_dispatched(*provider, *in_doubt),
            OrderChange::Fleet(provider, news) => self.apply_news(*provider, stamp, news),
        };
        let known = self.refs.len();
        self.refs.extend(report.refs.iter().cloned());
        changed || self.refs.len() > known
    }

    /// The fleet in charge. Another takes over once this one has given up, or by moving the order on later than it and no
    /// less far.
    pub fn carrier(&self) -> Option<Provider> {
        self.deliveries.iter().max_by_key(|(_, delivery)| delivery.claim()).map(|(provider, _)| *provider)
    }

    /// The delivery of the fleet in charge; an empty one while no fleet has said anything.
    pub fn delivery(&self) -> &Delivery {
        static NONE: LazyLock<Delivery> = LazyLock::new(Delivery::default);
        self.carrier().and_then(|provider| self.deliveries.get(&provider)).unwrap_or(&NONE)
    }

    /// What concerns only items, or nothing, does not make a fleet one of the order's.
    fn apply_news(&mut self, provider: Provider, stamp: &Stamp, news: &FleetNews) -> bool {
        let mut changed = false;
        for item in &news.items {
            changed |= self.items.entry(item.item.clone()).or_default().offer(stamp, item.clone());
        }
        let in_charge = self.carrier();
        let mut delivery = self.deliveries.get(&provider).cloned().unwrap_or_default();
        changed |= delivery.apply(stamp, news);
        if delivery != Delivery::default() {
            self.deliveries.insert(provider, delivery);
        }
        changed | (self.carrier() != in_charge)
    }

    /// A null order type neither creates an order nor takes one off delivery. Status and times are the newest of all
    /// events; what names a person is the newest of those that say how the order reaches the guest, and is kept only
    /// while a courier brings it. The two go by separate stamps, so that a late event finds them as an early one would.
    fn apply_syrve(&mut self, stamp: &Stamp, service: Option<ServiceType>, details: &OrderDetails) -> bool {
        let for_courier = service == Some(ServiceType::DeliveryByCourier);
        let announced = for_courier && !self.announced;
        self.announced |= for_courier;
        let is_newest_word = service.is_some_and(|service| self.service.offer(stamp, service));
        let people = match self.details.get() {
            _ if is_newest_word => for_courier.then(|| details.clone()),
            known => known.cloned(),
        };
        let taken = self.details.offer(stamp, details.with_people_of(people.as_ref()));
        if is_newest_word && !taken {
            self.details.amend(|held| held.with_people_of(people.as_ref()));
        }
        taken | is_newest_word | announced
    }
}
