//! Domain events: what happened, in our words, published on the event bus once state has changed. They name orders and
//! drivers by id and carry no person's data. The same cause always makes the same `event_uuid`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::ids::{AccountId, DriverId, EventKey, OrderId};

/// The namespace under which event ids are derived: a fixed random UUID of this project.
const NAMESPACE: Uuid = Uuid::from_u128(0x8d3e_5f1a_4c0b_4e6e_9d27_6b1f_0a53_c9e4);
/// Items of an order whose newest event is remembered.
const MOST_ITEMS: usize = 200;

/// One domain event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DomainEvent {
    /// What happened: `order_created`, `order_assigned`, …
    pub name: String,
    /// The same for every delivery of the same event.
    pub event_uuid: Uuid,
    /// The account it happened in.
    pub account_id: AccountId,
    /// The order it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The driver it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver_id: Option<DriverId>,
    /// When it happened, by the clock of the system that reported it.
    pub occurred_at: Timestamp,
    /// When the bridge learned of it.
    #[serde(default)]
    pub created_at: Timestamp,
    /// What was told of the same order before this, the newest of each name, newest first; of an item only what was told of the
    /// same item. Subscribers are told of the first that they want before this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Predecessor>,
    /// What else there is to say.
    pub detail: Value,
}

/// An event that came before another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Predecessor {
    /// Its name.
    pub name: String,
    /// Its id.
    pub event_uuid: Uuid,
    /// When the bridge learned of it.
    #[serde(default)]
    pub created_at: Timestamp,
    /// Which item it was about, where it is remembered with those of the order's other items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Uuid>,
}

/// What made an event happen.
#[derive(Debug, Clone, Copy)]
pub struct Cause<'a> {
    /// In which account.
    pub account: &'a AccountId,
    /// The key of what was received.
    pub key: &'a EventKey,
    /// The time.
    pub now: Timestamp,
}

/// What an event happened to.
#[derive(Debug, Clone)]
pub enum About {
    /// An order.
    Order(OrderId),
    /// A driver.
    Driver(DriverId),
    /// The account as a whole, or several of its drivers.
    Account,
}

impl DomainEvent {
    /// Something that happened.
    pub fn new(name: &str, about: About, occurred_at: Timestamp, cause: Cause<'_>, detail: Value) -> Self {
        let Cause { account, key, now } = cause;
        let (order_id, driver_id) = match about {
            About::Order(id) => (Some(id), None),
            About::Driver(id) => (None, Some(id)),
            About::Account => (None, None),
        };
        let subject =
            order_id.map(|id| id.to_string()).or_else(|| driver_id.as_ref().map(ToString::to_string));
        let seed = format!("{name}|{account}|{}|{key}|{detail}", subject.unwrap_or_default());
        Self {
            name: name.to_owned(),
            event_uuid: Uuid::new_v5(&NAMESPACE, seed.as_bytes()),
            account_id: account.clone(),
            order_id,
            driver_id,
            occurred_at,
            created_at: now,
            after: Vec::new(),
            detail,
        }
    }

    /// What calls about one thing are kept in order by: an item of an order, the order or the driver, else the account.
    pub fn subject(&self) -> String {
        match (&self.order_id, self.item(), &self.driver_id) {
            (Some(order), Some(item), _) => format!("order:{order}:item:{item}"),
            (Some(order), None, _) => format!("order:{order}"),
            (None, _, Some(driver)) => format!("driver:{driver}"),
            (None, _, None) => "account".to_owned(),
        }
    }

    /// Which item it is about, if it is about one. Made of the id that the item has where it comes from, which may be long.
    fn item(&self) -> Option<Uuid> {
        let id = (self.name == EventName::ItemStatusUpdated.as_str()).then(|| self.detail.get("item"))??;
        Some(Uuid::new_v5(&NAMESPACE, id.as_str()?.as_bytes()))
    }

