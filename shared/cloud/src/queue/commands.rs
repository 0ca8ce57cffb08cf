//! The queues of commands: one for each system, so that a system that is down keeps only its own commands waiting. The
//! message names the command only; everything else is read when it is its turn.

use courier_domain::command::{Command, CommandMessage, System};
use courier_domain::ports::{CommandQueue, PortError, QueueError, Reachable};
use futures::future::{join, try_join};

use super::batch::{Outgoing, Turn, hashed};
use super::{Queue, unavailable};

/// The queues of all systems that commands go to.
#[derive(Debug, Clone)]
pub struct CommandQueues {
    /// Commands to Syrve.
    pub syrve: Queue,
    /// Commands to fleets.
    pub fleet: Queue,
}

impl CommandQueue for CommandQueues {
    async fn send_commands(&self, commands: &[Command]) -> Result<(), PortError> {
        let is_for_syrve = |command: &&Command| command.kind.system() == System::Syrve;
        let (syrve, fleet): (Vec<_>, Vec<_>) = commands.iter().partition(is_for_syrve);
        // Both to the end, so that a failure of one does not keep the other's commands back.
        let (syrve, fleet) = join(self.syrve.send_each(&syrve), self.fleet.send_each(&fleet)).await;
        syrve.and(fleet)
    }
}

impl Reachable for CommandQueues {
    async fn ping(&self) -> Result<(), PortError> {
        try_join(self.syrve.ping(), self.fleet.ping()).await.map(|_| ())
    }
}

impl CommandQueue for Queue {
    async fn send_commands(&self, commands: &[Command]) -> Result<(), PortError> {
        self.send_each(&commands.iter().collect::<Vec<_>>()).await
    }
}

impl Queue {
    async fn send_each(&self, commands: &[&Command]) -> Result<(), PortError> {
        let messages: Result<_, _> = commands.iter().map(|command| outgoing(command)).collect();
        match self.send_in_order(messages.map_err(unavailable)?).await {
            0 => Ok(()),
            unsent => Err(unavailable(QueueError::Unsent { unsent })),
        }
    }
}

fn outgoing(command: &Command) -> Result<Outgoing, serde_json::Error> {
    let (account_id, subject, command_id) =
        (command.account_id.clone(), command.subject(), command.id.clone());
    let (account, kind, id) = (account_id.as_str(), subject.kind(), subject.id());
    let turn = Turn::InGroup {
        group: hashed(&[account, kind, &id]),
        deduplication: hashed(&[account, &id, command_id.as_str()]),
    };
    let message = CommandMessage { account_id: account_id.clone(), subject: subject.clone(), command_id };
    Ok(Outgoing { body: serde_json::to_string(&message)?, turn })
}
