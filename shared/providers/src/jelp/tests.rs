//! The story of an order at Jelp, through the whole module: in any order, with any repeats, and with any JSON in any place.

use std::sync::LazyLock;

use courier_domain::account::{Account, FleetAccount, MatchOrdersBy, OrderReference};
use courier_domain::delivery::DeliveryStatus;
use courier_domain::inbound::Sender;
use courier_domain::order::Order;
use courier_domain::report::OrderReport;
use http::HeaderMap;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::*;
use crate::testing::{account, any, fixture, inbound, json};

/// The fixtures, by time, and the URL that each is sent to.
const STORY: [(&str, &str); 15] = [
    ("order_new", ""),
    ("folio_update", ""),
    ("assign_driver_external", ""),
    ("assign_driver_external_phone", "order_update"),
    ("assign_driver_own_fleet", "assign_driver"),
    ("tracking", ""),
    ("comment", "order_update:comment"),
    ("status_change", ""),
    ("folio_update_in_transit", "folio_update"),
    ("decline_cancel_request", "order_update%3Adecline_cancel_request"),
    ("status_change_unknown", "status_change"),
    ("cancel_order", ""),
    ("folio_update_completed", ""),
    ("complete_order", ""),
    ("complete_order_with_reason", "complete_order"),
];

fn restaurant() -> Account {
    let mut account = account(MatchOrdersBy::OrderId);
    let jelp = FleetAccount { order_reference: OrderReference::ExternalId, ..FleetAccount::default() };
    account.fleets.insert(Provider::Jelp, jelp);
    account
}

fn split(url: &str, body: &[u8]) -> Result<Split, BodyError> {
    let headers = HeaderMap::new();
    let received_at = "2026-06-28T17:00:00Z".parse().unwrap();
    Jelp.split(&Call { rest: &[url], query: "", headers: &headers, body, received_at })
}

fn told(name: &str, url: &str) -> Vec<Report> {
    let events = split(url, &fixture(&format!("jelp/{name}"))).unwrap().events;
    let map = |event| Jelp.map(&inbound(Sender::Fleet(Provider::Jelp), event), &restaurant());
    events.into_iter().map(map).collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{name}: {error}"))
}

static REPORTS: LazyLock<Vec<OrderReport>> = LazyLock::new(|| {
    let reports = STORY.into_iter().flat_map(|(name, url)| told(name, url));
    reports
        .filter_map(|report| if let Report::Order(report) = report { Some(*report) } else { None })
        .collect()
});

fn order_of(reports: &[OrderReport]) -> Order {
    let mut order = Order::new("497f6eca-6276-4993-bfeb-53cbbbba6f08".parse().unwrap());
    for report in reports {
        order.apply(report);
    }
    order
}

#[test]
fn the_story_is_of_all_fixtures_and_of_one_order() {
    let folder = format!("{}/../../tests/fixtures/jelp", env!("CARGO_MANIFEST_DIR"));
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    names.sort();
    let mut of_story: Vec<_> = STORY.iter().map(|(name, _)| *name).collect();
    of_story.sort_unstable();
    assert_eq!(names, of_story);
    let story = &*REPORTS;
    assert!(story.is_sorted_by(|a, b| a.stamp.at < b.stamp.at));
    let folio = |report: &OrderReport| report.refs.iter().find(|name| name.kind == "jelp_folio").cloned();
    assert!(story.iter().all(|report| folio(report).is_some() && folio(report) == folio(&story[0])));
}

#[test]
fn the_story_ends_in_a_delivery_with_all_that_was_said() {
    let order = order_of(&REPORTS);
    let delivery = order.delivery();
    assert_eq!(delivery.current(), Some(DeliveryStatus::DroppedOff));
    assert_eq!(delivery.current_driver().unwrap().driver_id.as_str(), "ffc60000-0000-4000-8000-000000000017");
    assert_eq!(delivery.tracking_url.get().map(String::as_str), Some("https://tracking.jelp.example/577"));
    assert_eq!(delivery.end_reason.get().map(String::as_str), Some("Handed over at the door"));
    assert_eq!(delivery.order_status.get().map(String::as_str), Some("COMPLETED"));
    assert_eq!(delivery.notes.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_with_any_repeats_ends_in_one_state(
        shuffled in prop::collection::vec(any::<Index>(), 0..6).prop_flat_map(|repeats| {
            let again: Vec<_> = repeats.iter().map(|index| index.get(&REPORTS).clone()).collect();
            Just(REPORTS.iter().cloned().chain(again).collect::<Vec<_>>()).prop_shuffle()
        })
    ) {
        prop_assert_eq!(order_of(&shuffled), order_of(&REPORTS));
    }

    #[test]
    fn no_json_makes_it_panic(which in 0..STORY.len(), place in 0usize..200, value in any::value()) {
        let (name, url) = STORY[which];
        let mut changed = json(&format!("jelp/{name}"));
        any::replace(&mut changed, place, &value);
        for (body, url) in [(&changed, url), (&changed, ""), (&value, url)] {
            survive(url, body.to_string().as_bytes());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}") {
        survive("", text.as_bytes());
        survive(&text, b"{}");
    }
}

/// Whatever is kept is mapped or refused, and fits where subjects, names of events and names of orders are put.
fn survive(url: &str, body: &[u8]) {
    let Ok(split) = split(url, body) else { return };
    for event in split.events {
        assert!(event.body.is_object());
        assert!(event.subject.len() <= 160, "{}", event.subject);
        let account = [restaurant(), account(MatchOrdersBy::Number)];
        let event = inbound(Sender::Fleet(Provider::Jelp), event);
        for account in account {
            if let Ok(Report::Order(report)) = Jelp.map(&event, &account) {
                assert!(report.event.len() <= 80 && report.event.is_ascii(), "{}", report.event);
                assert!(report.order_id.is_some() || !report.refs.is_empty());
            }
        }
        let whole = Value::Object(serde_json::Map::new());
        let _ = Jelp.map(&courier_domain::inbound::InboundEvent { body: whole, ..event }, &restaurant());
    }
}
