//! Small tools for writing JSON in which a missing value is either null or not there at all.

use serde_json::{Map, Value};

/// A text that says something, without spaces around it.
pub(super) fn text(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// The parts that are there, as one text.
pub(super) fn joined<const N: usize>(parts: [Option<&str>; N], between: &str) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// The members of what is known to be an object; of anything else, none.
pub(super) fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Only the members that have a value. An object of which nothing remains is not there either; an empty list is a value.
pub(super) fn stated(members: Map<String, Value>) -> Map<String, Value> {
    let state = |(name, value)| match value {
        Value::Null => None,
        Value::Object(members) => {
            Some(stated(members)).filter(|left| !left.is_empty()).map(|left| (name, Value::Object(left)))
        }
        value => Some((name, value)),
    };
    members.into_iter().filter_map(state).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_value_is_left_out_with_the_objects_that_hold_nothing_else() {
        let object = json!({
            "a": null, "b": { "c": null, "d": { "e": null } }, "f": { "g": null, "h": 1 }, "i": [], "j": "", "k": false,
        });
        let left = json!({ "f": { "h": 1 }, "i": [], "j": "", "k": false });
        assert_eq!(Value::Object(stated(members(object))), left);
        assert_eq!(members(json!([1])), Map::new());
    }

    #[test]
    fn blank_parts_are_not_joined() {
        let blank = " ".to_owned();
        assert_eq!(joined([Some("a"), text(Some(&blank)), Some("b")], ", ").as_deref(), Some("a, b"));
        assert_eq!(joined([text(None), text(Some(&blank))], ", "), None);
    }
}
