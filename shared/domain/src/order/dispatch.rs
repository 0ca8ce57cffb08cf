//! An order written to a fleet: made there once, changed as Syrve changes it, told how far the kitchen is, cancelled when it
//! is cancelled. What is to be asked is worked out from Syrve's word before and after a change, and remembered, so that
//! nothing is asked twice; what a request says is read when it is its turn.

use serde::{Deserialize, Serialize};

use super::{Order, OrderDetails, SupersededBy, SyrveStatus};
use crate::account::Account;
use crate::command::{Command, CommandKind, KitchenStatus};
use crate::delivery::Provider;
use crate::register::Stamp;

/// What a fleet was last asked to do with an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatch {
    /// The fleet.
    pub provider: Provider,
    /// Whether the fleet has said that it has the order.
    pub made: bool,
    /// Whether making it came to nothing as far as anybody knows, and it may have been made all the same. It is offered again
    /// as if the fleet had never been asked; and should it be cancelled, that is told.
    #[serde(default)]
    pub in_doubt: bool,
    /// The fleet's own id of the order.
    pub fleet_order_id: Option<String>,
    /// The stamp of Syrve's word whose content was last asked to be sent.
    pub content: Stamp,
    /// How far the kitchen was when the fleet was last to be told, and by which of Syrve's words.
    pub kitchen: Option<(KitchenStatus, Stamp)>,
}

impl Order {
    /// Whether a fleet is to carry it: one that somebody carries already, or has carried, is nobody else's any more. An
    /// unknown status counts as an early one, since a driver too many is better than none.
    pub fn wants_courier(&self) -> bool {
        let is_early = |status: &SyrveStatus| {
            !matches!(
                status,
                SyrveStatus::OnWay | SyrveStatus::Delivered | SyrveStatus::Closed | SyrveStatus::Cancelled
            )
        };
        self.on_delivery() && self.details.get().is_some_and(|details| is_early(&details.status))
    }

    /// How far the kitchen is, where Syrve's newest word tells. `Waiting` is also what Syrve is set to when a driver
    /// accepts, so it means cooked only where Syrve says when that was.
    fn kitchen(&self) -> Option<KitchenStatus> {
        let details = self.details.get()?;
        match details.status {
            SyrveStatus::Cancelled => Some(KitchenStatus::Cancelled),
            _ if !self.on_delivery() => Some(KitchenStatus::Cancelled),
            SyrveStatus::CookingStarted => Some(KitchenStatus::BeingPrepared),
            SyrveStatus::CookingCompleted => Some(KitchenStatus::Prepared),
            SyrveStatus::Waiting if details.cooked_at.is_some() => Some(KitchenStatus::Prepared),
            _ => None,
        }
    }

    /// What the fleet is to be asked after the change `before` → `self`, with the stamp of the word that asks. Only Syrve's
    /// word asks: what a fleet reports is known to it.
    pub(super) fn dispatch_commands(
        &mut self,
        before: &Self,
        account: &Account,
    ) -> Vec<(CommandKind, Stamp)> {
        let changed = before.details != self.details || before.service != self.service;
        let (Some(provider), true) = (account.dispatch_to, changed) else { return Vec::new() };
        let (details, service) = (self.details.stamp(), self.service.stamp());
        let Some(stamp) = details.max(service).cloned() else { return Vec::new() };
        let mut kinds = Vec::new();
        let (order_id, wants_courier, kitchen) = (self.order_id, self.wants_courier(), self.kitchen());
        let shows_more = self.details.get().zip(before.details.get()).is_some_and(|(now, then)| {
            self.on_delivery() && !self.is_over() && now.shown_to_fleets() != then.shown_to_fleets()
        });
        self.dispatch.take_if(|dispatch| dispatch.in_doubt && wants_courier);
        let dispatch = match &mut self.dispatch {
            Some(dispatch) => {
                if shows_more && !dispatch.in_doubt {
                    dispatch.content = stamp.clone();
                    kinds.push(CommandKind::UpdateOrder { order_id });
                }
                dispatch
            }
            None if wants_courier => {
                kinds.push(CommandKind::CreateOrder { order_id });
                let content = stamp.clone();
                self.dispatch.insert(Dispatch {
                    provider,
                    made: false,
                    in_doubt: false,
                    fleet_order_id: None,
                    content,
                    kitchen: None,
                })
            }
            None => return kinds.into_iter().map(|kind| (kind, stamp.clone())).collect(),
        };
        let told = dispatch.kitchen.as_ref().map(|(status, _)| *status);
        if told == Some(KitchenStatus::Cancelled) && wants_courier && kitchen.is_none() {
            // It came back; should the cancellation still wait, it is not sent.
            dispatch.kitchen = None;
        }
        if let Some(status) = kitchen.filter(|status| Some(*status) != told) {
            dispatch.kitchen = Some((status, stamp.clone()));
            kinds.push(CommandKind::UpdateOrderStatus { order_id, status });
        }
        kinds.into_iter().map(|kind| (kind, stamp.clone())).collect()
    }

