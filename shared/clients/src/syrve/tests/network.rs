//! Failures below HTTP: what matters is whether the request may have arrived.

use super::*;
use crate::syrve::Outcome;
use crate::testing::{hangs_up_after, nobody};

/// A world whose token is known already, at an address that is not the fake's.
async fn at(base_url: &str) -> World {
    let mut world = World::new().await;
    world.login.base_url = base_url.to_owned();
    world.store.put("token-1", world.clock.now());
    world
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let error = at(&nobody()).await.update().await.unwrap_err();
    assert!(matches!(error, CallError::Unreachable(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Retry { after: None });
}

#[tokio::test]
async fn a_connection_cut_while_waiting_is_an_unknown_outcome() {
    let cut_body = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"correl";
    for answer in ["", cut_body] {
        let error = at(&hangs_up_after(answer)).await.update().await.unwrap_err();
        assert!(matches!(error, CallError::NoAnswer(_)), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_an_unknown_outcome() {
    let mut world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.answers_updates(accepted().set_delay(Duration::from_secs(10))).await;
    world.becomes_impatient();
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::NoAnswer(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(world.requests(UPDATE_PATH).await, 1);
}

#[tokio::test]
async fn an_error_keeps_its_status_when_its_body_is_cut() {
    let cut = "HTTP/1.1 503 Busy\r\nretry-after: 9\r\ncontent-length: 900\r\n\r\n";
    let error = at(&hangs_up_after(cut)).await.update().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Retry { after: Some(Duration::from_secs(9)) });
}

#[tokio::test]
async fn an_address_that_is_none_is_final() {
    for address in ["", "not a url", "ftp://127.0.0.1"] {
        let error = at(address).await.update().await.unwrap_err();
        assert!(matches!(error, CallError::Unsendable { .. }), "{address}: {error:?}");
        assert_eq!(error.outcome(), Outcome::Final);
    }
}

#[tokio::test]
async fn a_token_request_without_an_answer_means_that_the_call_was_not_sent() {
    let mut world = World::new().await;
    world.login.base_url = hangs_up_after("");
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::TokenUnavailable(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Retry { after: None });
}
