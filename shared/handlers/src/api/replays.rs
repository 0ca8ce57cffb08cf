//! `POST …/replay`: sends again what was sent, or tried, or stopped: one event, or all that the bridge learned of since a
//! time. Each becomes a notification of its own, marked as a replay, since receivers would take the same one for a repetition.
//!
//! Only what the subscription was to be told of can be sent again: of anything else nothing is kept. A call works for a while
//! and says from when the next goes on. Events are in order to the millisecond, so those of the one it ended in may be
//! replayed twice, and none is forgotten.
//!
//! Events of a URL that is disabled are left out. All subscribers share a queue, of which SQS hands out 120,000 messages at a
//! time and no more: where many wait already, for an endpoint that is slow as a rule, a replay is put off. One of a single
//! event is not.

use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::event::EventName;
use courier_domain::notification::{Notification, NotificationKey, NotifyMessage};
use courier_domain::ports::{Notifications, NotifyQueue, PortError, Versioned};
use courier_domain::subscription::Subscription;
use futures::future::try_join_all;
use jiff::Timestamp;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::body::read;
use super::{Answer, Api, Parts, not_found};
use crate::http::{Problem, body, chain, json};

/// How long one call works, well within the time that Lambda and the gateway before it give.
const BUDGET: Duration = Duration::from_secs(20);
const PAGE: i32 = 100;
/// Written side by side and queued in one request.
const AT_ONCE: usize = 10;
/// With more messages than these in the queue no replay of many events is begun.
const MOST_WAITING: u64 = 30_000;
/// When whoever was put off may try again, seconds.
const TRY_AGAIN: u16 = 60;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplayBody {
    since: Option<String>,
    event_uuid: Option<Uuid>,
}

/// What is sent again.
enum Wanted {
    Since(Timestamp),
    Event(Uuid),
}

/// One call to replay.
struct Replay {
    id: Uuid,
    now: Timestamp,
    ends: Instant,
}

/// How far it came.
#[derive(Clone, Copy, Default)]
struct Progress {
    queued: usize,
    /// Events whose URL is disabled.
    left_out: usize,
    next_since: Option<Timestamp>,
}

impl ReplayBody {
    fn wanted(self) -> Result<Wanted, Problem> {
        match (self.since, self.event_uuid) {
            (Some(text), None) => {
                let wrong =
                    || Problem::field("since", "must be a time with its zone, such as 2026-06-28T16:30:00Z");
                text.parse().map(Wanted::Since).map_err(|_| wrong())
            }
            (None, Some(event)) => Ok(Wanted::Event(event)),
            (Some(_), Some(_)) => Err(Problem::field("event_uuid", "is given instead of since, not with it")),
            (None, None) => Err(Problem::field("since", "is required, or event_uuid instead")),
        }
    }
}

