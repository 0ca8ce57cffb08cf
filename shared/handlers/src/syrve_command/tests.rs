//! A command's way to Syrve, one receive of its message at a time.

mod calls;
mod confirmation;
mod endings;
mod held_back;
mod left_open;
mod pointless;
mod shift_doubts;
mod shift_places;
mod shift_time;
mod shifts;
mod shifts_pointless;

use std::time::Duration;

use courier_clients::CallError;
use courier_clients::syrve::CommandStatus;
use courier_domain::account::MatchOrdersBy;
use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandKind, CommandMessage, CommandState};
use courier_domain::event::DomainEvent;
use courier_domain::ports::PortError;

use super::SyrveCommands;
use crate::queue::Verdict;
use crate::testing::events::{announced, job};
use crate::testing::{ANN, Bridge, FakePos, HandClock, Memory, Outbox, message};

const IN_PROGRESS: Result<CommandStatus, CallError> = Ok(CommandStatus::InProgress);
const SUCCESS: Result<CommandStatus, CallError> = Ok(CommandStatus::Success);

type Commands =
    SyrveCommands<Memory, Memory, Memory, FakePos, Outbox<Command>, Outbox<DomainEvent>, HandClock>;

/// An order with one command, the function that carries it out, and the POS.
struct Desk {
    bridge: Bridge,
    commands: Commands,
    pos: FakePos,
    message: String,
}

/// The command that a delivery at `status` asks for.
async fn desk(status: &str) -> Desk {
    let bridge = Bridge::matching(MatchOrdersBy::OrderId);
    bridge.tell_all(&[announced(0), job(1, status)]).await;
    let [command] = bridge.commands.items().try_into().unwrap();
    desk_of(bridge, &command)
}

/// The command that is made when somebody asks, at `second`, to clock Ann in or out.
async fn clock_desk(second: u64, open: bool) -> Desk {
    asked(Bridge::default(), second, open).await
}

/// The same after what has happened on this bridge.
async fn asked(bridge: Bridge, second: u64, open: bool) -> Desk {
    let driver = bridge.memory.state().drivers.get(&ANN.parse().unwrap()).cloned();
    let role_id = driver.and_then(|driver| driver.value.role.get().copied());
    let driver_id = ANN.parse().unwrap();
    let kind = if open {
        CommandKind::ClockIn { driver_id, terminal_group_id: None, role_id }
    } else {
        CommandKind::ClockOut { driver_id, terminal_group_id: None }
    };
    bridge.clock.advance(Duration::from_secs(second));
    let command = bridge.request(open, kind).await;
    desk_of(bridge, &command)
}

fn desk_of(bridge: Bridge, command: &Command) -> Desk {
    let (memory, pos) = (bridge.memory.clone(), FakePos::default());
    let commands = SyrveCommands {
        ledger: bridge.ledger(),
        accounts: memory.clone(),
        secrets: memory,
        pos: pos.clone(),
        drivers: bridge.drivers(),
    };
    Desk { bridge, commands, pos, message: message(command) }
}

fn later(seconds: u64) -> Verdict {
    Verdict::Later(Duration::from_secs(seconds))
}

/// Whether the message comes back when the gate said, or some time after, since others were told the same.
fn is_held(verdict: &Verdict, seconds: u64) -> bool {
    matches!(verdict, Verdict::Later(delay) if (seconds + 1..=30).contains(&delay.as_secs()))
}

impl Desk {
    /// The message is received once.
    async fn receive(&self) -> Result<Verdict, PortError> {
        self.commands.handle(&self.message).await
    }

    /// Received, and the time that it must wait passes.
    async fn step(&self) -> Verdict {
        let verdict = self.receive().await.unwrap();
        if let Verdict::Later(delay) = &verdict {
            self.bridge.clock.advance(*delay);
        }
        verdict
    }

    /// Received until it needs not come back; how often, and how it ended.
    async fn run(&self) -> (usize, Verdict) {
        for receives in 1..1000 {
            let verdict = self.step().await;
            if !matches!(verdict, Verdict::Later(_)) {
                return (receives, verdict);
            }
        }
        panic!("the command never ends");
    }

    fn command(&self) -> Command {
        let state = self.bridge.memory.state();
        let message: CommandMessage = serde_json::from_str(&self.message).unwrap();
        state.commands[&(message.subject, message.command_id)].value.clone()
    }

    fn state(&self) -> CommandState {
        self.command().state
    }

    /// How often it was tried, and how often something else was asked.
    fn counts(&self) -> (u32, u32) {
        let command = self.command();
        (command.attempts, command.polls)
    }

    /// Changes the stored command, as another function would have.
    fn edit(&self, change: impl FnOnce(&mut Command)) {
        let mut state = self.bridge.memory.state();
        let stored = state.commands.values_mut().next().unwrap();
        change(&mut stored.value);
        stored.version += 1;
    }

    /// The command is as old as this now.
    fn age(&self, minutes: i64) {
        let now = self.commands.ledger.clock.now();
        self.edit(|command| command.created_at = now - jiff::SignedDuration::from_mins(minutes));
    }

    /// The lines of the order's timeline that are about the command.
    fn told(&self) -> Vec<(String, bool)> {
        let mut lines = self.bridge.timeline();
        lines.retain(|(event, _)| event.starts_with("update_order_delivery_status"));
        lines
    }
}
