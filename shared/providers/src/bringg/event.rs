//! The names of Bringg's events. Of some the literal in `webhook_type` is public, of others only the name of their page;
//! what is called here as its URL is, is an event of the bridge, and the other spellings lead to it.

pub(super) const ORDER_CREATED: &str = "order_created";
pub(super) const ORDER_ASSIGNED: &str = "order_assigned";
pub(super) const ORDER_UNASSIGNED: &str = "order_unassigned";
pub(super) const ORDER_ACCEPTED: &str = "order_accepted";
pub(super) const ORDER_REJECTED: &str = "order_rejected";
pub(super) const ON_THE_WAY: &str = "driver_on_the_way";
pub(super) const CHECKED_IN: &str = "task_checked_in";
pub(super) const ARRIVED: &str = "way_point_arrived";
pub(super) const LEFT: &str = "way_point_left";
pub(super) const DONE: &str = "task_done";
pub(super) const ORDER_CANCELLED: &str = "order_cancelled";
pub(super) const ETA_CHANGED: &str = "order_eta_changed";
pub(super) const ACCEPTED_BY_FLEET: &str = "order_accepted_by_fleet";
pub(super) const ASSIGNED_TO_FLEET: &str = "task_assigned_to_dp";
pub(super) const NOTE_CREATED: &str = "note_created";
pub(super) const LOCATION: &str = "driver_location_updated";
pub(super) const AVAILABILITY: &str = "driver_unavailable_status_changed";
pub(super) const SHIFT_STARTED: &str = "shift_started";
pub(super) const SHIFT_ENDED: &str = "shift_ended";

/// A task of which nothing says why it was sent: its status decides.
pub(super) const TASK: &str = "task";
/// A way point or a note of which nothing says what happened: kept, and not guessed.
pub(super) const WAY_POINT: &str = "way_point";
/// The same of a driver.
pub(super) const DRIVER: &str = "driver";

/// The URL for any event, one for each, and the one where Bringg fetches access tokens.
pub(super) const URLS: &[(&str, &str)] = &[
    ("bringg", ""),
    ("bringg_order_created", "/order_created"),
    ("bringg_order_assigned", "/order_assigned"),
    ("bringg_order_unassigned", "/order_unassigned"),
    ("bringg_order_accepted", "/order_accepted"),
    ("bringg_order_rejected", "/order_rejected"),
    ("bringg_driver_on_the_way", "/driver_on_the_way"),
    ("bringg_task_checked_in", "/task_checked_in"),
    ("bringg_way_point_arrived", "/way_point_arrived"),
    ("bringg_way_point_left", "/way_point_left"),
    ("bringg_task_done", "/task_done"),
    ("bringg_order_cancelled", "/order_cancelled"),
    ("bringg_order_eta_changed", "/order_eta_changed"),
    ("bringg_order_accepted_by_fleet", "/order_accepted_by_fleet"),
    ("bringg_task_assigned_to_dp", "/task_assigned_to_dp"),
    ("bringg_note_created", "/note_created"),
    ("bringg_driver_location_updated", "/driver_location_updated"),
    ("bringg_driver_unavailable_status_changed", "/driver_unavailable_status_changed"),
    ("bringg_shift_started", "/shift_started"),
    ("bringg_shift_ended", "/shift_ended"),
    ("bringg_oauth_token", "/oauth/token"),
];

/// The events that are handled.
pub(super) const HANDLED: [&str; 19] = [
    ORDER_CREATED,
    ORDER_ASSIGNED,
    ORDER_UNASSIGNED,
    ORDER_ACCEPTED,
    ORDER_REJECTED,
    ON_THE_WAY,
    CHECKED_IN,
    ARRIVED,
    LEFT,
    DONE,
    ORDER_CANCELLED,
    ETA_CHANGED,
    ACCEPTED_BY_FLEET,
    ASSIGNED_TO_FLEET,
    NOTE_CREATED,
    LOCATION,
    AVAILABILITY,
    SHIFT_STARTED,
    SHIFT_ENDED,
];

