//! `notify`: tells subscribers what happened. A message is one event, for all subscriptions of its account; it stays in the
//! queue until each of them has it or was given up, and comes back when the next one is due. What is due is called side by
//! side, so that an endpoint which hangs costs the others nothing; calls about one order go one after the other.
//!
//! A crash after a call and before it was recorded leads to one more call with the same `webhook-id`, never to a lost one.

mod disable;
mod moves;
mod notice;
mod outcome;
mod prepare;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use courier_domain::clock::Clock;
use courier_domain::ports::{
    Accounts, DeadLetters, Drivers, EventBus, Lines, Moves, Notifications, Orders, PortError, Redelivery,
    Subscriber, SubscriptionVault, Subscriptions,
};
use futures::future::join_all;
use futures::stream::{self, StreamExt};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::queue::{Inbox, failure, number};
use notice::{Notice, age, was_tried};
use outcome::Step;
use prepare::Prepared;

/// The pause before what there was no time for comes back.
const AGAIN: Duration = Duration::from_secs(1);
/// The longest that waiting for the line, a call and its record take. With less time left, none is begun.
const CALL: Duration = Duration::from_secs(18);
/// Lines that are walked at once. Each has one call open, and a function 1,024 files.
const AT_ONCE: usize = 200;
/// How long after the end it is still remembered that something was not tried, out of what is kept for the answer.
const GRACE: Duration = Duration::from_millis(500);

/// Tells subscribers.
#[derive(Debug)]
pub struct Notify<S, A, K, H, B, C> {
    /// Subscriptions, what was sent to them, and what is told.
    pub store: S,
    /// Accounts.
    pub accounts: A,
    /// What is sent with calls.
    pub vault: K,
    /// The way to subscribers.
    pub subscriber: H,
    /// Domain events.
    pub bus: B,
    /// The time.
    pub clock: C,
    /// What subscribers see as `environment`.
    pub environment: String,
}

/// One message of a batch.
struct Received {
    body: String,
    receives: u32,
    /// When it was queued, milliseconds since 1970: a dead letter that was put back is younger than what it is about.
    sent_ms: i64,
}

impl Received {
    fn of(message: &SqsMessage) -> Self {
        let attribute = |name: &str| message.attributes.get(name).and_then(|text| text.parse().ok());
        Self {
            body: message.body.clone().unwrap_or_default(),
            receives: number(message, "ApproximateReceiveCount"),
            sent_ms: attribute("SentTimestamp").unwrap_or_default(),
        }
    }
}

