//! The lines of an order as drivers see them, modifiers as add-ons. An add-on is only a text in Captain.AI, so that how
//! many there are stands before its name.

use courier_domain::order::Item;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

use super::json::{members, stated, text};
use super::money;

/// Every line. The list of a change is given whole, so that a line never needs a null.
pub(super) fn lines(items: &[Item]) -> Vec<Value> {
    items.iter().map(line).collect()
}

fn line(item: &Item) -> Value {
    let addons: Vec<_> = item.modifiers.iter().map(addon).collect();
    let line = members(json!({
        "name": item.name,
        "quantity": number(item.amount),
        "price": item.sum.map(money::written),
        "special_instructions": text(item.comment.as_ref()),
        "addons": if addons.is_empty() { Value::Null } else { json!(addons) },
    }));
    Value::Object(stated(line))
}

/// An add-on, as one text.
pub(in crate::captain) fn addon(modifier: &Item) -> String {
    let amount = modifier.amount.normalize();
    if amount == Decimal::ONE { modifier.name.clone() } else { format!("{amount} x {}", modifier.name) }
}

/// A JSON number, an integer where it is one. Goods sold by weight have fractions.
pub(in crate::captain) fn number(amount: Decimal) -> Value {
    let amount = amount.normalize();
    let whole = if amount.is_integer() { amount.to_i64().map(Value::from) } else { None };
    whole.unwrap_or_else(|| amount.to_string().parse::<f64>().map_or(Value::Null, Value::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(amount: &str) -> String {
        number(amount.parse().unwrap()).to_string()
    }

    #[test]
    fn a_quantity_is_the_number_that_syrve_wrote() {
        for (amount, json) in [("2", "2"), ("1.000", "1"), ("0.35", "0.35"), ("-1", "-1"), ("0.1", "0.1")] {
            assert_eq!(written(amount), json);
        }
        assert_eq!(number(Decimal::MAX), json!(7.922_816_251_426_434e28));
    }

    #[test]
    fn an_addon_that_is_there_more_than_once_says_so() {
        let addon = |amount: &str| {
            let item = json!({ "kind": "product", "name": "Olives", "amount": amount, "sum": null, "status": null,
                               "comment": null, "modifiers": [] });
            super::addon(&serde_json::from_value(item).unwrap())
        };
        assert_eq!([addon("1.0"), addon("2.0"), addon("0.5")], ["Olives", "2 x Olives", "0.5 x Olives"]);
    }
}
