//! Takes out of a body what must not be kept: whatever opens a door (customers' access tokens, confirmation codes,
//! passwords, links that show a photo or a signature without a login), and whatever tells who the customer is. Nothing of
//! it is needed. Done before an event is queued, because a queue keeps things too.
//!
//! Reads `"null"` and `""` as null: some of Bringg's bodies have only texts.

use serde_json::{Map, Value};

/// Parts of the names of fields that hold a secret.
const SECRET: [&str; 5] = ["token", "password", "secret", "confirmation_code", "salt"];

/// Fields that describe a way point, by which an object is known as one wherever it is.
const OF_WAY_POINT: [&str; 4] = ["address", "position", "pickup_dropoff_option", "etos"];

/// Objects whose name is needed: the driver's, the carrier's.
const NAMED: [&str; 2] = ["user", "fleet"];

/// Takes out secrets and people, at any depth. Of a driver the name and the telephone number stay.
pub(super) fn strip(value: &mut Value) {
    walk(value, "");
}

fn walk(value: &mut Value, inside: &str) {
    match value {
        Value::Object(members) => {
            let looks_like_one = OF_WAY_POINT.iter().any(|name| members.contains_key(*name));
            let is_way_point =
                inside.starts_with("way_point") || (looks_like_one && !NAMED.contains(&inside));
            members.retain(|name, member| is_kept(&name.to_ascii_lowercase(), member, inside, is_way_point));
            for (name, member) in members.iter_mut() {
                walk(member, name);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|element| walk(element, inside)),
        Value::String(text) if opens_a_file(text) => *value = Value::Null,
        Value::String(text) => {
            if let Some(without) = stripped_text(text) {
                *text = without;
            }
        }
        _ => {}
    }
}

/// A link with a signature shows what it leads to without a login.
fn opens_a_file(text: &str) -> bool {
    text.trim_start().starts_with("http") && text.to_ascii_lowercase().contains("signature=")
}

fn is_kept(name: &str, member: &Value, inside: &str, is_way_point: bool) -> bool {
    let is_tree = member.is_object() || member.is_array();
    let is_secret = name == "url" || SECRET.iter().any(|secret| name.contains(secret));
    let is_person = name.contains("email")
        || name == "contacts"
        || (name.contains("customer") && is_tree)
        || (name.contains("phone") && inside != "user")
        || (is_way_point && matches!(name, "name" | "company_name"));
    !is_secret && !is_person
}

/// A text that holds JSON, as a form that was filled in does, without what must not be kept; `None` where all may stay.
fn stripped_text(text: &str) -> Option<String> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let inner: Value = serde_json::from_str(text).ok()?;
    let mut without = inner.clone();
    strip(&mut without);
    (without != inner).then(|| without.to_string())
}

/// A body as it is to be read: texts that mean nothing are null.
pub(super) fn readable(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), readable(member)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(readable).collect::<Vec<_>>().into(),
        Value::String(text) if matches!(text.trim(), "" | "null") => Value::Null,
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_and_people_are_taken_out_at_any_depth() {
        let mut body = json!({
            "id": 1, "access_token": "x", "Push_Token": null, "customer_id": 7, "reset_password_sent_at": "x",
            "customer": { "name": "x" }, "extra_customers": [{ "name": "x" }], "user": { "name": "Nora", "phone": "+1", "email": "x" },
            "way_points": [{ "id": 2, "name": "x", "phone": "x", "masked_phone_number": "x", "email": "x", "contacts": [{}],
                "customer": { "confirmation_code": "x" }, "eta": "2026-06-28T16:30:00Z" }],
            "task_notes": [{ "note": "{\"client_secret\":\"x\",\"ok\":true}", "url": "https://files.example/x?Signature=x" }],
        });
        strip(&mut body);
        let kept = json!({
            "id": 1, "customer_id": 7, "user": { "name": "Nora", "phone": "+1" },
            "way_points": [{ "id": 2, "eta": "2026-06-28T16:30:00Z" }],
            "task_notes": [{ "note": "{\"ok\":true}" }],
        });
        assert_eq!(body, kept);
    }

    #[test]
    fn a_bare_way_point_loses_its_customer_and_a_driver_keeps_the_name() {
        let mut body = json!({ "id": 1, "name": "x", "phone": "x", "position": 2 });
        strip(&mut body);
        assert_eq!(body, json!({ "id": 1, "position": 2 }));
        let mut body =
            json!({ "fleet": { "name": "Green Wheels" }, "note": "[urgent] call", "form": "[1, 2]" });
        let before = body.clone();
        strip(&mut body);
        assert_eq!(body, before);
    }

    #[test]
    fn a_link_that_opens_a_file_is_taken_out_wherever_it_is() {
        let link = "https://files.example/1.jpeg?X-Amz-Date=1&X-Amz-Signature=x";
        let mut body =
            json!({ "delivery_confirmation_photo": link, "photos": [link, 7], "note": "the signature=mine" });
        strip(&mut body);
        assert_eq!(
            body,
            json!({ "delivery_confirmation_photo": null, "photos": [null, 7], "note": "the signature=mine" })
        );
    }

    #[test]
    fn texts_that_mean_nothing_are_null() {
        let body = json!({ "a": "null", "b": "", "c": [" ", "x"], "d": "false", "e": 0 });
        assert_eq!(readable(&body), json!({ "a": null, "b": null, "c": [null, "x"], "d": "false", "e": 0 }));
    }
}
