//! What follows from a change of an order: the commands that Syrve and the fleet get, and the domain events. Both are worked out from
//! the state before and after, never from the event, so that a repeated or late event cannot cause anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Order, SyrveStatus};
use crate::account::Account;
use crate::command::{Command, CommandKind, FollowUp};
use crate::delivery::{Delivery, DeliveryStatus, PosStatus};
use crate::event::DomainEvent;
use crate::ids::{AccountId, EventKey};
use crate::register::Stamp;

/// What Syrve was last asked to set, and by which change of the delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The status asked for.
    pub status: PosStatus,
    /// The newest of what the fleets had said by then.
    pub stamp: Stamp,
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
    /// The restaurant set this status or a later one itself, on newer evidence.
    #[error("Syrve is there already, or further")]
    SyrveAhead,
    /// The fleet is to be sent something newer.
    #[error("a newer content")]
    NewerContent,
    /// Somebody carries the order already.
    #[error("the order is on its way or delivered in Syrve")]
    Carried,
    /// The fleet never got the order.
    #[error("the order is not known to the fleet")]
    NotDispatched,
}

impl Order {
    /// What Syrve is to be told now, in this order: the status of an order that is announced, for a courier and not over,
    /// where it is not the one that was asked for last. Of a fleet that does not tell every step, first those that were
    /// skipped.
    ///
    /// While the order was over or off delivery, a request that still waited was dropped ([`Order::superseded`]). So an
    /// order that comes back asks again, unless Syrve itself is there already.
    fn wanted(&self, before: &Self) -> Vec<PosStatus> {
        let told = (self.carrier(), self.delivery().current().and_then(DeliveryStatus::pos_status));
        let (Some(carrier), Some(status)) = told else { return Vec::new() };
        if !self.can_be_told() {
            return Vec::new();
        }
        let came_back = before.announced && !before.can_be_told() && !self.pos_has_reached(status);
        let asked = self.requested.as_ref().map(|last| last.status);
        if asked == Some(status) && !came_back {
            return Vec::new();
        }
        let is_skipped = |step: &PosStatus| {
            !carrier.tells_every_step() && asked.is_none_or(|asked| asked < *step) && !self.pos_has_reached(*step)
        };
        PosStatus::ALL.into_iter().filter(|step| *step == status || (*step < status && is_skipped(step))).collect()
    }

    /// What a request rests on: all that the fleets have said, since all of it decides which fleet counts and how far it
    /// is. It only ever grows, so that of two requests the newer rests on more.
    fn evidence(&self) -> Option<&Stamp> {
        self.deliveries.values().filter_map(Delivery::newest).max()
    }

    pub(super) fn can_be_told(&self) -> bool {
        self.on_delivery() && !self.is_over() && !self.syrve_is_ahead()
    }

    /// Whether Syrve, by its own newer word, is where the delivery is, or further: a delayed event must not push an order
    /// back that the restaurant moved on by hand.
    fn syrve_is_ahead(&self) -> bool {
        let delivery = self.delivery();
        let wanted = delivery.current().and_then(DeliveryStatus::pos_status);
        let reached = wanted.is_some_and(|status| self.pos_has_reached(status));
        let at = |stamp: Option<&Stamp>| stamp.map(|stamp| stamp.at);
        reached && at(self.details.stamp()) >= at(delivery.status_stamp())
    }

    /// Whether Syrve's own status is `status` or one after it.
    fn pos_has_reached(&self, status: PosStatus) -> bool {
        let reached = match self.details.get().map(|details| &details.status) {
            Some(SyrveStatus::Waiting) => PosStatus::Waiting,
            Some(SyrveStatus::OnWay) => PosStatus::OnWay,
            Some(SyrveStatus::Delivered | SyrveStatus::Closed) => PosStatus::Delivered,
            _ => return false,
        };
        reached >= status
    }

    /// Works out what follows from the change `before` → `self`, caused by the event `cause`, and remembers the requests.
    pub fn follow(&mut self, before: &Self, account: &Account, cause: &EventKey, now: Timestamp) -> FollowUp {
        let id = &account.account_id;
        let (steps, evidence) = (self.wanted(before), self.evidence().cloned());
        let mut for_pos = Vec::new();
        if let (Some(status), Some(stamp)) = (steps.last().copied(), evidence) {
            self.requested = Some(Requested { status, stamp: stamp.clone() });
            let (order_id, at) = (self.order_id, self.delivery().delivered_at());
            for_pos.extend(steps.into_iter().map(|status| {
                let delivered_at = at.filter(|_| status == PosStatus::Delivered);
                let kind = CommandKind::UpdateOrderDeliveryStatus { order_id, status, delivered_at };
                (kind, stamp.clone())
            }));
        }
        let kinds = for_pos.into_iter().chain(self.dispatch_commands(before, account));
        let commands = kinds.map(|(kind, stamp)| Command::new(id.clone(), kind, stamp, cause, now)).collect();
        FollowUp { commands, events: self.events_since(before, id, cause, now) }
    }

    /// Why a command that `stamp` caused is pointless by now.
    pub fn superseded(&self, stamp: &Stamp) -> Option<SupersededBy> {
        if self.requested.as_ref().is_some_and(|last| last.stamp > *stamp) {
            Some(SupersededBy::NewerStatus)
        } else if self.is_over() {
            Some(SupersededBy::OrderOver)
        } else if !self.on_delivery() {
            Some(SupersededBy::OffDelivery)
        } else if self.syrve_is_ahead() {
            Some(SupersededBy::SyrveAhead)
        } else {
            None
        }
    }

    /// Only an announced order has domain events: nobody has heard of the others. Once it is announced, all that was
    /// known of it before is told as well.
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
        let unheard_of = Self::new(self.order_id);
        let before = if before.announced { before } else { &unheard_of };
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
        // Announced by a late event, it may be off delivery from the first.
        if (before.on_delivery() || !before.announced) && !self.on_delivery() {
            tell("order_taken_off_delivery", self.service.stamp(), json!({}));
        }
        let (old, new) = (before.delivery(), self.delivery());
        let carrier = self.carrier();
        let driver_of = |delivery: &Delivery| delivery.current_driver().map(|driver| driver.driver_id);
        if driver_of(old) != driver_of(new) {
            let name = if driver_of(new).is_some() { "order_assigned" } else { "order_unassigned" };
            let driver = driver_of(new).or_else(|| driver_of(old));
            tell(name, new.driver.stamp(), json!({ "provider": carrier, "driver_id": driver }));
        }
        if old.current() != new.current() {
            let detail = json!({ "provider": carrier, "job_delivery_status": new.current() });
            tell("job_delivery_status_updated", new.status_stamp(), detail);
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
