//! The lines to subscriptions: items that every process changes over the version it saw. What refuses a change comes back
//! with the refusal, so that the next try knows it. Within a process the tasks take turns at a line, and each goes on from
//! what the one before it wrote: only processes get in each other's way, and a change is one request as a rule.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::AttributeValue;
use courier_domain::ids::AccountId;
use courier_domain::ports::{Lines, PortError, Versioned};
use courier_domain::subscription::{CallEnd, Line, LineId, Place};
use jiff::Timestamp;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::item::{NewItem, versioned};
use super::keys::{Key, n, s};
use super::orders::after_days;
use super::{NOTIFICATION_DAYS, Table, unavailable};

const WHAT: &str = "a line";
/// Tries for a place: whoever finds the line this crowded comes back later.
const TRIES_TO_TAKE: u32 = 10;
/// Tries to give it back, without which it stays taken until its time is over, and what came of the call is forgotten. At
/// most ten are given back at once, and with each conflict another's was.
const TRIES_TO_LEAVE: u32 = 60;
/// The pause after so many conflicts, for each time that there were. Not after each: what came back with a refusal is
/// worth most at once, and after a pause it is old.
const CONFLICTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(3);
/// Lines that a process remembers at least while nobody uses them.
const REMEMBERED: usize = 500;

/// What a process saw of a line last: nothing, or what it read or wrote.
type Seen = Option<Versioned<Line>>;

/// Whose turn it is at each line, in this process.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<std::sync::Mutex<HashMap<Key, Arc<Mutex<Seen>>>>>);

impl Turns {
    /// Bounded: when there are many, those that nobody uses or waits for are forgotten.
    fn of(&self, key: &Key) -> Arc<Mutex<Seen>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= REMEMBERED && !turns.contains_key(key) {
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(turns.entry(key.clone()).or_default())
    }
}

/// What a caller makes of a line.
enum Step<T> {
    /// It is to be written as it is now.
    Write(T),
    /// It stays as it is, if it is as it was seen.
    Stay(T),
}

#[derive(Debug, thiserror::Error)]
#[error("others kept writing the line first")]
struct Crowded;

impl Table {
    /// Changes a line; `None` when others were faster every time.
    async fn change_line<T>(
        &self,
        key: &Key,
        now: Timestamp,
        tries: u32,
        mut change: impl FnMut(&mut Versioned<Line>) -> Step<T>,
    ) -> Result<Option<T>, PortError> {
        let turn = self.turns.of(key);
        let mut seen = turn.lock().await;
        let mut is_fresh = seen.is_none();
        for conflicts in 1..=tries {
            let mut line = match seen.take() {
                Some(line) => line,
                None => self.read_line(key).await?,
            };
            let answer = match change(&mut line) {
                Step::Write(answer) => answer,
                Step::Stay(answer) if is_fresh => {
                    *seen = Some(line);
                    return Ok(Some(answer));
                }
                // Seen a while ago: it is looked at again.
                Step::Stay(_) => {
                    is_fresh = true;
                    continue;
                }
            };
            let Some(other) = self.put_line(key, &line, now).await? else {
                line.version += 1;
                *seen = Some(line);
                return Ok(Some(answer));
            };
            (*seen, is_fresh) = (Some(other), true);
            if conflicts % CONFLICTS == 0 {
                tokio::time::sleep(PAUSE * (conflicts / CONFLICTS)).await;
            }
        }
        Ok(None)
    }

    /// Forgets the failures of a line; calls that are open keep their places.
    async fn clear(&self, key: Key) -> Result<(), PortError> {
        let call = self.client.update_item().table_name(&self.name).key("pk", s(key.pk)).key("sk", s(key.sk));
        let call = call
            .update_expression(
                "SET #line.failures = :none, #line.answered = :no REMOVE #line.failing_since, #line.last_failed_at, #line.resume_at ADD version :one",
            )
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#line", "data")
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":one", n(1));
        match call.send().await.map_err(SdkError::into_service_error) {
            Err(error) if !error.is_conditional_check_failed_exception() => Err(unavailable(error)),
            _ => Ok(()),
        }
    }

    async fn read_line(&self, key: &Key) -> Result<Versioned<Line>, PortError> {
        self.get(key.clone()).await?.map_or(Ok(missing()), |item| versioned(&item, WHAT))
    }

    /// Writes a line over the version it was read at, or returns the one that is there.
    async fn put_line(
        &self,
        key: &Key,
        line: &Versioned<Line>,
        now: Timestamp,
    ) -> Result<Option<Versioned<Line>>, PortError> {
        // It expires, since a place may still be taken while its subscription is being deleted.
        let item = NewItem::new(key.clone(), WHAT, &line.value)?.expiring(after_days(now, NOTIFICATION_DAYS));
        let other = self.put_or_see(item, line.version).await?;
        other.map(|item| if item.is_empty() { Ok(missing()) } else { versioned(&item, WHAT) }).transpose()
    }
}

/// A line that nobody has called over.
fn missing() -> Versioned<Line> {
    Versioned { value: Line::default(), version: 0 }
}

impl Lines for Table {
    async fn take_place(
        &self,
        account: &AccountId,
        line: LineId,
        subject: &str,
        is_replay: bool,
        now: Timestamp,
    ) -> Result<Place, PortError> {
        let take = |line: &mut Versioned<Line>| match line.value.take(subject, is_replay, now) {
            taken @ Place::Taken { .. } => Step::Write(taken),
            other => Step::Stay(other),
        };
        let key = Key::line(account, line);
        Ok(self.change_line(&key, now, TRIES_TO_TAKE, take).await?.unwrap_or(Place::Full))
    }

    async fn leave_place(
        &self,
        account: &AccountId,
        line: LineId,
        subject: &str,
        end: CallEnd,
        now: Timestamp,
    ) -> Result<Line, PortError> {
        let leave = |line: &mut Versioned<Line>| {
            // The subscription was deleted meanwhile, and the line with it.
            if line.version == 0 {
                return Step::Stay(Line::default());
            }
            line.value.leave(subject, end, now);
            Step::Write(line.value.clone())
        };
        let key = Key::line(account, line);
        let left = self.change_line(&key, now, TRIES_TO_LEAVE, leave).await?;
        left.ok_or_else(|| unavailable(Crowded))
    }

    async fn line(&self, account: &AccountId, line: LineId) -> Result<Line, PortError> {
        Ok(self.read_line(&Key::line(account, line)).await?.value)
    }

    async fn clear_line(&self, account: &AccountId, subscription: Uuid) -> Result<(), PortError> {
        for of_items in [false, true] {
            self.clear(Key::line(account, LineId { subscription, of_items })).await?;
        }
        Ok(())
    }
}
