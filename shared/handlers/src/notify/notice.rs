//! One notification in one round: whether it is due, whether the line is free, the call, and what is remembered of it.

use std::sync::Arc;
use std::time::Duration;

use courier_domain::clock::Clock;
use courier_domain::command::held_delay;
use courier_domain::notification::{
    Attempt, AttemptError, MOST_ATTEMPTS, Notification, NotificationKey, NotificationState,
};
use courier_domain::ports::{
    EventBus, Lines, Notifications, PortError, Subscriber, SubscriberAnswer, SubscriberCall,
    SubscriptionVault, Subscriptions, Versioned,
};
use courier_domain::subscription::{CallEnd, LineId, Place, Subscription, SubscriptionSecrets};
use courier_providers::captain::outgoing;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::outcome::Step;
use super::{AGAIN, Notify};

/// How old a notification is whose secrets should be there if there are any.
const SECRETS_APPEAR: SignedDuration = SignedDuration::from_mins(5);
/// The longest that one waits for a free line before it asks again.
const LONGEST_HOLD: Duration = Duration::from_mins(5);
/// How often one that waits for the call before it about the same thing looks whether it is over. Back in the queue it would
/// wait for a second, and what happened since would overtake it.
const LOOKS: usize = 12;
const BETWEEN_LOOKS: Duration = Duration::from_millis(80);
/// How long an event waits for the one before it, which may be on its way.
const WAIT_FOR_BEFORE: SignedDuration = SignedDuration::from_secs(5);
/// The same where that one is known to wait, which ends by itself unless its message is gone.
const WAIT_FOR_KNOWN: SignedDuration = SignedDuration::from_hours(2);

/// What is to be sent to one subscription.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) key: NotificationKey,
    pub(super) subscription: Arc<Versioned<Subscription>>,
    /// As it is stored, version 0 for one that is not yet.
    pub(super) notification: Notification,
    pub(super) version: u64,
    /// The event before it, of the same order.
    pub(super) before: Option<Uuid>,
    /// The same, where it was not tried when this round began.
    pub(super) untried_before: Option<Uuid>,
    /// Whether it is not to be sent: the account is disabled, or the subscription does not want such events any more.
    pub(super) is_silent: bool,
    pub(super) receives: u32,
    /// When the message was queued.
    pub(super) sent_ms: i64,
}

impl Notice {
    /// Whether it is young enough to wait for the event before it.
    fn may_wait(&self, is_known: bool, now: Timestamp) -> bool {
        let most = if is_known { WAIT_FOR_KNOWN } else { WAIT_FOR_BEFORE };
        now.duration_since(self.notification.created_at) < most
    }

    /// Whether it is to be sent now for the first time: nothing else has to wait for what came before it.
    fn is_first_call(&self) -> bool {
        let disabled = self.subscription.value.disabled_for(self.notification.event);
        !was_tried(&self.notification) && !self.is_silent && disabled.is_none()
    }

    fn line(&self) -> LineId {
        self.subscription.value.line_of(self.notification.event)
    }

    /// How long it waits for a free line that is not to be had for `after`. The longer its message waits already, the less
    /// often it asks: thousands may wait for an endpoint that is down.
    pub(super) fn hold(&self, after: Duration, now: Timestamp) -> Duration {
        let patient = (age(self.sent_ms, now) / 8).min(LONGEST_HOLD);
        held_delay(self.receives, after, self.spread()).max(patient)
    }

    /// Any number, another one for each event, subscription and call.
    fn spread(&self) -> u32 {
        let ids = self.key.event_uuid.as_u128() ^ self.key.subscription_id.as_u128().rotate_left(64);
        let low = u32::try_from(ids & u128::from(u32::MAX)).unwrap_or_default();
        low.wrapping_add(self.notification.attempts.wrapping_mul(0x9e37_79b9)).rotate_left(7)
    }

    fn versioned(&self) -> Versioned<Notification> {
        Versioned { value: self.notification.clone(), version: self.version }
    }

    fn failed(&self) -> Step {
        let why = self.notification.last_error.as_deref().unwrap_or("a call was cut off");
        let (id, calls) = (self.key.subscription_id, MOST_ATTEMPTS);
        Step::Failed(format!("subscription {id} did not take it in {calls} calls, the last: {why}"))
    }
}