    /// The fleet has the order.
    pub(super) fn dispatched(&mut self, provider: Provider, stamp: &Stamp, id: Option<String>) -> bool {
        let before = self.dispatch.clone();
        let dispatch = self.dispatch.get_or_insert_with(|| Dispatch {
            provider,
            made: true,
            in_doubt: false,
            fleet_order_id: None,
            content: stamp.clone(),
            kitchen: None,
        });
        (dispatch.made, dispatch.in_doubt) = (true, false);
        dispatch.fleet_order_id = id.or_else(|| dispatch.fleet_order_id.take());
        self.dispatch != before
    }

    /// The fleet refused the order. As if it had never been asked, so that Syrve's next word asks again; where it may have
    /// the order all the same, that is remembered, for it to hear of a cancellation.
    pub(super) fn not_dispatched(&mut self, provider: Provider, in_doubt: bool) -> bool {
        let is_it = |dispatch: &&mut Dispatch| dispatch.provider == provider && !dispatch.made;
        let Some(dispatch) = self.dispatch.as_mut().filter(is_it) else { return false };
        if in_doubt {
            return !std::mem::replace(&mut dispatch.in_doubt, true);
        }
        self.dispatch = None;
        true
    }

    /// A fleet's own id of the order, from its answer or from any of its events.
    pub fn fleet_order_id(&self, provider: Provider) -> Option<&str> {
        let dispatch = self.dispatch.as_ref().filter(|dispatch| dispatch.provider == provider);
        let answered = dispatch.and_then(|dispatch| dispatch.fleet_order_id.as_deref());
        let told = || self.refs.iter().find(|name| name.kind == provider.as_str());
        answered.or_else(|| told().map(|name| name.value.as_str()))
    }

    /// Whether the fleet is to hear that the order is cancelled, as soon as it has it.
    fn is_to_be_cancelled_there(&self) -> bool {
        let kitchen = self.dispatch.as_ref().and_then(|dispatch| dispatch.kitchen.as_ref());
        kitchen.is_some_and(|(status, _)| *status == KitchenStatus::Cancelled)
    }

    /// Why a command for the fleet is pointless by now.
    pub fn dispatch_superseded(&self, command: &Command) -> Option<SupersededBy> {
        let dispatch = self.dispatch.as_ref();
        let gone = if self.is_over() { SupersededBy::OrderOver } else { SupersededBy::OffDelivery };
        match &command.kind {
            // No answer, and no list without the order, proves that it was not made. Its cancellation waits behind this, and
            // looks for it once it surely was.
            CommandKind::CreateOrder { .. } if command.in_doubt && self.is_to_be_cancelled_there() => None,
            CommandKind::CreateOrder { .. } if self.on_delivery() && !self.is_over() => {
                (!self.wants_courier()).then_some(SupersededBy::Carried)
            }
            CommandKind::CreateOrder { .. } => Some(gone),
            CommandKind::UpdateOrder { .. } | CommandKind::UpdateOrderStatus { .. } if dispatch.is_none() => {
                Some(SupersededBy::NotDispatched)
            }
            CommandKind::UpdateOrderStatus { status: KitchenStatus::Cancelled, .. }
                if self.wants_courier() =>
            {
                Some(SupersededBy::NewerStatus)
            }
            CommandKind::UpdateOrder { .. }
            | CommandKind::UpdateOrderStatus {
                status: KitchenStatus::BeingPrepared | KitchenStatus::Prepared,
                ..
            } if dispatch.is_some_and(|dispatch| dispatch.in_doubt) => Some(SupersededBy::NotDispatched),
            CommandKind::UpdateOrder { .. } if !self.on_delivery() || self.is_over() => Some(gone),
            CommandKind::UpdateOrder { .. } => dispatch
                .is_some_and(|dispatch| dispatch.content > command.stamp)
                .then_some(SupersededBy::NewerContent),
            CommandKind::UpdateOrderStatus { .. } => dispatch
                .and_then(|dispatch| dispatch.kitchen.as_ref())
                .is_some_and(|(_, stamp)| *stamp > command.stamp)
                .then_some(SupersededBy::NewerStatus),
            _ => None,
        }
    }
}

impl OrderDetails {
    /// Of an order, what a fleet shows its drivers: without status, times that only the kitchen knows, and what only the
    /// restaurant sees.
    fn shown_to_fleets(&self) -> Self {
        let mut items = self.items.clone();
        for item in &mut items {
            (item.id, item.status) = (None, None);
        }
        Self {
            status: SyrveStatus::Unknown(String::new()),
            items,
            terminal_group_id: None,
            created_at: None,
            cooked_at: None,
            sent_at: None,
            delivered_at: None,
            closed_at: None,
            cancelled_at: None,
            cancel_reason: None,
            problem: None,
            courier_id: None,
            moved_from: None,
            moved_to: None,
            ..self.clone()
        }
    }
}
