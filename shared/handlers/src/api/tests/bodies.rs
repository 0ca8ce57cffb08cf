//! What is wrong with a body is said by field, and what was sent is never repeated.

use serde_json::{Value, json};

use super::{API_TOKEN, Caller, whole_account, with_all_fleets};

/// Stands where a value is wrong; no answer may contain it.
pub(super) const WRONG: &str = "pr1vate at line 1, expected nothing";

/// The body with a value at a path, or without it.
pub(super) fn changed(path: &str, value: Option<Value>) -> Value {
    let mut body = with_all_fleets();
    let (parent, name) = path.rsplit_once('.').map_or(("", path), |(parent, name)| (parent, name));
    let pointer = if parent.is_empty() { String::new() } else { format!("/{}", parent.replace('.', "/")) };
    let object = body.pointer_mut(&pointer).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
    body
}

pub(super) async fn is_refused(path: &str, value: Option<Value>) {
    is_refused_at(path, path, value).await;
}

/// A value at one place is a mistake at another.
pub(super) async fn is_refused_at(field: &str, path: &str, value: Option<Value>) {
    let caller = Caller::new();
    let told = caller.put("demo", &changed(path, value.clone())).await;
    assert_eq!(told.problem(), (400, field), "{path} {value:?}");
    assert!(!told.text.contains("pr1vate"), "{}", told.text);
    assert!(caller.memory.state().accounts.is_empty() && caller.memory.state().secrets.is_empty());
}

#[tokio::test]
async fn a_required_field_that_is_missing_is_named() {
    for path in [
        "name",
        "time_zone",
        "syrve.base_url",
        "syrve.organization_id",
        "syrve.api_login",
        "syrve.webhook_token",
        "syrve.client_secret",
        "fleets.captain.webhook_token",
    ] {
        is_refused(path, None).await;
    }
}

#[tokio::test]
async fn a_field_of_another_type_or_an_unknown_word_is_named() {
    for path in [
        "enabled",
        "syrve.organization_id",
        "syrve.terminal_group_id",
        "dispatch_to",
        "match_orders_by",
        "syrve",
        "fleets.captain",
    ] {
        is_refused(path, Some(json!(WRONG))).await;
    }
    for path in ["name", "syrve.api_login", "fleets.captain.account_uuid"] {
        is_refused(path, Some(json!({ "a": WRONG }))).await;
    }
}

#[tokio::test]
async fn a_field_that_there_is_not_is_named() {
    for path in ["nmae", "syrve.login", "fleets.jelp", "fleets.captain.key"] {
        is_refused(path, Some(json!(WRONG))).await;
    }
}

#[tokio::test]
async fn a_name_and_a_time_zone_must_be_ones() {
    for name in [String::new(), "  ".into(), "a".repeat(201)] {
        is_refused("name", Some(json!(name))).await;
    }
    for zone in ["", "Dublin", "Mars/Olympus", "Etc/Unknown", WRONG] {
        is_refused("time_zone", Some(json!(zone))).await;
    }
}

#[tokio::test]
async fn an_address_is_https_or_on_the_machine_itself() {
    for path in ["syrve.base_url", "fleets.captain.base_url"] {
        for url in [
            "",
            WRONG,
            "pos.test",
            "http://pos.test",
            "ftp://pos.test",
            "https://",
            "https://pos.test?pr1vate=1",
            "https://pos.test#pr1vate",
            "https://ann:pr1vate@pos.test",
            "http://127.0.0.1.pos.test",
        ] {
            is_refused(path, Some(json!(url))).await;
        }
        for url in
            ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://pos.test:8443/eu/"]
        {
            assert_eq!(
                Caller::new().put("demo", &changed(path, Some(json!(url)))).await.status,
                201,
                "{url}"
            );
        }
    }
}

#[tokio::test]
async fn tokens_and_keys_are_visible_ascii_of_a_bounded_length() {
    for path in ["syrve.webhook_token", "fleets.captain.webhook_token"] {
        for token in [
            "",
            "pr1vate",
            "pr1vate with spaces",
            " pr1vate-token-16-",
            "pr1vaté-tökens-16",
            &"a".repeat(257),
        ] {
            is_refused(path, Some(json!(token))).await;
        }
    }
    for path in [
        "syrve.api_login",
        "syrve.app_id",
        "syrve.client_secret",
        "fleets.captain.integration_key",
        "fleets.captain.developer_key",
    ] {
        for key in ["", "pr1vate key", "pr1vate\n", &"a".repeat(513)] {
            is_refused(path, Some(json!(key))).await;
        }
    }
    is_refused("fleets.captain.account_uuid", Some(json!(""))).await;
}

#[tokio::test]
async fn an_application_comes_with_its_secret_and_a_dispatcher_with_its_fleet() {
    is_refused("syrve.client_secret", None).await;
    let caller = Caller::new();
    let mut body = whole_account();
    body["fleets"] = json!({});
    assert_eq!(caller.put("demo", &body).await.problem(), (400, "dispatch_to"));
    body["fleets"] = json!({ "captain": null });
    assert_eq!(caller.put("demo", &body).await.problem(), (400, "dispatch_to"));
}

#[tokio::test]
async fn an_account_id_is_a_slug() {
    for id in ["Demo", "-demo", "de_mo", &"a".repeat(64)] {
        assert_eq!(Caller::new().put(id, &whole_account()).await.problem(), (400, "account"), "{id}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_one_json_object_is_told_so() {
    let caller = Caller::new();
    for body in ["", "{", "pr1vate", "{}{}", "[]", "null", "\"pr1vate\"", "{\"name\":\"a\",\"name\":\"b\"}"] {
        let told = caller.send("PUT", "/accounts/demo", Some(API_TOKEN), body.as_bytes()).await;
        assert_eq!(told.problem().0, 400, "{body}");
        assert!(!told.problem().1.is_empty() && !told.text.contains("pr1vate"), "{}", told.text);
    }
    let large = vec![b' '; crate::http::LARGEST_BODY + 1];
    assert_eq!(caller.send("PUT", "/accounts/demo", Some(API_TOKEN), &large).await.problem().0, 413);
}
