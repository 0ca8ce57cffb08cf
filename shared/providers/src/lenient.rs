//! Reading JSON without trusting it: a field that is missing, null or of another type is simply not there. Numbers may be
//! written as strings and ids as numbers. What must be there is checked by the caller, which also knows the field's path.
//!
//! Deriving `Deserialize` is not used for events, because there one odd value in one optional field loses the whole event.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// A driver's id is at most 128 bytes, with the fleet's name in front.
const LONGEST_NAME: usize = 112;

/// The longest link that is one.
const LONGEST_LINK: usize = 2000;

/// The members of a JSON object; of anything else, none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    /// The member, unless it is null.
    pub(crate) fn value(self, name: &str) -> Option<&'a Value> {
        self.0?.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn object(self, name: &str) -> Self {
        Self(self.value(name).and_then(Value::as_object))
    }

    pub(crate) fn list(self, name: &str) -> &'a [Value] {
        self.value(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Text that is not blank, without spaces around it; a number as it is written.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        text(self.value(name)?)
    }

    /// A text by which a thing is found. Names end up in keys and message groups, so what is too long or holds control
    /// characters is none.
    pub(crate) fn name(self, name: &str) -> Option<String> {
        self.text(name).filter(|text| text.len() <= LONGEST_NAME && !text.chars().any(char::is_control))
    }

    /// The first of these fields that has a text.
    pub(crate) fn first_text<const N: usize>(self, names: [&str; N]) -> Option<String> {
        names.into_iter().find_map(|name| self.text(name))
    }

    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        self.value(name)?.as_bool()
    }

    /// A yes or no, which may be written as a number or a text.
    pub(crate) fn yes_or_no(self, name: &str) -> Option<bool> {
        self.flag(name).or_else(|| match self.text(name)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })
    }

    /// A link that is safe to follow, and not longer than any browser takes.
    pub(crate) fn link(self, name: &str) -> Option<String> {
        self.text(name).filter(|url| url.starts_with("https://") && url.len() <= LONGEST_LINK)
    }

    pub(crate) fn parsed<T: FromStr>(self, name: &str) -> Option<T> {
        self.text(name)?.parse().ok()
    }

    pub(crate) fn decimal(self, name: &str) -> Option<Decimal> {
        decimal(self.value(name)?)
    }

    /// A coordinate, a speed or the like: never money.
    pub(crate) fn measure(self, name: &str) -> Option<f64> {
        measure(self.value(name)?)
    }

    /// The point on the map with these coordinates.
    pub(crate) fn point(self, latitude: &str, longitude: &str) -> Option<(f64, f64)> {
        point(self.value(latitude)?, self.value(longitude)?)
    }

    pub(crate) fn members(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.0.into_iter().flatten()
    }
}

/// A point on the map. 0, 0 is what devices and geocoders write when they do not know.
pub(crate) fn point(latitude: &Value, longitude: &Value) -> Option<(f64, f64)> {
    let (latitude, longitude) = (measure(latitude)?, measure(longitude)?);
    let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 180.0;
    (on_earth && (latitude != 0.0 || longitude != 0.0)).then_some((latitude, longitude))
}

fn measure(value: &Value) -> Option<f64> {
    text(value)?.parse().ok().filter(|number: &f64| number.is_finite())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number from its text. JSON's parser keeps a number with a point as the nearest double, and prints the shortest text
/// that means that double, which is the sender's own text up to 15 digits: no sum is ever computed with doubles.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    let number = text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()?;
    Some(Decimal::normalize(&number))
}

