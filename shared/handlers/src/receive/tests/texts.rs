//! Texts that are longer than anybody needs.

use courier_domain::delivery::Provider;
use courier_domain::inbound::InboundEvent;
use serde_json::{Value, json};

use super::fleets::{event, post, receiver};
use super::{read, receipt};

/// As many bytes as are kept of a text.
const KEPT: usize = 16 * 1024;

/// Where each fleet has a text that people write.
fn place(provider: Provider) -> &'static str {
    match provider {
        Provider::Captain => "/data/order_custom_fields",
        Provider::Jelp => "/comment",
        Provider::Radaro => "/order_info/comment",
        Provider::Bringg => "/note",
    }
}

/// The event that is queued of a call with this text.
async fn queued(provider: Provider, text: &Value) -> InboundEvent {
    let receiver = receiver(provider);
    let mut body = event(provider);
    *body.pointer_mut(place(provider)).unwrap() = text.clone();
    assert_eq!(read(&post(&receiver, body).await), receipt(1, 1, 0), "{provider:?}");
    let [event] = receiver.events.items().try_into().unwrap();
    event
}

#[tokio::test]
async fn a_text_of_five_megabytes_is_cut_and_the_event_kept() {
    for provider in Provider::ALL {
        let event = queued(provider, &json!("a".repeat(5 * 1024 * 1024))).await;
        assert_eq!(event.body.pointer(place(provider)), Some(&json!("a".repeat(KEPT))), "{provider:?}");
        assert!(event.body.to_string().len() < 64 * 1024);
    }
}

#[tokio::test]
async fn a_text_is_cut_between_two_characters() {
    for (letter, kept) in [("a", KEPT), ("é", KEPT), ("€", KEPT - KEPT % 3), ("🛵", KEPT)] {
        let event = queued(Provider::Jelp, &json!(letter.repeat(KEPT))).await;
        assert_eq!(event.body["comment"].as_str().unwrap().len(), kept, "{letter}");
        assert!(event.body["comment"].as_str().unwrap().chars().all(|c| letter.contains(c)));
    }
    for length in [KEPT - 1, KEPT] {
        let event = queued(Provider::Jelp, &json!("a".repeat(length))).await;
        assert_eq!(event.body["comment"].as_str().unwrap().len(), length, "short enough");
    }
}

#[tokio::test]
async fn long_texts_are_cut_at_any_depth() {
    let long = "a".repeat(KEPT + 1);
    let text = json!([long, { "a": [{ "b": long }] }]);
    let event = queued(Provider::Captain, &text).await;
    let short = "a".repeat(KEPT);
    let kept = json!([short, { "a": [{ "b": short }] }]);
    assert_eq!(event.body.pointer(place(Provider::Captain)), Some(&kept));
}

#[tokio::test]
async fn what_is_cut_off_still_makes_another_event() {
    for provider in [Provider::Jelp, Provider::Radaro, Provider::Bringg] {
        let key = async |end: &str| queued(provider, &json!("a".repeat(KEPT) + end)).await.key;
        assert_eq!(key("b").await, key("b").await, "{provider:?}");
        assert_ne!(key("b").await, key("c").await, "{provider:?}");
    }
}
