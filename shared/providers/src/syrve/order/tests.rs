//! What the bridge understands of Syrve's orders, whole payload by whole payload.

use courier_domain::inbound::Sender;
use courier_domain::order::{Item, ItemKind, OrderDetails, SyrveStatus};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;
use crate::syrve::webhook::{Route, split};
use crate::testing::{account, any, cut, event, fixture, fixtures, inbound, json, put};

fn report(name: &str, match_by: MatchOrdersBy) -> OrderReport {
    let raw = split(&fixture(&format!("syrve/{name}"))).unwrap().remove(0).raw;
    map(&inbound(Sender::Syrve, raw), &account(match_by)).unwrap()
}

fn order(name: &str) -> (Option<ServiceType>, OrderDetails) {
    match report(name, MatchOrdersBy::OrderId).change {
        OrderChange::Syrve { service, details } => (service, *details),
        other => panic!("{name}: {other:?}"),
    }
}

fn details(name: &str) -> OrderDetails {
    order(name).1
}

/// `order_created` after a change of its payload.
fn mapped(edit: impl FnOnce(&mut Value)) -> Result<OrderReport, MapError> {
    let mut body = json("syrve/order_created")[0].take();
    edit(&mut body);
    map(&event(Sender::Syrve, "DeliveryOrderUpdate", body), &account(MatchOrdersBy::OrderId))
}

fn edited(edit: impl FnOnce(&mut Value)) -> OrderDetails {
    match mapped(edit).unwrap().change {
        OrderChange::Syrve { details, .. } => *details,
        other => panic!("{other:?}"),
    }
}

