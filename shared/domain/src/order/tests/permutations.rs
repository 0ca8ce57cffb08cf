//! Arrival order does not matter: any permutation of an order's events, of any fleets, with any repeats, ends in one state,
//! and Syrve and the bus were last told what that state says.

use proptest::prelude::*;
use proptest::sample::Index;

use super::story::{
    COURIER, OTHER, Told, at, driver_of, failed, item, line, news, order_id, pos_status, report, syrve_with,
    tell,
};
use crate::delivery::{Confirmation, DeliveryStatus, FleetDriver, Provider};
use crate::event::DomainEvent;
use crate::order::{Item, ItemStatus, Order, OrderRef};
use crate::report::{FleetNews, OrderChange, OrderReport};

/// Few seconds, so that many events are of the same one.
fn second() -> impl Strategy<Value = i64> {
    0_i64..6
}

fn event() -> impl Strategy<Value = OrderReport> {
    let service = prop::sample::select(vec![COURIER, COURIER, OTHER, None]);
    let word =
        prop::sample::select(vec!["Unconfirmed", "Waiting", "OnWay", "Delivered", "Closed", "Cancelled"]);
    let kitchen = prop::sample::select(vec!["not_being_prepared", "being_prepared", "prepared", "burnt"]);
    let name = prop::sample::select(vec!["ann", "bob"]);
    prop_oneof![
        3 => (second(), service, word.clone(), lines())
            .prop_map(|(s, service, word, lines)| syrve_with(s, service, word, lines)),
        1 => (second(), word.clone()).prop_map(|(s, code)| failed(s, code)),
        6 => (provider(), second(), status_news()).prop_map(|(fleet, s, said)| news(fleet, s, said)),
        2 => (provider(), second(), any_news()).prop_map(|(fleet, s, said)| news(fleet, s, said)),
        1 => (second(), kitchen, name.clone()).prop_map(|(s, word, name)| item(s, name, word)),
        1 => (second(), name).prop_map(|(s, name)| named(s, name)),
    ]
}

/// Up to two lines with Syrve's words for how far the kitchen is, one of which is unknown.
fn lines() -> impl Strategy<Value = Vec<Item>> {
    let word = prop::sample::select(vec!["Added", "CookingStarted", "CookingCompleted", "Served", "Burnt"]);
    let line = |id: &'static str| word.clone().prop_map(move |word| line(id, word));
    (line("pizza"), line("cola"), 0_usize..3).prop_map(|(a, b, most)| [a, b].into_iter().take(most).collect())
}

/// A word of Syrve's for an item that is known.
fn cooked() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["Added", "PrintedNotCooking", "CookingStarted", "CookingCompleted", "Served"])
}

/// Mostly two, so that they get into each other's way.
fn provider() -> impl Strategy<Value = Provider> {
    let all = prop::sample::select(Provider::ALL.to_vec());
    prop_oneof![3 => Just(Provider::Captain), 3 => Just(Provider::Jelp), 1 => all]
}

fn driver() -> impl Strategy<Value = FleetDriver> {
    let fleet_id = prop::sample::select(vec!["7183", "9999"]);
    let employee = prop::sample::select(vec![
        "ffc60000-0000-4000-8000-000000000017",
        "ffc60000-0000-4000-8000-000000000018",
    ]);
    let named = (employee, fleet_id.clone())
        .prop_map(|(employee, id)| FleetDriver::new(employee.parse().unwrap(), Some(id.into())));
    let name = prop::option::weighted(0.4, prop::sample::select(vec!["Ann", "Bob"]));
    let driver = prop_oneof![named, fleet_id.prop_map(|id| driver_of(Provider::Jelp, id))];
    (driver, name).prop_map(|(driver, name)| FleetDriver { name: name.map(str::to_owned), ..driver })
}

/// A status, told or implied, and mostly nothing else.
fn status_news() -> impl Strategy<Value = FleetNews> {
    let stage = prop::sample::select(DeliveryStatus::ALL.to_vec());
    let driver = prop::option::weighted(0.3, prop::option::weighted(0.7, driver()));
    (stage, prop::bool::weighted(0.3), driver).prop_map(|(status, implied, driver)| FleetNews {
        implied,
        driver,
        ..FleetNews::status(status)
    })
}

