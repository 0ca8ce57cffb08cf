//! Inbound events: one event of one webhook call, as its sender wrote it, on its way from the receiver to the function
//! that maps it. It is queued raw, so that a mistake in a mapping can be repaired and the event replayed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::delivery::Provider;
use crate::ids::{AccountId, EventKey};

/// Who sent an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Sender {
    /// The restaurant's POS.
    Syrve,
    /// A fleet.
    Fleet(Provider),
    /// Somebody who runs the bridge, through its API.
    Operator,
}

impl Sender {
    /// Its name in URLs, keys and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syrve => "syrve",
            Self::Fleet(provider) => provider.as_str(),
            Self::Operator => "operator",
        }
    }
}

impl From<Sender> for &'static str {
    fn from(sender: Sender) -> Self {
        sender.as_str()
    }
}

impl TryFrom<String> for Sender {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "syrve" => Ok(Self::Syrve),
            "operator" => Ok(Self::Operator),
            other => Provider::parse(other).map(Self::Fleet).ok_or("no sender has this name"),
        }
    }
}

/// One event as it was received.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundEvent {
    /// Whose.
    pub account_id: AccountId,
    /// Who sent it.
    pub sender: Sender,
    /// The sender's name of its type.
    pub kind: String,
    /// The same for every delivery of the same event.
    pub key: EventKey,
    /// The order, driver or account it is about: events of one subject are handled one after the other.
    pub subject: String,
    /// When we received it.
    pub received_at: Timestamp,
    /// The event, untouched.
    pub body: Value,
}

/// The same JSON text for the same value, whatever the order of its members: what event keys are made from.
///
/// `serde_json`'s map is sorted unless its `preserve_order` feature is on; sorting here keeps keys stable even then.
pub fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut members: Vec<_> = map.iter().collect();
                members.sort_by_key(|(name, _)| *name);
                out.push('{');
                for (name, member) in members {
                    out.push_str(&Value::String(name.clone()).to_string());
                    out.push(':');
                    write(member, out);
                    out.push(',');
                }
                out.push('}');
            }
            Value::Array(list) => {
                out.push('[');
                for member in list {
                    write(member, out);
                    out.push(',');
                }
                out.push(']');
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_members_does_not_make_another_event() {
        let one: Value = serde_json::from_str(r#"{"a":1,"b":{"c":[1,2],"d":null}}"#).unwrap();
        let two: Value = serde_json::from_str(r#"{"b":{"d":null,"c":[1,2]},"a":1}"#).unwrap();
        assert_eq!(canonical(&one), canonical(&two));
        assert_ne!(canonical(&one), canonical(&json!({"a":1,"b":{"c":[2,1],"d":null}})));
        assert_ne!(EventKey::hashed(["ab", "c"]), EventKey::hashed(["a", "bc"]));
    }
}
