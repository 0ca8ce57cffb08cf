//! Drivers who moved, by the minute: one item, to which every process adds without looking. Positions come every few
//! seconds, so each process adds a driver to a minute once. The event that is made of a minute is kept there too, so that
//! whoever makes it again after a failure tells the same. An item has its limit, and so has what is told of a minute: the
//! drivers beyond are left out, and whoever reported them goes on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use courier_domain::event::DomainEvent;
use courier_domain::ids::DriverId;
use courier_domain::notification::MovesKey;
use courier_domain::ports::{Moved, Moves, PortError};

use super::keys::{Key, n, s};
use super::orders::after_days;
use super::packed::{pack, unpack};
use super::{Item, MOVES_DAYS, Table, unavailable};

const WHAT: &str = "drivers' moves";
/// The attributes of the item. None of the names is a word that the table keeps for itself.
const DRIVERS: &str = "moved_drivers";
const QUEUED: &str = "message_queued";
const EVENT: &str = "made_event";

/// A minute with this many takes no more: with those of one last request and the event it stays below the 400 KB of an item,
/// however long their ids are.
const MOST_DRIVERS: usize = 1500;

/// Minutes that a process remembers at most: a few of each account that it works for.
const REMEMBERED: usize = 200;

/// What a process added to a minute.
#[derive(Debug, Default)]
struct Minute {
    drivers: HashSet<DriverId>,
    is_queued: bool,
    is_full: bool,
}

/// What this process added to which minute. Nothing is ever taken out of a minute's item, so this stays true.
#[derive(Debug, Clone, Default)]
pub(super) struct Added(Arc<Mutex<HashMap<MovesKey, Minute>>>);

impl Added {
    fn minutes(&self) -> MutexGuard<'_, HashMap<MovesKey, Minute>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is nothing to do: the item holds all of them or takes no more, and its message is queued.
    fn holds(&self, key: &MovesKey, drivers: &[DriverId]) -> bool {
        let minutes = self.minutes();
        let minute = minutes.get(key).filter(|minute| minute.is_queued);
        minute.is_some_and(|minute| {
            minute.is_full || drivers.iter().all(|driver| minute.drivers.contains(driver))
        })
    }

    /// The item takes no more; whether this is news.
    fn note_full(&self, key: &MovesKey, is_queued: bool) -> bool {
        self.note(key, &[], is_queued);
        let mut minutes = self.minutes();
        minutes.get_mut(key).is_some_and(|minute| !std::mem::replace(&mut minute.is_full, true))
    }

    fn note(&self, key: &MovesKey, drivers: &[DriverId], is_queued: bool) {
        let mut minutes = self.minutes();
        if minutes.len() >= REMEMBERED && !minutes.contains_key(key) {
            minutes.clear();
        }
        let minute = minutes.entry(key.clone()).or_default();
        minute.drivers.extend(drivers.iter().cloned());
        minute.is_queued |= is_queued;
    }
}

impl Table {
    /// A change of a minute's item, with when it may be forgotten as `:expires`.
    fn change_moves(&self, key: &MovesKey, update: String) -> UpdateItemFluentBuilder {
        let expires = after_days(key.end(), MOVES_DAYS);
        let key = Key::moves(key);
        let call = self.client.update_item().table_name(&self.name).key("pk", s(key.pk)).key("sk", s(key.sk));
        call.update_expression(update).expression_attribute_values(":expires", n(expires.as_second()))
    }
}

fn is_queued(item: &Item) -> bool {
    item.get(QUEUED).and_then(|value| value.as_bool().ok()).copied().unwrap_or(false)
}

impl Moves for Table {
    async fn add_moves(&self, key: &MovesKey, drivers: &[DriverId]) -> Result<bool, PortError> {
        if drivers.is_empty() || self.added.holds(key, drivers) {
            return Ok(false);
        }
        let update = format!(
            "ADD {DRIVERS} :drivers SET expires_at = :expires, {QUEUED} = if_not_exists({QUEUED}, :no)"
        );
        // The table refuses a set that names the same twice.
        let unique: HashSet<_> = drivers.iter().map(ToString::to_string).collect();
        let unique = unique.into_iter().collect();
        let call = self.change_moves(key, update).return_values(ReturnValue::UpdatedNew);
        let call = call
            .condition_expression(format!("attribute_not_exists({DRIVERS}) OR size({DRIVERS}) < :most"))
            .expression_attribute_values(":drivers", AttributeValue::Ss(unique))
            .expression_attribute_values(":most", n(MOST_DRIVERS))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(answer) => {
                let is_queued = is_queued(&answer.attributes.unwrap_or_default());
                self.added.note(key, drivers, is_queued);
                Ok(!is_queued)
            }
            Err(UpdateItemError::ConditionalCheckFailedException(full)) => {
                let is_queued = is_queued(&full.item.unwrap_or_default());
                if self.added.note_full(key, is_queued) {
                    let MovesKey { account_id: account, minute } = key;
                    let outcome = "moves_left_out";
                    tracing::error!(outcome, %account, %minute, "too many drivers moved in a minute");
                }
                Ok(!is_queued)
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn moves_queued(&self, key: &MovesKey) -> Result<(), PortError> {
        let call = self.change_moves(key, format!("SET expires_at = :expires, {QUEUED} = :yes"));
        let call = call.expression_attribute_values(":yes", AttributeValue::Bool(true));
        call.send().await.map_err(unavailable)?;
        self.added.note(key, &[], true);
        Ok(())
    }

    async fn moved(&self, key: &MovesKey) -> Result<Moved, PortError> {
        let Some(item) = self.get(Key::moves(key)).await? else { return Ok(Moved::default()) };
        let drivers = item.get(DRIVERS).and_then(|value| value.as_ss().ok()).map(Vec::as_slice);
        let drivers = drivers.unwrap_or_default().iter().map(|id| DriverId::try_from(id.clone()));
        let mut drivers: Vec<_> =
            drivers.collect::<Result<_, _>>().map_err(|_| PortError::Unreadable { what: WHAT })?;
        drivers.sort_unstable();
        let event = item.get(EVENT).map(|packed| unpack(Some(packed), WHAT)).transpose()?;
        Ok(Moved { drivers, event })
    }

    async fn keep_moves_event(&self, key: &MovesKey, event: &DomainEvent) -> Result<DomainEvent, PortError> {
        let call = self.change_moves(key, format!("SET expires_at = :expires, {EVENT} = :event"));
        let call = call
            .condition_expression(format!("attribute_not_exists({EVENT})"))
            .expression_attribute_values(":event", pack(event)?)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(event.clone()),
            Err(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                unpack(refused.item.unwrap_or_default().get(EVENT), WHAT)
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}
