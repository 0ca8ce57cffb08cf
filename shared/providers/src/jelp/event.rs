//! Which of Jelp's events a call carries: the one its URL is for, or what its body shows. A body that leaves that open is
//! kept as [`OPEN`] and never guessed, since one shape serves both an order that was delivered and one that was cancelled.
//!
//! The body is asked in this order: `queueName`, where it is the name of an event; the marks of a full order; the field
//! that one event alone has. Two such fields in one body show nothing.

use serde_json::Value;

use crate::error::BodyError;
use crate::lenient::Fields;

pub(super) const ORDER_NEW: &str = "order_new";
pub(super) const FOLIO_UPDATE: &str = "folio_update";
pub(super) const ASSIGN_DRIVER: &str = "assign_driver";
pub(super) const COMPLETE_ORDER: &str = "complete_order";
pub(super) const CANCEL_ORDER: &str = "cancel_order";
pub(super) const STATUS_CHANGE: &str = "status_change";
pub(super) const COMMENT: &str = "comment";
pub(super) const DECLINE_CANCEL_REQUEST: &str = "decline_cancel_request";
pub(super) const TRACKING: &str = "tracking";

/// An event that nothing tells.
pub(super) const OPEN: &str = "order_update";

/// The events with the full order.
const ORDERS: [&str; 2] = [ORDER_NEW, FOLIO_UPDATE];

/// The events that Jelp calls `order_update:` and this.
const UPDATES: [&str; 7] =
    [ASSIGN_DRIVER, COMPLETE_ORDER, CANCEL_ORDER, STATUS_CHANGE, COMMENT, DECLINE_CANCEL_REQUEST, TRACKING];

/// Whether its body is the full order.
pub(super) fn is_full(kind: &str) -> bool {
    ORDERS.contains(&kind)
}

/// The event of that name.
pub(super) fn known(name: &str) -> Option<&'static str> {
    ORDERS.into_iter().chain(UPDATES).find(|event| *event == name)
}

fn update(name: &str) -> Option<&'static str> {
    UPDATES.into_iter().find(|event| *event == name.strip_prefix("order_update:").unwrap_or(name))
}

/// The event that a URL is for; `None` where the body is to tell.
pub(super) fn of_path(rest: &[&str]) -> Result<Option<&'static str>, BodyError> {
    let name = match rest {
        [] | [""] => return Ok(None),
        [name] => name.replace("%3A", ":").replace("%3a", ":"),
        _ => String::new(),
    };
    if name == OPEN {
        return Ok(None);
    }
    let event = update(&name).or_else(|| known(&name)).ok_or_else(|| {
        let events: Vec<_> = ORDERS.into_iter().chain([OPEN]).chain(UPDATES).collect();
        BodyError::shape("event", format!("is not an event of Jelp: {}", events.join(", ")))
    })?;
    Ok(Some(event))
}

/// The event that a body shows, or [`OPEN`].
pub(super) fn of_body(body: &Value) -> &'static str {
    let fields = Fields::of(body);
    if let Some(event) = queue_name(fields) {
        let completed = status(fields).is_some_and(|status| status == "COMPLETED");
        let clear = match event {
            COMPLETE_ORDER => completed && ending(fields) != Some(Ending::Cancelled),
            CANCEL_ORDER => !completed && ending(fields) != Some(Ending::Completed),
            _ => true,
        };
        return if clear { event } else { OPEN };
    }
    if fields.text("_id").is_some() && fields.text("orderStep").is_some() {
        // Both mean the same; in the samples only the first has this member, and there it is null.
        return if body.get("appKey").is_some() { ORDER_NEW } else { FOLIO_UPDATE };
    }
    let has_text = |name| fields.text(name).is_some();
    let signs = [
        (ASSIGN_DRIVER, fields.value("driver").is_some_and(Value::is_object)),
        (COMMENT, has_text("comment")),
        (TRACKING, has_text("trackingUrl")),
        (STATUS_CHANGE, has_text("statusBranch")),
    ];
    let mut shown = signs.into_iter().filter(|(_, shown)| *shown).map(|(event, _)| event);
    match (shown.next(), shown.next()) {
        (Some(event), None) => event,
        _ => OPEN,
    }
}

/// The event that `queueName` names. Names that Jelp does not document say nothing.
pub(super) fn queue_name(body: Fields) -> Option<&'static str> {
    update(&body.text("queueName")?)
}

/// The order's status in one spelling: upper case, single spaces, and spaces for what stands for them.
pub(super) fn status(body: Fields) -> Option<String> {
    let text = body.first_text(["orderStep", "status"])?.to_uppercase();
    let words =
        text.split(|c: char| c.is_whitespace() || c == '_' || c == '-').filter(|word| !word.is_empty());
    let status = words.collect::<Vec<_>>().join(" ");
    (!status.is_empty()).then_some(status)
}

/// How an order ended, as `endedReason` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    Cancelled,
}

/// The list that the reason is from, `CompletedReason` or `CanceledReason`.
pub(super) fn ending(body: Fields) -> Option<Ending> {
    let list = body.object("endedReason").text("reference")?.to_ascii_lowercase();
    match list {
        list if list.starts_with("complete") => Some(Ending::Completed),
        list if list.starts_with("cancel") => Some(Ending::Cancelled),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
