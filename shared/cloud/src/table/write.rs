//! Writing over a version, alone or in a transaction, and what refusals mean. The SDK repeats a request whose answer was lost.
//! A transaction names itself, and the table does it once; a single write would be refused by the version it wrote itself, so
//! each leaves its mark in the item.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use courier_domain::command::FollowUp;
use courier_domain::ports::{Committed, PortError, TimelineEntry};
use uuid::Uuid;

use super::item::{Item, NewItem, text, value};
use super::keys::{n, s};
use super::{Table, unavailable};

/// The attribute that says which write an item is of.
const WRITE: &str = "write_id";

impl Table {
    /// Writes one item over the version it was read at; `false` when somebody else wrote first.
    pub(super) async fn put_over(&self, item: NewItem, version: u64) -> Result<bool, PortError> {
        Ok(self.put_or_see(item, version).await?.is_none())
    }

    /// The same, with the item that is there instead when somebody else wrote first; empty if there is none.
    pub(super) async fn put_or_see(&self, item: NewItem, version: u64) -> Result<Option<Item>, PortError> {
        let write = Uuid::new_v4().simple().to_string();
        let item = item.with("version", n(version + 1)).with(WRITE, s(&write)).attributes();
        let call = self.client.put_item().table_name(&self.name).set_item(Some(item));
        let call = if version == 0 {
            call.condition_expression("attribute_not_exists(pk)")
        } else {
            call.condition_expression("version = :version")
                .expression_attribute_values(":version", n(version))
        };
        let call = call.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(None),
            Err(PutItemError::ConditionalCheckFailedException(refused)) => {
                let there = refused.item.unwrap_or_default();
                Ok((text(&there, WRITE) != Some(write.as_str())).then_some(there))
            }
            Err(error) => Err(refused_or_unavailable(error)),
        }
    }

    /// Writes all or nothing; a refusal means that somebody else was faster.
    pub(super) async fn transact_plain(&self, items: Vec<TransactWriteItem>) -> Result<Committed, PortError> {
        Ok(match self.transact(items).await? {
            Committed::Duplicate(_) => Committed::Conflict,
            other => other,
        })
    }

    /// Writes all or nothing. The first item is the mark of the event: refused by its condition, it says that the event
    /// was processed before, and what had to be handed on. Any other refusal means that somebody else was faster.
    pub(super) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Committed, PortError> {
        let call = self.client.transact_write_items().set_transact_items(Some(items));
        let error = match call.send().await {
            Ok(_) => return Ok(Committed::Done),
            Err(error) => error.into_service_error(),
        };
        let TransactWriteItemsError::TransactionCanceledException(cancelled) = &error else {
            let busy = matches!(error, TransactWriteItemsError::TransactionInProgressException(_));
            return if busy { Ok(Committed::Conflict) } else { Err(refused_or_unavailable(error)) };
        };
        let reasons = cancelled.cancellation_reasons();
        let code = |n: usize| reasons.get(n).and_then(|reason| reason.code()).unwrap_or("None");
        if code(0) == "ConditionalCheckFailed" {
            let entry = reasons
                .first()
                .and_then(|reason| reason.item())
                .map(|item| value::<TimelineEntry>(item, "an event"));
            return Ok(Committed::Duplicate(
                entry.transpose()?.map_or_else(FollowUp::default, |entry| entry.follow_up),
            ));
        }
        let lost = |code: &str| matches!(code, "ConditionalCheckFailed" | "TransactionConflict");
        if (0..reasons.len()).any(|n| lost(code(n))) {
            return Ok(Committed::Conflict);
        }
        let invalid = (0..reasons.len()).map(code).find(|code| *code == "ValidationError");
        let refused = invalid.map(|code| PortError::Refused { service: "dynamodb", code: code.to_owned() });
        Err(refused.unwrap_or_else(|| unavailable(error)))
    }
}

/// An item over 400 KB or a number out of range is invalid today and tomorrow.
fn refused_or_unavailable<E>(error: E) -> PortError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    match error.code() {
        Some(code) if code == "ValidationException" => {
            PortError::Refused { service: "dynamodb", code: code.to_owned() }
        }
        _ => unavailable(error),
    }
}
