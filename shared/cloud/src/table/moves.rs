//! Drivers who moved, by the minute: one item, to which every process adds without looking. The event that is made of a
//! minute is kept there, so that whoever makes it again after a failure tells the same.

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
        if drivers.is_empty() {
            return Ok(false);
        }
        let update = format!(
            "ADD {DRIVERS} :drivers SET expires_at = :expires, {QUEUED} = if_not_exists({QUEUED}, :no)"
        );
        // The table refuses a set that names the same twice.
        let mut drivers: Vec<_> = drivers.iter().map(ToString::to_string).collect();
        drivers.sort_unstable();
        drivers.dedup();
        let call = self.change_moves(key, update).return_values(ReturnValue::UpdatedNew);
        let call = call
            .expression_attribute_values(":drivers", AttributeValue::Ss(drivers))
            .expression_attribute_values(":no", AttributeValue::Bool(false));
        let item = call.send().await.map_err(unavailable)?.attributes.unwrap_or_default();
        Ok(!is_queued(&item))
    }

    async fn moves_queued(&self, key: &MovesKey) -> Result<(), PortError> {
        let call = self.change_moves(key, format!("SET expires_at = :expires, {QUEUED} = :yes"));
        let call = call.expression_attribute_values(":yes", AttributeValue::Bool(true));
        call.send().await.map_err(unavailable)?;
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
