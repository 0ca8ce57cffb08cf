//! What the bridge understands of Radaro's events.

use std::sync::LazyLock;

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::FleetDriver;
use courier_domain::inbound::Sender;
use courier_domain::order::{Order, OrderRef};
use jiff::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;
use crate::radaro::webhook::split;
use crate::testing::{account, any, cut, fixture, fixtures, inbound, json, put};

use DeliveryStatus::{
    AssignedAndAcceptedByDriver, AssignedToDriver, Collected, DroppedOff, Failed, UnassignedToDriver,
};

const ORDER: &str = "497f6eca-6276-4993-bfeb-53cbbbba6f08";
/// The job's story, in order of time, with each event's name in the timeline and what it means.
const STORY: [(&str, &str, Option<DeliveryStatus>); 12] = [
    ("created", "created not_assigned", Some(UnassignedToDriver)),
    ("updated_assigned", "updated assigned", Some(AssignedToDriver)),
    ("updated_driver", "updated driver", None),
    ("updated_description", "updated description", None),
    ("updated_deliver_before", "updated deliver_before", None),
    ("updated_pickup", "updated pickup", Some(AssignedAndAcceptedByDriver)),
    ("updated_picked_up", "updated picked_up", Some(Collected)),
    ("updated_in_progress", "updated in_progress", Some(Collected)),
    ("updated_failed", "updated failed", Some(Failed)),
    ("updated_delivered", "updated delivered", Some(DroppedOff)),
    ("updated_rating", "updated is_confirmed_by_customer", None),
    ("updated_confirmed", "updated confirmed", Some(DroppedOff)),
];

fn read(body: &[u8]) -> Result<Report, MapError> {
    let raw = split(body).unwrap().events.remove(0);
    map(&inbound(Sender::Fleet(Provider::Radaro), raw), &account(MatchOrdersBy::OrderId))
}

fn order(report: Result<Report, MapError>) -> OrderReport {
    match report.unwrap() {
        Report::Order(report) => *report,
        other => panic!("{other:?}"),
    }
}

fn report(name: &str) -> OrderReport {
    order(read(&fixture(&format!("radaro/{name}"))))
}

fn told(report: OrderReport) -> FleetNews {
    match report.change {
        OrderChange::Fleet(Provider::Radaro, news) => *news,
        other => panic!("{other:?}"),
    }
}

/// A fixture after a change of its payload.
fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> Result<Report, MapError> {
    let mut body = json(&format!("radaro/{name}"));
    edit(&mut body);
    read(&serde_json::to_vec(&body).unwrap())
}

/// What an update of a job that a driver has tells when these are its new values.
fn update(new_values: Value) -> FleetNews {
    told(order(edited("updated_in_progress", |body| put(body, "/new_values", new_values))))
}