/// How long ago a message was queued.
pub(super) fn age(sent_ms: i64, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(now.as_millisecond().saturating_sub(sent_ms)).unwrap_or_default())
}

/// Whether it was tried, or never will be.
pub(super) fn was_tried(notification: &Notification) -> bool {
    notification.attempts > 0 || notification.state.is_final()
}

/// The rest of a time, never less than a second: a queue counts in seconds.
fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default().max(AGAIN)
}

impl<S, A, K, H, B, C> Notify<S, A, K, H, B, C>
where
    S: Subscriptions + Lines + Notifications,
    K: SubscriptionVault,
    H: Subscriber,
    B: EventBus,
    C: Clock,
{
    /// Takes a notification one step further.
    pub(super) async fn advance(&self, mut notice: Notice, last_begin: Instant) -> Result<Step, PortError> {
        let now = self.clock.now();
        let disabled = notice.subscription.value.disabled_for(notice.notification.event);
        // Also where nothing is left to send: the bus may have refused just then.
        if disabled.is_some_and(|disabled| !disabled.told) {
            self.tell_disabled(&notice.key, notice.line()).await?;
        }
        let is_disabled = disabled.is_some();
        match notice.notification.state {
            NotificationState::Delivered | NotificationState::Stopped => return Ok(Step::Done),
            NotificationState::Failed
                if notice.sent_ms <= notice.notification.updated_at.as_millisecond() =>
            {
                return Ok(notice.failed());
            }
            // Its dead letter was put back into the queue.
            NotificationState::Failed => notice.notification.take_up(now),
            NotificationState::Waiting | NotificationState::Sending => {}
        }
        if !notice.notification.is_due(now) {
            return Ok(Step::Later(until(notice.notification.due_at, now)));
        }
        if notice.is_silent || is_disabled {
            notice.notification.stop(now);
            return Ok(self.write(&notice).await?.unwrap_or(Step::Done));
        }
        if notice.notification.is_exhausted() {
            notice.notification.give_up(now);
            let failed = notice.failed();
            return Ok(self.write(&notice).await?.unwrap_or(failed));
        }
        if Instant::now() > last_begin {
            return self.hold_back(&notice, AGAIN).await;
        }
        let Some(secrets) = self.vault.subscription_secrets(&notice.subscription.value).await? else {
            // A store may not know for a moment what was written just now.
            if now.duration_since(notice.notification.created_at) > SECRETS_APPEAR {
                self.disable(&notice, "its secrets are gone").await?;
            }
            return self.hold_back(&notice, Duration::from_secs(10)).await;
        };
        self.call(notice, &secrets, last_begin).await
    }

    /// Whether the event before it was tried. If not, that is waited for, for a moment: it may be under way in another
    /// process. One that is known to wait for its line is waited for for hours, one that is not known may never come.
    pub(super) async fn is_its_turn(&self, notice: &Notice) -> Result<bool, PortError> {
        let Some(event_uuid) = notice.untried_before.filter(|_| notice.is_first_call()) else {
            return Ok(true);
        };
        let key = NotificationKey { event_uuid, ..notice.key.clone() };
        for look in 0..=LOOKS {
            if look > 0 {
                sleep(BETWEEN_LOOKS).await;
            }
            let found = self.store.read_notifications(std::slice::from_ref(&key)).await?;
            let found = found.into_iter().flatten().next();
            let is_tried = found.as_ref().is_some_and(|before| was_tried(&before.value));
            if is_tried || !notice.may_wait(found.is_some(), self.clock.now()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// It waits without having been tried. That is remembered, so that those behind it know, and whoever asks sees it.
    pub(super) async fn hold_back(&self, notice: &Notice, wait: Duration) -> Result<Step, PortError> {
        if notice.version == 0 {
            self.store.write_notification(&notice.versioned()).await?;
        }
        Ok(Step::Held(wait))
    }

    /// Writes the notification; a step where somebody else wrote first.
    async fn write(&self, notice: &Notice) -> Result<Option<Step>, PortError> {
        let written = self.store.write_notification(&notice.versioned()).await?;
        Ok((!written).then_some(Step::Later(AGAIN)))
    }

    async fn call(
        &self,
        mut notice: Notice,
        secrets: &SubscriptionSecrets,
        last_begin: Instant,
    ) -> Result<Step, PortError> {
        let now = self.clock.now();
        let (account, is_replay) = (notice.key.account_id.clone(), notice.key.replay_id.is_some());
        let (subject, line) = (notice.notification.subject.clone(), notice.line());
        let mut place = self.store.take_place(&account, line, &subject, is_replay, now).await?;
        for _ in 0..LOOKS {
            if place != Place::Busy {
                break;
            }
            sleep(BETWEEN_LOOKS).await;
            place = self.store.take_place(&account, line, &subject, is_replay, now).await?;
        }
        let lease = match place {
            Place::Taken { until } => until,
            Place::Busy | Place::Full => {
                return self.hold_back(&notice, notice.hold(Duration::ZERO, now)).await;
            }
            Place::Paused(resume_at) => {
                return self.hold_back(&notice, notice.hold(until(resume_at, now), now)).await;
            }
        };
        let now = self.clock.now();
        // The secrets and the place may have been long in coming.
        if Instant::now() > last_begin {
            self.store.leave_place(&account, line, &subject, CallEnd::NotMade, now).await?;
            return self.hold_back(&notice, AGAIN).await;
        }
        notice.notification.begin(now, lease);
        let begun = self.store.write_notification(&notice.versioned()).await;
        if !matches!(begun, Ok(true)) {
            self.store.leave_place(&account, line, &subject, CallEnd::NotMade, now).await?;
            return begun.map(|_| Step::Later(AGAIN));
        }
        notice.version += 1;
        let started = Instant::now();
        let answer = self.send(&notice, secrets, now).await;
        let took = started.elapsed();
        let attempt = attempt(&notice, &answer, now, took);
        let now = self.clock.now();
        let spread = notice.spread();
        notice.notification.end(&attempt, spread, now);
        let call_end = if attempt.error.is_none() {
            CallEnd::Success { took }
        } else {
            let (answered, retry_after) = (attempt.status.is_some(), attempt.retry_after);
            CallEnd::Failure { took, answered, retry_after }
        };
        let ended = notice.versioned();
        let (kept, line_after) = futures::join!(
            self.store.end_notification(&ended, &attempt),
            self.store.leave_place(&account, line, &subject, call_end, now)
        );
        log(&notice, &attempt);
        let left = line_after?;
        let gone = attempt.is_gone().then(|| "the endpoint answered 410 Gone".to_owned());
        if let Some(reason) = gone.or_else(|| left.given_up(now).filter(|_| attempt.error.is_some())) {
            self.disable(&notice, &reason).await?;
        }
        if !kept? {
            return Ok(Step::Later(AGAIN));
        }
        Ok(match notice.notification.state {
            NotificationState::Delivered => Step::Done,
            NotificationState::Failed => notice.failed(),
            _ => Step::Later(until(notice.notification.due_at, now)),
        })
    }

    async fn send(&self, notice: &Notice, secrets: &SubscriptionSecrets, now: Timestamp) -> SubscriberAnswer {
        let notification = &notice.notification;
        let body = outgoing::body(notification, &self.environment, now);
        let call = SubscriberCall {
            url: notice.subscription.value.url_of(notification.event),
            webhook_id: &notice.key.webhook_id(),
            at: now,
            replay: notice.key.replay_id.is_some(),
            auth_token: &secrets.auth_token,
            signing: secrets.signing_at(now).collect(),
            body: &body,
        };
        self.subscriber.call(call).await
    }
}

fn attempt(notice: &Notice, answer: &SubscriberAnswer, at: Timestamp, took: Duration) -> Attempt {
    Attempt {
        key: notice.key.clone(),
        event: notice.notification.event,
        number: notice.notification.attempts,
        at,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        status: answer.status,
        error: answer.error,
        answer: answer.answer.clone(),
        retry_after: answer.retry_after,
    }
}

/// The endpoint's URL and words stay out of logs: both may hold secrets.
fn log(notice: &Notice, attempt: &Attempt) {
    let error = attempt.error.map(AttemptError::as_str);
    let outcome = if error.is_none() { "notified" } else { "notification_failed" };
    tracing::info!(
        outcome,
        account = %notice.key.account_id,
        subscription = %notice.key.subscription_id,
        event = notice.notification.event.as_str(),
        event_id = %notice.key.event_uuid,
        attempt = attempt.number,
        status = attempt.status,
        error,
        duration_ms = attempt.duration_ms,
        "subscriber called"
    );
}
