//! Whether a subscription is called. The bridge stops by itself where calls fail for long; here people stop it, for what no
//! count of failures sees, such as an endpoint that holds up others, and start it again.
//!
//! What happens while it is disabled is recorded and not sent, and what waits for it leaves the queue when it is due. The bus
//! hears of it from `notify`, with the first event that is not sent.

use courier_domain::clock::Clock;
use courier_domain::ports::Lines;
use courier_domain::subscription::{Disabled, Subscription};
use lambda_http::Request;
use lambda_http::http::StatusCode;
use serde::Deserialize;

use super::body::read;
use super::rules::length;
use super::subscription_views::{SubscriptionLines, subscription_view};
use super::{Answer, Api, Parts};
use crate::http::{body, json};

/// The longest reason, characters.
const LONGEST_REASON: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DisableBody {
    reason: Option<String>,
}

impl<P: Parts> Api<P> {
    /// Calls begin anew with all that happens from now on; a replay brings what was missed.
    pub(super) async fn enable_subscription(&self, id: &str, subscription: &str) -> Answer {
        let mut stored = self.subscription_of(id, subscription).await?;
        let (account, id) = (stored.value.account_id.clone(), stored.value.id);
        // Before it is enabled, or its first failure would disable it again.
        self.directory.clear_line(&account, id).await?;
        let was = (stored.value.disabled.take(), stored.value.items_disabled.take());
        let enabled = if was == (None, None) { stored.value } else { self.write(stored).await? };
        tracing::info!(outcome = "subscription_enabled", %account, subscription = %id, "subscription enabled");
        Ok(json(StatusCode::OK, &subscription_view(&enabled, &SubscriptionLines::default())))
    }

    /// All its URLs; one that is disabled already keeps its time and reason.
    pub(super) async fn disable_subscription(
        &self,
        request: &Request,
        id: &str,
        subscription: &str,
    ) -> Answer {
        let mut stored = self.subscription_of(id, subscription).await?;
        let bytes = body(request)?;
        let asked: DisableBody = if bytes.is_empty() { DisableBody::default() } else { read(bytes)? };
        let reason = asked.reason.as_deref().map_or(Disabled::BY_OPERATOR, str::trim).to_owned();
        length("reason", &reason, 1, LONGEST_REASON)?;
        let before = stored.value.clone();
        let now = Disabled { at: self.clock.now(), reason, by_operator: true, told: false };
        stored.value.disabled.get_or_insert_with(|| now.clone());
        if stored.value.items_url.is_some() {
            stored.value.items_disabled.get_or_insert(now);
        }
        let disabled = if stored.value == before { before } else { self.write(stored).await? };
        let Subscription { account_id: account, id, .. } = &disabled;
        tracing::info!(outcome = "subscription_disabled", %account, subscription = %id, "subscription disabled");
        self.show(&disabled).await
    }
}