impl<S, A, K, H, B, C> Notify<S, A, K, H, B, C>
where
    S: Subscriptions + Lines + Notifications + Moves + Orders + Drivers,
    A: Accounts,
    K: SubscriptionVault,
    H: Subscriber,
    B: EventBus,
    C: Clock,
{
    /// Handles a batch within `time`; the answer names the messages that stay in the queue.
    pub async fn work<R: Redelivery, D: DeadLetters>(
        &self,
        inbox: &Inbox<R, D>,
        batch: SqsEvent,
        time: Duration,
    ) -> SqsBatchResponse {
        let end = Instant::now() + time;
        let last_begin = end - CALL.min(time / 2);
        let received: Vec<_> = batch.records.iter().map(Received::of).collect();
        let prepared = join_all(received.iter().map(|message| within(end, self.prepare(message)))).await;
        let mut steps: Vec<Vec<Step>> = Vec::new();
        let mut notices = Vec::new();
        for (place, prepared) in prepared.into_iter().enumerate() {
            let Prepared { step, notices: found } = prepared.unwrap_or_else(Prepared::later);
            steps.push(step.into_iter().collect());
            notices.extend(found.into_iter().map(|notice| (place, notice)));
        }
        let walks = chains(notices).into_iter().map(|chain| self.walk(chain, last_begin, end));
        let walked: Vec<_> = stream::iter(walks).buffer_unordered(AT_ONCE).collect().await;
        for (place, step) in walked.concat() {
            if let Some(steps) = steps.get_mut(place) {
                steps.push(step);
            }
        }
        let ends = batch.records.into_iter().zip(received).zip(steps);
        let kept = join_all(ends.map(|((message, received), steps)| async move {
            let verdict = outcome::of_message(steps, age(received.sent_ms, self.clock.now()));
            inbox.settle(message, received.body, verdict).await
        }));
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = kept.await.into_iter().flatten().map(failure).collect();
        response
    }

    /// Makes the calls to one subscription about one thing, one after the other.
    async fn walk(
        &self,
        chain: Vec<(usize, Notice)>,
        last_begin: Instant,
        end: Instant,
    ) -> Vec<(usize, Step)> {
        let mut steps: Vec<(usize, Step)> = Vec::new();
        let mut tried = BTreeSet::new();
        let mut held = None;
        for (place, notice) in chain {
            let (receives, event_uuid) = (notice.receives, notice.key.event_uuid);
            let unknown = (notice.version == 0).then(|| notice.clone());
            // What was not tried is not overtaken by what happened after it.
            let work = async {
                match held.filter(|_| !was_tried(&notice.notification)) {
                    Some(wait) => self.hold_back(&notice, wait).await,
                    None => self.step(notice, &tried, last_begin).await,
                }
            };
            let worked = within(end, Box::pin(work)).await;
            let was_cut_off = !matches!(worked, Some(Ok(_)));
            let step = match worked {
                Some(Ok(step)) => step,
                Some(Err(error)) => outcome::of_error(&error, receives),
                None => Step::Held(AGAIN),
            };
            if let Step::Held(wait) = &step {
                // Those behind it may come in another batch. If this is refused as well, they wait for five seconds.
                if let Some(notice) = unknown.filter(|_| was_cut_off) {
                    let _is_known = within(end + GRACE, self.hold_back(&notice, *wait)).await;
                }
                held = Some(*wait);
            } else {
                tried.insert(event_uuid);
            }
            steps.push((place, step));
        }
        steps
    }

    /// Takes a notification one step further, if what happened to its order before was tried.
    async fn step(
        &self,
        notice: Notice,
        tried: &BTreeSet<Uuid>,
        last_begin: Instant,
    ) -> Result<Step, PortError> {
        let is_early = notice.untried_before.is_some_and(|before| !tried.contains(&before));
        if is_early && !self.is_its_turn(&notice).await? {
            return self.hold_back(&notice, notice.hold(Duration::ZERO, self.clock.now())).await;
        }
        self.advance(notice, last_begin).await
    }
}

async fn within<T>(end: Instant, work: impl Future<Output = T>) -> Option<T> {
    timeout_at(end, work).await.ok()
}

/// What is to be sent, by subscription and by what it is about, in the order in which it happened. What is sent again is
/// beside what happens now, which does not wait for it.
fn chains(notices: Vec<(usize, Notice)>) -> Vec<Vec<(usize, Notice)>> {
    let mut chains: BTreeMap<_, Vec<(usize, Notice)>> = BTreeMap::new();
    for (place, notice) in notices {
        let (subscription, replay) = (notice.key.subscription_id, notice.key.replay_id);
        let chain = (subscription, replay, notice.notification.subject.clone());
        chains.entry(chain).or_default().push((place, notice));
    }
    for chain in chains.values_mut() {
        let before: BTreeMap<Uuid, Option<Uuid>> =
            chain.iter().map(|(_, notice)| (notice.key.event_uuid, notice.before)).collect();
        // What one cause led to was learned of in the same instant: there each follows the one it names.
        let depth = |start: Uuid| {
            let next =
                |event: &Uuid| before.get(event).copied().flatten().filter(|id| before.contains_key(id));
            std::iter::successors(Some(start), next).take(before.len()).count()
        };
        chain.sort_by_key(|(_, notice)| (notice.notification.created_at, depth(notice.key.event_uuid)));
    }
    chains.into_values().collect()
}
