//! Subscriptions: a URL that an integrator registered to be told of events, and how its calls have gone lately. One that
//! fails for long is disabled; one that fails right now is called less, so that nobody waits for it.

mod line;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use line::{CallEnd, Line, LineId, MOST_IN_FLIGHT, Place};

use crate::event::EventName;
use crate::ids::AccountId;
use crate::secret::{PreviousSecret, Secret, TokenSet};

/// The most subscriptions of one account: each event of it is sent to all of them from one message.
pub const MOST_SUBSCRIPTIONS: usize = 100;

/// The most signing keys of a subscription that sign beside the current one.
pub const MOST_PREVIOUS: usize = 5;

/// A subscription as it is stored. What is sent with each call is in [`SubscriptionSecrets`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Its id.
    pub id: Uuid,
    /// Whose events.
    pub account_id: AccountId,
    /// Where events are sent.
    pub url: String,
    /// Where `item_status_updated` is sent, if not there as well.
    #[serde(default)]
    pub items_url: Option<String>,
    /// The events it is told of.
    pub events: BTreeSet<EventName>,
    /// Why and since when it is not called any more.
    #[serde(default)]
    pub disabled: Option<Disabled>,
    /// The same of its URL for items, which stands and falls by itself.
    #[serde(default)]
    pub items_disabled: Option<Disabled>,
    /// Which of its secrets are current: whoever keeps a copy of older ones reads them again.
    pub secrets_version: u32,
    /// Until when somebody who is changing its secrets keeps others from it: the store of secrets lets the last writer win,
    /// so of two at once one would be told a key that is not kept.
    #[serde(default)]
    pub secrets_held_until: Option<Timestamp>,
    /// When it was made. It is told of what happened since.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// That a subscription is not called any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabled {
    /// Since when.
    pub at: Timestamp,
    /// Why, for people. What an operator wrote here is for whoever reads the subscription, and nobody else.
    pub reason: String,
    /// Whether it was an operator, and not the bridge.
    #[serde(default)]
    pub by_operator: bool,
    /// Whether the bus was told.
    #[serde(default)]
    pub told: bool,
}

impl Disabled {
    /// What is said where no operator said why.
    pub const BY_OPERATOR: &str = "disabled by an operator";

    /// Why, for logs and the bus: an operator may have written a person's name, which neither is told.
    pub fn public_reason(&self) -> &str {
        if self.by_operator { Self::BY_OPERATOR } else { &self.reason }
    }
}

impl Subscription {
    /// Where an event is sent.
    pub fn url_of(&self, event: EventName) -> &str {
        let of_items = self.items_url.as_deref().filter(|_| event == EventName::ItemStatusUpdated);
        of_items.unwrap_or(&self.url)
    }

    /// The line of the URL where an event is sent.
    pub fn line_of(&self, event: EventName) -> LineId {
        let of_items = event == EventName::ItemStatusUpdated && self.items_url.is_some();
        LineId { subscription: self.id, of_items }
    }

    /// Why an event is not sent, if the URL where it would be is disabled.
    pub fn disabled_for(&self, event: EventName) -> Option<&Disabled> {
        let of_items = self.line_of(event).of_items;
        if of_items { self.items_disabled.as_ref() } else { self.disabled.as_ref() }
    }

    /// Whether it is to be told of an event that the bridge learned of at `created_at`.
    pub fn wants(&self, event: EventName, created_at: Timestamp) -> bool {
        self.events.contains(&event) && created_at >= self.created_at
    }
}

/// What is sent with each call of a subscription; kept encrypted, apart from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionSecrets {
    /// What the integrator expects in `Auth-Token`.
    pub auth_token: Secret,
    /// The key of the signature, as Standard Webhooks writes it: `whsec_` and base64.
    pub signing: Secret,
    /// Those before it, each of which signs as well for a day after it was replaced, the newest first.
    #[serde(default)]
    pub previous: Vec<PreviousSecret>,
}

impl SubscriptionSecrets {
    /// A new signing key; calls are signed with the old one too for as long as two tokens of a sender are valid, also when
    /// it is replaced again meanwhile. `None` while [`MOST_PREVIOUS`] are valid already: the oldest was promised its day.
    pub fn rotated_to(&self, signing: Secret, now: Timestamp) -> Option<Self> {
        let until = now + SignedDuration::from_hours(TokenSet::OVERLAP_HOURS);
        let valid = self.previous.iter().filter(|previous| now < previous.until).cloned();
        let newest = PreviousSecret { secret: self.signing.clone(), until };
        let previous: Vec<_> = std::iter::once(newest).chain(valid).collect();
        let auth_token = self.auth_token.clone();
        (previous.len() <= MOST_PREVIOUS).then_some(Self { auth_token, signing, previous })
    }

    /// The keys that sign at `now`, the current one first.
    pub fn signing_at(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let previous = self.previous.iter().filter(move |previous| now < previous.until);
        std::iter::once(&self.signing).chain(previous.map(|previous| &previous.secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rotated_out_key_signs_for_a_day() {
        let secrets = SubscriptionSecrets {
            auth_token: Secret::new("token"),
            signing: Secret::new("old"),
            previous: Vec::new(),
        };
        let rotated = secrets.rotated_to(Secret::new("new"), at("2026-03-01T12:00:00Z")).unwrap();
        let keys = |secrets: &SubscriptionSecrets, when: &str| {
            secrets.signing_at(at(when)).map(|key| key.expose().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(keys(&rotated, "2026-03-02T11:59:59Z"), ["new", "old"]);
        assert_eq!(keys(&rotated, "2026-03-02T12:00:00Z"), ["new"]);
        let again = rotated.rotated_to(Secret::new("newest"), at("2026-03-01T13:00:00Z")).unwrap();
        assert_eq!(keys(&again, "2026-03-02T11:59:59Z"), ["newest", "new", "old"]);
        assert_eq!(keys(&again, "2026-03-02T12:00:00Z"), ["newest", "new"]);
    }

    #[test]
    fn events_of_items_have_a_url_of_their_own_where_it_is_given() {
        let mut subscription = Subscription {
            id: Uuid::nil(),
            account_id: "demo".parse().unwrap(),
            url: "https://example.com/all".into(),
            items_url: None,
            events: [EventName::ItemStatusUpdated, EventName::OrderAssigned].into(),
            disabled: None,
            items_disabled: None,
            secrets_version: 1,
            secrets_held_until: None,
            created_at: at("2026-03-01T12:00:00Z"),
            updated_at: at("2026-03-01T12:00:00Z"),
        };
        assert_eq!(subscription.url_of(EventName::ItemStatusUpdated), "https://example.com/all");
        subscription.items_url = Some("https://example.com/items".into());
        assert_eq!(subscription.url_of(EventName::ItemStatusUpdated), "https://example.com/items");
        assert_eq!(subscription.url_of(EventName::OrderAssigned), "https://example.com/all");
        assert!(subscription.wants(EventName::OrderAssigned, at("2026-03-01T12:00:00Z")));
        assert!(!subscription.wants(EventName::OrderAssigned, at("2026-03-01T11:59:59Z")));
        assert!(subscription.line_of(EventName::ItemStatusUpdated).of_items);
        let reason = String::from("gone");
        subscription.items_disabled =
            Some(Disabled { at: subscription.created_at, reason, by_operator: false, told: true });
        assert!(subscription.disabled_for(EventName::ItemStatusUpdated).is_some());
        assert!(subscription.disabled_for(EventName::OrderAssigned).is_none());
        assert!(!subscription.wants(EventName::AgentEtaUpdated, at("2026-03-01T12:00:01Z")));
    }
}
