//! What follows from a change of an order: the commands that Syrve and the fleet get, and the domain events. Both are worked
//! out from the state before and after, never from the event, so that a repeated or late event cannot cause anything.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Order, SyrveStatus};
use crate::account::Account;
use crate::command::{Command, CommandKind, FollowUp};
use crate::delivery::{Delivery, DeliveryStatus, PosStatus};
use crate::event::{Cause, DomainEvent};
use crate::ids::EventKey;
use crate::register::Stamp;

/// What Syrve was last asked to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The status asked for.
    pub status: PosStatus,
    /// What the request rests on. It is newer than that of every request before.
    pub stamp: Stamp,
    /// The stamp of the oldest request that is still to be carried out, where that is not this one: those since are the
    /// steps to this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Stamp>,
}

impl Requested {
    fn since(&self) -> &Stamp {
        self.since.as_ref().unwrap_or(&self.stamp)
    }
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
    /// What Syrve is to be asked for after the change `before` → `self`, and remembers it: the status of an order that is
    /// announced, for a courier and not over, where it is not the one that was asked for last. Of a fleet that does not
    /// tell every step, the skipped ones are asked for first, and what was asked for on the way there stays wanted.
    ///
    /// While the order was over or off delivery, a request that still waited was dropped ([`Order::superseded`]). So an
    /// order that comes back asks again, unless Syrve itself is there already.
    fn pos_commands(&mut self, before: &Self) -> Vec<(CommandKind, Stamp)> {
        let delivery = self.delivery();
        let (order_id, delivered_at) = (self.order_id, delivery.delivered_at());
        let wanted = delivery.current().and_then(DeliveryStatus::pos_status);
        let (Some(carrier), Some(evidence), Some(status)) = (self.carrier(), self.evidence(), wanted) else {
            return Vec::new();
        };
        let came_back = before.announced && !before.can_be_told() && !self.pos_has_reached(status);
        let last = self.requested.as_ref();
        let asked = last.map(|last| last.status).filter(|_| !came_back);
        if !self.can_be_told() || asked == Some(status) {
            return Vec::new();
        }
        let stamp = match last {
            // A late event can change which fleet counts without being newer than all that was known.
            Some(last) if last.stamp >= *evidence => last.stamp.ranked(last.stamp.rank.saturating_add(1)),
            _ => evidence.clone(),
        };
        let by_steps = !carrier.tells_every_step();
        let is_skipped = |step: PosStatus| by_steps && asked < Some(step) && !self.pos_has_reached(step);
        let is_due = |step: &PosStatus| *step == status || (*step < status && is_skipped(*step));
        let steps: Vec<_> = PosStatus::ALL.into_iter().filter(is_due).collect();
        let on_the_way = last.filter(|_| by_steps && asked.is_some_and(|asked| asked < status));
        let since = on_the_way.map(|last| last.since().clone());
        self.requested = Some(Requested { status, stamp: stamp.clone(), since });
        let command = |status| {
            let delivered_at = delivered_at.filter(|_| status == PosStatus::Delivered);
            (CommandKind::UpdateOrderDeliveryStatus { order_id, status, delivered_at }, stamp.clone())
        };
        steps.into_iter().map(command).collect()
    }

    /// What a request rests on: the newest of all that the fleets have said, since all of it decides which fleet counts and
    /// how far it is.
    pub(super) fn evidence(&self) -> Option<&Stamp> {
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
        let mut kinds = self.pos_commands(before);
        kinds.extend(self.dispatch_commands(before, account));
        let commands = kinds
            .into_iter()
            .map(|(kind, stamp)| Command::new(id.clone(), kind, stamp, cause, now))
            .collect();
        let mut events = self.events_since(before, Cause { account: id, key: cause, now });
        DomainEvent::chain(&mut events, &mut self.last_told);
        FollowUp { commands, events, moved: Vec::new() }
    }

    /// Why a command that `stamp` caused is pointless by now.
    pub fn superseded(&self, stamp: &Stamp) -> Option<SupersededBy> {
        if self.requested.as_ref().is_some_and(|last| last.since() > stamp) {
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

    /// Why a step on the way to the status that was asked for last is pointless by now: Syrve has made it itself.
    pub fn step_superseded(&self, status: PosStatus) -> Option<SupersededBy> {
        let is_on_the_way = self.requested.as_ref().is_some_and(|last| status < last.status);
        (is_on_the_way && self.pos_has_reached(status)).then_some(SupersededBy::SyrveAhead)
    }
}
