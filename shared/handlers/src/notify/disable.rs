//! The end of a subscription that does not take its calls: it is not called any more, and whoever watches hears of it.

use courier_domain::clock::Clock;
use courier_domain::event::{About, Cause, DomainEvent};
use courier_domain::ids::EventKey;
use courier_domain::ports::{EventBus, Lines, PortError, Subscriptions};
use courier_domain::subscription::Disabled;
use serde_json::json;

use super::Notify;
use super::notice::Notice;

/// Somebody may change the subscription at the same time.
const TRIES: usize = 4;

impl<S, A, K, H, B, C> Notify<S, A, K, H, B, C>
where
    S: Subscriptions + Lines,
    B: EventBus,
    C: Clock,
{
    /// Disables a subscription, once. The event is published first: it is the same event when this is repeated, while a
    /// subscription that is disabled already is not looked at again.
    pub(super) async fn disable(&self, notice: &Notice, reason: &str) -> Result<(), PortError> {
        let (account, id, now) = (&notice.key.account_id, notice.key.subscription_id, self.clock.now());
        for _ in 0..TRIES {
            let Some(mut stored) = self.store.subscription(account, id).await? else { return Ok(()) };
            if stored.value.disabled.is_some() {
                return Ok(());
            }
            // What makes it the same event: this subscription, as it was last enabled or changed by a person.
            let changed_at = stored.value.updated_at.to_string();
            let key = EventKey::hashed([&id.to_string(), "disabled", &changed_at]);
            let cause = Cause { account, key: &key, now };
            let mut event = DomainEvent::new("subscription_disabled", About::Account, now, cause, json!({}));
            event.detail = json!({ "subscription_id": id, "reason": reason });
            self.bus.publish(&[event]).await?;
            stored.value.disabled = Some(Disabled { at: now, reason: reason.to_owned() });
            stored.value.updated_at = now;
            if self.store.write_subscription(&stored).await? {
                tracing::warn!(
                    outcome = "subscription_disabled",
                    account = %account,
                    subscription = %id,
                    reason,
                    "subscription disabled"
                );
                return Ok(());
            }
        }
        // The next failed call comes here again.
        Ok(())
    }
}
