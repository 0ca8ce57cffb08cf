//! The fixtures as calls, as events and as what they mean, and the story that they tell together: in whatever order its
//! events arrive, the order ends the same.

use std::sync::LazyLock;

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::{DeliveryStatus, Provider};
use courier_domain::inbound::Sender;
use courier_domain::order::{Order, OrderRef};
use courier_domain::report::{FleetNews, OrderChange, OrderReport};
use http::HeaderMap;
use proptest::prelude::*;

use super::*;
use crate::body::RawEvent;
use crate::testing::{account, fixture, fixtures, inbound};

pub(super) const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
pub(super) const EMPLOYEE: &str = "ffc60000-0000-4000-8000-000000000017";

use DeliveryStatus::{
    AssignedAndAcceptedByDriver as Accepted, AssignedToDriver as Assigned, Collected, DroppedOff,
    UnassignedToDriver as Unassigned,
};

/// The story, in order of time: each event's name in the timeline, what it means, and its own time, if it has one.
#[rustfmt::skip]
const STORY: [(&str, &str, Option<DeliveryStatus>, Option<&str>); 29] = [
    ("order_created", "order_created created", Some(Unassigned), Some("16:20:00")),
    ("task_assigned_to_dp", "task_assigned_to_dp assigned_to_delivery_provider", None, Some("16:21:00")),
    ("order_accepted_by_fleet", "order_accepted_by_fleet", None, None),
    ("order_accepted_by_fleet__half_wrapped", "order_accepted_by_fleet", None, Some("16:21:30")),
    ("order_assigned__first_driver", "order_assigned assigned", Some(Assigned), Some("16:22:00")),
    ("order_rejected", "order_rejected rejected", Some(Unassigned), Some("16:22:40")),
    ("order_assigned__second_driver", "order_assigned assigned", Some(Assigned), Some("16:23:00")),
    ("order_unassigned", "order_unassigned created", Some(Unassigned), Some("16:24:00")),
    ("order_assigned", "order_assigned assigned", Some(Assigned), Some("16:25:00")),
    ("order_accepted", "order_accepted accepted", Some(Accepted), Some("16:26:00")),
    ("driver_on_the_way__to_pickup", "driver_on_the_way on_the_way", Some(Accepted), Some("16:28:00")),
    ("task__on_the_way", "task on_the_way", Some(Accepted), Some("16:28:00")),
    ("way_point_arrived__pickup", "way_point_arrived", Some(Accepted), None),
    ("task_checked_in__pickup", "task_checked_in checked_in", Some(Accepted), Some("16:34:10")),
    ("way_point_left__pickup", "way_point_left", Some(Collected), Some("16:38:00.585")),
    ("driver_on_the_way__to_guest", "driver_on_the_way on_the_way", Some(Collected), Some("16:38:05")),
    ("driver_on_the_way__wrapped", "driver_on_the_way on_the_way", Some(Accepted), None),
    ("order_eta_changed", "order_eta_changed", None, Some("16:40:00")),
    ("order_eta_changed__wrapped", "order_eta_changed", None, None),
    ("way_point_arrived__guest", "way_point_arrived", Some(Collected), None),
    ("task_checked_in__guest", "task_checked_in checked_in", Some(Collected), Some("16:52:10")),
    ("note_created", "note_created", None, Some("16:54:00.741")),
    ("note_created__all_texts", "note_created", None, Some("16:54:30.559")),
    ("note_created__form", "note_created", None, Some("16:54:45.944")),
    ("way_point_left__guest", "way_point_left", Some(Collected), None),
    ("task_done", "task_done accepted", Some(DroppedOff), Some("16:55:00.25")),
    ("task_done__rich", "task_done done", Some(DroppedOff), Some("16:55:00.25")),
    ("order_cancelled", "order_cancelled cancelled", Some(DeliveryStatus::Cancelled), Some("16:45:00")),
    ("unknown_type", "", None, None),
];

pub(super) fn received_at() -> jiff::Timestamp {
    "2026-06-28T17:00:00Z".parse().unwrap()
}

