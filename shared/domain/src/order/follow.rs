//! What follows from a change of an order: the command that Syrve gets, and the domain events. Both are worked out from
//! the state before and after, never from the event, so that a repeated or late event cannot cause anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Order;
use crate::command::{Command, CommandKind};
use crate::delivery::PosStatus;
use crate::event::DomainEvent;
use crate::ids::{AccountId, EventKey};
use crate::register::Stamp;

/// What Syrve was last asked to set, and by which change of the delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The status asked for.
    pub status: PosStatus,
    /// The stamp of the delivery status that asked.
    pub stamp: Stamp,
}

/// What must be handed on after a change was written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The command for Syrve.
    pub command: Option<Command>,
    /// What happened, for the bus.
    pub events: Vec<DomainEvent>,
}

/// Why a command is not sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SupersededBy {
    /// A newer change of the delivery asked for something else.
    #[error("a newer status")]
    NewerStatus,
    /// Syrve closed or cancelled the order.
    #[error("the order is closed or cancelled in Syrve")]
    OrderOver,
    /// Syrve made it an order that no courier brings.
    #[error("the order is not for a courier any more")]
    OffDelivery,
}

impl Order {
    /// What Syrve is to be told now, if anything: an order that is announced, for a courier and not over, whose delivery
    /// has a status that Syrve has a word for, and one that was not asked for last.
    fn wanted(&self) -> Option<Requested> {
        if !self.on_delivery() || self.is_over() {
            return None;
        }
        let status = self.delivery.current()?.pos_status()?;
        let stamp = self.delivery.status.stamp()?.clone();
        let asked = self.requested.as_ref();
        let is_new = asked.is_none_or(|last| last.status != status && last.stamp < stamp);
        is_new.then_some(Requested { status, stamp })
    }

    /// Works out what follows from the change `before` → `self`, caused by the event `cause`, and remembers the request.
    pub fn follow(
        &mut self,
        before: &Self,
        account: &AccountId,
        cause: &EventKey,
        now: Timestamp,
    ) -> FollowUp {
        let command = self.wanted().map(|wanted| {
            let kind = CommandKind::UpdateOrderDeliveryStatus {
                order_id: self.order_id,
                status: wanted.status,
                delivered_at: self.delivery.delivered_at().filter(|_| wanted.status == PosStatus::Delivered),
            };
            let command = Command::new(account.clone(), kind, wanted.stamp.clone(), cause, now);
            self.requested = Some(wanted);
            command
        });
        FollowUp { command, events: self.events_since(before, account, cause, now) }
    }

    /// Why a command that `stamp` caused is pointless by now.
    pub fn superseded(&self, stamp: &Stamp) -> Option<SupersededBy> {
        if self.requested.as_ref().is_some_and(|last| last.stamp > *stamp) {
            Some(SupersededBy::NewerStatus)
        } else if self.is_over() {
            Some(SupersededBy::OrderOver)
        } else if !self.on_delivery() {
            Some(SupersededBy::OffDelivery)
        } else {
            None
        }
    }

    /// Only an announced order has domain events: nobody has heard of the others.
    fn events_since(
        &self,
        before: &Self,
        account: &AccountId,
        cause: &EventKey,
        now: Timestamp,
    ) -> Vec<DomainEvent> {
        if !self.announced {
            return Vec::new();
        }
        let mut events = Vec::new();
        let mut tell = |name: &str, stamp: Option<&Stamp>, detail: serde_json::Value| {
            let at = stamp.map_or(now, |stamp| stamp.at);
            events.push(DomainEvent::of_order(name, account, self.order_id, at, cause, detail));
        };
        if !before.announced {
            let details = self.details.get();
            tell("order_created", self.details.stamp(), json!({ "number": details.and_then(|d| d.number) }));
        }
        let status_of = |order: &Self| order.details.get().map(|details| details.status.clone());
        if status_of(before) != status_of(self) {
            tell("order_status_updated", self.details.stamp(), json!({ "syrve_status": status_of(self) }));
        }
        if before.on_delivery() && !self.on_delivery() {
            tell("order_taken_off_delivery", self.service.stamp(), json!({}));
        }
        let (old, new) = (&before.delivery, &self.delivery);
        let driver_of = |delivery: &crate::delivery::Delivery| delivery.driver.get().cloned().flatten();
        if driver_of(old) != driver_of(new) {
            let name = if driver_of(new).is_some() { "order_assigned" } else { "order_unassigned" };
            let driver = driver_of(new).or_else(|| driver_of(old)).map(|driver| driver.driver_id);
            tell(name, new.driver.stamp(), json!({ "driver_id": driver }));
        }
        if old.current() != new.current() {
            let status = new.current();
            tell("job_delivery_status_updated", new.status.stamp(), json!({ "job_delivery_status": status }));
        }
        for (item, register) in &self.items {
            let old = before.items.get(item).and_then(|register| register.get());
            if let Some(new) = register.get().filter(|new| Some(*new) != old) {
                tell(
                    "item_status_updated",
                    register.stamp(),
                    json!({ "item": item, "item_status": new.status }),
                );
            }
        }
        events
    }
}
