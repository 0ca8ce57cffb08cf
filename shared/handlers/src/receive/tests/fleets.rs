//! What a receiver does for every fleet alike: it lets in who has the account's token, queues, counts and refuses.

use std::time::Duration;

use courier_domain::account::MatchOrdersBy;
use courier_domain::delivery::Provider;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_providers::contract::fleet;
use lambda_http::http::Response;
use lambda_http::{Body, Request};
use serde_json::{Value, json};

use super::super::{FleetReceiver, NoSecrets};
use super::{SENT, read, receipt, refusal, request};
use crate::http::LARGEST_BODY;
use crate::testing::events::fixture;
use crate::testing::{HandClock, Memory, Outbox, at, secrets, with_all_fleets};

pub(super) type Receiver = FleetReceiver<Memory, NoSecrets, Outbox<InboundEvent>, HandClock>;

pub(super) fn receiver(provider: Provider) -> Receiver {
    FleetReceiver {
        fleet: fleet(provider),
        secrets: NoSecrets,
        accounts: Memory::with_account(with_all_fleets(MatchOrdersBy::OrderId), secrets()),
        events: Outbox::default(),
        clock: HandClock::default(),
    }
}

/// A call of a fleet, with this token where the fleet puts it.
pub(super) fn call(provider: Provider, account: &str, token: Option<&str>, mut body: Value) -> Request {
    let path = format!("/webhooks/{}/{account}", provider.as_str());
    let header = match provider {
        Provider::Captain => token.map(|token| ("Auth-Token", token)),
        Provider::Radaro => {
            if let Some(members) = body.as_object_mut() {
                members.insert("token".into(), json!(token));
            }
            None
        }
        Provider::Jelp | Provider::Bringg => token.map(|token| ("Authorization", token)),
    };
    request(&path, header, body.to_string())
}

pub(super) fn own_token(provider: Provider) -> String {
    format!("{}-webhook-token", provider.as_str())
}

/// An event of each fleet.
pub(super) fn event(provider: Provider) -> Value {
    fixture(match provider {
        Provider::Captain => "captain/order_assigned",
        Provider::Jelp => "jelp/comment",
        Provider::Radaro => "radaro/updated_picked_up",
        Provider::Bringg => "bringg/note_created",
    })
}

pub(super) async fn post(receiver: &Receiver, body: Value) -> Response<Body> {
    let provider = receiver.fleet.provider();
    receiver.handle(&call(provider, "demo", Some(&own_token(provider)), body)).await
}

#[tokio::test]
async fn an_event_is_queued_as_its_fleets_and_its_accounts() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        receiver.clock.advance(Duration::from_secs(7));
        assert_eq!(read(&post(&receiver, event(provider)).await), receipt(1, 1, 0), "{provider:?}");
        let [queued] = receiver.events.items().try_into().unwrap();
        assert_eq!((queued.sender, queued.account_id.as_str()), (Sender::Fleet(provider), "demo"));
        assert_eq!(queued.received_at, at(7));
        assert!(queued.subject.starts_with("order:"), "{}", queued.subject);
    }
}

#[tokio::test]
async fn only_the_accounts_own_token_for_this_fleet_lets_a_call_in() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        let another = own_token(Provider::ALL.into_iter().find(|other| *other != provider).unwrap());
        let (shorter, longer) = (own_token(provider)[1..].to_owned(), own_token(provider) + "x");
        for token in [None, Some(""), Some("wrong"), Some(&*another), Some(&*shorter), Some(&*longer)] {
            let answer = receiver.handle(&call(provider, "demo", token, event(provider))).await;
            assert_eq!(refusal(&answer), (401, None), "{provider:?} {token:?}");
            assert!(answer.headers().contains_key("www-authenticate"));
        }
        assert!(receiver.events.items().is_empty());
    }
}

#[tokio::test]
async fn a_token_of_another_account_lets_nobody_in() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        let mut other = with_all_fleets(MatchOrdersBy::OrderId);
        other.account_id = "other".parse().unwrap();
        for fleet in other.fleets.values_mut() {
            fleet.webhook_tokens = Some(courier_domain::secret::TokenSet::only("the-token-of-another"));
        }
        let other = courier_domain::ports::Versioned { value: other, version: 1 };
        receiver.accounts.state().accounts.insert(other.value.account_id.clone(), other);
        for (account, token, status) in [
            ("demo", "the-token-of-another", 401),
            ("other", "the-token-of-another", 200),
            ("other", &own_token(provider), 401),
        ] {
            let answer = receiver.handle(&call(provider, account, Some(token), event(provider))).await;
            assert_eq!(read(&answer).0, status, "{provider:?} {account}");
        }
    }
}

#[tokio::test]
async fn an_account_that_is_unknown_or_has_not_this_fleet_is_404() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        let token = own_token(provider);
        for account in ["nobody", "NOT-A-SLUG", ""] {
            let answer = receiver.handle(&call(provider, account, Some(&token), event(provider))).await;
            assert_eq!(refusal(&answer), (404, None), "{provider:?} {account}");
        }
        receiver.accounts.edit_account(|account| drop(account.fleets.remove(&provider)));
        assert_eq!(refusal(&post(&receiver, event(provider)).await), (404, None), "{provider:?}");
        assert!(receiver.events.items().is_empty());
    }
}

