//! Handing on what follows from a change that was written: commands to their queues, events to the bus. Drivers who moved
//! are handed on where drivers are changed.

use courier_domain::command::FollowUp;
use courier_domain::ports::{CommandQueue, EventBus, PortError};

/// Hands on, both at once. What was handed on before does no harm: a queue takes a command once, a command is carried out
/// once, and an event keeps its id.
pub(crate) async fn hand_on(
    commands: &impl CommandQueue,
    bus: &impl EventBus,
    follow_up: &FollowUp,
) -> Result<(), PortError> {
    let FollowUp { commands: asked, events, moved: _ } = follow_up;
    let send = async { if asked.is_empty() { Ok(()) } else { commands.send_commands(asked).await } };
    let publish = async { if events.is_empty() { Ok(()) } else { bus.publish(events).await } };
    let (queued, published) = futures::join!(send, publish);
    queued.and(published)
}
