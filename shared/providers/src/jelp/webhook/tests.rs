//! What a receiver relies on when it reads a call.

use courier_domain::account::{FleetAccount, TokenPlace};
use courier_domain::ids::AccountId;
use courier_domain::secret::TokenSet;
use http::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::contract::{Credentials, Fleet, Refusal};
use crate::jelp::Jelp;
use crate::testing::{fixture, json, put};

const TOKEN: &str = "jelp-token-0123456789";

fn call<'a>(rest: &'a [&'a str], query: &'a str, headers: &'a HeaderMap, body: &'a [u8]) -> Call<'a> {
    Call { rest, query, headers, body, received_at: "2026-06-28T17:00:00Z".parse().unwrap() }
}

fn split(rest: &[&str], body: &[u8]) -> Result<Split, BodyError> {
    Jelp.split(&call(rest, "", &HeaderMap::new(), body))
}

fn one(rest: &[&str], body: &Value) -> RawEvent {
    split(rest, body.to_string().as_bytes()).unwrap().events.remove(0)
}

fn admitted(
    token_in: Option<TokenPlace>,
    query: &str,
    header: Option<(&'static str, &str)>,
) -> Result<(), Refusal> {
    let account_id: AccountId = "demo".parse().unwrap();
    let fleet =
        FleetAccount { webhook_tokens: Some(TokenSet::only(TOKEN)), token_in, ..FleetAccount::default() };
    let header = header.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let headers = header.into_iter().collect();
    let credentials = Credentials { account_id: &account_id, fleet: &fleet, keys: None };
    Jelp.authenticate(&call(&[], query, &headers, b"{}"), &credentials)
}

#[test]
fn a_call_is_let_in_with_the_token_where_the_account_has_it() {
    let bearer = format!("Bearer {TOKEN}");
    let query = format!("a=b&key={TOKEN}");
    let (in_header, in_query) =
        (TokenPlace::Header("x-jelp".to_owned()), TokenPlace::Query("key".to_owned()));
    assert_eq!(admitted(None, "", Some(("authorization", TOKEN))), Ok(()));
    assert_eq!(admitted(None, "", Some(("authorization", &bearer))), Ok(()));
    assert_eq!(admitted(Some(in_header.clone()), "", Some(("x-jelp", TOKEN))), Ok(()));
    assert_eq!(admitted(Some(in_query.clone()), &query, None), Ok(()));
    for (place, query, header) in [
        (None, query.as_str(), None),
        (None, "", Some(("x-jelp", TOKEN))),
        (None, "", Some(("authorization", "wrong"))),
        (None, "", Some(("authorization", ""))),
        (Some(in_header), query.as_str(), Some(("authorization", TOKEN))),
        (Some(in_query.clone()), "", Some(("authorization", TOKEN))),
        (Some(in_query.clone()), "key=", None),
        (Some(in_query), "key=wrong", None),
    ] {
        let refused = admitted(place.clone(), query, header);
        assert!(matches!(refused, Err(Refusal::Unauthorized(_))), "{place:?} {query} {header:?}");
    }
}

#[test]
fn every_url_that_is_shown_is_taken() {
    let body = fixture("jelp/decline_cancel_request");
    for (_, path) in Jelp.urls() {
        let rest: Vec<_> = path.split('/').skip(1).collect();
        let split = split(&rest, &body).unwrap();
        let kind = path.strip_prefix('/').unwrap_or(event::OPEN);
        assert_eq!(split.events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), [kind]);
    }
    assert!(split(&["order_eaten"], &body).unwrap_err().to_string().starts_with("event: "));
}

#[test]
fn all_events_of_an_order_have_one_subject() {
    for name in
        ["order_new", "folio_update", "comment", "tracking", "complete_order", "decline_cancel_request"]
    {
        assert_eq!(one(&[], &json(&format!("jelp/{name}"))).subject, "order:7K2MRT9", "{name}");
    }
    for (body, subject) in [
        (json!({ "publicId": "WS-1", "_id": "66a0" }), "order:WS-1"),
        (json!({ "_id": "66a0" }), "order:66a0"),
        (json!({ "folio": "" }), "orders"),
        (json!({}), "orders"),
    ] {
        assert_eq!(one(&[], &body).subject, subject);
    }
}

#[test]
fn the_same_event_sent_again_has_the_same_key_and_any_other_has_not() {
    let body = json("jelp/complete_order");
    let key = one(&[], &body).key;
    assert_eq!(one(&["complete_order"], &body).key, key);
    let text = format!("\u{feff}{}", serde_json::to_string_pretty(&body).unwrap());
    assert_eq!(split(&[], text.as_bytes()).unwrap().events[0].key, key);
    for (field, value) in [
        ("timestamp", json!("2026-06-28T16:31:10.976Z")),
        ("folio", json!("7K2MRT8")),
        ("location", json!([0, 0])),
    ] {
        let mut other = body.clone();
        put(&mut other, &format!("/{field}"), value);
        assert_ne!(one(&[], &other).key, key, "{field}");
    }
    assert_ne!(one(&["cancel_order"], &body).key, key);
}

#[test]
fn codes_and_keys_are_not_kept() {
    let mut body = json("jelp/order_new");
    put(&mut body, "/appKey", json!("app-key-of-the-shop"));
    let event = one(&[], &body);
    assert_eq!(event.kind, event::ORDER_NEW);
    let kept = event.body.to_string();
    assert!(kept.contains("7K2MRT9") && !kept.contains("739105") && !kept.contains("app-key"), "{kept}");
}

#[test]
fn where_a_known_driver_was_is_an_event_about_the_driver() {
    let employee = "ffc60000-0000-4000-8000-000000000017";
    for name in ["assign_driver_own_fleet", "folio_update_in_transit"] {
        let events = split(&[], &fixture(&format!("jelp/{name}"))).unwrap().events;
        let kinds: Vec<_> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(
            kinds,
            [name.trim_end_matches("_own_fleet").trim_end_matches("_in_transit"), "driver_location"]
        );
        assert_eq!(events[1].subject, format!("driver:{employee}"));
        assert_eq!(
            events[1].body["driver"],
            json!({ "employeeCode": employee, "location": { "lat": 53.3471, "lon": -6.2577 } })
        );
    }
    let mut body = json("jelp/assign_driver_own_fleet");
    put(&mut body, "/timestamp", json!("soon"));
    for name in ["assign_driver_external", "complete_order", "order_new"] {
        assert_eq!(split(&[], &fixture(&format!("jelp/{name}"))).unwrap().events.len(), 1, "{name}");
    }
    assert_eq!(split(&[], body.to_string().as_bytes()).unwrap().events.len(), 1);
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in ["[]", "null", "7", r#""comment""#, &format!("[{}]", json("jelp/comment"))] {
        assert!(split(&[], body.as_bytes()).unwrap_err().to_string().starts_with("body: "), "{body}");
    }
    for body in ["", "{", "{comment: 1}"] {
        assert!(matches!(split(&["comment"], body.as_bytes()).unwrap_err(), BodyError::NotJson(_)), "{body}");
    }
}
