//! The keys of the one table. Every key starts with the account, so that no request for one tenant can read another's,
//! and none starts with a date or a status, so that none runs hot. The exceptions hold no tenant's data: the index
//! partition that lists accounts, and what belongs to a login that several accounts may share: its access token, the
//! record of when it may be used, and which of the accounts were asked to be synchronised.

use std::fmt::Display;

use aws_sdk_dynamodb::types::AttributeValue;
use courier_domain::command::CommandSubject;
use courier_domain::ids::{AccountId, CommandId, DriverId, EventKey, OrderId};
use courier_domain::notification::{MovesKey, NotificationKey};
use courier_domain::order::OrderRef;
use courier_domain::ports::Subject;
use courier_domain::subscription::LineId;
use jiff::Timestamp;
use uuid::Uuid;

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// The partition of the index that lists all accounts.
pub(crate) const ACCOUNTS: &str = "ACCOUNTS";
pub(crate) const ENTRY_PREFIX: &str = "EVENT#";
pub(crate) const COMMAND_PREFIX: &str = "COMMAND#";
pub(crate) const REQUEST_PREFIX: &str = "REQUEST#";
pub(crate) const SUBSCRIPTION_PREFIX: &str = "SUBSCRIPTION#";

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    pub(crate) fn account(account: &AccountId) -> Self {
        Self::new(format!("ACCOUNT#{account}"), "ACCOUNT")
    }

    pub(crate) fn report(account: &AccountId, report: &str) -> Self {
        Self::new(format!("ACCOUNT#{account}"), format!("REPORT#{report}"))
    }

    pub(crate) fn order(account: &AccountId, order: OrderId) -> Self {
        Self::new(format!("ACCOUNT#{account}#ORDER#{order}"), "ORDER")
    }

    pub(crate) fn link(account: &AccountId, name: &OrderRef) -> Self {
        Self::link_of(account, &Self::link_id(name))
    }

    /// The part of a name's key that tells it from others. The name is a sender's text of any length; keys are not.
    pub(crate) fn link_id(name: &OrderRef) -> String {
        EventKey::hashed([name.kind.as_str(), name.value.as_str()]).to_string()
    }

    pub(crate) fn link_of(account: &AccountId, id: &str) -> Self {
        Self::new(format!("ACCOUNT#{account}#REF#{id}"), "LINK")
    }

    /// An event and its line in the timeline, kept with its order or with the name that it came under.
    pub(crate) fn entry(account: &AccountId, subject: &Subject, key: &EventKey) -> Self {
        let home = match subject {
            Subject::Order(order) => Self::order(account, *order),
            Subject::Link(name) => Self::link(account, name),
        };
        Self::new(home.pk, format!("{ENTRY_PREFIX}{key}"))
    }

    /// What a command is about.
    pub(crate) fn subject(account: &AccountId, subject: &CommandSubject) -> Self {
        match subject {
            CommandSubject::OrderId(order) => Self::order(account, *order),
            CommandSubject::DriverId(driver) => Self::driver(account, driver),
        }
    }

    /// A command, kept with what it is about.
    pub(crate) fn command(account: &AccountId, subject: &CommandSubject, id: &CommandId) -> Self {
        Self::new(Self::subject(account, subject).pk, format!("{COMMAND_PREFIX}{id}"))
    }

    pub(crate) fn driver(account: &AccountId, driver: &DriverId) -> Self {
        Self::new(format!("ACCOUNT#{account}#DRIVER#{driver}"), "DRIVER")
    }

    /// The mark of an event about drivers: in a partition of its own, since one event may name hundreds.
    pub(crate) fn driver_event(account: &AccountId, key: &EventKey) -> Self {
        Self::new(format!("ACCOUNT#{account}#EVENT#{key}"), "EVENT")
    }

    pub(crate) fn sync(account: &AccountId) -> Self {
        Self::new(format!("ACCOUNT#{account}"), "SYNC")
    }

    /// The mark of one step of a run of the driver sync: with the other steps of its run, and away from the account.
    pub(crate) fn sync_entry(account: &AccountId, run_at: Timestamp, key: &EventKey) -> Self {
        Self::new(sync_run(account, run_at), format!("{ENTRY_PREFIX}{key}"))
    }

    pub(crate) fn token(login: &str) -> Self {
        Self::new(format!("LOGIN#{login}"), "TOKEN")
    }

    pub(crate) fn gate(login: &str) -> Self {
        Self::new(format!("LOGIN#{login}"), "GATE")
    }

    /// A sync that was asked for: with its login, since one call answers all of them.
    pub(crate) fn sync_request(login: &str, account: &AccountId) -> Self {
        Self::new(Self::gate(login).pk, format!("{REQUEST_PREFIX}{account}"))
    }

    /// A subscription: with its account, since an event is sent to all of them.
    pub(crate) fn subscription(account: &AccountId, id: Uuid) -> Self {
        Self::new(format!("ACCOUNT#{account}"), format!("{SUBSCRIPTION_PREFIX}{id}"))
    }

    /// The line to a subscription: with what is sent to it, since it changes with every call.
    pub(crate) fn line(account: &AccountId, line: LineId) -> Self {
        Self::new(sent(account, line.subscription), if line.of_items { "LINE#ITEMS" } else { "LINE" })
    }

    pub(crate) fn notification(key: &NotificationKey) -> Self {
        Self::notified(&key.account_id, key.subscription_id, &notification_id(key))
    }

    pub(crate) fn attempt(key: &NotificationKey, number: u32) -> Self {
        Self::notified(&key.account_id, key.subscription_id, &attempt_id(key, number))
    }

    /// A notification or an attempt, by what tells it from others of its subscription.
    pub(crate) fn notified(account: &AccountId, subscription: Uuid, id: &str) -> Self {
        Self::new(sent(account, subscription), format!("{ENTRY_PREFIX}{id}"))
    }

    pub(crate) fn moves(key: &MovesKey) -> Self {
        Self::new(format!("ACCOUNT#{}", key.account_id), format!("MOVES#{}", key.minute))
    }
}