fn fleet_driver(id: &str) -> FleetDriver {
    FleetDriver::new(format!("radaro:{id}").parse().unwrap(), Some(id.to_owned()))
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_story_of_a_job_is_read_event_by_event() {
    let mut last = moment("2026-06-28T16:00:00Z");
    for (name, event, status) in STORY {
        let report = report(name);
        assert_eq!(report.order_id, Some(ORDER.parse().unwrap()), "{name}");
        assert_eq!(report.refs, [OrderRef::new("radaro", "731904455")], "{name}");
        assert_eq!((report.source.as_str(), report.event.as_str()), ("radaro", event), "{name}");
        assert!(report.stamp.at > last, "{name}");
        last = report.stamp.at;
        let news = told(report);
        assert_eq!((news.status, news.implied), (status, name == "updated_confirmed"), "{name}");
    }
    assert_eq!(fixtures("radaro").len(), STORY.len());
}

#[test]
fn a_new_job_tells_all_it_has_and_no_driver() {
    let news = FleetNews {
        driver: Some(None),
        deliver_before: Some(moment("2026-06-28T17:00:00Z")),
        description: Some("Blue door".to_owned()),
        ..FleetNews::status(UnassignedToDriver)
    };
    assert_eq!(told(report("created")), news);
    let given = told(order(edited("created", |body| {
        put(body, "/order_info/status", json!("Assigned"));
        put(body, "/order_info/driver", json!("4410017"));
    })));
    let driver = Some(Some(fleet_driver("4410017")));
    assert_eq!((given.status, given.driver), (Some(AssignedToDriver), driver));
}

#[test]
fn a_change_of_the_status_takes_the_driver_from_the_job() {
    for (status, driver) in [
        ("assigned", Some(Some(fleet_driver("4410018")))),
        ("pickup", Some(Some(fleet_driver("4410018")))),
        ("delivered", Some(Some(fleet_driver("4410018")))),
        ("not_assigned", Some(None)),
        ("pending", Some(None)),
        ("failed", None),
        ("wayback", None),
    ] {
        assert_eq!(update(json!({ "status": status })).driver, driver, "{status}");
    }
    let unknown = edited("updated_assigned", |body| put(body, "/order_info/driver", json!(null)));
    assert_eq!(told(order(unknown)), FleetNews::status(AssignedToDriver));
}

#[test]
fn a_change_of_the_driver_is_told_whatever_the_jobs_own_field_says() {
    assert_eq!(told(report("updated_driver")).driver, Some(Some(fleet_driver("4410018"))));
    for (value, driver) in [
        (json!(7), Some(Some(fleet_driver("7")))),
        (json!({ "id": 7 }), Some(Some(fleet_driver("7")))),
        (json!(null), Some(None)),
        (json!([7]), None),
        (json!(true), None),
    ] {
        let news = update(json!({ "driver": value }));
        assert_eq!(news, FleetNews { driver, ..FleetNews::default() }, "{value}");
    }
    let both = update(json!({ "status": "assigned", "driver": 7 }));
    assert_eq!(both.driver, Some(Some(fleet_driver("7"))));
}

#[test]
fn a_review_moves_nothing_and_is_kept() {
    let confirmation = |confirmed, rating: Option<i64>, comment: Option<&str>| {
        let (rating, comment) = (rating.map(Decimal::from), comment.map(str::to_owned));
        Some(Confirmation { confirmed, rating, comment })
    };
    let kind_words = Some("Still hot, thank you");
    let whole = confirmation(true, Some(9), kind_words);
    assert_eq!(
        told(report("updated_rating")),
        FleetNews { confirmation: whole.clone(), ..FleetNews::default() }
    );
    assert_eq!(told(report("updated_confirmed")).confirmation, whole);
    for (new_values, expected) in [
        (json!({ "is_confirmed_by_customer": "True" }), confirmation(true, Some(9), kind_words)),
        (json!({ "is_confirmed_by_customer": false }), confirmation(false, Some(9), kind_words)),
        (json!({ "rating": "10" }), confirmation(true, Some(10), kind_words)),
        (json!({ "rating": 2, "customer_comment": "Cold" }), confirmation(true, Some(2), Some("Cold"))),
        (json!({ "customer_comment": "Cold" }), confirmation(true, Some(9), Some("Cold"))),
        (json!({ "is_confirmed_by_customer": null }), None),
        (json!({ "rating": null, "customer_comment": "" }), None),
        (json!({ "customer_review_opt_in": true }), None),
    ] {
        let news = told(order(edited("updated_rating", |body| put(body, "/new_values", new_values.clone()))));
        assert_eq!(news, FleetNews { confirmation: expected, ..FleetNews::default() }, "{new_values}");
    }
    let bare = update(json!({ "is_confirmed_by_customer": true })).confirmation;
    assert_eq!(bare, confirmation(true, None, None));
}

#[test]
fn a_second_delivered_does_not_deliver_again() {
    let rating = json("radaro/updated_rating");
    assert_eq!(rating["order_info"]["status"], "delivered");
    assert_eq!(told(report("updated_rating")).status, None);
    assert_eq!(told(report("updated_delivered")).status, Some(DroppedOff));
}

#[test]
fn a_time_by_which_to_deliver_is_utc_where_it_has_no_zone() {
    let at = Some(moment("2026-06-28T17:15:00Z"));
    let expected = FleetNews { deliver_before: at, ..FleetNews::default() };
    assert_eq!(told(report("updated_deliver_before")), expected);
    for text in ["2026-06-28T18:15:00+01:00", "2026-06-28 17:15:00", "2026-06-28T17:15:00Z"] {
        assert_eq!(update(json!({ "deliver_before": text })), expected, "{text}");
    }
    for odd in [json!("soon"), json!(null), json!(5)] {
        assert_eq!(update(json!({ "deliver_before": odd })), FleetNews::default());
    }
}

#[test]
fn what_people_wrote_is_a_description_or_a_note() {
    let text = |text: &str| Some(text.to_owned());
    let described = |words| FleetNews { description: text(words), ..FleetNews::default() };
    assert_eq!(told(report("updated_description")), described("Ring twice, the bell is soft"));
    assert_eq!(
        update(json!({ "deliver_address": { "description": "Green door" } })),
        described("Green door")
    );
    let noted = |words| FleetNews { note: text(words), ..FleetNews::default() };
    assert_eq!(update(json!({ "comment": "Order #3" })), noted("Order #3"));
    let both = json!({ "pending_comment": "2nd floor", "confirmation_comment": " Left it there " });
    assert_eq!(update(both), noted("2nd floor\nLeft it there"));
    assert_eq!(told(report("updated_delivered")).note, text("Handed over at the door"));
    assert_eq!(told(report("updated_failed")).note, text("Nobody opened"));
    assert_eq!(told(report("updated_rating")).note, None);
}

#[test]
fn what_has_no_meaning_moves_nothing_and_stays_visible() {
    for (new_values, event) in [
        (json!({ "status": "wayback" }), "updated wayback"),
        (json!({ "status": 5 }), "updated (unreadable)"),
        (json!({ "status": null }), "updated status"),
        (json!({ "geofence_entered_at": "2026-06-28T16:46:40Z" }), "updated geofence_entered_at"),
        (json!({ "title": "578", "customer_review_opt_in": true }), "updated customer_review_opt_in"),
        (json!({ "Ann, +35310000000": 1 }), "updated (unreadable)"),
        (json!({}), "updated"),
    ] {
        let report =
            order(edited("updated_in_progress", |body| put(body, "/new_values", new_values.clone())));
        assert_eq!(report.event, event);
        assert_eq!(told(report), FleetNews::default(), "{new_values}");
    }
    let several = json!({ "customer_comment": "Good", "is_confirmed_by_customer": true, "rating": 9 });
    let report = order(edited("updated_rating", |body| put(body, "/new_values", several)));
    assert_eq!(report.event, "updated is_confirmed_by_customer");
    let created = order(edited("created", |body| cut(body, "/order_info/status")));
    assert_eq!(created.event, "created");
    assert_eq!(told(created).status, None);
}

#[test]
fn an_event_without_a_time_to_believe_only_moves_forward() {
    for odd in
        [json!(null), json!("soon"), json!("2031-01-01T00:00:00Z"), json!("1970-01-01T00:00:00Z"), json!(1)]
    {
        let report = order(edited("updated_delivered", |body| put(body, "/order_info/updated_at", odd)));
        assert_eq!(report.stamp.at, moment("2026-06-28T17:00:00Z"));
        let news = told(report);
        assert_eq!((news.status, news.implied), (Some(DroppedOff), true));
    }
    let created = order(edited("created", |body| cut(body, "/order_info/updated_at")));
    assert_eq!(created.stamp.at, moment("2026-06-28T16:04:00.646429Z"));
    let rating = order(edited("updated_rating", |body| cut(body, "/order_info/updated_at")));
    assert!(!told(rating).implied);
}

#[test]
fn a_job_is_found_by_the_name_that_the_account_says() {
    let refs = |match_by| {
        let mut body = json("radaro/updated_pickup");
        put(&mut body, "/order_info/external_id", json!(577));
        let raw = split(&serde_json::to_vec(&body).unwrap()).unwrap().events.remove(0);
        let report = order(map(&inbound(Sender::Fleet(Provider::Radaro), raw), &account(match_by)));
        (report.order_id, report.refs)
    };
    let radaro = OrderRef::new("radaro", "731904455");
    let unknown = OrderRef::new("order_name", "577");
    assert_eq!(refs(MatchOrdersBy::OrderId), (None, vec![radaro.clone(), unknown]));
    assert_eq!(refs(MatchOrdersBy::Number), (None, vec![OrderRef::new("number", "577"), radaro]));
}

#[test]
fn an_event_without_its_essentials_names_the_field() {
    for odd in [json!(null), json!("Secret"), json!(["Secret"])] {
        let error = edited("updated_pickup", |body| put(body, "/new_values", odd)).unwrap_err().to_string();
        assert!(error.starts_with("new_values: ") && !error.contains("Secret"), "{error}");
    }
    let mut raw = split(&fixture("radaro/updated_pickup")).unwrap().events.remove(0);
    put(&mut raw.body, "/order_info/order_id", json!(null));
    put(&mut raw.body, "/order_info/external_id", json!("two\nlines"));
    let nameless = map(&inbound(Sender::Fleet(Provider::Radaro), raw), &account(MatchOrdersBy::OrderId));
    let error = nameless.unwrap_err().to_string();
    assert!(error.starts_with("order_info.external_id: ") && !error.contains("lines"), "{error}");
}

/// The story's reports.
static REPORTS: LazyLock<Vec<OrderReport>> = LazyLock::new(|| STORY.map(|(name, ..)| report(name)).into());

/// The order after these events of the story, in this order.
fn after(events: impl IntoIterator<Item = usize>) -> Order {
    let mut order = Order::new(ORDER.parse().unwrap());
    for place in events {
        order.apply(&REPORTS[place]);
    }
    order
}

#[test]
fn the_story_ends_with_all_that_was_said() {
    let order = after(0..STORY.len());
    let delivery = order.delivery();
    assert_eq!((order.carrier(), delivery.current()), (Some(Provider::Radaro), Some(DroppedOff)));
    assert_eq!(delivery.delivered_at(), Some(moment("2026-06-28T16:48:12.7Z")));
    assert_eq!(delivery.current_driver(), Some(fleet_driver("4410018")));
    assert_eq!(delivery.deliver_before.get(), Some(&moment("2026-06-28T17:15:00Z")));
    assert_eq!(delivery.description.get().map(String::as_str), Some("Ring twice, the bell is soft"));
    assert_eq!(delivery.confirmation.get().and_then(|said| said.rating), Some(Decimal::from(9)));
    let notes: Vec<_> = delivery.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(notes, ["Nobody opened", "Handed over at the door"]);
}

proptest! {
    #[test]
    fn neither_the_order_of_events_nor_their_repetition_matters(
        events in Just((0..STORY.len()).chain(0..STORY.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        prop_assert_eq!(after(events).deliveries, after(0..STORY.len()).deliveries);
    }

    #[test]
    fn no_json_makes_it_panic(value in any::value(), place in 0usize..120) {
        for name in ["created", "updated_assigned", "updated_rating", "updated_failed"] {
            let mut body = json(&format!("radaro/{name}"));
            any::replace(&mut body, place, &value);
            let split = split(&serde_json::to_vec(&body).unwrap());
            for raw in split.map(|split| split.events).unwrap_or_default() {
                let _ = map(&inbound(Sender::Fleet(Provider::Radaro), raw), &account(MatchOrdersBy::Number));
            }
            for kind in [CREATED, UPDATED] {
                for body in [&body, &value, &json!({ "order_info": value, "new_values": value })] {
                    let event = crate::testing::event(Sender::Fleet(Provider::Radaro), kind, body.clone());
                    let _ = map(&event, &account(MatchOrdersBy::OrderId));
                }
            }
        }
    }
}