fn money(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn names(items: &[Item]) -> Vec<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

#[test]
fn an_order_is_read_with_its_own_version_and_local_times() {
    let report = report("order_created", MatchOrdersBy::OrderId);
    assert_eq!(report.order_id.unwrap().to_string(), "497f6eca-6276-4993-bfeb-53cbbbba6f08");
    assert_eq!(report.stamp.at.as_millisecond(), 1_782_662_710_412);
    assert_eq!((report.source.as_str(), report.event.as_str()), ("syrve", "DeliveryOrderUpdate WaitCooking"));
    let details = details("order_created");
    assert_eq!(details.promised_at, Some("2026-06-28T17:00:00Z".parse().unwrap()));
    assert_eq!(details.created_at, Some("2026-06-28T16:00:02Z".parse().unwrap()));
    assert_eq!(
        (details.number, details.total, details.to_collect),
        (Some(577), Some(money("22")), Some(money("22")))
    );
    assert_eq!(details.terminal_group_id, Some("a5561d5e-0000-4000-8000-000000000001".parse().unwrap()));
    assert_eq!(details.phone.as_deref(), Some("+35310000000"));
    assert_eq!(details.comment.as_deref(), Some("No cutlery please"));
    assert_eq!(
        (details.problem, details.courier_id, details.moved_from, details.moved_to),
        (None, None, None, None)
    );
    let address = details.address.unwrap();
    assert_eq!((address.latitude, address.longitude), (Some(53.349_805), Some(-6.260_31)));
    assert_eq!((address.street.as_deref(), address.house.as_deref()), (Some("Example Street"), Some("12")));
    assert_eq!((address.city.as_deref(), address.postcode.as_deref()), (Some("Dublin"), Some("D00 X000")));
    assert_eq!(
        (address.comment.as_deref(), address.doorphone.as_deref()),
        (Some("Blue door, ring twice"), Some("3#"))
    );
}

#[test]
fn a_guest_who_wants_it_soon_is_told_from_one_who_chose_a_time_and_from_one_of_whom_nothing_is_said() {
    assert_eq!(details("order_created").asap, Some(false));
    let asap = |value: Value| edited(|body| put(body, "/eventInfo/order/isAsap", value)).asap;
    assert_eq!(asap(json!(true)), Some(true));
    assert_eq!((asap(json!(null)), asap(json!("yes"))), (None, None));
    assert_eq!(edited(|body| cut(body, "/eventInfo/order/isAsap")).asap, None);
}

#[test]
fn items_keep_their_modifiers_and_the_senders_sums() {
    let items = details("order_created").items;
    assert_eq!(names(&items), ["Pizza Margherita", "Lemonade"]);
    assert_eq!(names(&items[0].modifiers), ["Extra mozzarella", "Olives"]);
    assert_eq!((items[1].amount, items[1].sum), (Decimal::TWO, Some(money("6.2"))));
    assert_eq!((items[0].modifiers[1].amount, items[0].modifiers[1].sum), (Decimal::TWO, Some(money("1.8"))));
}

#[test]
fn only_a_courier_order_is_ours_and_a_null_type_says_nothing() {
    assert_eq!(order("order_created").0, Some(ServiceType::DeliveryByCourier));
    for name in ["order_for_pickup", "order_in_restaurant", "order_with_unknown_values"] {
        assert_eq!(order(name).0, Some(ServiceType::Other), "{name}");
    }
    assert_eq!(order("order_without_order_type").0, None);
}

#[test]
fn both_kinds_of_customer_are_read() {
    let customer = details("order_with_regular_customer").customer.unwrap();
    assert_eq!(
        (customer.name.as_deref(), customer.surname.as_deref()),
        (Some("Testa"), Some("Example-Regular"))
    );
    let customer = details("order_created").customer.unwrap();
    assert_eq!((customer.name.as_deref(), customer.surname), (Some("Testa Example"), None));
    assert_eq!(edited(|body| put(body, "/eventInfo/order/customer", json!(null))).customer, None);
}

#[test]
fn an_address_may_lack_any_part() {
    let address = details("order_with_line1_address_only").address.unwrap();
    assert_eq!(address.line1.as_deref(), Some("Flat 3, 12 Example Street, Dublin D00 X000"));
    assert_eq!((address.street, address.house), (None, None));
    let address = details("order_without_coordinates").address.unwrap();
    assert_eq!((address.latitude, address.longitude), (None, None));
    assert!(address.street.is_some());
    assert_eq!(details("order_without_delivery_point").address, None);
    let unknown = json!({ "latitude": 0, "longitude": 0.0 });
    let at_zero = edited(|body| put(body, "/eventInfo/order/deliveryPoint/coordinates", unknown));
    assert_eq!(at_zero.address.unwrap().latitude, None);
}

#[test]
fn a_compound_item_has_the_names_the_sum_and_the_modifiers_of_its_parts() {
    let item = &details("order_with_compound_item").items[0];
    assert_eq!(
        (&item.kind, item.name.as_str()),
        (&ItemKind::Compound, "Half pizza Margherita + Half pizza Diavola")
    );
    assert_eq!(item.sum, Some(money("13.25")));
    assert_eq!(names(&item.modifiers), ["Basil", "Thin crust"]);
}

#[test]
fn a_service_item_is_read() {
    let item = &details("order_with_service_item").items[1];
    assert_eq!(
        (&item.kind, item.name.as_str(), item.sum),
        (&ItemKind::Service, "Delivery fee", Some(money("2.5")))
    );
}

#[test]
fn deleted_items_and_modifiers_are_left_out() {
    let items = details("order_with_deleted_item_and_modifier").items;
    assert_eq!(names(&items), ["Pizza Margherita"]);
    assert_eq!(names(&items[0].modifiers), ["Extra mozzarella"]);
}

#[test]
fn unknown_words_are_kept_and_break_nothing() {
    let details = details("order_with_unknown_values");
    assert_eq!(details.status, SyrveStatus::Unknown("AwaitingRobot".to_owned()));
    assert_eq!(names(&details.items), ["Menu preview", "Pizza Margherita"]);
    assert_eq!(details.items[0].kind, ItemKind::Unknown);
    assert_eq!(details.payments[0].kind, "Crypto");
    assert_eq!(details.to_collect, Some(Decimal::ZERO));
}

#[test]
fn an_unknown_line_is_not_named_after_its_size_and_a_nameless_one_is_left_out() {
    let lines = json!([
        { "type": "Hologram", "size": { "name": "Large" }, "amount": 1 },
        { "type": "Hologram", "size": { "name": "Large" }, "hologram": { "name": "Menu" } },
        { "type": "Product", "amount": 2, "product": {} }, null, 7,
    ]);
    let items = edited(|body| put(body, "/eventInfo/order/items", lines)).items;
    assert_eq!(names(&items), ["Menu", "Product"]);
    assert_eq!((items[0].amount, items[0].sum), (Decimal::ONE, None));
}

#[test]
fn the_courier_takes_what_is_not_paid() {
    let details = details("order_partly_prepaid");
    let paid: Vec<_> =
        details.payments.iter().map(|pay| (pay.kind.as_str(), pay.sum, pay.processed)).collect();
    assert_eq!(paid, [("Card", Decimal::from(10), true), ("Cash", Decimal::from(12), false)]);
    assert_eq!(details.to_collect, Some(money("12")));
    let prepaid = edited(|body| {
        put(body, "/eventInfo/order/processedPaymentsSum", json!(null));
        put(body, "/eventInfo/order/payments/0/isPrepay", json!(true));
        put(body, "/eventInfo/order/payments/0/isPreliminary", json!(false));
    });
    assert_eq!((prepaid.payments[0].processed, prepaid.to_collect), (true, Some(money("0"))));
    let planned = edited(|body| put(body, "/eventInfo/order/payments/0/isPrepay", json!(true)));
    assert_eq!((planned.payments[0].processed, planned.to_collect), (false, Some(money("22"))));
}

#[test]
fn the_ends_of_an_order_are_read() {
    let closed = details("order_closed");
    assert_eq!((closed.status, closed.to_collect), (SyrveStatus::Closed, Some(Decimal::ZERO)));
    assert_eq!(closed.cooked_at, Some("2026-06-28T16:25:00Z".parse().unwrap()));
    assert_eq!(closed.sent_at, Some("2026-06-28T16:30:00Z".parse().unwrap()));
    assert_eq!(closed.delivered_at, Some("2026-06-28T16:48:12Z".parse().unwrap()));
    assert_eq!(closed.closed_at, Some("2026-06-28T16:50:00Z".parse().unwrap()));
    let cancelled = details("order_cancelled");
    assert_eq!(cancelled.cancelled_at, Some("2026-06-28T16:20:00Z".parse().unwrap()));
    assert_eq!(cancelled.cancel_reason.as_deref(), Some("Guest cancelled"));
}

#[test]
fn courier_and_problem_are_read() {
    let courier = details("order_with_courier").courier_id;
    assert_eq!(courier.as_deref(), Some("ffc60000-0000-4000-8000-000000000017"));
    let problem = details("order_with_problem").problem.unwrap();
    assert_eq!(problem.description.as_deref(), Some("Guest does not answer the phone"));
}

#[test]
fn a_moved_order_names_its_other_half() {
    let here = details("order_moved_here").moved_from.unwrap();
    assert_eq!(here.order_id, Some("497f6eca-6276-4993-bfeb-53cbbbba6f08".parse().unwrap()));
    let away = details("order_moved_away").moved_to.unwrap();
    assert_eq!(away.order_id, Some("497f6eca-6276-4993-bfeb-53cbbbba6f09".parse().unwrap()));
    assert_eq!(away.terminal_group_id, Some("a5561d5e-0000-4000-8000-000000000002".parse().unwrap()));
}

#[test]
fn a_failure_carries_syrves_words() {
    let report = report("order_creation_error", MatchOrdersBy::OrderId);
    assert_eq!(report.event, "DeliveryOrderError TerminalGroupDisabled");
    let OrderChange::SyrveError(error) = report.change else { panic!("{:?}", report.change) };
    assert_eq!(error.message.as_deref(), Some("The terminal group is not available"));
    let bare = mapped(|body| put(body, "/eventInfo/creationStatus", json!("Error"))).unwrap();
    assert!(matches!(bare.change, OrderChange::SyrveError(error) if error.code == "UnknownError"));
}

#[test]
fn an_event_without_an_order_says_nothing() {
    assert_eq!(report("order_creation_in_progress", MatchOrdersBy::OrderId).change, OrderChange::Nothing);
    assert_eq!(
        mapped(|body| put(body, "/eventInfo/order", json!(null))).unwrap().change,
        OrderChange::Nothing
    );
    let unknown = mapped(|body| put(body, "/eventInfo/creationStatus", json!("Paused"))).unwrap();
    assert_eq!(
        (unknown.change, unknown.event.as_str()),
        (OrderChange::Nothing, "DeliveryOrderUpdate Paused")
    );
}

#[test]
fn the_name_that_fleets_use_is_told_where_they_do_not_use_the_id() {
    assert_eq!(report("order_created", MatchOrdersBy::OrderId).refs, []);
    assert_eq!(report("order_created", MatchOrdersBy::Number).refs, [OrderRef::new("number", "577")]);
    assert_eq!(report("order_created", MatchOrdersBy::ExternalNumber).refs, []);
    let mut body = json("syrve/order_created")[0].take();
    put(&mut body, "/eventInfo/externalNumber", json!(" WEB-9 "));
    let event = event(Sender::Syrve, "DeliveryOrderUpdate", body);
    let report = map(&event, &account(MatchOrdersBy::ExternalNumber)).unwrap();
    assert_eq!(report.refs, [OrderRef::new("external_number", "WEB-9")]);
}

#[test]
fn what_is_odd_or_missing_in_an_optional_field_loses_only_that_field() {
    let odd = edited(|body| {
        for (field, value) in [
            ("completeBefore", json!("soon")),
            ("whenCreated", json!(5)),
            ("number", json!("577")),
            ("sum", json!("22.50")),
            ("items", json!({})),
            ("payments", json!(null)),
            ("customer", json!("Ann")),
            ("terminalGroupId", json!(1)),
            ("problem", json!(null)),
            ("deliveryPoint", json!([])),
            ("processedPaymentsSum", json!([])),
        ] {
            put(body, &format!("/eventInfo/order/{field}"), value);
        }
        cut(body, "/eventInfo/order/phone");
    });
    assert_eq!(
        (odd.promised_at, odd.created_at, odd.number, odd.total),
        (None, None, Some(577), Some(money("22.5")))
    );
    assert_eq!((odd.customer, odd.terminal_group_id, odd.address, odd.to_collect), (None, None, None, None));
    assert_eq!((odd.items.len(), odd.payments.len(), odd.phone), (0, 0, None));
}

#[test]
fn an_event_without_its_essentials_names_the_field_and_repeats_no_value() {
    for (pointer, value, field) in [
        ("/eventInfo", json!("Secret"), "eventInfo"),
        ("/eventInfo/id", json!("Secret"), "eventInfo.id"),
        ("/eventInfo/timestamp", json!("Secret"), "eventInfo.timestamp"),
        ("/eventInfo/creationStatus", json!(null), "eventInfo.creationStatus"),
        ("/eventInfo/order", json!("Secret"), "eventInfo.order"),
        ("/eventInfo/order/status", json!({ "Secret": 1 }), "eventInfo.order.status"),
        ("/eventInfo/order/status", json!(" "), "eventInfo.order.status"),
    ] {
        let error = mapped(|body| put(body, pointer, value)).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{field}: ")), "{error}");
        assert!(!error.to_string().contains("Secret"), "{error}");
    }
}

#[test]
fn the_timeline_never_repeats_what_is_not_a_word() {
    let report = mapped(|body| put(body, "/eventInfo/order/status", json!("Ann, +35310000000"))).unwrap();
    assert_eq!(report.event, "DeliveryOrderUpdate (unreadable)");
}

#[test]
fn every_order_in_the_fixtures_maps() {
    for (name, body) in fixtures("syrve") {
        for event in split(&body).unwrap().into_iter().filter(|event| event.route == Route::DeliveryOrder) {
            let mapped = map(&inbound(Sender::Syrve, event.raw), &account(MatchOrdersBy::Number));
            mapped.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any::value(), place in 0usize..200) {
        let mut body = json("syrve/order_partly_prepaid")[0].take();
        any::replace(&mut body, place, &value);
        for body in [value, body] {
            let event = event(Sender::Syrve, "DeliveryOrderUpdate", body);
            let _ = map(&event, &account(MatchOrdersBy::Number));
            let _ = crate::syrve::shift::map(&event);
        }
    }
}