#[tokio::test]
async fn the_token_before_a_rotation_is_good_for_a_day() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        receiver.accounts.edit_account(|account| {
            let tokens = &mut account.fleets.get_mut(&provider).unwrap().webhook_tokens;
            *tokens = tokens.as_ref().map(|tokens| tokens.rotated_to("another-token", at(0)));
        });
        receiver.clock.advance(Duration::from_secs(86_399));
        assert_eq!(read(&post(&receiver, event(provider)).await).0, 200, "{provider:?}");
        receiver.clock.advance(Duration::from_secs(1));
        assert_eq!(read(&post(&receiver, event(provider)).await).0, 401, "{provider:?}");
        let answer = receiver.handle(&call(provider, "demo", Some("another-token"), event(provider))).await;
        assert_eq!(read(&answer).0, 200, "{provider:?}");
    }
}

#[tokio::test]
async fn a_disabled_account_answers_and_keeps_nothing_and_still_asks_for_the_token() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        receiver.accounts.edit_account(|account| account.enabled = false);
        assert_eq!(read(&post(&receiver, event(provider)).await), receipt(1, 0, 1), "{provider:?}");
        let answer = receiver.handle(&call(provider, "demo", Some("wrong"), event(provider))).await;
        assert_eq!(read(&answer).0, 401, "{provider:?}");
        assert!(receiver.events.items().is_empty());
    }
}

#[tokio::test]
async fn an_event_of_no_use_is_counted_and_not_kept() {
    let mut of_radaro = event(Provider::Radaro);
    of_radaro["event_type"] = json!("archived");
    of_radaro.as_object_mut().unwrap().remove("new_values");
    for (provider, body) in [
        (Provider::Captain, fixture("captain/event_unknown")),
        (Provider::Radaro, of_radaro),
        (Provider::Bringg, fixture("bringg/unknown_type")),
        (Provider::Bringg, fixture("bringg/run_started")),
    ] {
        let receiver = receiver(provider);
        assert_eq!(read(&post(&receiver, body).await), receipt(1, 0, 1), "{provider:?}");
        assert!(receiver.events.items().is_empty());
    }
}

#[tokio::test]
async fn a_body_that_is_no_event_is_400_and_nothing_of_it_is_repeated() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        let header = ("Authorization", own_token(provider));
        let header = if provider == Provider::Captain { ("Auth-Token", header.1) } else { header };
        let path = format!("/webhooks/{}/demo", provider.as_str());
        for text in ["", "{", SENT, "\u{0}", "{\"a\":\"Testa Example\""] {
            let answer = receiver.handle(&request(&path, Some((header.0, &header.1)), text)).await;
            assert_eq!(refusal(&answer), (400, None), "{provider:?} {text}");
        }
        for body in [json!([SENT]), json!(SENT), json!(null), json!(5)] {
            let answer = post(&receiver, body.clone()).await;
            // Without a body that is an object there is no token of Radaro's.
            let refused =
                if provider == Provider::Radaro { (401, None) } else { (400, Some("body".to_owned())) };
            assert_eq!(refusal(&answer), refused, "{provider:?} {body}");
        }
        assert!(receiver.events.items().is_empty());
    }
}

#[tokio::test]
async fn what_is_needed_to_keep_an_event_is_named() {
    for (provider, rest, body, field) in [
        (Provider::Jelp, "/order_eaten", event(Provider::Jelp), "event"),
        (Provider::Jelp, "/order_update/comment", event(Provider::Jelp), "event"),
        (Provider::Radaro, "", json!({ "event_type": "updated", "order_info": [SENT] }), "order_info"),
        (Provider::Radaro, "", json!({ "event_type": "updated", "order_info": {} }), "order_info.order_id"),
        (Provider::Bringg, "", json!({ "note": SENT }), "webhook_type"),
    ] {
        let receiver = receiver(provider);
        let plain = call(provider, "demo", Some(&own_token(provider)), body);
        let header = plain.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        let path = format!("{}{rest}", plain.uri().path());
        let header = header.as_deref().map(|value| ("authorization", value));
        let answer = receiver.handle(&request(&path, header, plain.into_body())).await;
        assert_eq!(refusal(&answer), (400, Some(field.to_owned())), "{provider:?} {field}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_before_anything_else_is_looked_at() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        let path = format!("/webhooks/{}/nobody", provider.as_str());
        let answer = receiver.handle(&request(&path, None, vec![b' '; LARGEST_BODY + 1])).await;
        assert_eq!(refusal(&answer), (413, None), "{provider:?}");
        assert_eq!(receiver.accounts.requests(), (0, 0));
    }
}

#[tokio::test]
async fn an_event_that_does_not_fit_or_cannot_be_queued_is_refused_so_that_it_is_sent_again() {
    for provider in Provider::ALL {
        let receiver = receiver(provider);
        receiver.accounts.state().reads_to_fail = 1;
        assert_eq!(refusal(&post(&receiver, event(provider)).await), (503, None), "{provider:?}");
        receiver.events.sent().to_fail = 1;
        assert_eq!(refusal(&post(&receiver, event(provider)).await), (503, None), "{provider:?}");
        receiver.events.sent().too_large = Some(0);
        assert_eq!(
            refusal(&post(&receiver, event(provider)).await),
            (413, Some("body".into())),
            "{provider:?}"
        );
        assert!(receiver.events.items().is_empty());
    }
}
