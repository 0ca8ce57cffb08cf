//! What each fleet's events mean for a delivery: the one table that says when an order counts as assigned, accepted,
//! collected, dropped off, returning, failed or cancelled. What is not in it moves nothing and stays in the timeline.
//!
//! The same table is in `docs/fleets.md`, where it is explained; a test compares the two.

use courier_domain::delivery::{DeliveryStatus, Provider};

/// What an event means for a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// This status was reached.
    Is(DeliveryStatus),
    /// At least this status was reached: it follows from what the event says.
    Implies(DeliveryStatus),
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Whose event.
    pub provider: Provider,
    /// The event's type, as [`RawEvent::kind`](crate::RawEvent) has it.
    pub event: &'static str,
    /// What it must say, in one spelling; empty where the event alone is enough.
    pub word: &'static str,
    /// What it means.
    pub meaning: Meaning,
}

use DeliveryStatus::{
    AssignedAndAcceptedByDriver as Accepted, AssignedToDriver as Assigned, AutoClosed, Cancelled, Collected,
    DroppedOff, Failed, ReturningToPickupWithDelivery as Returning, UnassignedToDriver as Unassigned,
};
use Meaning::{Implies, Is};
use Provider::{Bringg, Captain, Jelp, Radaro};

const fn row(provider: Provider, event: &'static str, word: &'static str, meaning: Meaning) -> Row {
    Row { provider, event, word, meaning }
}

