//! What was sent to a subscription, page by page. The place to go on from is the sort key of the index: a time and what
//! tells the notification or call from others of its subscription, from which the rest of its key follows.

use courier_domain::ids::AccountId;
use courier_domain::notification::{Attempt, Notification};
use courier_domain::ports::{Listed, PortError};
use jiff::Timestamp;
use uuid::Uuid;

use super::item::text;
use super::keys::{Key, attempts_index, notifications_index, s, time_place};
use super::notifications::{read_attempt, read_notification};
use super::{Item, Query, Table, unavailable};

impl Table {
    /// Notifications that are no replays: the newest first, or from `since` on the oldest first.
    pub(super) async fn notifications_page(
        &self,
        account: &AccountId,
        subscription: Uuid,
        since: Option<Timestamp>,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Notification>, PortError> {
        let from = since.map(time_place);
        let partition = notifications_index(account, subscription);
        // The table refuses to go on from a place outside the bounds; all that is within them follows such a place.
        let place = after
            .and_then(Place::parse)
            .filter(|place| !place.is_call && from.as_deref().is_none_or(|from| place.text >= from));
        let mut query = query_of(account, subscription, &partition, limit, place);
        if let Some(from) = from {
            "gsi1pk = :pk AND gsi1sk >= :from".clone_into(&mut query.condition);
            query.values.insert(":from".to_owned(), s(from));
            query.forward = true;
        }
        let (items, next) = self.page(query).await?;
        let mut listed = Vec::with_capacity(items.len());
        for item in &items {
            let notification = read_notification(item)?.value;
            // Places are exact to the millisecond only.
            if since.is_none_or(|since| notification.created_at >= since) {
                listed.push(notification);
            }
        }
        Ok(Listed { items: listed, next: next.as_ref().and_then(place_of) })
    }

    /// All calls to a subscription, newest first.
    pub(super) async fn attempts_page(
        &self,
        account: &AccountId,
        subscription: Uuid,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Attempt>, PortError> {
        let partition = attempts_index(account, subscription);
        let place = after.and_then(Place::parse).filter(|place| place.is_call);
        let (items, next) = self.page(query_of(account, subscription, &partition, limit, place)).await?;
        let items = items.iter().map(read_attempt).collect::<Result<_, _>>()?;
        Ok(Listed { items, next: next.as_ref().and_then(place_of) })
    }

    /// The calls for one event and its replays, newest first. They lie together, but by number and not by time; so their
    /// places are read first, and then the calls of the page.
    pub(super) async fn attempts_of_event(
        &self,
        account: &AccountId,
        subscription: Uuid,
        event: Uuid,
        limit: i32,
        after: Option<&str>,
    ) -> Result<Listed<Attempt>, PortError> {
        let mut places = self.places_of_event(account, subscription, event).await?;
        let after = after.and_then(Place::parse);
        places.retain(|place| after.as_ref().is_none_or(|after| place.as_str() < after.text));
        places.sort_unstable_by(|a, b| b.cmp(a));
        let more = places.len() > usize::try_from(limit).unwrap_or_default();
        places.truncate(usize::try_from(limit).unwrap_or_default());
        let ids = places.iter().filter_map(|place| place.split_once('#'));
        let keys: Vec<_> = ids.map(|(_, id)| Key::notified(account, subscription, id)).collect();
        let found = self.get_all(&keys).await?;
        let items = keys.into_iter().filter_map(|key| found.get(&(key.pk, key.sk)));
        let items = items.map(read_attempt).collect::<Result<_, _>>()?;
        Ok(Listed { items, next: places.pop().filter(|_| more) })
    }

    /// Only calls have a place: of the event's own notification and its replays, what they say is not read.
    async fn places_of_event(
        &self,
        account: &AccountId,
        subscription: Uuid,
        event: Uuid,
    ) -> Result<Vec<String>, PortError> {
        let of_event = Key::notified(account, subscription, &format!("{event}#"));
        let call = self.client.query().table_name(&self.name).consistent_read(true);
        let items = call
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", s(of_event.pk))
            .expression_attribute_values(":prefix", s(of_event.sk))
            .filter_expression("attribute_exists(gsi1sk)")
            .projection_expression("gsi1sk")
            .into_paginator()
            .items()
            .send();
        let items: Vec<Item> = items.collect::<Result<_, _>>().await.map_err(unavailable)?;
        Ok(items.iter().filter_map(place_of).collect())
    }
}

/// A place in a list, as a caller gives it back.
struct Place<'a> {
    text: &'a str,
    id: &'a str,
    is_call: bool,
}

impl<'a> Place<'a> {
    /// Nothing else is a place: the table refuses keys that are empty or long.
    fn parse(text: &'a str) -> Option<Self> {
        let is_number = |text: &str| text.len() <= 20 && text.bytes().all(|c| c.is_ascii_digit());
        let (time, id) = text.split_once('#')?;
        let (notification, call) = split(id, "#CALL#");
        let (event, replay) = split(notification, "#REPLAY#");
        let mut ids = [Some(event), replay].into_iter().flatten();
        let is_place = time.len() >= 13
            && [Some(time), call].into_iter().flatten().all(is_number)
            && ids.all(|id| Uuid::try_parse(id).is_ok());
        is_place.then_some(Self { text, id, is_call: call.is_some() })
    }
}

fn split<'a>(text: &'a str, at: &str) -> (&'a str, Option<&'a str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn query_of(
    account: &AccountId,
    subscription: Uuid,
    partition: &str,
    limit: i32,
    after: Option<Place<'_>>,
) -> Query {
    let start = after.map(|place| {
        let key = Key::notified(account, subscription, place.id);
        let start = [("pk", key.pk.as_str()), ("sk", &key.sk), ("gsi1pk", partition), ("gsi1sk", place.text)];
        start.map(|(name, text)| (name.to_owned(), s(text))).into()
    });
    Query {
        index: true,
        condition: "gsi1pk = :pk".into(),
        values: [(":pk".to_owned(), s(partition))].into(),
        forward: false,
        limit: Some(limit),
        start,
    }
}

fn place_of(item: &Item) -> Option<String> {
    text(item, "gsi1sk").map(str::to_owned)
}
