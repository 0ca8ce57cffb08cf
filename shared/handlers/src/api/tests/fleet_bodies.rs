//! What is wrong with a fleet's settings is said by field.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use courier_domain::delivery::Provider;
use serde_json::{Value, json};

use super::bodies::{WRONG, changed, is_refused, is_refused_at};
use super::{Caller, whole_account, with_all_fleets};

#[tokio::test]
async fn a_fleet_needs_its_token() {
    for fleet in ["jelp", "radaro"] {
        let field = format!("fleets.{fleet}.webhook_token");
        for value in [None, Some(Value::Null), Some(json!("set"))] {
            is_refused(&field, value).await;
        }
        is_refused_at(&field, &format!("fleets.{fleet}"), Some(json!({}))).await;
    }
    is_refused("fleets.bringg.webhook_token", Some(json!("set"))).await;
}

#[tokio::test]
async fn tokens_are_visible_ascii_of_a_bounded_length() {
    for field in [
        "fleets.jelp.webhook_token",
        "fleets.radaro.webhook_token",
        "fleets.bringg.webhook_token",
        "fleets.bringg.oauth.client_secret",
    ] {
        for token in ["", "pr1vate", "pr1vate with spaces", "pr1vaté-tökens-16", &"a".repeat(257)] {
            is_refused(field, Some(json!(token))).await;
        }
        for token in ["a".repeat(16), "a".repeat(256)] {
            assert_eq!(
                Caller::new().put("demo", &changed(field, Some(json!(token)))).await.status,
                201,
                "{field}"
            );
        }
    }
    for id in ["", "two words", &"a".repeat(129)] {
        is_refused("fleets.bringg.oauth.client_id", Some(json!(id))).await;
    }
}

#[tokio::test]
async fn bringg_needs_one_way_to_prove_itself() {
    for nothing in [json!({}), json!({ "webhook_token": null, "jwt": null, "oauth": null, "token_in": null })]
    {
        is_refused("fleets.bringg", Some(nothing)).await;
    }
    for way in ["webhook_token", "jwt", "oauth"] {
        let mut body = with_all_fleets();
        body["fleets"]["bringg"].as_object_mut().unwrap().retain(|name, _| name == way);
        assert_eq!(Caller::new().put("demo", &body).await.status, 201, "{way}");
    }
}

#[tokio::test]
async fn a_place_for_a_token_is_one_header_or_one_parameter() {
    for fleet in ["jelp", "bringg"] {
        let field = format!("fleets.{fleet}.token_in");
        for place in [
            json!({ "header": "" }),
            json!({ "header": "two words" }),
            json!({ "header": "x:y" }),
            json!({ "header": "é" }),
        ] {
            is_refused(&field, Some(place)).await;
        }
        for place in [
            json!({}),
            json!([]),
            json!("header"),
            json!({ "cookie": WRONG }),
            json!({ "header": "a", "query": "b" }),
        ] {
            is_refused(&field, Some(place)).await;
        }
        is_refused_at(&format!("{field}.header"), &field, Some(json!({ "header": { "a": WRONG } }))).await;
    }
    for name in ["", "two words", "a&b", "a=b", "a#b", "a?b", "100%", "é", &"a".repeat(65)] {
        is_refused("fleets.jelp.token_in", Some(json!({ "query": name }))).await;
    }
    is_refused("fleets.bringg.token_in", Some(json!({ "query": "key" }))).await;
}

#[tokio::test]
async fn words_that_there_are_not_are_named() {
    for field in [
        "fleets.captain.match_orders_by",
        "fleets.jelp.match_orders_by",
        "fleets.jelp.order_reference",
        "fleets.radaro.match_orders_by",
        "fleets.bringg.match_orders_by",
        "fleets.bringg.jwt.key_encoding",
    ] {
        is_refused(field, Some(json!(WRONG))).await;
    }
    for field in [
        "fleets.glovo",
        "fleets.radaro.token_in",
        "fleets.jelp.jwt",
        "fleets.bringg.jwt.algorithm",
        "fleets.bringg.oauth.scope",
    ] {
        is_refused(field, Some(json!(WRONG))).await;
    }
    for field in ["fleets.jelp", "fleets.radaro", "fleets.bringg", "fleets.bringg.jwt", "fleets.bringg.oauth"]
    {
        is_refused(field, Some(json!(WRONG))).await;
    }
}

