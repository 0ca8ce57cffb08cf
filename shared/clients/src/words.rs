//! What another system said about a failure, cut down to what may be shown: at most 300 characters, no control
//! characters, never one of our own secrets, should the other side have quoted it, and no phone number or e-mail
//! address.

use std::fmt;

use courier_domain::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::personal::without_personal;

/// How much is kept, characters.
const MAX: usize = 300;

/// Secrets shorter than this are not looked for: they would blot out ordinary words.
const MIN_SECRET: usize = 4;

/// What stands between two messages of one answer.
const BETWEEN: &str = "; ";

/// Another system's words, safe to show. Prints `(no words)` when there were none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(String);

impl Words {
    /// Makes a text safe to show.
    pub(crate) fn new(text: &str, secrets: &[&Secret]) -> Self {
        let mut text = text.to_owned();
        for secret in secrets.iter().map(|s| s.expose()).filter(|s| s.len() >= MIN_SECRET) {
            text = text.replace(secret, "***");
        }
        let visible = text.replace(char::is_control, " ");
        let joined = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(without_personal(&joined).chars().take(MAX).collect())
    }

    /// The words of an error's body: an object in one of the known forms, a bare JSON string, plain text, HTML or
    /// nothing.
    pub(crate) fn of_body(body: &[u8], secrets: &[&Secret]) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_slice(body) {
            Ok(Value::Null) => Self::default(),
            Ok(Value::String(text)) => Self::new(&text, secrets),
            Ok(Value::Object(fields)) => Self::new(&of_object(&fields).unwrap_or(text.into()), secrets),
            _ if text.trim_start().starts_with('<') => Self::new(&without_tags(&text), secrets),
            _ => Self::new(&text, secrets),
        }
    }

    /// The words in a field that says what is wrong.
    pub(crate) fn of_field(field: &Value, secrets: &[&Secret]) -> Self {
        match field {
            Value::String(text) => Self::new(text, secrets),
            other => Self::new(&other.to_string(), secrets),
        }
    }

    /// The text; empty when there was none.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the words contain `text`, in any case.
    pub(crate) fn say(&self, text: &str) -> bool {
        self.0.to_lowercase().contains(text)
    }

    /// The messages that an answer with several of them consists of.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &str> {
        self.0.split(BETWEEN)
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(no words)" } else { &self.0 })
    }
}

/// `error` and `errorDescription` are Syrve's, `errors` and `message` are Captain.AI's.
fn of_object(fields: &Map<String, Value>) -> Option<String> {
    let field = |name| fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let mut messages = Vec::new();
    if let Some(errors) = fields.get("errors") {
        collect(errors, "", &mut messages);
    }
    let errors = (!messages.is_empty()).then(|| messages.join(BETWEEN));
    let description = field("errorDescription").map(str::to_owned);
    match (field("error"), description.or(errors).or(field("message").map(str::to_owned))) {
        (Some(code), Some(text)) => Some(format!("{code}: {text}")),
        (Some(text), None) => Some(text.to_owned()),
        (None, text) => text,
    }
}

/// Captain.AI's `errors` are a list of sentences, or a tree of fields with such lists as leaves.
fn collect(errors: &Value, field: &str, messages: &mut Vec<String>) {
    match errors {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| collect(item, field, messages)),
        Value::Object(fields) => {
            for (name, errors) in fields {
                let path = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                collect(errors, &path, messages);
            }
        }
        leaf => {
            let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
            messages.push(if field.is_empty() { text } else { format!("{field}: {text}") });
        }
    }
}

/// The text between the tags of an error page, roughly.
fn without_tags(html: &str) -> String {
    html.split('<')
        .map(|part| part.split_once('>').map_or("", |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> String {
        Words::of_body(body.as_bytes(), &[&Secret::new("top-secret-login")]).to_string()
    }

    #[test]
    fn every_form_of_an_error_body_gives_its_words() {
        let object = r#"{"correlationId":"48fb","errorDescription":"Wrong organization","error":"BAD"}"#;
        assert_eq!(words(object), "BAD: Wrong organization");
        assert_eq!(words(r#"{"errorDescription":"Wrong organization","error":null}"#), "Wrong organization");
        assert_eq!(words(r#"{"status":404,"error":"Not Found"}"#), "Not Found");
        assert_eq!(words(r#"{"message":"Not authorised"}"#), "Not authorised");
        assert_eq!(words(r#"{"reason":"other shape"}"#), r#"{"reason":"other shape"}"#);
        assert_eq!(words(r#""Right is not allowed""#), "Right is not allowed");
        assert_eq!(words("Service unavailable\r\n"), "Service unavailable");
        assert_eq!(words("<html><h1>502</h1>Bad\n Gateway</html>"), "502 Bad Gateway");
        assert_eq!(words(""), "(no words)");
        assert_eq!(words("null"), "(no words)");
    }

    #[test]
    fn a_list_or_a_tree_of_errors_is_told_one_by_one() {
        assert_eq!(words(r#"{"errors":["Account uuid can't be blank"]}"#), "Account uuid can't be blank");
        assert_eq!(words(r#"{"errors":["One","Two",null]}"#), "One; Two");
        assert_eq!(words(r#"{"errors":{"kind":["is unknown","is odd"]}}"#), "kind: is unknown; kind: is odd");
        let tree = r#"{"errors":{"delivery_job":{"dropoff_location":{"latitude":["must be filled"]}},
            "recipient":{"full_name":"must be filled","age":[7]}}}"#;
        let told = "delivery_job.dropoff_location.latitude: must be filled; recipient.age: 7; \
            recipient.full_name: must be filled";
        assert_eq!(words(tree), told);
        assert_eq!(words(r#"{"error":"Unprocessable","errors":["One"]}"#), "Unprocessable: One");
        assert_eq!(words(r#"{"errors":[],"message":"Bad"}"#), "Bad");
        assert_eq!(words(r#"{"errors":[]}"#), r#"{"errors":[]}"#);
    }

    #[test]
    fn words_are_short_and_have_no_control_characters() {
        let long = words(&format!("a\u{1b}[31m\u{0}b{}", "ж".repeat(1000)));
        assert!(long.starts_with("a [31m bж"));
        assert_eq!(long.chars().count(), 300);
    }

    #[test]
    fn a_quoted_secret_is_blotted_out_even_where_the_text_is_cut() {
        assert_eq!(words("ApiLogin top-secret-login is unknown"), "ApiLogin *** is unknown");
        assert_eq!(words(r#"{"errors":{"key":["top-secret-login is bad"]}}"#), "key: *** is bad");
        assert!(!words(&format!("{} top-secret-login", "x".repeat(292))).contains("top"));
    }

    #[test]
    fn what_is_a_persons_is_blotted_out_even_where_the_text_is_cut() {
        for (body, told) in [
            (
                r#"{"errors":{"phone_number":["+353 85 123 4567 is invalid"]}}"#,
                "phone_number: *** is invalid",
            ),
            (r#"{"errorDescription":"Guest bob@example.ie, (085)\n1234567"}"#, "Guest ***, ***"),
            (
                r#"{"at":"2026-03-01T17:48:12","phone":"0851234567"}"#,
                r#"{"at":"2026-03-01T17:48:12","phone":"***"}"#,
            ),
            ("<p>085 123</p><p>4567</p>", "***"),
        ] {
            assert_eq!(words(body), told);
        }
        assert!(!words(&format!("{} 0851234567", "x".repeat(293))).contains("085"));
    }
}
