//! What fleets reported of orders that nobody has announced: shown, and joined by hand where an operator knows better. The
//! same events join by themselves as soon as an order shows their name.

use courier_domain::clock::Clock;
use courier_domain::ids::{EventKey, OrderId};
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::ports::{Directory, EventQueue, Unmatched};
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::read;
use super::{Answer, Api, Parts, not_found, query};
use crate::events::Join;
use crate::http::{Problem, body, json};

const LIST: &str = "unmatched";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinBody {
    order_id: OrderId,
}

impl<P: Parts> Api<P> {
    pub(super) async fn list_unmatched(&self, request: &Request, id: &str) -> Answer {
        query::only(request, &["limit", "cursor"])?;
        let account = self.stored(id).await?.value.account_id;
        let limit = i32::try_from(query::limit(request)?).unwrap_or(1);
        let after = query::cursor(request, LIST)?;
        let page = self.directory.list_unmatched(&account, limit, after.as_deref()).await?;
        let items: Vec<_> = page.items.iter().map(view).collect();
        let next = query::next_cursor(page.next, LIST);
        Ok(json(StatusCode::OK, &json!({ "items": items, "next_cursor": next })))
    }

    /// The function behind the queue joins them, since what follows may be commands and domain events.
    pub(super) async fn join(&self, request: &Request, id: &str, unmatched: &str) -> Answer {
        let account = self.stored(id).await?.value.account_id;
        let wanted: JoinBody = read(body(request)?)?;
        let found = self.directory.unmatched(&account, unmatched).await?;
        let found = found.ok_or_else(|| not_found("events that wait"))?;
        let (Some(name), Some(at)) = (found.name, found.events.iter().map(|event| event.at).max()) else {
            let why = "these events name the order by Syrve's id, and join when Syrve announces it";
            return Err(Problem::new(StatusCode::CONFLICT, why));
        };
        if self.directory.whole_order(&account, wanted.order_id).await?.is_none() {
            return Err(Problem::field("order_id", "is not an order that Syrve has announced"));
        }
        let join = Join { order_id: wanted.order_id, name, at };
        let now = self.clock.now();
        let parts = [Sender::Operator.as_str(), unmatched, &wanted.order_id.to_string(), &now.to_string()];
        let event = InboundEvent {
            account_id: account.clone(),
            sender: Sender::Operator,
            kind: "joined".to_owned(),
            key: EventKey::hashed(parts),
            subject: format!("order:{}", wanted.order_id),
            received_at: now,
            body: json!(join),
        };
        self.events.send_events(&[event]).await.map_err(|error| Problem::unavailable(&error))?;
        tracing::info!(outcome = "join_asked", %account, order = %wanted.order_id, "unmatched events are joined");
        Ok(json(StatusCode::ACCEPTED, &json!({ "order_id": wanted.order_id, "name": join.name })))
    }
}

fn view(unmatched: &Unmatched) -> Value {
    let events = unmatched.events.iter().map(
        |event| json!({ "key": event.key, "at": event.at, "source": event.source, "event": event.event }),
    );
    json!({
        "id": unmatched.id,
        "order_id": unmatched.order_id,
        "names": unmatched.names,
        "since": unmatched.events.iter().map(|event| event.at).min(),
        "events": events.collect::<Vec<_>>(),
    })
}
