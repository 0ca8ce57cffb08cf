//! Webhook receivers: check the token, split the body into events, queue them, answer. Nothing is mapped here, so that a
//! receiver answers in milliseconds whatever else is broken, and what it answered 200 to is in a queue.

mod fleet;
mod syrve;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use courier_domain::account::Account;
use courier_domain::clock::Clock;
use courier_domain::ids::AccountId;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::ports::{Accounts, EventQueue, PortError, QueueError};
use courier_domain::secret::TokenSet;
use courier_providers::{BodyError, RawEvent};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Response};
use serde::Serialize;

pub(crate) use fleet::shorten;
pub use fleet::{FleetReceiver, NoSecrets};
pub use syrve::SyrveReceiver;

use crate::http::{Problem, json};

/// What a sender is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Events in the call.
    pub received: usize,
    /// Events queued.
    pub queued: usize,
    /// Events that the bridge has no use for.
    pub ignored: usize,
}

impl Receipt {
    fn response(&self) -> Response<Body> {
        json(StatusCode::OK, self)
    }
}

/// Compared with when there is no account, so that guessing account names is not faster than guessing tokens.
static NOBODY: LazyLock<TokenSet> = LazyLock::new(|| TokenSet::only("no account has this token"));

/// The account of the URL, if there is one.
async fn account_of(accounts: &impl Accounts, id: Option<&str>) -> Result<Option<Arc<Account>>, PortError> {
    match id.and_then(|text| text.parse::<AccountId>().ok()) {
        Some(id) => accounts.account(&id).await,
        None => Ok(None),
    }
}

fn no_such_webhook() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such webhook")
}

pub(crate) fn inbound(
    account: &Account,
    sender: Sender,
    clock: &impl Clock,
    event: RawEvent,
) -> InboundEvent {
    InboundEvent {
        account_id: account.account_id.clone(),
        sender,
        kind: event.kind,
        key: event.key,
        subject: event.subject,
        received_at: clock.now(),
        body: event.body,
    }
}

/// Queues all events or none is answered 200. `place` names the event at an index, should it be too large.
pub(crate) async fn enqueue<Q: EventQueue>(
    queue: &Q,
    events: &[InboundEvent],
    place: impl Fn(usize) -> String,
) -> Result<(), Problem> {
    if events.is_empty() {
        return Ok(());
    }
    queue.send_events(events).await.map_err(|error| match error {
        QueueError::TooLarge { index } => Problem {
            field: Some(place(index)),
            ..Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "this event is too large to be queued, even compressed",
            )
        },
        QueueError::Unsent { .. } => Problem::unavailable(&error),
    })
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Shape { field, problem } => Self::field(field, problem),
            not_json @ BodyError::NotJson(_) => Self::new(StatusCode::BAD_REQUEST, not_json.to_string()),
        }
    }
}

/// One line per call: what a person on call needs to see that events come in at all, and nothing of what they say.
fn log(sender: Sender, account: Option<&str>, outcome: &Result<Receipt, Problem>) {
    let account = account.unwrap_or_default();
    match outcome {
        Ok(receipt) => tracing::info!(
            outcome = "received",
            sender = sender.as_str(),
            account,
            received = receipt.received,
            queued = receipt.queued,
            ignored = receipt.ignored,
            "webhook received"
        ),
        Err(problem) => tracing::warn!(
            outcome = "refused",
            sender = sender.as_str(),
            account,
            status = problem.status,
            field = problem.field.as_deref().unwrap_or_default(),
            reason = problem.reason.unwrap_or_default(),
            "webhook refused"
        ),
    }
}

fn answer(outcome: Result<Receipt, Problem>) -> Response<Body> {
    outcome.map_or_else(|problem| problem.response(), |receipt| receipt.response())
}
