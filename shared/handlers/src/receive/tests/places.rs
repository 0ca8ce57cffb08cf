//! Where a token may be: where the account says that the fleet puts it, and nowhere else.

use courier_domain::account::TokenPlace;
use courier_domain::delivery::Provider;

use super::fleets::{Receiver, event, own_token, post, receiver};
use super::{read, receipt, request};
use crate::testing::events::fixture;

const TOKEN: &str = "jelp-webhook-token";

/// The status of a call of Jelp's with this query and this header.
async fn status(receiver: &Receiver, query: &str, header: Option<(&str, &str)>) -> u16 {
    let path = format!("/webhooks/jelp/demo{query}");
    read(&receiver.handle(&request(&path, header, event(Provider::Jelp).to_string())).await).0
}

fn with_place(place: Option<TokenPlace>) -> Receiver {
    let receiver = receiver(Provider::Jelp);
    receiver
        .accounts
        .edit_account(|account| account.fleets.get_mut(&Provider::Jelp).unwrap().token_in = place);
    receiver
}

#[tokio::test]
async fn without_a_word_on_it_the_token_is_in_authorization_bare_or_after_a_scheme() {
    let receiver = with_place(None);
    for (header, expected) in [
        (("authorization", TOKEN.to_owned()), 200),
        (("AUTHORIZATION", format!("Bearer {TOKEN}")), 200),
        (("authorization", format!("  Token   {TOKEN} ")), 200),
        (("x-token", TOKEN.to_owned()), 401),
        (("auth-token", TOKEN.to_owned()), 401),
        (("authorization", "Bearer ".to_owned()), 401),
    ] {
        assert_eq!(status(&receiver, "", Some((header.0, &header.1))).await, expected, "{header:?}");
    }
    assert_eq!(status(&receiver, &format!("?token={TOKEN}"), None).await, 401);
}

#[tokio::test]
async fn a_header_of_another_name_is_looked_at_instead() {
    let receiver = with_place(Some(TokenPlace::Header("x-token".into())));
    assert_eq!(status(&receiver, "", Some(("X-Token", TOKEN))).await, 200);
    assert_eq!(status(&receiver, "", Some(("authorization", TOKEN))).await, 401);
    assert_eq!(status(&receiver, &format!("?x-token={TOKEN}"), None).await, 401);
}

#[tokio::test]
async fn a_token_in_the_query_is_read_there_only_and_as_a_query_is_written() {
    let receiver = with_place(Some(TokenPlace::Query("key".into())));
    for (query, expected) in [
        (format!("?key={TOKEN}"), 200),
        (format!("/comment?a=b&key={TOKEN}&c"), 200),
        ("?key=jelp%2Dwebhook-token".to_owned(), 200),
        (format!("?Key={TOKEN}"), 401),
        ("?key=".to_owned(), 401),
        ("?key".to_owned(), 401),
        (String::new(), 401),
        (format!("/{TOKEN}"), 401),
    ] {
        assert_eq!(status(&receiver, &query, None).await, expected, "{query}");
    }
    assert_eq!(status(&receiver, "", Some(("authorization", TOKEN))).await, 401);
}

#[tokio::test]
async fn a_driver_who_is_somewhere_is_an_event_of_its_own() {
    let receiver = receiver(Provider::Jelp);
    let answer = post(&receiver, fixture("jelp/assign_driver_own_fleet")).await;
    assert_eq!(read(&answer), receipt(2, 2, 0));
    let subjects: Vec<_> = receiver.events.items().into_iter().map(|event| event.subject).collect();
    assert_eq!(subjects, ["order:7K2MRT9", "driver:ffc60000-0000-4000-8000-000000000017"]);
}

#[tokio::test]
async fn what_a_fleet_puts_into_a_body_to_prove_itself_is_not_kept() {
    let receiver = receiver(Provider::Radaro);
    let mut body = event(Provider::Radaro);
    body["order_info"]["comment"] =
        serde_json::json!(format!("our token is {}", own_token(Provider::Radaro)));
    assert_eq!(read(&post(&receiver, body).await), receipt(1, 1, 0));
    assert!(!serde_json::to_string(&receiver.events.items()).unwrap().contains(&own_token(Provider::Radaro)));
}

#[tokio::test]
async fn secrets_of_customers_are_not_kept() {
    for (provider, file, secret) in [
        (Provider::Bringg, "bringg/order_accepted", "do-not-keep"),
        (Provider::Jelp, "jelp/assign_driver_own_fleet", "739105"),
    ] {
        let receiver = receiver(provider);
        assert_eq!(read(&post(&receiver, fixture(file)).await).0, 200);
        assert!(fixture(file).to_string().contains(secret));
        assert!(!serde_json::to_string(&receiver.events.items()).unwrap().contains(secret), "{file}");
    }
}