#[tokio::test]
async fn the_claims_of_a_token_are_all_needed() {
    for claim in ["issuer", "audience", "subject"] {
        let field = format!("fleets.bringg.jwt.{claim}");
        for value in [None, Some(json!("")), Some(json!("  ")), Some(json!("a".repeat(201)))] {
            is_refused(&field, value).await;
        }
    }
    is_refused("fleets.bringg.oauth.client_id", None).await;
    is_refused("fleets.bringg.oauth.client_secret", None).await;
}

/// The body with this key.
fn with_key(key: &str, encoding: Option<&str>) -> Value {
    let mut body = changed("fleets.bringg.jwt.key", Some(json!(key)));
    match encoding {
        Some(encoding) => body["fleets"]["bringg"]["jwt"]["key_encoding"] = json!(encoding),
        None => drop(body["fleets"]["bringg"]["jwt"].as_object_mut().unwrap().remove("key_encoding")),
    }
    body
}

/// The key that is kept of that, or the field that is refused.
async fn kept(key: &str, encoding: Option<&str>) -> Result<Vec<u8>, String> {
    let caller = Caller::new();
    let told = caller.put("demo", &with_key(key, encoding)).await;
    if told.status != 201 {
        assert!(key.is_empty() || !told.text.contains(key), "{}", told.text);
        return Err(told.problem().1.to_owned());
    }
    let state = caller.memory.state();
    let keys = &state.secrets.values().next().unwrap().webhook_keys[&Provider::Bringg];
    Ok(STANDARD.decode(keys.jwt.as_ref().unwrap().expose()).unwrap())
}

#[tokio::test]
async fn a_key_is_base64_in_any_of_its_spellings_unless_it_is_said_to_be_text() {
    // Of 33 bytes there is no padding, of 34 and 35 there is; 0xfb 0xff is where the alphabets differ.
    for length in 32..=36 {
        let key: Vec<u8> = [0xfb, 0xff].into_iter().chain(2..).take(length).collect();
        for text in [
            STANDARD.encode(&key),
            STANDARD_NO_PAD.encode(&key),
            URL_SAFE.encode(&key),
            URL_SAFE_NO_PAD.encode(&key),
        ] {
            for encoding in [None, Some("base64")] {
                assert_eq!(kept(&text, encoding).await.as_ref(), Ok(&key), "{text}");
            }
            assert_eq!(kept(&text, Some("text")).await, Ok(text.clone().into_bytes()), "{text}");
        }
    }
}

#[tokio::test]
async fn a_key_is_at_least_as_long_as_the_hash() {
    let refused = Err("fleets.bringg.jwt.key".to_owned());
    for (bytes, ok) in [(0, false), (31, false), (32, true), (256, true), (257, false), (4096, false)] {
        let key = vec![b'k'; bytes];
        let expected = if ok { Ok(key.clone()) } else { refused.clone() };
        assert_eq!(kept(&STANDARD.encode(&key), None).await, expected, "{bytes}");
        assert_eq!(kept(&"k".repeat(bytes), Some("text")).await, expected, "{bytes}");
    }
    assert_eq!(kept("not base64, though it is long enough to be a key", None).await, refused);
}

#[tokio::test]
async fn a_new_way_without_its_key_is_refused() {
    for key in [None, Some(Value::Null), Some(json!("set"))] {
        is_refused("fleets.bringg.jwt.key", key).await;
    }
}

#[tokio::test]
async fn orders_are_written_to_captain_only() {
    for fleet in ["jelp", "radaro", "bringg"] {
        is_refused("dispatch_to", Some(json!(fleet))).await;
    }
    let mut body = whole_account();
    body["match_orders_by"] = json!("number");
    body["fleets"]["captain"]["match_orders_by"] = json!("order_id");
    assert_eq!(Caller::new().put("demo", &body).await.status, 201, "its own setting counts");
    for by in ["number", "external_number"] {
        is_refused("fleets.captain.match_orders_by", Some(json!(by))).await;
    }
}
