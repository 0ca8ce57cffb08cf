//! The transaction, and what its refusals mean.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use courier_domain::order::FollowUp;
use courier_domain::ports::{Committed, PortError, TimelineEntry};

use super::item::value;
use super::{Table, unavailable};

impl Table {
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
fn refused_or_unavailable(error: TransactWriteItemsError) -> PortError {
    match error.code() {
        Some(code) if code == "ValidationException" => {
            PortError::Refused { service: "dynamodb", code: code.to_owned() }
        }
        _ => unavailable(error),
    }
}
