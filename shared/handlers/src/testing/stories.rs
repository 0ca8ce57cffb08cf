//! The story of one order at each fleet, in the order in which it happened: whole payloads of the fixtures, as calls to the
//! URLs that the account would have registered.

use courier_domain::account::{FleetAccount, MatchOrdersBy, OrderReference};
use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use serde_json::{Value, json};

use super::ORDER;
use super::events::{all_of_fleet, captain, fixture, job_of};

/// When all of it was received, an hour after the order was made.
const RECEIVED: i64 = 3600;

/// Fixtures, and what follows the account in the URL.
const JELP: [(&str, &str); 14] = [
    ("order_new", ""),
    ("folio_update", "folio_update"),
    ("assign_driver_external", ""),
    ("assign_driver_external_phone", "order_update"),
    ("assign_driver_own_fleet", "assign_driver"),
    ("tracking", "tracking"),
    ("comment", "order_update:comment"),
    ("status_change", ""),
    ("folio_update_in_transit", ""),
    ("decline_cancel_request", "decline_cancel_request"),
    ("status_change_unknown", "status_change"),
    ("complete_order", "complete_order"),
    ("complete_order_with_reason", ""),
    ("folio_update_completed", ""),
];

const RADARO: [(&str, &str); 11] = [
    ("created", ""),
    ("updated_assigned", ""),
    ("updated_driver", ""),
    ("updated_description", ""),
    ("updated_deliver_before", ""),
    ("updated_pickup", ""),
    ("updated_picked_up", ""),
    ("updated_in_progress", ""),
    ("updated_delivered", ""),
    ("updated_rating", ""),
    ("updated_confirmed", ""),
];

const BRINGG: [(&str, &str); 27] = [
    ("order_created", "order_created"),
    ("task_assigned_to_dp", "task_assigned_to_dp"),
    ("order_accepted_by_fleet", "order_accepted_by_fleet"),
    ("order_accepted_by_fleet__half_wrapped", ""),
    ("order_assigned__first_driver", "order_assigned"),
    ("order_rejected", "order_rejected"),
    ("order_assigned__second_driver", "order_assigned"),
    ("order_unassigned", "order_unassigned"),
    ("order_assigned", "order_assigned"),
    ("order_accepted", "order_accepted"),
    ("driver_on_the_way__to_pickup", "driver_on_the_way"),
    ("task__on_the_way", ""),
    ("way_point_arrived__pickup", "way_point_arrived"),
    ("task_checked_in__pickup", "task_checked_in"),
    ("way_point_left__pickup", "way_point_left"),
    ("driver_on_the_way__to_guest", "driver_on_the_way"),
    ("driver_on_the_way__wrapped", "driver_on_the_way"),
    ("order_eta_changed", "order_eta_changed"),
    ("order_eta_changed__wrapped", "order_eta_changed"),
    ("way_point_arrived__guest", "way_point_arrived"),
    ("task_checked_in__guest", "task_checked_in"),
    ("note_created", "note_created"),
    ("note_created__all_texts", "note_created"),
    ("note_created__form", "note_created"),
    ("way_point_left__guest", "way_point_left"),
    ("task_done", "task_done"),
    ("task_done__rich", ""),
];

/// The name by which a fleet knows the order.
fn name(by: MatchOrdersBy) -> &'static str {
    match by {
        MatchOrdersBy::OrderId => ORDER,
        MatchOrdersBy::ExternalNumber => "EXT-577",
        MatchOrdersBy::Number => "577",
    }
}

/// The settings of a fleet that knows orders by this name. With Jelp, only the full order has any other than its number.
pub(crate) fn knows_by(by: MatchOrdersBy, fleet: &FleetAccount) -> FleetAccount {
    let by_number = by == MatchOrdersBy::Number;
    let order_reference = if by_number { OrderReference::PublicId } else { OrderReference::ExternalId };
    FleetAccount { match_orders_by: Some(by), order_reference, ..fleet.clone() }
}

/// The events of a fixture from a fleet that knows the order by this name.
fn sent(provider: Provider, by: MatchOrdersBy, (file, rest): (&str, &str)) -> Vec<InboundEvent> {
    let body = fixture(&format!("{}/{file}", provider.as_str())).to_string();
    let body: Value = serde_json::from_str(&body.replace(ORDER, name(by))).unwrap();
    let rest: Vec<_> = Some(rest).filter(|rest| !rest.is_empty()).into_iter().collect();
    all_of_fleet(provider, &rest, &body, RECEIVED)
}

fn of_captain(by: MatchOrdersBy) -> Vec<InboundEvent> {
    let names = json!({ "partners_unique_internal_order_id": name(by), "order_uuid": "6992", "order_description": null });
    let job = |second, status| job_of(second, status, &names);
    vec![
        captain("order_assigned", 240, &names),
        job(300, "assigned_and_accepted_by_driver"),
        job(1500, "collected"),
        captain("order_status_updated", 1501, &names),
        job(2700, "dropped_off"),
    ]
}

/// What a fleet says of an order that it delivers, and of the driver on the way.
pub(crate) fn story(provider: Provider, by: MatchOrdersBy) -> Vec<InboundEvent> {
    let files: &[_] = match provider {
        Provider::Captain => return of_captain(by),
        Provider::Jelp => &JELP,
        Provider::Radaro => &RADARO,
        Provider::Bringg => &BRINGG,
    };
    files.iter().flat_map(|file| sent(provider, by, *file)).collect()
}

/// What it says of one that it has lost.
pub(crate) fn loss(provider: Provider, by: MatchOrdersBy) -> InboundEvent {
    let file = match provider {
        Provider::Captain => {
            let names = json!({ "partners_unique_internal_order_id": name(by), "order_uuid": "6992" });
            return job_of(1600, "failed", &names);
        }
        Provider::Jelp => ("cancel_order", "cancel_order"),
        Provider::Radaro => ("updated_failed", ""),
        Provider::Bringg => ("order_cancelled", "order_cancelled"),
    };
    sent(provider, by, file).remove(0)
}
