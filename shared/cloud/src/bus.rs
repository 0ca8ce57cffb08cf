//! The event bus: each domain event becomes one `EventBridge` event whose detail type is the event's name.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use courier_domain::event::DomainEvent;
use courier_domain::ports::{EventBus, PortError};

use crate::lazy::Lazy;

/// What rules on the bus match as `source`.
pub const SOURCE: &str = "courier-bridge";
/// `EventBridge` takes ten entries a request.
const BATCH: usize = 10;

/// A bus.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Lazy<Client>,
    name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} events were refused")]
struct Refused(i32);

impl Bus {
    /// The bus of that name.
    pub fn new(client: impl Into<Lazy<Client>>, name: String) -> Self {
        Self { client: client.into(), name }
    }

    fn entry(&self, event: &DomainEvent) -> Result<PutEventsRequestEntry, serde_json::Error> {
        Ok(PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(&event.name)
            .detail(serde_json::to_string(event)?)
            .build())
    }
}

impl EventBus for Bus {
    async fn publish(&self, events: &[DomainEvent]) -> Result<(), PortError> {
        let unavailable = |source| PortError::Unavailable { service: "eventbridge", source };
        for batch in events.chunks(BATCH) {
            let entries: Result<_, _> = batch.iter().map(|event| self.entry(event)).collect();
            let entries = entries.map_err(|error| unavailable(error.into()))?;
            let call = self.client.put_events().set_entries(Some(entries));
            let answer = call.send().await.map_err(|error| unavailable(error.into()))?;
            if answer.failed_entry_count() > 0 {
                return Err(unavailable(Box::new(Refused(answer.failed_entry_count()))));
            }
        }
        Ok(())
    }
}