/// The partition of what is sent to a subscription.
fn sent(account: &AccountId, subscription: Uuid) -> String {
    format!("ACCOUNT#{account}#SUBSCRIPTION#{subscription}")
}

/// The index partition of a subscription's notifications.
pub(crate) fn notifications_index(account: &AccountId, subscription: Uuid) -> String {
    format!("{}#EVENTS", sent(account, subscription))
}

/// The index partition of the calls to a subscription.
pub(crate) fn attempts_index(account: &AccountId, subscription: Uuid) -> String {
    format!("{}#CALLS", sent(account, subscription))
}

/// What tells a notification from others of its subscription.
pub(crate) fn notification_id(key: &NotificationKey) -> String {
    match key.replay_id {
        None => key.event_uuid.to_string(),
        Some(replay) => format!("{}#REPLAY#{replay}", key.event_uuid),
    }
}

/// What tells a call from others of its subscription; those of one notification sort by their number.
pub(crate) fn attempt_id(key: &NotificationKey, number: u32) -> String {
    format!("{}#CALL#{number:06}", notification_id(key))
}

/// Where a notification or a call stands in its subscription's list.
pub(crate) fn notified_place(at: Timestamp, id: &str) -> String {
    format!("{}#{id}", time_place(at))
}

/// The partition of what a run of the driver sync did.
pub(crate) fn sync_run(account: &AccountId, run_at: Timestamp) -> String {
    format!("ACCOUNT#{account}#SYNC#{}", run_at.as_millisecond())
}

/// The index partition of an account's orders.
pub(crate) fn orders_index(account: &AccountId) -> String {
    format!("ACCOUNT#{account}#ORDERS")
}

/// The index partition of what waits for an order.
pub(crate) fn unmatched_index(account: &AccountId) -> String {
    format!("ACCOUNT#{account}#UNMATCHED")
}

/// Where something that waits stands in its account's list: by the time of its last change.
pub(crate) fn unmatched_place(changed_at: Timestamp, id: &str) -> String {
    format!("{}#{id}", time_place(changed_at))
}

/// The index partition of an account's drivers.
pub(crate) fn drivers_index(account: &AccountId) -> String {
    format!("ACCOUNT#{account}#DRIVERS")
}

/// Where an order stands in its account's list: by the time it was made.
pub(crate) fn order_place(created_at: Timestamp, order: OrderId) -> String {
    format!("{}#{order}", time_place(created_at))
}

/// A time as text that sorts.
pub(crate) fn time_place(at: Timestamp) -> String {
    format!("{:013}", at.as_millisecond().max(0))
}

/// A text attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(crate) fn n(number: impl Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
