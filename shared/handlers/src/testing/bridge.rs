//! The functions behind the queues of events, on one table.

use std::time::Duration;

use courier_domain::account::{Account, MatchOrdersBy};
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind};
use courier_domain::delivery::{PosStatus, Provider};
use courier_domain::driver::{ClockRequest, Courier, Driver};
use courier_domain::event::DomainEvent;
use courier_domain::ids::EventKey;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::notification::NotifyMessage;
use courier_domain::order::Order;
use courier_domain::ports::{CommandQueue, Directory, Drivers, PortError};
use courier_domain::register::Stamp;
use courier_domain::report::{DriverChange, DriverReport};
use courier_domain::secret::Secret;

use super::{ANN, HandClock, Memory, ORDER, Outbox, account, at, secrets};
use crate::commands::Ledger;
use crate::drivers::{ByTheMinute, DriverDesk, NobodyMoves};
use crate::events::{DeliveryOrder, FleetEvent, PersonalShift, handle};
use crate::orders::OrderDesk;
use crate::queue::Verdict;

#[derive(Clone)]
pub(crate) struct Bridge {
    pub(crate) memory: Memory,
    pub(crate) commands: Outbox<Command>,
    pub(crate) bus: Outbox<DomainEvent>,
    /// Messages for the ends of minutes in which drivers moved.
    pub(crate) moves: Outbox<(NotifyMessage, Duration)>,
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
        Self::of(account(match_orders_by))
    }

    pub(crate) fn of(account: Account) -> Self {
        Self {
            memory: Memory::with_account(account, secrets()),
            commands: Outbox::default(),
            bus: Outbox::default(),
            moves: Outbox::default(),
            clock: HandClock::default(),
        }
    }

    /// A restaurant whose orders and drivers are written to Captain.AI.
    pub(crate) fn dispatching() -> Self {
        let bridge = Self::default();
        bridge.memory.edit_account(|account| {
            account.dispatch_to = Some(Provider::Captain);
            account.captain.as_mut().unwrap().account_uuid = Some("73f4c9af9f79".into());
        });
        for secrets in bridge.memory.state().secrets.values_mut() {
            secrets.captain_integration_key = Some(Secret::new("integration-key"));
            secrets.captain_developer_key = Some(Secret::new("developer-key"));
        }
        bridge
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
            moves: NobodyMoves,
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
            (Sender::Fleet(_) | Sender::Operator, _) => {
                let (store, queue) = (self.memory.clone(), self.moves.clone());
                let moves = ByTheMinute { store, queue, clock: self.clock.clone() };
                let drivers = self.drivers().with_moves(moves);
                let handler = FleetEvent { orders: self.orders(), drivers };
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

    /// Syrve's list of couriers, as of `second`, says this of Ann.
    pub(crate) async fn list(&self, second: i64, name: &str, active: bool) -> Result<Verdict, PortError> {
        let account = self.account();
        let key = EventKey::hashed(["list", &second.to_string()]);
        let report = DriverReport {
            driver_id: ANN.parse().unwrap(),
            stamp: Stamp::new(at(second), key.clone()),
            change: DriverChange::Listed(Courier { name: Some(name.into()), active }),
        };
        self.drivers().apply(&account, &key, "syrve", "driver_listed", &[report]).await
    }

    /// Somebody asks to clock a driver in or out, as of now; the command is written with the driver.
    pub(crate) async fn request(&self, opened: bool, kind: CommandKind) -> Command {
        let (now, account) = (self.clock.now(), self.account().account_id);
        let cause = EventKey::hashed(["request", &now.to_string()]);
        let stamp = Stamp::new(now, cause.clone());
        let command = Command::new(account.clone(), kind, stamp.clone(), &cause, now);
        let [mut driver] =
            self.memory.read_drivers(&account, &[ANN.parse().unwrap()]).await.unwrap().try_into().unwrap();
        let subject = command.subject();
        let behind = self
            .memory
            .state()
            .commands
            .iter()
            .any(|((about, _), other)| *about == subject && !other.value.state.is_final());
        let request = ClockRequest { opened, stamp, behind };
        driver.value.clock_request = Some(request);
        assert!(self.memory.commit_request(driver, std::slice::from_ref(&command)).await.unwrap());
        self.commands.send_commands(std::slice::from_ref(&command)).await.unwrap();
        command
    }

    pub(crate) fn account(&self) -> Account {
        self.memory.state().accounts.values().next().unwrap().value.clone()
    }

    /// Ann.
    pub(crate) fn driver(&self) -> Driver {
        self.memory.state().drivers.get(&ANN.parse().unwrap()).expect("the driver is stored").value.clone()
    }

    pub(crate) fn order(&self) -> Order {
        self.memory.state().orders.get(&ORDER.parse().unwrap()).expect("the order is stored").value.clone()
    }

    /// The statuses that Syrve was asked for, in the order the commands were sent.
    pub(crate) fn asked(&self) -> Vec<PosStatus> {
        self.commands.items().iter().map(pos_status).collect()
    }

    /// What all systems were asked for, in the order the commands were sent.
    pub(crate) fn labels(&self) -> Vec<String> {
        self.commands.items().iter().map(|command| command.kind.label()).collect()
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