    /// Lets each of the events that subscribers hear of follow those before, the first of them what is in `told`, the newest
    /// of each name, newest first. Then they are in it too. Each item goes its own way: a dish that is ready says nothing of
    /// the one beside it, nor of the order, so nobody waits for twenty of them one after the other.
    pub fn chain(events: &mut [Self], told: &mut Vec<Predecessor>) {
        for event in events.iter_mut().filter(|event| EventName::parse(&event.name).is_some()) {
            let item = event.item();
            let before = told.iter().filter(|before| before.item == item);
            event.after = before.map(|before| Predecessor { item: None, ..before.clone() }).collect();
            told.retain(|before| before.item != item || before.name != event.name);
            let (name, event_uuid, created_at) = (event.name.clone(), event.event_uuid, event.created_at);
            told.insert(0, Predecessor { name, event_uuid, created_at, item });
        }
        let mut items = 0..MOST_ITEMS;
        told.retain(|before| before.item.is_none() || items.next().is_some());
    }
}

/// The events that subscribers can be told of, in Captain.AI's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
#[expect(missing_docs, reason = "the names are those of Captain.AI's own events")]
pub enum EventName {
    OrderAssigned,
    OrderUnassigned,
    JobDeliveryStatusUpdated,
    OrderStatusUpdated,
    ItemStatusUpdated,
    AgentRadarLocationsCreated,
    AgentEtaUpdated,
    AnalyticsReportReady,
}

impl EventName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OrderAssigned,
        Self::OrderUnassigned,
        Self::JobDeliveryStatusUpdated,
        Self::OrderStatusUpdated,
        Self::ItemStatusUpdated,
        Self::AgentRadarLocationsCreated,
        Self::AgentEtaUpdated,
        Self::AnalyticsReportReady,
    ];

    /// The name as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderAssigned => "order_assigned",
            Self::OrderUnassigned => "order_unassigned",
            Self::JobDeliveryStatusUpdated => "job_delivery_status_updated",
            Self::OrderStatusUpdated => "order_status_updated",
            Self::ItemStatusUpdated => "item_status_updated",
            Self::AgentRadarLocationsCreated => "agent.radar_locations.created",
            Self::AgentEtaUpdated => "agent_eta_updated",
            Self::AnalyticsReportReady => "analytics_report_ready",
        }
    }

    /// The event of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

impl From<EventName> for &'static str {
    fn from(name: EventName) -> Self {
        name.as_str()
    }
}