/// The table.
#[rustfmt::skip]
pub const LIFECYCLE: &[Row] = &[
    row(Captain, "order_assigned", "", Is(Assigned)),
    row(Captain, "order_unassigned", "", Is(Unassigned)),
    row(Captain, "job_delivery_status_updated", "unassigned_to_driver", Is(Unassigned)),
    row(Captain, "job_delivery_status_updated", "assigned_to_driver", Is(Assigned)),
    row(Captain, "job_delivery_status_updated", "assigned_and_accepted_by_driver", Is(Accepted)),
    row(Captain, "job_delivery_status_updated", "collected", Is(Collected)),
    row(Captain, "job_delivery_status_updated", "dropped_off", Is(DroppedOff)),
    row(Captain, "job_delivery_status_updated", "returning_to_pickup_with_delivery", Is(Returning)),
    row(Captain, "job_delivery_status_updated", "failed", Is(Failed)),
    row(Captain, "job_delivery_status_updated", "cancelled", Is(Cancelled)),
    row(Captain, "job_delivery_status_updated", "auto_closed", Is(AutoClosed)),
    row(Captain, "order_status_updated", "in_progress", Is(Collected)),
    row(Captain, "order_status_updated", "completed", Is(DroppedOff)),
    row(Captain, "order_status_updated", "failed", Is(Failed)),
    row(Captain, "order_status_updated", "cancelled", Is(Cancelled)),
    row(Captain, "order_status_updated", "auto_closed", Is(AutoClosed)),
    // Jelp. The word is `orderStep` in the full order, else `status`, in upper case with single spaces. PENDING says nothing:
    // an order stays so after a driver was assigned. A full order is sent at any change of it, so that it is on its way says
    // nothing of when it left.
    row(Jelp, "order_new", "TRANSIT", Implies(Collected)),
    row(Jelp, "order_new", "IN TRANSIT", Implies(Collected)),
    row(Jelp, "order_new", "COMPLETED", Is(DroppedOff)),
    row(Jelp, "folio_update", "TRANSIT", Implies(Collected)),
    row(Jelp, "folio_update", "IN TRANSIT", Implies(Collected)),
    row(Jelp, "folio_update", "COMPLETED", Is(DroppedOff)),
    row(Jelp, "assign_driver", "TRANSIT", Is(Collected)),
    row(Jelp, "assign_driver", "IN TRANSIT", Is(Collected)),
    row(Jelp, "assign_driver", "COMPLETED", Is(DroppedOff)),
    row(Jelp, "assign_driver", "", Is(Assigned)),
    row(Jelp, "status_change", "TRANSIT", Is(Collected)),
    row(Jelp, "status_change", "IN TRANSIT", Is(Collected)),
    row(Jelp, "status_change", "COMPLETED", Is(DroppedOff)),
    row(Jelp, "decline_cancel_request", "TRANSIT", Implies(Collected)),
    row(Jelp, "decline_cancel_request", "IN TRANSIT", Implies(Collected)),
    row(Jelp, "complete_order", "", Is(DroppedOff)),
    row(Jelp, "cancel_order", "", Is(Cancelled)),
    // Radaro. The word is the status that changed (`new_values.status`), or of a new job the status it has.
    row(Radaro, "created", "pending", Is(Unassigned)),
    row(Radaro, "created", "not_assigned", Is(Unassigned)),
    row(Radaro, "created", "assigned", Is(Assigned)),
    row(Radaro, "updated", "pending", Is(Unassigned)),
    row(Radaro, "updated", "not_assigned", Is(Unassigned)),
    row(Radaro, "updated", "assigned", Is(Assigned)),
    row(Radaro, "updated", "pickup", Is(Accepted)),
    row(Radaro, "updated", "picked_up", Is(Collected)),
    row(Radaro, "updated", "in_progress", Is(Collected)),
    row(Radaro, "updated", "delivered", Is(DroppedOff)),
    row(Radaro, "updated", "confirmed", Implies(DroppedOff)),
    row(Radaro, "updated", "failed", Is(Failed)),
    // Bringg. The word is the way point that the event is about, `pickup` or `dropoff`, where that matters and is known.
    row(Bringg, "order_created", "", Is(Unassigned)),
    row(Bringg, "order_assigned", "", Is(Assigned)),
    row(Bringg, "order_unassigned", "", Is(Unassigned)),
    row(Bringg, "order_accepted", "", Is(Accepted)),
    row(Bringg, "order_rejected", "", Is(Unassigned)),
    row(Bringg, "driver_on_the_way", "dropoff", Is(Collected)),
    row(Bringg, "driver_on_the_way", "", Implies(Accepted)),
    row(Bringg, "task_checked_in", "dropoff", Implies(Collected)),
    row(Bringg, "task_checked_in", "", Implies(Accepted)),
    row(Bringg, "way_point_arrived", "dropoff", Implies(Collected)),
    row(Bringg, "way_point_arrived", "", Implies(Accepted)),
    row(Bringg, "way_point_left", "pickup", Is(Collected)),
    row(Bringg, "way_point_left", "dropoff", Implies(Collected)),
    row(Bringg, "task_done", "", Is(DroppedOff)),
    row(Bringg, "order_cancelled", "", Is(Cancelled)),
    // Bringg's bare task without any name of an event: only its status is left, by number or by name. 9, unacknowledged,
    // says nothing of a driver; on the way to where, and arrived at which place, it does not say either.
    row(Bringg, "task", "created", Is(Unassigned)),
    row(Bringg, "task", "assigned", Is(Assigned)),
    row(Bringg, "task", "accepted", Is(Accepted)),
    row(Bringg, "task", "on_the_way", Implies(Accepted)),
    row(Bringg, "task", "checked_in", Implies(Accepted)),
    row(Bringg, "task", "done", Is(DroppedOff)),
    row(Bringg, "task", "cancelled", Is(Cancelled)),
    row(Bringg, "task", "rejected", Is(Unassigned)),
];

/// The status that an event means, and whether it is only implied. A row for the word goes before the one for any word.
pub(crate) fn meaning(provider: Provider, event: &str, word: &str) -> (Option<DeliveryStatus>, bool) {
    let of = |word: &str| {
        let is = |row: &&Row| row.provider == provider && row.event == event && row.word == word;
        LIFECYCLE.iter().find(is).map(|row| row.meaning)
    };
    match of(word).or_else(|| of("")) {
        Some(Is(status)) => (Some(status), false),
        Some(Implies(status)) => (Some(status), true),
        None => (None, false),
    }
}

#[cfg(test)]
mod tests;
