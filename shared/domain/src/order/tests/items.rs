//! Which events tell of the kitchen: an item whose status is another one than before, by Syrve's word or a fleet's.

use serde_json::{Value, json};

use super::story::{COURIER, OTHER, Told, assigned, at, item, line, news, status, syrve_with, tell};
use crate::delivery::{DeliveryStatus, Provider};
use crate::order::{Item, ItemStatus};
use crate::report::{FleetNews, ItemReport, OrderReport};

fn lines(second: i64, lines: &[(&str, &str)]) -> OrderReport {
    let lines = lines.iter().map(|(id, status)| line(id, status)).collect();
    syrve_with(second, COURIER, "WaitCooking", lines)
}

fn of_items(told: &Told) -> Vec<&Value> {
    told.events
        .iter()
        .filter(|event| event.name == "item_status_updated")
        .map(|event| &event.detail)
        .collect()
}

/// Item and status of each event, in order.
fn said(told: &Told) -> Vec<(&str, &str)> {
    of_items(told)
        .into_iter()
        .map(|detail| (detail["item"].as_str().unwrap(), detail["item_status"].as_str().unwrap()))
        .collect()
}

#[test]
fn every_word_of_syrves_for_an_item_has_its_place_among_three() {
    let words = ["Added", "PrintedNotCooking", "CookingStarted", "CookingCompleted", "Served", "Burnt", ""];
    let meanings = words.map(|word| line("pizza", word).preparation().map(ItemStatus::as_str));
    let [not_yet, begun, done] = ["not_being_prepared", "being_prepared", "prepared"].map(Some);
    assert_eq!(meanings, [not_yet, not_yet, begun, done, done, None, None]);
    assert!(ItemStatus::ALL.iter().all(|status| ItemStatus::parse(status.as_str()) == Some(*status)));
    assert_eq!(Item { status: None, ..line("pizza", "") }.preparation(), None);
}

#[test]
fn the_items_of_a_new_order_are_told_only_where_the_kitchen_has_begun() {
    let told =
        tell(&[lines(0, &[("pizza", "Added"), ("cola", "CookingStarted"), ("ice", "PrintedNotCooking")])]);
    assert_eq!(said(&told), [("cola", "being_prepared")]);
}

#[test]
fn an_item_is_told_whenever_the_kitchen_is_further_or_back_and_once() {
    let mut told = tell(&[lines(0, &[("pizza", "Added"), ("cola", "Added")])]);
    told.then(&lines(1, &[("pizza", "CookingStarted"), ("cola", "PrintedNotCooking")]));
    told.then(&lines(2, &[("pizza", "CookingStarted"), ("cola", "CookingCompleted")]));
    told.then(&lines(3, &[("pizza", "CookingCompleted"), ("cola", "Served")]));
    told.then(&lines(4, &[("pizza", "Added"), ("cola", "Served")]));
    assert_eq!(
        said(&told),
        [
            ("pizza", "being_prepared"),
            ("cola", "prepared"),
            ("pizza", "prepared"),
            ("pizza", "not_being_prepared"),
        ]
    );
    let times: Vec<_> = told.events.iter().filter(|event| event.name == "item_status_updated").collect();
    assert_eq!(times.iter().map(|event| event.occurred_at).collect::<Vec<_>>(), [at(1), at(2), at(3), at(4)]);
}

#[test]
fn items_follow_what_was_told_of_themselves_and_the_order_what_was_told_of_it() {
    let ready = |second, word| {
        let lines: Vec<_> = (0..20).map(|n| line(&n.to_string(), word)).collect();
        syrve_with(second, COURIER, "WaitCooking", lines)
    };
    let told = tell(&[
        ready(0, "CookingStarted"),
        assigned(1, "ann"),
        ready(2, "CookingCompleted"),
        status(3, DeliveryStatus::Collected),
    ]);
    let of = |name: &str, nth: usize| told.events.iter().filter(|event| event.name == name).nth(nth).unwrap();
    for n in 0..20 {
        let (begun, done) = (of("item_status_updated", n), of("item_status_updated", 20 + n));
        assert_eq!((begun.after.len(), done.after.len()), (0, 1));
        assert_eq!(done.after[0].event_uuid, begun.event_uuid);
    }
    let of_order = told.events.iter().filter(|event| event.name != "item_status_updated");
    let names = of_order.flat_map(|event| &event.after).map(|before| before.name.as_str());
    let names: std::collections::BTreeSet<_> = names.collect();
    assert!(names.contains("order_assigned") && !names.contains("item_status_updated"), "{names:?}");
}

