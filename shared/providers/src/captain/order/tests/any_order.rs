//! What must hold whatever Syrve says: details that no mapper makes today included.

use courier_domain::ids::OrderId;
use courier_domain::order::{Address, Item, ItemKind, Payment, SyrveStatus};
use courier_domain::register::Stamp;
use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::*;

fn text() -> impl Strategy<Value = Option<String>> {
    option::of(prop_oneof![".{0,12}", "[ \\t]{0,3}", "[+0-9 ()/.-]{0,24}"])
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let any = any::<(u32, u32, u32, bool)>();
    (any, 0_u32..=28)
        .prop_map(|((lo, mid, hi, negative), scale)| Decimal::from_parts(lo, mid, hi, negative, scale))
}

fn instant() -> impl Strategy<Value = Timestamp> {
    any::<i32>().prop_map(|second| Timestamp::from_second(second.into()).unwrap())
}

fn item() -> impl Strategy<Value = Item> {
    let leaf =
        (".{0,8}", decimal(), option::of(decimal()), text()).prop_map(|(name, amount, sum, comment)| Item {
            id: None,
            kind: ItemKind::Product,
            name,
            amount,
            sum,
            status: None,
            comment,
            modifiers: Vec::new(),
        });
    leaf.prop_recursive(2, 8, 3, |inner| {
        (inner.clone(), prop::collection::vec(inner, 0..3))
            .prop_map(|(item, modifiers)| Item { modifiers, ..item })
    })
}

fn address() -> impl Strategy<Value = Address> {
    let coordinates = (option::of(any::<f64>()), option::of(any::<f64>()));
    let parts = prop::array::uniform12(text());
    (coordinates, parts).prop_map(|((latitude, longitude), parts)| {
        let [
            line1,
            street,
            house,
            building,
            flat,
            entrance,
            floor,
            doorphone,
            city,
            region,
            postcode,
            comment,
        ] = parts;
        Address {
            latitude,
            longitude,
            line1,
            street,
            house,
            building,
            flat,
            entrance,
            floor,
            doorphone,
            city,
            region,
            postcode,
            comment,
        }
    })
}

fn payment() -> impl Strategy<Value = Payment> {
    (".{0,8}", decimal(), any::<bool>()).prop_map(|(kind, sum, processed)| Payment { kind, sum, processed })
}

prop_compose! {
    fn details()(
        [external_number, phone, comment, name, surname] in prop::array::uniform5(text()),
        has_customer in any::<bool>(),
        number in option::of(any::<i64>()),
        address in option::of(address()),
        items in prop::collection::vec(item(), 0..4),
        payments in prop::collection::vec(payment(), 0..3),
        (total, to_collect) in (option::of(decimal()), option::of(decimal())),
        (created_at, promised_at) in (option::of(instant()), option::of(instant())),
        asap in option::of(any::<bool>()),
    ) -> OrderDetails {
        OrderDetails {
            status: SyrveStatus::WaitCooking,
            number,
            external_number,
            terminal_group_id: None,
            customer: has_customer.then_some(Customer { name, surname }),
            phone,
            address,
            comment,
            items,
            total,
            payments,
            to_collect,
            created_at,
            promised_at,
            asap,
            cooked_at: None,
            sent_at: None,
            delivered_at: None,
            closed_at: None,
            cancelled_at: None,
            cancel_reason: None,
            problem: None,
            courier_id: None,
            moved_from: None,
            moved_to: None,
        }
    }
}

fn order(details: OrderDetails) -> Order {
    let mut order = Order::new(OrderId::from(Uuid::nil()));
    order.details.offer(&Stamp::new(Timestamp::UNIX_EPOCH, "event".parse().unwrap()), details);
    order
}

/// Every value with the name that it stands under.
fn values<'a>(name: &'a str, value: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| values(name, value, found)),
        Value::Array(list) => list.iter().for_each(|value| values(name, value, found)),
        _ => found.push((name, value)),
    }
}

fn check(name: &str, value: &Value) {
    let text = || value.as_str().unwrap_or_else(|| panic!("{name} is {value}"));
    match name {
        "price" | "grand_total_including_tax" | "payment_amount_received" | "remaining_balance" => {
            let (units, cents) = text().rsplit_once('.').unwrap();
            assert!(text().parse::<Decimal>().is_ok(), "{name}: {value}");
            let mut digits = units.trim_start_matches('-').bytes().chain(cents.bytes());
            assert!(cents.len() == 2 && digits.all(|c| c.is_ascii_digit()), "{name}: {value}");
        }
        "latitude" | "longitude" => assert!(text().parse::<f64>().unwrap().is_finite()),
        "phone_number" => {
            let digits = text().strip_prefix('+').unwrap_or(text());
            assert!(
                (5..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit()),
                "{value}"
            );
        }
        "placed_at_time" | "scheduled_for" => drop(text().parse::<Timestamp>().unwrap()),
        "quantity" | "syrve_order_number" => assert!(value.is_number(), "{value}"),
        "auto_prepare" => assert_eq!(value, &json!(false)),
        "name" | "addons" | "payment_method" => drop(text()),
        _ => assert_ne!(text().trim(), "", "{name}"),
    }
}

proptest! {
    #[test]
    fn every_order_has_bodies_that_can_be_read(details in details()) {
        let order = order(details);
        let (creation, changes) = (creation(&order, &account()).unwrap(), changes(&order, &account()).unwrap());
        let mut told = Vec::new();
        values("", &creation, &mut told);
        for (name, value) in &told {
            check(name, value);
        }
        prop_assert!(told.iter().all(|(_, value)| !value.is_null()));

        told.clear();
        values("", &changes, &mut told);
        for (name, value) in told.iter().filter(|(_, value)| !value.is_null()) {
            check(name, value);
        }
        // What can go away is always named, or it would stay at the fleet.
        for (object, names) in REMOVABLE {
            let members = changes.pointer(object).and_then(Value::as_object);
            prop_assert!(members.is_none_or(|members| names.iter().all(|name| members.contains_key(*name))));
        }
    }

    #[test]
    fn the_same_order_is_always_written_the_same_way(details in details()) {
        let written = |order: Order| (creation(&order, &account()), changes(&order, &account()));
        prop_assert_eq!(written(order(details.clone())), written(order(details)));
    }
}