/// A sender's enum-like word, fit for logs and timelines; whatever else the sender wrote is not repeated.
pub(crate) fn word(text: &str) -> &str {
    let allowed = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.');
    let ok =
        text.len() <= 48 && text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(allowed);
    if ok { text } else { "(unreadable)" }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn money(text: &str) -> Option<String> {
        decimal(&serde_json::from_str(text).unwrap()).map(|number| number.to_string())
    }

    #[test]
    fn money_is_what_the_sender_wrote() {
        for (wire, read) in [
            ("25.90", "25.9"),
            ("0.1", "0.1"),
            ("17.85", "17.85"),
            ("22.0", "22"),
            ("-3", "-3"),
            ("1e2", "100"),
            ("1234567890.12", "1234567890.12"),
            ("1e-7", "0.0000001"),
            (r#"" 12.50 ""#, "12.5"),
            (r#""1.5e1""#, "15"),
        ] {
            assert_eq!(money(wire).as_deref(), Some(read), "{wire}");
        }
        for wire in ["1e300", "null", "true", "[1]", r#""""#, r#""12 EUR""#, r#""NaN""#] {
            assert_eq!(money(wire), None, "{wire}");
        }
    }

    #[test]
    fn a_field_of_another_type_is_not_there() {
        let value = json!({ "n": null, "s": "  ", "o": {"x": " y "}, "l": [1], "b": true, "i": 7 });
        let fields = Fields::of(&value);
        assert_eq!(fields.text("n"), None);
        assert_eq!(fields.text("s"), None);
        assert_eq!(fields.text("b"), None);
        assert_eq!(fields.text("i").as_deref(), Some("7"));
        assert_eq!(fields.object("o").text("x").as_deref(), Some("y"));
        assert_eq!(fields.object("l").text("x"), None);
        assert_eq!(fields.list("o").len() + fields.list("missing").len(), 0);
        assert_eq!(fields.flag("i"), None);
        assert_eq!(Fields::of(&json!([1])).text("0"), None);
    }

    #[test]
    fn a_point_that_is_not_on_earth_or_is_the_unknown_point_is_none() {
        let point = |latitude: Value, longitude: Value| {
            Fields::of(&json!({ "lat": latitude, "lng": longitude })).point("lat", "lng")
        };
        assert_eq!(point(json!("53.349805"), json!(-6.26031)), Some((53.349_805, -6.260_31)));
        assert_eq!(point(json!(0.0), json!("-6.2")), Some((0.0, -6.2)));
        for (latitude, longitude) in [
            (json!(0), json!("0.0")),
            (json!(90.1), json!(0)),
            (json!(1), json!(180.5)),
            (json!("inf"), json!(1)),
            (json!("NaN"), json!(1)),
            (json!(null), json!(1)),
            (json!("north"), json!(1)),
        ] {
            assert_eq!(point(latitude.clone(), longitude.clone()), None, "{latitude} {longitude}");
        }
    }

    #[test]
    fn a_yes_may_be_a_text_or_a_number_and_a_link_is_a_safe_one() {
        let read = |value: Value| Fields::of(&json!({ "x": value })).yes_or_no("x");
        for yes in [json!(true), json!("True"), json!(1), json!("1")] {
            assert_eq!(read(yes), Some(true));
        }
        for no in [json!(false), json!(" false "), json!(0)] {
            assert_eq!(read(no), Some(false));
        }
        for neither in [json!(null), json!("?"), json!(2), json!([])] {
            assert_eq!(read(neither), None);
        }
        let link = |url: &str| Fields::of(&json!({ "x": url })).link("x");
        assert_eq!(link(" https://tracking.example/1 ").as_deref(), Some("https://tracking.example/1"));
        for odd in
            ["http://tracking.example", "javascript:alert(1)", "", &format!("https://{}", "a".repeat(1993))]
        {
            assert_eq!(link(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_enum_like_words_are_repeated() {
        assert_eq!(word("CookingCompleted"), "CookingCompleted");
        assert_eq!(word("waiting_at_kerb"), "waiting_at_kerb");
        for odd in ["", "Ann at 12 Example Street", "+35310000000", "0871234567", &"a".repeat(49)] {
            assert_eq!(word(odd), "(unreadable)");
        }
    }
}
