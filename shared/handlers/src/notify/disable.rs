//! The end of an endpoint that does not take its calls: it is not called any more, and whoever watches hears of it.

use courier_domain::clock::Clock;
use courier_domain::event::{About, Cause, DomainEvent};
use courier_domain::ids::EventKey;
use courier_domain::notification::NotificationKey;
use courier_domain::ports::{EventBus, Lines, PortError, Subscriptions};
use courier_domain::subscription::{Disabled, LineId, Subscription};
use serde_json::json;

use super::Notify;
use super::notice::Notice;

fn disabled(subscription: &mut Subscription, line: LineId) -> &mut Option<Disabled> {
    if line.of_items { &mut subscription.items_disabled } else { &mut subscription.disabled }
}

impl<S, A, K, H, B, C> Notify<S, A, K, H, B, C>
where
    S: Subscriptions + Lines,
    B: EventBus,
    C: Clock,
{
    /// Disables the endpoint of a notification. If somebody has changed the subscription since the call began, it may be
    /// another endpoint by now, or one that was put right: the next call that fails decides.
    pub(super) async fn disable(&self, notice: &Notice, reason: &str) -> Result<(), PortError> {
        let (account, id, now) = (&notice.key.account_id, notice.key.subscription_id, self.clock.now());
        let line = notice.subscription.value.line_of(notice.notification.event);
        let Some(mut stored) = self.store.subscription(account, id).await? else { return Ok(()) };
        if stored.value.updated_at != notice.subscription.value.updated_at {
            return Ok(());
        }
        let end = disabled(&mut stored.value, line);
        if end.is_some() {
            return Ok(());
        }
        *end = Some(Disabled { at: now, reason: reason.to_owned(), by_operator: false, told: false });
        stored.value.updated_at = now;
        if self.store.write_subscription(&stored).await? {
            self.tell_disabled(&notice.key, line).await?;
        }
        Ok(())
    }

    /// Publishes and logs that an endpoint was disabled, and remembers that it did: whoever finds it disabled and not told of
    /// does so. That may be twice, which is the same event. The line is what the alarm is made of: it does not wait for the
    /// bus, and there is none where an operator disabled it.
    pub(super) async fn tell_disabled(&self, key: &NotificationKey, line: LineId) -> Result<(), PortError> {
        let (account, id) = (&key.account_id, key.subscription_id);
        let Some(mut stored) = self.store.subscription(account, id).await? else { return Ok(()) };
        let url = if line.of_items { "items_url" } else { "url" };
        let Some(end) = disabled(&mut stored.value, line).as_mut().filter(|end| !end.told) else {
            return Ok(());
        };
        let cause_key = EventKey::hashed([&id.to_string(), url, "disabled", &end.at.to_string()]);
        let cause = Cause { account, key: &cause_key, now: end.at };
        let detail = json!({ "subscription_id": id, "url": url, "reason": end.public_reason() });
        let event = DomainEvent::new("subscription_disabled", About::Account, end.at, cause, detail);
        if !end.by_operator {
            tracing::error!(
                outcome = "subscription_disabled",
                account = %account,
                subscription = %id,
                of_items = line.of_items,
                reason = end.reason,
                "subscription disabled"
            );
        }
        self.bus.publish(&[event]).await?;
        end.told = true;
        self.store.write_subscription(&stored).await?;
        Ok(())
    }
}
