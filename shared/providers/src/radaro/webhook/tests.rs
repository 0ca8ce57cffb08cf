//! What a receiver relies on when it reads a Radaro call.

use courier_domain::account::FleetAccount;
use courier_domain::secret::TokenSet;
use http::HeaderMap;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::contract::{Call, Credentials, Fleet, Refusal};
use crate::radaro::Radaro;
use crate::testing::{any, cut, fixture, fixtures, json, put};

/// The fixtures' token.
const SECRET: &str = "sample-radaro-webhook-token";

fn bytes(body: &Value) -> Vec<u8> {
    serde_json::to_vec(body).unwrap()
}

fn event(body: &Value) -> RawEvent {
    let mut read = split(&bytes(body)).unwrap();
    assert_eq!((read.events.len(), read.ignored), (1, 0));
    read.events.remove(0)
}

/// A fixture after a change of its payload.
fn edited(name: &str, edit: impl FnOnce(&mut Value)) -> Value {
    let mut body = json(&format!("radaro/{name}"));
    edit(&mut body);
    body
}

fn let_in(body: &[u8]) -> Result<(), Refusal> {
    let (id, headers) = ("demo".parse().unwrap(), HeaderMap::new());
    let fleet = FleetAccount { webhook_tokens: Some(TokenSet::only(SECRET)), ..FleetAccount::default() };
    let received_at = "2026-06-28T17:00:00Z".parse().unwrap();
    let call = Call { rest: &[], query: "", headers: &headers, body, received_at };
    Radaro.authenticate(&call, &Credentials { account_id: &id, fleet: &fleet, keys: None })
}

#[test]
fn only_a_body_with_the_accounts_token_is_let_in() {
    assert_eq!(let_in(&fixture("radaro/updated_assigned")), Ok(()));
    for token in
        [json!("another-token-entirely"), json!(""), json!(null), json!(12), json!([SECRET]), json!({})]
    {
        let body = edited("updated_assigned", |body| put(body, "/token", token.clone()));
        assert!(matches!(let_in(&bytes(&body)), Err(Refusal::Unauthorized(_))), "{token}");
    }
    let elsewhere = edited("updated_assigned", |body| {
        cut(body, "/token");
        put(body, "/order_info/token", json!(SECRET));
    });
    for body in [elsewhere, json!([{ "token": SECRET }]), json!(SECRET), json!(null)] {
        assert!(matches!(let_in(&bytes(&body)), Err(Refusal::Unauthorized(_))), "{body}");
    }
}

#[test]
fn a_body_that_cannot_be_read_is_refused_without_being_repeated() {
    for body in
        [&b"{\"token\": \"sample-radaro-webhook-token\", \"x\": True}"[..], b"", b"\xff\xfe", b"{\"token\":"]
    {
        let Err(Refusal::Body(error @ BodyError::NotJson(_))) = let_in(body) else { panic!("{body:?}") };
        assert!(!error.to_string().contains(SECRET), "{error}");
        assert_eq!(split(body), Err(error));
    }
}

#[test]
fn every_fixture_is_one_event_of_the_same_job() {
    let all = fixtures("radaro");
    assert_eq!(all.len(), 12, "the fixtures are not where they should be");
    for (name, body) in all {
        let event = event(&serde_json::from_slice(&body).unwrap());
        assert_eq!(event.subject, "order:731904455", "{name}");
        assert_eq!(event.kind, if name == "created.json" { CREATED } else { UPDATED }, "{name}");
        assert!(!event.body.to_string().contains(SECRET), "{name}");
    }
}

#[test]
fn the_token_is_kept_nowhere_and_does_not_make_another_event() {
    let first = event(&json("radaro/updated_delivered"));
    assert_eq!(first.body.get(TOKEN), None);
    for token in [json!("the-next-token-of-the-account"), json!(""), json!(null), json!({ "a": "b" })] {
        let changed = edited("updated_delivered", |body| put(body, "/token", token));
        assert_eq!(event(&changed), first);
    }
    let pasted = event(&edited("updated_delivered", |body| {
        put(body, "/order_info/comment", json!(format!("token: {SECRET}")));
        put(body, "/order_info/manager", json!({ "names": [SECRET, "Mara"], SECRET: 1 }));
    }));
    assert_eq!(pasted.body["order_info"]["comment"], json!(null));
    assert_eq!(pasted.body["order_info"]["manager"], json!({ "names": [null, "Mara"] }));
}

