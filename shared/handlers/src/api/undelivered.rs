//! `POST …/fleets/bringg/undelivered`: Bringg's report of the webhooks that it gave up on, a CSV file. Each row becomes the
//! event that it would have been, and goes the way that it would have gone; what arrived after all is known by its key.

use courier_domain::clock::Clock;
use courier_domain::delivery::Provider;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::ports::{CommandQueue, Directory, EventQueue, Gate, Reachable, SecretVault, SyncQueue};
use courier_providers::bringg;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::json;

use super::{Answer, Api, not_found, query};
use crate::http::{Problem, body, json};
use crate::receive::{inbound, shorten};

impl<D, K, Q, E, Y, C> Api<D, K, Q, E, Y, C>
where
    D: Directory + Gate + Reachable,
    K: SecretVault,
    Q: CommandQueue + Reachable,
    E: EventQueue,
    Y: SyncQueue,
    C: Clock,
{
    pub(super) async fn take_undelivered(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["payload_column", "type_column"])?;
        let account = self.stored(id).await?.value;
        if !account.fleets.contains_key(&Provider::Bringg) {
            return Err(not_found("fleets.bringg in this account"));
        }
        let (payload, kind) = (query::text(request, "payload_column"), query::text(request, "type_column"));
        let (payload, kind) = (payload.as_deref(), kind.as_deref());
        let rows = bringg::undelivered(body(request)?, payload, kind, self.clock.now())?;
        let (mut events, mut places, mut refused, mut ignored) = (Vec::new(), Vec::new(), Vec::new(), 0);
        let count = rows.len();
        for row in rows {
            match row.split {
                Ok(split) => {
                    ignored += split.ignored;
                    for mut event in split.events {
                        shorten(&mut event.body);
                        places.push(row.number);
                        events.push(inbound(&account, Sender::Fleet(Provider::Bringg), &self.clock, event));
                    }
                }
                Err(error) => {
                    let problem = Problem::from(error);
                    refused
                        .push(json!({ "row": row.number, "field": problem.field, "detail": problem.detail }));
                }
            }
        }
        self.queue(&events, &places).await?;
        let answer = json!({ "rows": count, "queued": events.len(), "ignored": ignored, "refused": refused });
        tracing::info!(
            outcome = "undelivered_taken",
            account = id,
            rows = count,
            queued = events.len(),
            "report of undelivered webhooks taken"
        );
        Ok(json(StatusCode::OK, &answer))
    }

    async fn queue(&self, events: &[InboundEvent], rows: &[usize]) -> Result<(), Problem> {
        let place =
            |index: usize| rows.get(index).map_or_else(|| "body".to_owned(), |row| format!("row {row}"));
        crate::receive::enqueue(&self.events, events, place).await
    }
}