pub(super) fn call<'a>(rest: &'a [&'a str], headers: &'a HeaderMap, body: &'a [u8]) -> Call<'a> {
    Call { rest, query: "", headers, body, received_at: received_at() }
}

pub(super) fn split(rest: &[&str], body: &[u8]) -> Result<Split, BodyError> {
    Bringg.split(&call(rest, &HeaderMap::new(), body))
}

/// Where a fixture is sent to: the URL of the event that it is named after, or the one for all events.
pub(super) fn rest_of(name: &str) -> Vec<&str> {
    let event = name.split("__").next().unwrap_or_default();
    event::HANDLED.into_iter().filter(|handled| *handled == event).collect()
}

pub(super) fn of_fixture(name: &str) -> Split {
    split(&rest_of(name), &fixture(&format!("bringg/{name}"))).unwrap()
}

pub(super) fn read(raw: RawEvent) -> Result<Report, MapError> {
    let event = inbound(Sender::Fleet(Provider::Bringg), raw);
    Bringg.map(&event, &account(MatchOrdersBy::OrderId))
}

pub(super) fn order(report: Result<Report, MapError>) -> OrderReport {
    match report.unwrap() {
        Report::Order(report) => *report,
        other => panic!("{other:?}"),
    }
}

pub(super) fn report(name: &str) -> OrderReport {
    order(read(of_fixture(name).events.remove(0)))
}

pub(super) fn told(report: OrderReport) -> FleetNews {
    match report.change {
        OrderChange::Fleet(Provider::Bringg, news) => *news,
        other => panic!("{other:?}"),
    }
}

/// Read once, since the property below needs it often.
static TOLD: LazyLock<Vec<OrderReport>> = LazyLock::new(|| {
    let of_order = STORY.into_iter().filter(|(_, event, ..)| !event.is_empty());
    of_order.map(|(name, ..)| report(name)).collect()
});

fn after<'a>(reports: impl IntoIterator<Item = &'a OrderReport>) -> Order {
    let mut order = Order::new(ORDER.parse().unwrap());
    for report in reports {
        order.apply(report);
    }
    order
}

#[test]
fn each_event_of_the_story_means_what_it_says() {
    for (name, event, status, at) in STORY {
        if event.is_empty() {
            assert_eq!(of_fixture(name), Split::ignored());
            continue;
        }
        let found = report(name);
        assert_eq!((found.source.as_str(), found.event.as_str()), ("bringg", event), "{name}");
        assert_eq!(found.refs.first(), Some(&OrderRef::new("bringg", "374163410")), "{name}");
        let own = at.map_or_else(|| "2026-06-28T17:00:00Z".to_owned(), |at| format!("2026-06-28T{at}Z"));
        assert_eq!(found.stamp.at.to_string(), own, "{name}");
        let news = told(found);
        assert_eq!(news.status, status, "{name}");
        assert!(
            at.is_some() || news.status.is_none() || news.implied,
            "{name} has no time, so it moves only forward"
        );
    }
}

#[test]
fn every_fixture_is_part_of_the_story_or_beside_it() {
    let beside = [
        "driver_location_",
        "driver_unavailable_",
        "shift_",
        "open__",
        "run_started",
        "way_point_schedule_changed",
    ];
    for (name, _) in fixtures("bringg") {
        let name = name.trim_end_matches(".json");
        let told = STORY.iter().any(|(known, ..)| *known == name);
        assert!(told || beside.iter().any(|prefix| name.starts_with(prefix)), "{name}");
    }
}

#[test]
fn the_order_ends_delivered_by_the_last_driver() {
    let order = after(TOLD.iter());
    let delivery = order.delivery();
    assert_eq!(delivery.current(), Some(DroppedOff));
    assert_eq!(delivery.delivered_at().map(|at| at.to_string()).as_deref(), Some("2026-06-28T16:55:00.25Z"));
    let driver = delivery.current_driver().unwrap();
    assert_eq!((driver.driver_id.as_str(), driver.fleet_id.as_deref()), (EMPLOYEE, Some("77484")));
    assert_eq!(
        (driver.name.as_deref(), driver.phone.as_deref()),
        (Some("Nora Quinn"), Some("+353870000017"))
    );
    assert_eq!(delivery.tracking_url.get().map(String::as_str), Some("https://tracking.example/t/GW-1234"));
    let notes: Vec<_> = delivery.notes.iter().map(|note| note.text.as_str()).collect();
    let of_carrier = ["Assigned to the carrier Green Wheels", "Accepted by the carrier Green Wheels"];
    assert!(of_carrier.iter().all(|note| notes.contains(note)), "{notes:?}");
    assert!(notes.contains(&"I stand before the blue gate and nobody comes."), "{notes:?}");
    assert_eq!(delivery.end_reason.get().map(String::as_str), Some("The guest called it off"));
}

proptest! {
    #[test]
    fn in_any_order_and_with_repeats_it_ends_the_same(
        places in Just((0..STORY.len() - 1).chain(0..STORY.len() - 1).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let shuffled = after(places.into_iter().filter_map(|place| TOLD.get(place)));
        let order = after(TOLD.iter());
        prop_assert_eq!(&shuffled.deliveries, &order.deliveries);
        prop_assert_eq!(&shuffled.refs, &order.refs);
    }
}
