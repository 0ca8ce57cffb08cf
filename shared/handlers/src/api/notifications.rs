//! What was sent to a subscription: the notifications with how far each is, and every call with its answer, newest first.
//! Both are kept for 30 days.

use courier_domain::clock::Clock;
use courier_domain::ports::{Listed, Notifications};
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::subscription_views::{attempt_view, notification_view};
use super::{Answer, Api, Parts, query};
use crate::http::{Problem, json};

/// Calls that are read at once. Answers may be long, and an endpoint may choose bytes that grow sixfold as JSON.
const STEP: usize = 10;
/// Bytes after which a page of calls is at its end, however many were asked for: a Lambda answers 6 MB at most, in which the
/// page is quoted once more.
const ENOUGH: usize = 1_500_000;

impl<P: Parts> Api<P> {
    pub(super) async fn list_notifications(&self, request: &Request, id: &str, subscription: &str) -> Answer {
        query::only(request, &["limit", "cursor"])?;
        let subscription = self.subscription_of(id, subscription).await?.value;
        let list = format!("notifications {}", subscription.id);
        let limit = i32::try_from(query::limit(request)?).unwrap_or(1);
        let after = query::cursor(request, &list)?;
        let (account, id) = (&subscription.account_id, subscription.id);
        let page = self.directory.list_notifications(account, id, None, limit, after.as_deref()).await?;
        let now = self.clock.now();
        let items: Vec<Value> = page.items.iter().map(|one| notification_view(one, now)).collect();
        let next = query::next_cursor(page.next, &list);
        Ok(json(StatusCode::OK, &json!({ "items": items, "next_cursor": next })))
    }

    pub(super) async fn list_attempts(&self, request: &Request, id: &str, subscription: &str) -> Answer {
        query::only(request, &["event_uuid", "limit", "cursor"])?;
        let subscription = self.subscription_of(id, subscription).await?.value;
        let event = query::text(request, "event_uuid").map(|text| text.parse::<Uuid>()).transpose();
        let event = event.map_err(|_| Problem::field("event_uuid", "must be a UUID"))?;
        let list =
            format!("attempts {} {}", subscription.id, event.map(|id| id.to_string()).unwrap_or_default());
        let (limit, mut after) = (query::limit(request)?, query::cursor(request, &list)?);
        let (account, id) = (&subscription.account_id, subscription.id);
        let (mut items, mut bytes) = (Vec::<Value>::new(), 0);
        loop {
            let step = i32::try_from(limit.saturating_sub(items.len()).min(STEP)).unwrap_or(1);
            let page = self.directory.list_attempts(account, id, event, step, after.as_deref()).await?;
            let Listed { items: some, next } = page;
            for view in some.iter().map(attempt_view) {
                bytes += view.to_string().len();
                items.push(view);
            }
            after = next;
            if after.is_none() || items.len() >= limit || bytes >= ENOUGH {
                break;
            }
        }
        let next = query::next_cursor(after, &list);
        Ok(json(StatusCode::OK, &json!({ "items": items, "next_cursor": next })))
    }
}