#[test]
fn what_is_told_of_an_item_is_its_name_how_many_and_where_it_stands() {
    let (mut one, two) = (line("pizza", "Added"), line("cola", "CookingStarted"));
    let mut told = tell(&[syrve_with(0, COURIER, "WaitCooking", vec![one.clone(), two])]);
    (one.status, one.amount) = (Some("Served".into()), "0.50".parse().unwrap());
    one.name = "x".repeat(300);
    told.then(&syrve_with(1, COURIER, "WaitCooking", vec![one]));
    let name = "x".repeat(200);
    let detail = |id: &str, name: &str, status: &str, quantity: Value, sequence: i64| json!({ "item": id, "name": name, "item_status": status, "quantity": quantity, "sequence": sequence });
    assert_eq!(
        of_items(&told),
        [
            &detail("cola", "One cola", "being_prepared", json!(1), 2),
            &detail("pizza", &name, "prepared", json!(0.5), 1)
        ]
    );
}

#[test]
fn an_unknown_word_is_not_told_and_a_known_one_after_it_is() {
    let mut told = tell(&[lines(0, &[("pizza", "CookingStarted")])]);
    told.then(&lines(1, &[("pizza", "Burnt")]));
    assert_eq!(said(&told), [("pizza", "being_prepared")]);
    told.then(&lines(2, &[("pizza", "Added")]));
    assert_eq!(said(&told)[1..], [("pizza", "not_being_prepared")]);
}

#[test]
fn a_line_without_an_id_goes_by_its_place_and_of_two_with_one_id_the_first_counts() {
    let nameless = Item { id: None, ..line("", "CookingStarted") };
    let told = tell(&[syrve_with(0, COURIER, "", vec![line("a", "Added"), nameless])]);
    assert_eq!(said(&told), [("2", "being_prepared")]);
    let mut told = tell(&[lines(0, &[("a", "CookingStarted"), ("a", "Served")])]);
    told.then(&lines(1, &[("a", "CookingStarted"), ("a", "Served")]));
    assert_eq!(said(&told), [("a", "being_prepared")]);
}

#[test]
fn modifiers_have_no_events_and_neither_has_an_order_that_is_not_for_a_courier() {
    let pizza = Item { modifiers: vec![line("cheese", "CookingStarted")], ..line("pizza", "Added") };
    assert!(said(&tell(&[syrve_with(0, COURIER, "", vec![pizza])])).is_empty());
    assert!(said(&tell(&[syrve_with(0, OTHER, "", vec![line("pizza", "Served")])])).is_empty());
}

#[test]
fn a_late_word_on_an_item_is_not_told() {
    let mut told = tell(&[lines(0, &[("pizza", "Added")]), lines(2, &[("pizza", "Served")])]);
    assert!(!told.then(&lines(1, &[("pizza", "CookingStarted")])));
    assert_eq!(said(&told), [("pizza", "prepared")]);
}

#[test]
fn an_order_of_more_lines_than_any_kitchen_takes_is_told_in_part() {
    let many: Vec<_> = (0..300).map(|n| line(&n.to_string(), "Served")).collect();
    assert_eq!(said(&tell(&[syrve_with(0, COURIER, "", many)])).len(), 200);
}

#[test]
fn a_fleets_item_is_told_in_its_words_when_its_status_changes() {
    let counted = |second: i64, status: &str| {
        let item = ItemReport {
            name: Some("Pizza".into()),
            quantity: Some("2.0".parse().unwrap()),
            sequence: Some(7),
            ..ItemReport::new("item1", status)
        };
        news(Provider::Captain, second, FleetNews { items: vec![item], ..FleetNews::default() })
    };
    let mut told = tell(&[lines(0, &[("pizza", "Added")]), item(1, "item1", "not_being_prepared")]);
    for report in [counted(2, "not_being_prepared"), counted(3, "burnt"), counted(4, "prepared")] {
        assert!(told.then(&report));
    }
    let first = json!({ "item": "item1", "name": null, "item_status": "not_being_prepared", "quantity": null, "sequence": null });
    let last =
        json!({ "item": "item1", "name": "Pizza", "item_status": "prepared", "quantity": 2, "sequence": 7 });
    assert_eq!(of_items(&told), [&first, &last]);
}

#[test]
fn an_order_stored_before_lines_had_ids_is_read() {
    let order = tell(&[lines(0, &[("pizza", "Added")])]).order;
    let mut stored = serde_json::to_value(&order).unwrap();
    let lines = stored.pointer_mut("/details/held/value/items").unwrap().as_array_mut().unwrap();
    lines[0].as_object_mut().unwrap().remove("id").unwrap();
    let read: crate::order::Order = serde_json::from_value(stored).unwrap();
    assert_eq!(read.details.get().unwrap().items[0].id, None);
}