/// Other spellings: of Bringg's pages, of the names in its list of webhooks, and, for the events whose literal is not
/// public, with `task` for `order`, as Bringg calls both the same.
#[rustfmt::skip]
const ALIASES: &[(&str, &str)] = &[
    ("task_created", ORDER_CREATED),
    ("order_assigned_to_driver", ORDER_ASSIGNED),
    ("task_assigned", ORDER_ASSIGNED),
    ("order_unassigned_from_driver", ORDER_UNASSIGNED),
    ("task_unassigned", ORDER_UNASSIGNED),
    ("order_accepted_by_driver", ORDER_ACCEPTED),
    ("task_accepted", ORDER_ACCEPTED),
    ("order_rejected_by_driver", ORDER_REJECTED),
    ("order_was_rejected_by_driver", ORDER_REJECTED),
    ("task_rejected", ORDER_REJECTED),
    ("driver_on_way", ON_THE_WAY),
    ("arrived_to_destination_check_in", CHECKED_IN),
    ("checked_in", CHECKED_IN),
    ("driver_arrived_on_location", ARRIVED),
    ("driver_arrived_at_destination", ARRIVED),
    ("arrived_to_way_point", ARRIVED),
    ("arrived_to_destination", ARRIVED),
    ("left_way_point", LEFT),
    ("left_destination", LEFT),
    ("order_done", DONE),
    ("order_is_done", DONE),
    ("order_canceled", ORDER_CANCELLED),
    ("order_is_cancelled", ORDER_CANCELLED),
    ("task_cancelled", ORDER_CANCELLED),
    ("task_canceled", ORDER_CANCELLED),
    ("way_point_eta_changed", ETA_CHANGED),
    ("task_eta_changed", ETA_CHANGED),
    ("order_accepted_by_carrier", ACCEPTED_BY_FLEET),
    ("order_assigned_to_dp", ASSIGNED_TO_FLEET),
    ("order_assigned_to_carrier", ASSIGNED_TO_FLEET),
    ("note_was_added_to_task", NOTE_CREATED),
    ("note_was_added_to_order", NOTE_CREATED),
    ("order_attachment_created", NOTE_CREATED),
    ("shift_started_for_driver", SHIFT_STARTED),
    ("shift_ended_for_driver", SHIFT_ENDED),
];

/// Bringg's other events, none of any use here: how shifts are planned, scanning, money, customers, runs.
const USELESS: [&str; 22] = [
    "scan_created",
    "customer_created",
    "task_cashout_created",
    "customer_opted_in",
    "customer_opted_out",
    "customer_tipped",
    "way_point_schedule_changed",
    "driver_type_changed",
    "driver_started_break",
    "driver_ended_break",
    "driver_got_home",
    "driver_left_home",
    "driver_made_action",
    "driver_shift_schedule",
    "floating_inventory_updated",
    "inventory_scanned",
    "created_form",
    "form_created",
    "task_reassign_reason_created",
    "run_started",
    "run_ended",
    "route_updated",
];

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// An event that is handled.
    Handled(&'static str),
    /// An event of Bringg's for which there is no use.
    Useless,
    /// Nothing that is known.
    Unknown,
}

/// The event of a name in any spelling: `Driver On The Way` and `driver-on-the-way` are `driver_on_the_way`.
pub(super) fn named(name: &str) -> Named {
    let name = spelled(name);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, event)| *event);
    match alias.or_else(|| HANDLED.into_iter().find(|event| *event == name)) {
        Some(event) => Named::Handled(event),
        None if USELESS.contains(&name.as_str()) => Named::Useless,
        None => Named::Unknown,
    }
}

/// A text in lower case, with one `_` between words.
pub(super) fn spelled(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

/// Whether it is about a driver and no order.
pub(super) fn is_about_driver(kind: &str) -> bool {
    [LOCATION, AVAILABILITY, SHIFT_STARTED, SHIFT_ENDED, DRIVER].contains(&kind)
}

/// Whether its body may be a way point instead of a task.
pub(super) fn may_be_way_point(kind: &str) -> bool {
    [ARRIVED, LEFT, CHECKED_IN, ETA_CHANGED, WAY_POINT].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_its_url_and_its_own_name() {
        let urls: Vec<_> =
            HANDLED.iter().map(|event| (format!("bringg_{event}"), format!("/{event}"))).collect();
        let shown: Vec<_> =
            URLS.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect();
        assert_eq!(shown.first(), Some(&("bringg".to_owned(), String::new())));
        assert_eq!(shown.last(), Some(&("bringg_oauth_token".to_owned(), "/oauth/token".to_owned())));
        assert_eq!(shown[1..shown.len() - 1], urls);
        for event in HANDLED {
            assert_eq!(named(event), Named::Handled(event));
        }
    }

    #[test]
    fn a_name_is_known_in_any_spelling() {
        for (name, event) in [
            ("Driver On The Way", ON_THE_WAY),
            ("driver-on-way", ON_THE_WAY),
            (" order-is-done ", DONE),
            ("order-is-cancelled", ORDER_CANCELLED),
            ("TASK_REJECTED", ORDER_REJECTED),
            ("Arrived to Destination (Check-in)", CHECKED_IN),
            ("driver-arrived-on-location", ARRIVED),
            ("left-way-point", LEFT),
            ("way_point_eta_changed", ETA_CHANGED),
            ("order-assigned-to-dp", ASSIGNED_TO_FLEET),
        ] {
            assert_eq!(named(name), Named::Handled(event), "{name}");
        }
        assert_eq!(named("run_started"), Named::Useless);
        for unknown in ["", "task", "way_point", "driver", "oauth", "order.created", "bringg"] {
            let known = named(unknown) != Named::Unknown;
            assert_eq!(known, unknown == "order.created", "{unknown}");
        }
    }

    #[test]
    fn other_spellings_lead_to_events_and_never_from_one() {
        for (alias, event) in ALIASES {
            assert!(
                HANDLED.contains(event) && !HANDLED.contains(alias) && !USELESS.contains(alias),
                "{alias}"
            );
            assert_eq!(spelled(alias), *alias);
        }
        assert!(!USELESS.iter().any(|name| HANDLED.contains(name)));
    }
}
