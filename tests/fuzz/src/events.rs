//! What must hold of the events that a call was split into, whoever sent it.

use courier_domain::ids::AccountId;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_providers::RawEvent;
use jiff::Timestamp;

use crate::input::{PERSON, SECRET};

/// The most bytes of a subject: names are cut, and this is more than any kind of name with its prefixes.
const LONGEST_SUBJECT: usize = 150;

/// Checks what the receiver and the queue rely on.
pub fn check(event: &RawEvent) {
    assert!(!event.kind.trim().is_empty(), "an event without a name");
    assert!(!event.key.as_str().is_empty(), "an event without a key");
    assert!(event.subject.len() <= LONGEST_SUBJECT, "the subject is too long for a message group");
    assert!(!event.subject.chars().any(char::is_control), "the subject has control characters");
}

/// The event as the function behind the queue gets it: written as JSON and read again.
pub fn queued(sender: Sender, raw: &RawEvent, received_at: Timestamp) -> InboundEvent {
    let event = InboundEvent {
        account_id: AccountId::try_from("demo".to_owned()).expect("an account id"),
        sender,
        kind: raw.kind.clone(),
        key: raw.key.clone(),
        subject: raw.subject.clone(),
        received_at,
        body: raw.body.clone(),
    };
    let message = serde_json::to_string(&event).expect("an event is JSON");
    serde_json::from_str(&message).expect("a queued event can be read again")
}

/// An error is shown to people and logged: it repeats nothing that was sent.
pub fn check_error(error: &str) {
    check_word(error);
    assert!(error.len() <= 500, "an error of {} bytes repeats something", error.len());
    assert!(!error.chars().any(char::is_control), "an error has control characters");
}

/// A word for logs and timelines is the sender's own, and never a person's.
pub fn check_word(text: &str) {
    assert!(!text.contains(PERSON), "a person's text is in: {text}");
    assert!(!text.contains(SECRET), "a secret is in: {text}");
}

/// What is queued holds no secret.
pub fn check_kept(event: &InboundEvent) {
    let message = serde_json::to_string(event).expect("an event is JSON");
    assert!(!message.contains(SECRET), "a secret is kept: {message}");
}
