//! The functions behind the queues of events, on one table.

use courier_domain::account::MatchOrdersBy;
use courier_domain::command::{Command, CommandKind};
use courier_domain::delivery::PosStatus;
use courier_domain::event::DomainEvent;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::order::Order;
use courier_domain::ports::PortError;

use super::{HandClock, Memory, ORDER, Outbox, account, secrets};
use crate::commands::Ledger;
use crate::drivers::DriverDesk;
use crate::events::{DeliveryOrder, FleetEvent, PersonalShift, handle};
use crate::orders::OrderDesk;
use crate::queue::Verdict;

#[derive(Clone)]
pub(crate) struct Bridge {
    pub(crate) memory: Memory,
    pub(crate) commands: Outbox<Command>,
    pub(crate) bus: Outbox<DomainEvent>,
    pub(crate) clock: HandClock,
}

impl Default for Bridge {
    fn default() -> Self {
        Self::matching(MatchOrdersBy::OrderId)
    }
}

pub(crate) fn decode(text: &str) -> Result<InboundEvent, String> {
    serde_json::from_str(text).map_err(|error| format!("not an event: {error}"))
}

impl Bridge {
    pub(crate) fn matching(match_orders_by: MatchOrdersBy) -> Self {
        Self {
            memory: Memory::with_account(account(match_orders_by), secrets()),
            commands: Outbox::default(),
            bus: Outbox::default(),
            clock: HandClock::default(),
        }
    }

    pub(crate) fn orders(&self) -> OrderDesk<Memory, Outbox<Command>, Outbox<DomainEvent>, HandClock> {
        OrderDesk {
            store: self.memory.clone(),
            commands: self.commands.clone(),
            bus: self.bus.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(crate) fn drivers(&self) -> DriverDesk<Memory, Outbox<Command>, Outbox<DomainEvent>, HandClock> {
        DriverDesk {
            store: self.memory.clone(),
            commands: self.commands.clone(),
            bus: self.bus.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Where commands are kept, with ends that nobody hears of.
    pub(crate) fn ledger(&self) -> Ledger<Memory, Outbox<DomainEvent>, HandClock> {
        Ledger { store: self.memory.clone(), bus: Outbox::default(), clock: self.clock.clone() }
    }

    /// A message reaches the function it is for.
    pub(crate) async fn message(&self, sender: Sender, kind: &str, text: &str) -> Result<Verdict, PortError> {
        match (sender, kind) {
            (Sender::Syrve, "PersonalShift") => {
                handle(&self.memory, decode, &PersonalShift(self.drivers()), text).await
            }
            (Sender::Syrve, _) => handle(&self.memory, decode, &DeliveryOrder(self.orders()), text).await,
            (Sender::Captain, _) => {
                let handler = FleetEvent { orders: self.orders(), drivers: self.drivers() };
                handle(&self.memory, decode, &handler, text).await
            }
        }
    }

    /// An event reaches the function it is for.
    pub(crate) async fn tell(&self, event: &InboundEvent) -> Result<Verdict, PortError> {
        let text = serde_json::to_string(event).unwrap();
        self.message(event.sender, &event.kind, &text).await
    }

    /// The same for several that all must be done with.
    pub(crate) async fn tell_all(&self, events: &[InboundEvent]) {
        for event in events {
            assert_eq!(self.tell(event).await.unwrap(), Verdict::Done);
        }
    }

    pub(crate) fn order(&self) -> Order {
        self.memory.state().orders.get(&ORDER.parse().unwrap()).expect("the order is stored").value.clone()
    }

    /// The statuses that Syrve was asked for, in the order the commands were sent.
    pub(crate) fn asked(&self) -> Vec<PosStatus> {
        self.commands.items().iter().map(pos_status).collect()
    }

    pub(crate) fn event_names(&self) -> Vec<String> {
        self.bus.items().into_iter().map(|event| event.name).collect()
    }

    /// Each event of the order's timeline and whether it changed anything, oldest first.
    pub(crate) fn timeline(&self) -> Vec<(String, bool)> {
        let state = self.memory.state();
        let mut entries = state.timeline(ORDER.parse().unwrap());
        entries.sort_by_key(|entry| entry.at);
        entries.into_iter().map(|entry| (entry.event.clone(), entry.applied)).collect()
    }
}

pub(crate) fn pos_status(command: &Command) -> PosStatus {
    match &command.kind {
        CommandKind::UpdateOrderDeliveryStatus { status, .. } => *status,
        other => panic!("not a status: {other:?}"),
    }
}