#[test]
fn an_event_sent_again_has_the_same_key_and_any_other_has_another() {
    let delivered = json("radaro/updated_delivered");
    let key = event(&delivered).key;
    let again: Value = serde_json::from_slice(&fixture("radaro/updated_delivered")).unwrap();
    assert_eq!(event(&again).key, key);
    for (pointer, value) in [
        ("/order_info/updated_at", json!("2026-06-28T17:48:12.700001+01:00")),
        ("/order_info/order_id", json!(731_904_456)),
        ("/new_values", json!({ "is_confirmed_by_customer": true })),
        ("/old_values", json!({ "status": "failed" })),
    ] {
        let other = edited("updated_delivered", |body| put(body, pointer, value));
        assert_ne!(event(&other).key, key, "{pointer}");
    }
    let mut keys: Vec<_> =
        fixtures("radaro").iter().map(|(_, body)| split(body).unwrap().events[0].key.clone()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 12);
}

#[test]
fn what_changed_says_which_event_it_is_where_its_name_does_not() {
    let changes = || json!({ "status": "assigned" });
    for (event_type, new_values, kind) in [
        (json!("updated"), changes(), Some(UPDATED)),
        (json!(" Updated "), json!({}), Some(UPDATED)),
        (json!("updated"), json!(null), Some(UPDATED)),
        (json!("created"), changes(), Some(CREATED)),
        (json!("new"), json!(null), Some(CREATED)),
        (json!(null), json!(null), Some(CREATED)),
        (json!(""), json!({}), Some(CREATED)),
        (json!(null), changes(), Some(UPDATED)),
        (json!("job_changed"), changes(), Some(UPDATED)),
        (json!("deleted"), json!({}), None),
        (json!("deleted"), json!(null), None),
        (json!("deleted"), json!(["status"]), None),
    ] {
        let body = edited("updated_assigned", |body| {
            put(body, "/event_type", event_type.clone());
            put(body, "/new_values", new_values.clone());
        });
        let read = split(&bytes(&body)).unwrap();
        let kinds: Vec<_> = read.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(
            (kinds.first().copied(), read.ignored),
            (kind, usize::from(kind.is_none())),
            "{event_type} {new_values}"
        );
    }
    let ping = json!({ "token": SECRET, "event_type": "test" });
    assert_eq!(split(&bytes(&ping)), Ok(Split::ignored()));
}

#[test]
fn a_job_without_a_number_is_named_by_what_it_was_given() {
    let unnumbered = edited("created", |body| put(body, "/order_info/order_id", json!(null)));
    assert_eq!(event(&unnumbered).subject, "order:497f6eca-6276-4993-bfeb-53cbbbba6f08");
    let text = edited("created", |body| put(body, "/order_info/order_id", json!("731904455")));
    assert_eq!(event(&text).subject, "order:731904455");
}

#[test]
fn a_body_that_lacks_something_is_refused_by_the_field() {
    let nameless = |odd: Value| {
        edited("created", |body| {
            put(body, "/order_info/order_id", odd.clone());
            put(body, "/order_info/external_id", odd);
        })
    };
    for (body, field) in [
        (edited("created", |body| cut(body, "/order_info")), "order_info: "),
        (edited("created", |body| put(body, "/order_info", json!("Secret"))), "order_info: "),
        (edited("created", |body| put(body, "/order_info", json!([]))), "order_info: "),
        (nameless(json!(null)), "order_info.order_id: "),
        (nameless(json!("Secret".repeat(20))), "order_info.order_id: "),
        (nameless(json!({ "Secret": 1 })), "order_info.order_id: "),
        (json!([json("radaro/created")]), "body: "),
        (json!("Secret"), "body: "),
        (json!(null), "body: "),
    ] {
        let error = split(&bytes(&body)).unwrap_err().to_string();
        assert!(error.starts_with(field) && !error.contains("Secret"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_json_makes_it_panic_or_keep_the_token(value in any::value(), place in 0usize..120, note in ".{0,8}") {
        let _ = split(&bytes(&value));
        for name in ["created", "updated_assigned", "updated_rating"] {
            let mut body = json(&format!("radaro/{name}"));
            body["new_values"]["comment"] = json!(format!("{note}{SECRET}{note}"));
            any::replace(&mut body, place, &value);
            let Ok(read) = split(&bytes(&body)) else { continue };
            let is_secret = body.get(TOKEN) == Some(&json!(SECRET));
            let kept = format!("{:?}", read.events);
            prop_assert!(!is_secret || !kept.contains(SECRET));
        }
    }
}
