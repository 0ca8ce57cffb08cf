//! The queues of commands: each group in its order, one message of a group at a time, and one that must wait holds back those
//! behind it. A command that is sent twice is queued once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::command::{Command, CommandMessage, CommandSubject, System};
use courier_domain::ids::CommandId;
use courier_domain::ports::PortError;
use jiff::Timestamp;

use super::HandClock;
use crate::queue::Verdict;

pub(crate) fn message(command: &Command) -> String {
    let (account_id, subject) = (command.account_id.clone(), command.subject());
    serde_json::to_string(&CommandMessage { account_id, subject, command_id: command.id.clone() }).unwrap()
}

#[derive(Default)]
struct Group {
    messages: VecDeque<String>,
    visible_at: Option<Timestamp>,
}

/// The queue of the commands to one system.
pub(crate) struct Line {
    system: System,
    clock: HandClock,
    groups: BTreeMap<CommandSubject, Group>,
    queued: BTreeSet<CommandId>,
    /// Why messages were kept as dead letters.
    pub(crate) dead: Vec<String>,
    pub(crate) receives: usize,
}

impl Line {
    pub(crate) fn to(system: System, clock: &HandClock) -> Self {
        let (groups, queued) = (BTreeMap::new(), BTreeSet::new());
        Self { system, clock: clock.clone(), groups, queued, dead: Vec::new(), receives: 0 }
    }

    /// Takes in all that was ever sent; what is known by its id is not queued again.
    pub(crate) fn take_in(&mut self, sent: &[Command]) {
        for command in sent.iter().filter(|command| command.kind.system() == self.system) {
            if self.queued.insert(command.id.clone()) {
                self.groups.entry(command.subject()).or_default().messages.push_back(message(command));
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.values().all(|group| group.messages.is_empty())
    }

    /// Everything that can be received now is, until all groups are empty or wait. A failure comes back after a second.
    pub(crate) async fn work(&mut self, handle: impl AsyncFn(String) -> Result<Verdict, PortError>) {
        let now = self.clock.now();
        for group in self.groups.values_mut() {
            while group.visible_at.is_none_or(|at| at <= now)
                && let Some(message) = group.messages.front().cloned()
            {
                self.receives += 1;
                match handle(message).await {
                    Ok(Verdict::Later(delay)) => group.visible_at = Some(now + delay),
                    Err(_) => group.visible_at = Some(now + Duration::from_secs(1)),
                    Ok(end) => {
                        if let Verdict::Dead(reason) = end {
                            self.dead.push(reason);
                        }
                        group.messages.pop_front();
                    }
                }
            }
        }
    }

    /// The clock goes on to where the next message can be received.
    pub(crate) fn wait(&self) {
        let waiting = self.groups.values().filter(|group| !group.messages.is_empty());
        let next = waiting.filter_map(|group| group.visible_at).min();
        let pause =
            next.map(|next| Duration::try_from(next.duration_since(self.clock.now())).unwrap_or_default());
        self.clock.advance(pause.unwrap_or_default());
    }
}