impl TryFrom<String> for EventName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no event has this name")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";

    fn of_order(name: &str, account: &str, cause: &str, detail: Value) -> DomainEvent {
        let (account, key) = (account.parse().unwrap(), cause.parse().unwrap());
        let cause = Cause { account: &account, key: &key, now: Timestamp::UNIX_EPOCH };
        DomainEvent::new(name, About::Order(ORDER.parse().unwrap()), Timestamp::UNIX_EPOCH, cause, detail)
    }

    #[test]
    fn the_same_cause_makes_the_same_event_uuid_in_every_version_of_this_program() {
        let event = of_order("order_created", "demo", "key", json!({ "number": 577 }));
        assert_eq!(event.event_uuid.to_string(), "df319ad0-6081-5de0-95a4-fa4b9a52add1");
    }

    #[test]
    fn another_name_account_cause_or_detail_makes_another_event_uuid() {
        let events = [
            of_order("order_created", "demo", "key", json!({})),
            of_order("order_assigned", "demo", "key", json!({})),
            of_order("order_created", "other", "key", json!({})),
            of_order("order_created", "demo", "key-2", json!({})),
            of_order("order_created", "demo", "key", json!({ "item": "pizza" })),
        ];
        let ids: std::collections::BTreeSet<_> = events.iter().map(|event| event.event_uuid).collect();
        assert_eq!(ids.len(), events.len());
    }

    #[test]
    fn an_event_of_a_driver_differs_by_driver() {
        let of_driver = |driver: &str| {
            let (account, key) = ("demo".parse().unwrap(), "key".parse().unwrap());
            let cause = Cause { account: &account, key: &key, now: Timestamp::UNIX_EPOCH };
            let about = About::Driver(driver.parse().unwrap());
            DomainEvent::new("driver_clocked_in", about, Timestamp::UNIX_EPOCH, cause, json!({}))
        };
        assert_eq!(of_driver("ann"), of_driver("ann"));
        assert_ne!(of_driver("ann").event_uuid, of_driver("bob").event_uuid);
    }

    #[test]
    fn what_subscribers_hear_of_follows_what_they_heard_of_before() {
        let names = ["order_created", "order_assigned", "order_taken_off_delivery", "order_unassigned"];
        let mut events = names.map(|name| of_order(name, "demo", "key", json!({})));
        let names =
            |event: &DomainEvent| event.after.iter().map(|before| before.name.clone()).collect::<Vec<_>>();
        let mut told = Vec::new();
        DomainEvent::chain(&mut events, &mut told);
        assert_eq!(names(&events[0]).len() + names(&events[1]).len() + names(&events[2]).len(), 0);
        assert_eq!(names(&events[3]), ["order_assigned"]);
        let mut later = [of_order("order_assigned", "demo", "key-2", json!({}))];
        DomainEvent::chain(&mut later, &mut told);
        assert_eq!(names(&later[0]), ["order_unassigned", "order_assigned"]);
        assert_eq!(later[0].after[0].event_uuid, events[3].event_uuid);
        let told: Vec<_> = told.into_iter().map(|before| before.event_uuid).collect();
        assert_eq!(told, [later[0].event_uuid, events[3].event_uuid], "the newest of each name");
    }

    fn of_item(item: &str, cause: &str) -> DomainEvent {
        of_order("item_status_updated", "demo", cause, json!({ "item": item, "item_status": "prepared" }))
    }

    #[test]
    fn events_of_an_item_follow_those_of_the_same_item_and_of_nothing_else() {
        let mut told = Vec::new();
        let mut first =
            [of_order("order_assigned", "demo", "1", json!({})), of_item("a", "1"), of_item("b", "1")];
        DomainEvent::chain(&mut first, &mut told);
        let mut second =
            [of_item("b", "2"), of_item("a", "2"), of_order("order_unassigned", "demo", "2", json!({}))];
        DomainEvent::chain(&mut second, &mut told);
        let after = |event: &DomainEvent| event.after.iter().map(|one| one.event_uuid).collect::<Vec<_>>();
        assert!(first.iter().all(|event| event.after.is_empty()));
        assert_eq!(
            second.iter().map(after).collect::<Vec<_>>(),
            [[first[2].event_uuid], [first[1].event_uuid], [first[0].event_uuid]]
        );
        assert_eq!(
            serde_json::to_value(&second[0].after[0]).unwrap().get("item"),
            None,
            "the event says which"
        );
        let subjects: std::collections::BTreeSet<_> =
            first.iter().chain(&second).map(DomainEvent::subject).collect();
        assert_eq!(subjects.len(), 3);
        assert!(subjects.iter().all(|subject| subject.starts_with(&format!("order:{ORDER}"))));
    }

    #[test]
    fn what_is_remembered_of_items_is_bounded_and_costs_the_order_nothing() {
        let mut told = Vec::new();
        DomainEvent::chain(&mut [of_order("order_assigned", "demo", "1", json!({}))], &mut told);
        for n in 0..300 {
            DomainEvent::chain(&mut [of_item(&n.to_string(), "2")], &mut told);
        }
        assert_eq!(told.len(), 1 + MOST_ITEMS);
        let mut next =
            [of_order("order_unassigned", "demo", "3", json!({})), of_item("299", "3"), of_item("9", "3")];
        DomainEvent::chain(&mut next, &mut told);
        assert_eq!(next.map(|event| event.after.len()), [1, 1, 0]);
    }

    #[test]
    fn an_item_with_a_long_id_has_a_short_subject() {
        let subject = of_item(&"x".repeat(100_000), "1").subject();
        assert_eq!(subject.len(), "order:".len() + 36 + ":item:".len() + 36);
    }

    #[test]
    fn an_event_says_only_what_it_is_about() {
        let text = serde_json::to_value(of_order("order_created", "demo", "key", json!({}))).unwrap();
        assert_eq!(text["order_id"], ORDER);
        assert!(text.get("driver_id").is_none());
    }
}
