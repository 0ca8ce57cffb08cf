//! When calls may be made with a login: one item, which every process changes under conditions. A call in quiet times is
//! one write without a read. What refuses a write comes back with the refusal, [`decide`](GateState::decide) says what to
//! do then, and a second write does it. No write depends on an exact earlier value unless only one caller may win, so that
//! many callers at once do not fight each other.

mod change;

use std::time::Duration;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use courier_domain::gate::{Decision, GateState, Pass, Rate, Refusal, hold};
use courier_domain::ports::{Gate, Outcome, PortError};
use jiff::{SignedDuration, Timestamp};

use super::item::text;
use super::keys::{Key, s};
use super::{Item, Table, unavailable};
use change::{Change, Group, millis};

/// Changes tried for one call: each refusal means that others were let through meanwhile.
const MOST_TRIES: usize = 10;
/// How long a caller waits who found too many others.
const CROWDED: Duration = Duration::from_millis(100);
/// No answer can close a group for longer.
const LONGEST_AFTER: Duration = Duration::from_hours(1);

/// What became of a change.
enum Changed {
    /// The item after it.
    Done(Item),
    /// The item that its condition refused; empty if there is none.
    Refused(Item),
}

impl Table {
    async fn change_gate(&self, login: &str, change: Change) -> Result<Changed, PortError> {
        let key = Key::gate(login);
        let call = self
            .client
            .update_item()
            .table_name(&self.name)
            .key("pk", s(key.pk))
            .key("sk", s(key.sk))
            .update_expression(change.update)
            .set_condition_expression(change.condition)
            .set_expression_attribute_values(Some(change.values).filter(|values| !values.is_empty()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match call.send().await.map_err(SdkError::into_service_error) {
            Ok(answer) => Ok(Changed::Done(answer.attributes.unwrap_or_default())),
            Err(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                Ok(Changed::Refused(refused.item.unwrap_or_default()))
            }
            Err(error) => Err(unavailable(error)),
        }
    }
}

impl Gate for Table {
    async fn pass(
        &self,
        login: &str,
        group: &'static str,
        rate: Rate,
        now: Timestamp,
    ) -> Result<Pass, PortError> {
        let group = Group::new(group);
        let mut change = group.quiet(rate, now);
        let mut tries_login = false;
        for _ in 0..MOST_TRIES {
            let state: GateState = match self.change_gate(login, change).await? {
                Changed::Done(item) => {
                    let failures = group.state(&item).failures;
                    return Ok(if tries_login { Pass::Try { failures } } else { Pass::Go { failures } });
                }
                Changed::Refused(item) => group.state(&item),
            };
            let decision = state.decide(rate, now);
            tries_login = matches!(decision, Decision::TryLogin { .. });
            change = match decision {
                Decision::No(pass) => return Ok(pass),
                Decision::Take { .. } if state.next.is_some_and(|next| next > now.as_millisecond()) => {
                    group.in_burst(rate, now)
                }
                Decision::Take { .. } => group.quiet(rate, now),
                Decision::Probe { next, closed_until } => group.probe(&state, next, closed_until, now),
                Decision::TryLogin { next, refused_until } => {
                    group.try_login(&state, next, refused_until, now)
                }
            };
        }
        Ok(Pass::Wait(CROWDED))
    }

    async fn report(
        &self,
        login: &str,
        group: &'static str,
        outcome: Outcome,
        seen: u32,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let group = Group::new(group);
        let Outcome::Fails { after } = outcome else {
            self.change_gate(login, group.works(now)).await?;
            return Ok(());
        };
        if let Some(after) = after {
            let after = SignedDuration::try_from(after.min(LONGEST_AFTER)).unwrap_or_default();
            self.change_gate(login, group.busy(now + after, now)).await?;
        }
        let Changed::Done(item) = self.change_gate(login, group.fails(seen, now)).await? else {
            return Ok(());
        };
        let failures = group.state(&item).failures;
        if let Some(hold) = hold(failures) {
            self.change_gate(login, group.held(failures, now + hold, now)).await?;
        }
        Ok(())
    }

    async fn refuse(&self, login: &str, refusal: &Refusal) -> Result<(), PortError> {
        self.change_gate(login, Change::refuse(refusal)).await.map(|_| ())
    }

    async fn refusal(&self, login: &str) -> Result<Option<Refusal>, PortError> {
        Ok(self.get(Key::gate(login)).await?.as_ref().and_then(refusal))
    }

    async fn accept(&self, login: &str) -> Result<(), PortError> {
        self.change_gate(login, Change::accept()).await.map(|_| ())
    }
}

/// The refusal of a login, over or not.
fn refusal(item: &Item) -> Option<Refusal> {
    let at = |name| millis(item, name).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let until = at("refused_until")?;
    let words = text(item, "refused_words").unwrap_or_default().to_owned();
    Some(Refusal { since: at("refused_since").unwrap_or(until), until, words })
}
