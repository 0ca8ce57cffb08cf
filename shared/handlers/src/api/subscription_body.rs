//! The body of a subscription: where events go, which, and the token that goes with them. A token that is absent or `"set"`,
//! as answers show it, keeps its value.

use std::collections::BTreeSet;

use courier_domain::event::EventName;
use courier_domain::ports::UrlGuard;
use courier_domain::secret::Secret;
use courier_domain::subscription::Subscription;
use lambda_http::http::Uri;
use serde::Deserialize;

use super::account_body::given;
use super::rules::token;
use crate::http::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionBody {
    url: String,
    items_url: Option<String>,
    auth_token: Option<String>,
    events: Option<Vec<String>>,
}

/// A body that was checked.
pub(super) struct Wanted {
    pub(super) url: String,
    pub(super) items_url: Option<String>,
    pub(super) events: BTreeSet<EventName>,
    /// A token to be sent from now on; `None` keeps the one that is there.
    pub(super) auth_token: Option<Secret>,
}

impl SubscriptionBody {
    /// Checks the body, the names in its URLs last: they are looked up. None may lead back to the webhooks below `own`: the
    /// bridge reads the format that it sends, and would tell itself the same for ever.
    pub(super) async fn checked(self, guard: &impl UrlGuard, own: &str) -> Result<Wanted, Problem> {
        let auth_token = given(self.auth_token);
        if let Some(text) = &auth_token {
            token("auth_token", text, 8, 1024)?;
        }
        let events = self.events.map_or_else(|| Ok(EventName::ALL.into()), |names| events(&names))?;
        let url = admitted(guard, own, "url", &self.url).await?;
        let items_url = match self.items_url {
            Some(text) => Some(admitted(guard, own, "items_url", &text).await?),
            None => None,
        };
        Ok(Wanted { url, items_url, events, auth_token: auth_token.map(Secret::new) })
    }
}

impl Wanted {
    /// Changes what the table holds of the subscription. That a URL is disabled ends with the URL. Items that get one of their
    /// own stay stopped where an operator stopped them with all else.
    pub(super) fn write_to(&self, subscription: &mut Subscription) {
        if subscription.url != self.url {
            subscription.disabled = None;
        }
        if subscription.items_url != self.items_url {
            let with_all = subscription.disabled.clone().filter(|disabled| disabled.by_operator);
            subscription.items_disabled = with_all.filter(|_| subscription.items_url.is_none());
        }
        subscription.url.clone_from(&self.url);
        subscription.items_url.clone_from(&self.items_url);
        subscription.events.clone_from(&self.events);
    }
}

/// The URL as it is called.
async fn admitted(guard: &impl UrlGuard, own: &str, field: &str, text: &str) -> Result<String, Problem> {
    let url = guard.admit(text).await.map_err(|why| Problem::field(field, why))?;
    let host = |url: &str| url.parse::<Uri>().ok().and_then(|url| url.authority().map(ToString::to_string));
    if host(&url).is_some_and(|called| host(own).is_some_and(|own| own.eq_ignore_ascii_case(&called))) {
        return Err(Problem::field(field, "must not lead back to this bridge"));
    }
    Ok(url)
}

fn events(names: &[String]) -> Result<BTreeSet<EventName>, Problem> {
    if names.is_empty() {
        return Err(Problem::field("events", "must name at least one event, or be left out for all"));
    }
    let unknown = |index: usize| {
        let known = EventName::ALL.map(EventName::as_str).join(", ");
        Problem::field(format!("events.{index}"), format!("no event has this name; known are {known}"))
    };
    names.iter().enumerate().map(|(at, name)| EventName::parse(name).ok_or_else(|| unknown(at))).collect()
}