/// Anything but items.
fn any_news() -> impl Strategy<Value = FleetNews> {
    let text = || {
        let words = prop::sample::select(vec!["a", "b", "not_dispatched"]);
        prop::option::weighted(0.3, words.prop_map(str::to_owned))
    };
    let time = || prop::option::weighted(0.3, (0_i64..9).prop_map(at));
    let confirmation = (any::<bool>(), text()).prop_map(|(confirmed, comment)| Confirmation {
        confirmed,
        rating: Some(5.into()),
        comment,
    });
    let statuses = (prop::option::weighted(0.3, status_news()), any::<bool>());
    let texts = (text(), text(), text(), text(), text());
    (statuses, texts, time(), time(), prop::option::weighted(0.3, confirmation)).prop_map(
        |((status, implied), texts, eta, deliver_before, confirmation)| {
            let said = status.unwrap_or_else(|| FleetNews { implied, ..FleetNews::default() });
            let (order_status, tracking_url, description, end_reason, note) = texts;
            FleetNews {
                order_status,
                tracking_url,
                eta,
                deliver_before,
                description,
                end_reason,
                confirmation,
                note,
                ..said
            }
        },
    )
}

/// An event that says nothing but another name of the order.
fn named(second: i64, name: &str) -> OrderReport {
    OrderReport { refs: vec![OrderRef::new("number", name)], ..report(second, OrderChange::Nothing) }
}

/// A story that begins on time, and the same with repeats, shuffled.
fn told_twice() -> impl Strategy<Value = (Vec<OrderReport>, Vec<OrderReport>)> {
    (prop::collection::vec(event(), 1..14), prop::collection::vec(any::<Index>(), 0..6)).prop_flat_map(
        |(story, repeats)| {
            let again: Vec<_> = repeats.iter().map(|index| index.get(&story).clone()).collect();
            let all: Vec<_> = story.iter().cloned().chain(again).collect();
            (Just(story), Just(all).prop_shuffle())
        },
    )
}

/// An order but for what was said of statuses that do not count, with the words for those that do, and for who carries it.
fn shown(order: &Order) -> (Order, String) {
    let standing = order.deliveries.values().map(|held| (held.current(), held.status_stamp()));
    let words = format!("{:?} {:?}", order.carrier(), standing.collect::<Vec<_>>());
    let mut rest = order.clone();
    rest.deliveries.values_mut().for_each(|delivery| delivery.statuses.clear());
    (rest, words)
}

fn without_request(order: &Order) -> Order {
    Order { requested: None, last_told: Vec::new(), ..order.clone() }
}

/// What Syrve was asked for last is what the state says. Of what was asked for before, nothing is still sent but steps to
/// that status, and those only of a fleet that does not tell every step.
fn assert_last_request_is_wanted(told: &Told) -> Result<(), TestCaseError> {
    let order = &told.order;
    prop_assert!(told.commands.is_sorted_by(|a, b| a.stamp <= b.stamp));
    let wanted = order.delivery().current().and_then(DeliveryStatus::pos_status);
    let Some(wanted) = wanted.filter(|_| order.can_be_told()) else { return Ok(()) };
    prop_assert_eq!(order.requested.as_ref().map(|r| r.status), Some(wanted));
    let live = told.commands.iter().filter(|command| order.superseded(&command.stamp).is_none());
    let live: Vec<_> = live.map(pos_status).collect();
    prop_assert_eq!(live.last(), Some(&wanted));
    prop_assert_eq!(told.commands.last().map(pos_status), Some(wanted));
    prop_assert!(live.is_sorted_by(|a, b| a < b), "{live:?}");
    prop_assert!(live.len() == 1 || order.deliveries.keys().any(|fleet| !fleet.tells_every_step()));
    Ok(())
}

