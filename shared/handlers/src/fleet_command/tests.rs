//! A command's way to Captain.AI, one receive of its message at a time.

mod any_order;
mod crashes;
mod drivers;
mod endings;
mod failures;
mod held_back;
mod orders;
mod outage;
mod pointless;

use courier_domain::command::{Command, CommandState, System};
use courier_domain::delivery::Provider;
use courier_domain::event::DomainEvent;
use courier_domain::ports::PortError;

use super::FleetCommands;
use crate::queue::Verdict;
use crate::testing::events::{announced, shift};
use crate::testing::{ANN, Bridge, FakeFleet, HandClock, Line, Memory, Outbox, message};

type Commands =
    FleetCommands<Memory, Memory, Memory, FakeFleet, Outbox<Command>, Outbox<DomainEvent>, HandClock>;

const FLEET: System = System::Fleet(Provider::Captain);

/// A restaurant that is written to Captain.AI, the function that does so, and Captain.AI.
struct Desk {
    bridge: Bridge,
    commands: Commands,
    fleet: FakeFleet,
}

fn desk() -> Desk {
    let bridge = Bridge::dispatching();
    let (memory, fleet) = (bridge.memory.clone(), FakeFleet::default());
    let commands = FleetCommands {
        ledger: bridge.ledger(),
        accounts: memory.clone(),
        secrets: memory,
        fleet: fleet.clone(),
        orders: bridge.orders(),
        drivers: bridge.drivers(),
        clock_in_path: "/of/{account_uuid}/{driver_uuid}/in".into(),
    };
    Desk { bridge, commands, fleet }
}

/// One of an order that Syrve announced, and nothing was sent of.
async fn announced_desk() -> Desk {
    let desk = desk();
    desk.bridge.tell_all(&[announced(0)]).await;
    desk
}

/// One of an order that the fleet has as `o-1`.
async fn made_desk() -> Desk {
    let desk = announced_desk().await;
    assert_eq!(desk.step("create_order").await, Verdict::Done);
    assert_eq!(desk.fleet.calls(), ["create"]);
    desk
}

/// One of a courier on duty, and nothing was sent of either.
async fn on_duty_desk() -> Desk {
    let desk = desk();
    desk.bridge.list(1, "Testa Example", true).await.unwrap();
    desk.bridge.tell_all(&[shift(2, ANN, true)]).await;
    desk
}

impl Desk {
    /// The newest command of that label.
    fn sent(&self, label: &str) -> Command {
        let mut commands = self.bridge.commands.items();
        commands.retain(|command| command.kind.label() == label);
        commands.pop().unwrap_or_else(|| panic!("nobody asked for {label}"))
    }

    /// Its message is received once.
    async fn receive(&self, label: &str) -> Result<Verdict, PortError> {
        self.commands.handle(&message(&self.sent(label))).await
    }

    /// Received, and the time that it must wait passes.
    async fn step(&self, label: &str) -> Verdict {
        let verdict = self.receive(label).await.unwrap();
        if let Verdict::Later(delay) = &verdict {
            self.bridge.clock.advance(*delay);
        }
        verdict
    }

    /// The newest command of that label, as it is stored.
    fn command(&self, label: &str) -> Command {
        let sent = self.sent(label);
        self.bridge.memory.state().commands[&(sent.subject(), sent.id)].value.clone()
    }

    fn state(&self, label: &str) -> CommandState {
        self.command(label).state
    }

    /// How often it was tried, and how often something else was asked.
    fn counts(&self, label: &str) -> (u32, u32) {
        let command = self.command(label);
        (command.attempts, command.polls)
    }

    /// Changes all stored commands, as another function would have.
    fn edit(&self, change: impl Fn(&mut Command)) {
        for stored in self.bridge.memory.state().commands.values_mut() {
            change(&mut stored.value);
            stored.version += 1;
        }
    }

    /// All commands are older by this.
    fn age(&self, minutes: i64) {
        self.edit(|command| command.created_at -= jiff::SignedDuration::from_mins(minutes));
    }

    /// Whether the fleet has the order once, and has it under the id that we know.
    fn is_made_once(&self) -> bool {
        let script = self.fleet.script();
        let kept = script.orders.values().next().map(|order| order.uuid.clone());
        let known = self.bridge.order().fleet_order_id(Provider::Captain).map(str::to_owned);
        script.made == 1 && kept.is_some() && kept == known
    }

    /// Everything that was asked for is carried out, however often it must come back; how messages ended as dead letters.
    async fn work(&self) -> Vec<String> {
        let mut line = Line::to(FLEET, &self.bridge.clock);
        for _ in 0..1000 {
            line.take_in(&self.bridge.commands.items());
            line.work(async |message| self.commands.handle(&message).await).await;
            if line.is_empty() {
                return line.dead;
            }
            line.wait();
        }
        panic!("the commands never end");
    }

    /// The lines of the order's timeline that are about commands for the fleet, and its answers.
    fn told(&self) -> Vec<(String, bool)> {
        let mut lines = self.bridge.timeline();
        let about = ["create_order", "update_order", "order_dispatched", "order_not_dispatched"];
        lines.retain(|(event, _)| about.iter().any(|name| event.starts_with(name)));
        lines.retain(|(event, _)| !event.starts_with("update_order_delivery_status"));
        lines
    }
}

fn later(seconds: u64) -> Verdict {
    Verdict::Later(std::time::Duration::from_secs(seconds))
}

/// Whether the message comes back when the gate said, or some time after, since others were told the same.
fn is_held(verdict: &Verdict, seconds: u64) -> bool {
    matches!(verdict, Verdict::Later(delay) if (seconds + 1..=30).contains(&delay.as_secs()))
}

/// What Syrve says of the order besides its status.
fn with_comment(second: i64, status: &str, comment: &str) -> courier_domain::inbound::InboundEvent {
    crate::testing::events::syrve_order_with(second, status, |order| order["comment"] = comment.into())
}
