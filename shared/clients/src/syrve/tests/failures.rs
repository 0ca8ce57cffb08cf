//! What the caller is told about each kind of refusal.

use super::*;
use crate::syrve::Outcome;

/// The error of an update that Syrve answers so, and how many tokens and updates it took.
async fn fails_with(answer: ResponseTemplate) -> (CallError, usize, usize) {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.gives_token("token-2", 1).await;
    world.answers_updates(answer).await;
    let error = world.update().await.unwrap_err();
    (error, world.requests(TOKEN_PATH).await, world.requests(UPDATE_PATH).await)
}

fn wait(seconds: u64) -> Outcome {
    Outcome::Retry { after: Some(Duration::from_secs(seconds)) }
}

#[tokio::test]
async fn a_bad_request_is_final_keeps_syrves_words_and_is_not_repeated() {
    for status in [400, 403, 404, 422] {
        let (error, tokens, calls) = fails_with(refused(status, "Order is closed")).await;
        assert_eq!(error.outcome(), Outcome::Final, "{status}");
        assert!(error.to_string().ends_with("Order is closed"), "{error}");
        assert_eq!((tokens, calls), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_final_and_not_followed() {
    let (error, ..) = fails_with(ResponseTemplate::new(302).insert_header("location", "/elsewhere")).await;
    assert!(matches!(error, CallError::Rejected { status: 302, .. }));
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_long_as_it_says() {
    let limited = |after| refused(429, "Too many requests").insert_header("retry-after", after);
    assert_eq!(fails_with(limited("7")).await.0.outcome(), wait(7));
    assert_eq!(fails_with(limited("Sun, 01 Mar 2026 12:00:40 GMT")).await.0.outcome(), wait(40));
    assert_eq!(fails_with(limited("later")).await.0.outcome(), Outcome::Retry { after: None });
}

#[tokio::test]
async fn an_unavailable_service_is_tried_again_and_a_broken_one_looked_at_first() {
    assert_eq!(fails_with(refused(502, "")).await.0.outcome(), Outcome::Retry { after: None });
    let busy = refused(503, "").insert_header("retry-after", "5");
    assert_eq!(fails_with(busy).await.0.outcome(), wait(5));
    assert_eq!(fails_with(refused(500, "")).await.0.outcome(), Outcome::Unknown);
    assert_eq!(fails_with(refused(504, "")).await.0.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_silent_terminal_is_an_unknown_outcome() {
    let (error, tokens, calls) = fails_with(refused(408, "Terminal does not answer")).await;
    assert!(matches!(error, CallError::TerminalSilent { .. }));
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!((tokens, calls), (1, 1));
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_an_unknown_outcome_and_shows_no_data() {
    for body in ["<html>hello</html>", "", "{}", r#"{"correlationId":""}"#, r#"{"correlationId":["Ann"]}"#] {
        let (error, ..) = fails_with(ResponseTemplate::new(200).set_body_string(body)).await;
        assert!(matches!(error, CallError::Malformed { .. }), "{body}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(!format!("{error} {error:?}").contains("Ann"));
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end() {
    let huge = ResponseTemplate::new(200).set_body_bytes(vec![b' '; (8 << 20) + 1]);
    assert!(matches!(fails_with(huge).await.0, CallError::Malformed { what: "it is larger than 8 MiB" }));
}

#[tokio::test]
async fn a_missing_right_is_told_apart_without_fetching_a_token() {
    let text = "Right api/1/deliveries/by_id is not allowed for this ApiLogin.";
    for answer in [refused(401, text), ResponseTemplate::new(401).set_body_json(json!(text))] {
        let (error, tokens, calls) = fails_with(answer).await;
        assert!(matches!(&error, CallError::Forbidden { words } if words.as_str() == text), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Final);
        assert_eq!((tokens, calls), (1, 1));
    }
}

#[tokio::test]
async fn a_blocked_login_is_told_apart_without_fetching_a_token() {
    for text in ["Apilogin has been blocked.", "ApiLogin is inactive"] {
        let (error, tokens, calls) = fails_with(refused(401, text)).await;
        assert!(matches!(error, CallError::LoginBlocked { .. }), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Final);
        assert_eq!((tokens, calls), (1, 1));
    }
}

#[tokio::test]
async fn nothing_shows_a_login_or_a_token_even_when_syrve_quotes_it() {
    let quoting = format!("token token-1 of {LOGIN} is bad");
    let (error, ..) = fails_with(refused(400, &quoting)).await;
    assert_eq!(error.to_string(), "refused the call with status 400: token *** of *** is bad");
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.answers_updates(accepted()).await;
    world.update().await.unwrap();
    let shown = format!("{error:?} {:?} {:?}", world.client, world.login);
    for secret in [LOGIN, "token-1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