impl<P: Parts> Api<P> {
    pub(super) async fn replay(&self, request: &Request, id: &str, subscription: &str) -> Answer {
        let ends = Instant::now() + BUDGET;
        let subscription = self.subscription_of(id, subscription).await?.value;
        let asked: ReplayBody = read(body(request)?)?;
        let wanted = asked.wanted()?;
        if !self.stored(id).await?.value.enabled {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "the account is disabled; nothing is sent for it",
            ));
        }
        if matches!(wanted, Wanted::Since(_)) {
            self.has_room(&subscription).await?;
        }
        let replay = Replay { id: Uuid::new_v4(), now: self.clock.now(), ends };
        let Progress { queued, left_out, next_since } = match wanted {
            Wanted::Since(since) => self.replay_since(&subscription, since, &replay).await?,
            Wanted::Event(event) => self.replay_event(&subscription, event, &replay).await?,
        };
        tracing::info!(
            outcome = "replay_queued",
            account = %subscription.account_id,
            subscription = %subscription.id,
            replay = %replay.id,
            queued,
            left_out,
            is_all = next_since.is_none(),
            "notifications are sent again"
        );
        let answer = json!({
            "replay_id": replay.id,
            "queued": queued,
            "left_out": left_out,
            "next_since": next_since,
        });
        Ok(json(StatusCode::ACCEPTED, &answer))
    }

    /// An error while too much waits. Whoever watches hears of it: what waits may be for an endpoint that is to be disabled.
    async fn has_room(&self, subscription: &Subscription) -> Result<(), Problem> {
        let waiting = self.notify.waiting().await?;
        if waiting <= MOST_WAITING {
            return Ok(());
        }
        tracing::warn!(
            outcome = "replay_put_off",
            account = %subscription.account_id,
            subscription = %subscription.id,
            waiting,
            "replay put off"
        );
        let why = "too many notifications wait to be sent; try again later";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, why);
        Err(Problem { retry_after: Some(TRY_AGAIN), ..problem })
    }

    async fn replay_event(
        &self,
        subscription: &Subscription,
        event_uuid: Uuid,
        replay: &Replay,
    ) -> Result<Progress, Problem> {
        let (account_id, subscription_id) = (subscription.account_id.clone(), subscription.id);
        let key = NotificationKey { account_id, subscription_id, event_uuid, replay_id: None };
        let found = self.directory.read_notifications(&[key]).await?.into_iter().next().flatten();
        let found = found.ok_or_else(|| not_found("event that this subscription was told of"))?.value;
        if let Some(problem) = disabled(subscription, found.event) {
            return Err(problem);
        }
        self.send_again(&[&found], replay).await?;
        Ok(Progress { queued: 1, ..Progress::default() })
    }

    /// Oldest first. What the bridge learns of meanwhile is on its way by itself.
    async fn replay_since(
        &self,
        subscription: &Subscription,
        since: Timestamp,
        replay: &Replay,
    ) -> Result<Progress, Problem> {
        let mut refusals = subscription.events.iter().map(|event| disabled(subscription, *event));
        if let Some(problem) = refusals.next().flatten()
            && refusals.all(|refusal| refusal.is_some())
        {
            return Err(problem);
        }
        let (mut done, mut place, mut after) = (Progress::default(), since, None::<String>);
        loop {
            let (account, id) = (&subscription.account_id, subscription.id);
            let page = self.directory.list_notifications(account, id, Some(since), PAGE, after.as_deref());
            let mut page = match page.await {
                Ok(page) => page,
                Err(error) => return broken_off(&error, done, place),
            };
            let is_new = page.items.iter().position(|event| moment(event.created_at) > moment(replay.now));
            page.items.truncate(is_new.unwrap_or(page.items.len()));
            for some in page.items.chunks(AT_ONCE) {
                place = some.first().map_or(place, |first| moment(first.created_at));
                if done.queued + done.left_out > 0 && Instant::now() >= replay.ends {
                    return Ok(Progress { next_since: Some(place), ..done });
                }
                let is_sent = |event: &&Notification| subscription.disabled_for(event.event).is_none();
                let sent: Vec<_> = some.iter().filter(is_sent).collect();
                if let Err(error) = self.send_again(&sent, replay).await {
                    return broken_off(&error, done, place);
                }
                done.queued += sent.len();
                done.left_out += some.len() - sent.len();
                place = some.last().map_or(place, |last| moment(last.created_at));
            }
            after = page.next;
            if after.is_none() || is_new.is_some() {
                return Ok(done);
            }
        }
    }

    /// Stored before they are queued: a message names what it finds in the table.
    async fn send_again(&self, notifications: &[&Notification], replay: &Replay) -> Result<(), PortError> {
        let again = notifications.iter().map(|notification| notification.replayed(replay.id, replay.now));
        let again: Vec<_> = again.map(|value| Versioned { value, version: 0 }).collect();
        // Nobody else knows this replay: what is there already was written by a request whose answer was lost.
        try_join_all(again.iter().map(|notification| self.directory.write_notification(notification)))
            .await?;
        let messages: Vec<_> =
            again.into_iter().map(|notification| NotifyMessage::Replay(notification.value.key)).collect();
        self.notify.send_notify(&messages, Duration::ZERO).await
    }
}

/// The millisecond of a time.
fn moment(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// What is queued is sent, so a call that has queued anything says how far it came rather than that it failed.
fn broken_off(error: &PortError, done: Progress, place: Timestamp) -> Result<Progress, Problem> {
    let queued = done.queued;
    if queued == 0 {
        return Err(Problem::unavailable(error));
    }
    tracing::warn!(outcome = "replay_broken_off", error = %chain(error), queued, "replay broken off");
    Ok(Progress { next_since: Some(place), ..done })
}

/// Why an event is not sent again, and the URL it is about.
fn disabled(subscription: &Subscription, event: EventName) -> Option<Problem> {
    subscription.disabled_for(event)?;
    let field = if subscription.line_of(event).of_items { "items_url" } else { "url" };
    let why = "this URL is disabled; enable the subscription first";
    Some(Problem { field: Some(field.to_owned()), ..Problem::new(StatusCode::CONFLICT, why) })
}