/// What was told last of the driver, the delivery and the order is what the state says; a status was always named, and of
/// an item always in words that are known.
fn assert_last_events_are_true(told: &Told) -> Result<(), TestCaseError> {
    let delivery = told.order.delivery();
    let last = |names: &[&str]| told.events.iter().rfind(|event| names.contains(&event.name.as_str()));
    let status =
        last(&["job_delivery_status_updated"]).map(|event| event.detail["job_delivery_status"].clone());
    let driver = last(&["order_assigned", "order_unassigned"]).filter(|event| event.name == "order_assigned");
    let driver = driver.map(|event| event.detail["driver_id"].as_str().unwrap().to_owned());
    prop_assert!(status != Some(serde_json::Value::Null));
    if told.order.announced {
        prop_assert_eq!(status, delivery.current().map(|status| status.as_str().into()));
        prop_assert_eq!(driver, delivery.current_driver().map(|driver| driver.driver_id.to_string()));
        let status = last(&["order_status_updated"]).map(|event| event.detail["order_status"].clone());
        if let Some(expected) = told.order.status() {
            prop_assert_eq!(status, Some(expected.as_str().into()));
        }
    }
    let mut of_items = told.events.iter().filter(|event| event.name == "item_status_updated");
    prop_assert!(
        of_items.all(|event| event.detail["item_status"].as_str().and_then(ItemStatus::parse).is_some())
    );
    Ok(())
}

/// The same of Syrve's lines, where Syrve always names all of them and its words are known.
fn assert_last_words_on_lines_are_true(told: &Told) -> Result<(), TestCaseError> {
    for line in told.order.details.get().map(|details| details.items.as_slice()).unwrap_or_default() {
        let of_line = |event: &&DomainEvent| {
            event.name == "item_status_updated" && event.detail["item"].as_str() == line.id.as_deref()
        };
        let last = told.events.iter().rfind(of_line).and_then(|event| event.detail["item_status"].as_str());
        let expected = line.preparation().unwrap().as_str();
        prop_assert_eq!(last.unwrap_or("not_being_prepared"), expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_arrival_order_with_any_repeats_ends_in_one_state((story, shuffled) in told_twice()) {
        prop_assert_eq!(without_request(&tell(&shuffled).order), without_request(&tell(&story).order));
    }

    #[test]
    fn syrve_was_last_asked_for_what_the_end_state_says((story, shuffled) in told_twice()) {
        assert_last_request_is_wanted(&tell(&story))?;
        assert_last_request_is_wanted(&tell(&shuffled))?;
    }

    #[test]
    fn the_bus_was_last_told_what_the_end_state_says((_, shuffled) in told_twice()) {
        assert_last_events_are_true(&tell(&shuffled))?;
    }

    #[test]
    fn the_bus_was_last_told_how_far_the_kitchen_is(
        words in prop::collection::vec((second(), cooked(), cooked()), 1..9)
    ) {
        let reports = words.iter().map(|(s, a, b)| {
            syrve_with(*s, COURIER, "Waiting", vec![line("pizza", a), line("cola", b)])
        });
        assert_last_words_on_lines_are_true(&tell(&reports.collect::<Vec<_>>()))?;
    }

    #[test]
    fn of_two_commands_the_later_request_has_the_newer_stamp((_, shuffled) in told_twice()) {
        let mut told = tell(&[]);
        for report in &shuffled {
            let (newest, count) = (told.commands.last().map(|command| command.stamp.clone()), told.commands.len());
            told.then(report);
            prop_assert!(told.commands[count..].iter().all(|command| Some(&command.stamp) > newest.as_ref()));
        }
    }

    #[test]
    fn the_request_never_rests_on_older_evidence_than_before((_, shuffled) in told_twice()) {
        let mut told = tell(&[]);
        let mut newest = None;
        for report in &shuffled {
            told.then(report);
            let stamp = told.order.requested.as_ref().map(|requested| requested.stamp.clone());
            prop_assert!(stamp >= newest);
            newest = stamp;
        }
    }

    #[test]
    fn an_event_that_changes_nothing_is_followed_by_nothing((_, shuffled) in told_twice()) {
        let mut told = tell(&[]);
        for report in &shuffled {
            let handed_on = (told.commands.len(), told.events.len());
            let before = shown(&told.order);
            if !told.then(report) {
                prop_assert_eq!((told.commands.len(), told.events.len()), handed_on);
                prop_assert_eq!(shown(&told.order), before);
            }
        }
    }

    #[test]
    fn an_order_that_is_stored_and_read_in_between_goes_the_same_way((_, shuffled) in told_twice()) {
        let mut stored = Order::new(order_id());
        for report in &shuffled {
            stored.apply(report);
            stored = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
        }
        prop_assert_eq!(stored, without_request(&tell(&shuffled).order));
    }
}
