//! `POST …/fleets/bringg/undelivered`: Bringg's report of the webhooks that it gave up on, a CSV file. Each row becomes the
//! event that it would have been, when it should have been received, and goes the way that it would have gone; what arrived
//! after all is known by its key.

use courier_domain::clock::Clock;
use courier_domain::delivery::Provider;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_providers::bringg::{Columns, undelivered};
use jiff::Timestamp;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::json;

use super::{Answer, Api, Parts, not_found, query};
use crate::http::{Problem, body, json};
use crate::receive::{inbound, shorten};

/// How many of the rows that were refused are shown: of a file in another format, all would be.
const SHOWN: usize = 100;

impl<P: Parts> Api<P> {
    pub(super) async fn take_undelivered(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["payload_column", "type_column", "time_column", "sent_at"])?;
        let account = self.stored(id).await?.value;
        if !account.fleets.contains_key(&Provider::Bringg) {
            return Err(not_found("fleets.bringg in this account"));
        }
        let [payload, kind, time] =
            ["payload_column", "type_column", "time_column"].map(|name| query::text(request, name));
        let (payload, kind, time) = (payload.as_deref(), kind.as_deref(), time.as_deref());
        let columns = Columns { payload, kind, time, sent_at: sent_at(request)? };
        let rows = undelivered(body(request)?, &columns, self.clock.now())?;
        let (mut events, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ignored, mut refused_rows) = (0, 0);
        let count = rows.len();
        for row in rows {
            match row.split {
                // As its calls would have been.
                Ok(split) if !account.enabled => ignored += split.ignored + split.events.len(),
                Ok(split) => {
                    ignored += split.ignored;
                    for mut event in split.events {
                        shorten(&mut event.body);
                        places.push(row.number);
                        let event = inbound(&account, Sender::Fleet(Provider::Bringg), &self.clock, event);
                        events.push(InboundEvent { received_at: row.sent_at, ..event });
                    }
                }
                Err(error) => {
                    refused_rows += 1;
                    if refused_rows > SHOWN {
                        continue;
                    }
                    let problem = Problem::from(error);
                    refused
                        .push(json!({ "row": row.number, "field": problem.field, "detail": problem.detail }));
                }
            }
        }
        self.queue(&events, &places).await?;
        let answer = json!({ "rows": count, "queued": events.len(), "ignored": ignored, "refused_rows": refused_rows,
            "refused": refused });
        tracing::info!(
            outcome = "undelivered_taken",
            account = id,
            rows = count,
            queued = events.len(),
            "report of undelivered webhooks taken"
        );
        Ok(json(StatusCode::OK, &answer))
    }

    /// Queues all events or names the row of the one that is too large.
    async fn queue(&self, events: &[InboundEvent], rows: &[usize]) -> Result<(), Problem> {
        let place =
            |index: usize| rows.get(index).map_or_else(|| "body".to_owned(), |row| format!("row {row}"));
        crate::receive::enqueue(&self.events, events, place).await
    }
}

/// When those webhooks were sent of which the report does not say it.
fn sent_at(request: &Request) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = query::text(request, "sent_at") else { return Ok(None) };
    let wrong = || Problem::field("sent_at", "must be a time with its zone, such as 2026-06-28T16:30:00Z");
    text.parse().map(Some).map_err(|_| wrong())
}
