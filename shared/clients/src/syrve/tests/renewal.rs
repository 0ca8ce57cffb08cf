//! When a token is fetched, by whom, and what the others do meanwhile.

use super::*;
use crate::syrve::Outcome;

/// Two tokens to give, and a Syrve that accepts both.
async fn two_tokens() -> World {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.gives_token("token-2", 1).await;
    world.answers_updates(accepted()).await;
    world
}

/// The token that the last update carried.
async fn last_token(world: &World) -> String {
    let requests = world.server.received_requests().await.unwrap();
    let last = requests.iter().rfind(|request| request.url.path() == UPDATE_PATH).unwrap();
    last.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned()
}

#[tokio::test]
async fn concurrent_callers_fetch_one_token() {
    let world = World::new().await;
    let slow = token_answer("token-1").set_delay(Duration::from_millis(50));
    post(TOKEN_PATH).respond_with(slow).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    let (a, b, c) = tokio::join!(world.update(), world.update(), world.update());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
}

#[tokio::test]
async fn two_processes_fetch_one_token() {
    let world = World::new().await;
    let slow = token_answer("token-1").set_delay(Duration::from_millis(50));
    post(TOKEN_PATH).respond_with(slow).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    let other = world.another_process();
    let (a, b) = tokio::join!(world.update(), world.update_by(&other));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
}

#[tokio::test]
async fn a_token_is_shared_under_a_key_that_hides_the_login() {
    let world = two_tokens().await;
    world.update().await.unwrap();
    let key = world.store.0.lock().unwrap().key.clone().unwrap();
    assert_eq!(key.len(), 64);
    world.update_by(&world.another_process()).await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
}

#[tokio::test]
async fn a_token_is_renewed_at_50_minutes_and_not_before() {
    let world = two_tokens().await;
    world.update().await.unwrap();
    world.clock.advance(49);
    world.update().await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
    world.clock.advance(1);
    world.update().await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 2);
    assert_eq!(last_token(&world).await, "token-2");
}

#[tokio::test]
async fn the_old_token_is_used_while_another_process_renews_it() {
    let world = two_tokens().await;
    world.update().await.unwrap();
    world.clock.advance(55);
    world.store.lease_elsewhere(world.clock.now() + SignedDuration::from_secs(20));
    world.update().await.unwrap();
    assert_eq!(last_token(&world).await, "token-1");
    world.store.put("token-of-the-other", world.clock.now());
    world.update().await.unwrap();
    assert_eq!(last_token(&world).await, "token-of-the-other");
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
}

#[tokio::test]
async fn the_old_token_is_used_while_the_same_process_renews_it() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    let slow = token_answer("token-2").set_delay(Duration::from_millis(200));
    post(TOKEN_PATH).respond_with(slow).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    world.clock.advance(40);
    world.update().await.unwrap();
    world.clock.advance(15);
    let meanwhile = async {
        world.update().await.unwrap();
        last_token(&world).await
    };
    let (renewed, used) = tokio::join!(world.update(), meanwhile);
    renewed.unwrap();
    assert_eq!(used, "token-1");
    assert_eq!(last_token(&world).await, "token-2");
}

#[tokio::test]
async fn an_older_token_in_the_store_does_not_replace_the_one_in_use() {
    let world = two_tokens().await;
    world.update().await.unwrap();
    world.store.put("token-0", world.clock.now() - SignedDuration::from_mins(5));
    world.clock.advance(51);
    world.store.lease_elsewhere(world.clock.now() + SignedDuration::from_secs(20));
    world.update().await.unwrap();
    assert_eq!(last_token(&world).await, "token-1");
}

#[tokio::test]
async fn without_a_good_token_the_renewal_by_another_process_is_waited_for() {
    let world = two_tokens().await;
    world.store.lease_elsewhere(world.clock.now() + SignedDuration::from_secs(20));
    let other_is_done = async {
        tokio::time::sleep(Duration::from_millis(60)).await;
        world.store.put("token-of-the-other", world.clock.now());
    };
    let (called, ()) = tokio::join!(world.update(), other_is_done);
    called.unwrap();
    assert_eq!(last_token(&world).await, "token-of-the-other");
    assert_eq!(world.requests(TOKEN_PATH).await, 0);
}

#[tokio::test]
async fn a_renewal_that_takes_too_long_means_that_nothing_was_sent() {
    let mut world = two_tokens().await;
    world.store.put("token-1", world.clock.now());
    world.becomes_impatient();
    world.clock.advance(60);
    world.store.lease_elsewhere(world.clock.now() + SignedDuration::from_secs(20));
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::TokenBusy), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent { after: None });
    world.clock.advance(1);
    world.update().await.unwrap();
    assert_eq!(last_token(&world).await, "token-1", "the lease is over");
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
}

#[tokio::test]
async fn a_token_stored_just_before_the_lease_was_taken_is_used() {
    let world = two_tokens().await;
    world.store.put("token-of-the-other", world.clock.now());
    world.store.0.lock().unwrap().late_by = 1;
    world.update().await.unwrap();
    assert_eq!(last_token(&world).await, "token-of-the-other");
    assert_eq!(world.requests(TOKEN_PATH).await, 0);
    assert_eq!(world.store.0.lock().unwrap().leased_until, None, "and the lease is given back");
}

#[tokio::test]
async fn the_old_token_is_used_when_a_renewal_fails_for_now() {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.answers_updates(accepted()).await;
    world.update().await.unwrap();
    world.clock.advance(52);
    post(TOKEN_PATH).respond_with(refused(500, "oops")).mount(&world.server).await;
    world.update().await.unwrap();
    world.update().await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 2, "and Syrve is not asked again at once");
    world.clock.advance(1);
    world.update().await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 3);
}

#[tokio::test]
async fn a_broken_store_keeps_only_those_from_calling_who_have_no_token() {
    let world = two_tokens().await;
    world.update().await.unwrap();
    world.clock.advance(52);
    world.store.0.lock().unwrap().broken = true;
    world.update().await.unwrap();
    let error = world.update_by(&world.another_process()).await.unwrap_err();
    assert!(matches!(error, CallError::TokenStore(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent { after: None });
}

#[tokio::test]
async fn a_login_that_syrve_refuses_is_final_and_not_tried_for_every_call() {
    for (status, text) in [(401, "no such login"), (400, "bad"), (403, "no")] {
        let world = World::new().await;
        post(TOKEN_PATH).respond_with(refused(status, text)).mount(&world.server).await;
        let error = world.update().await.unwrap_err();
        assert!(matches!(error, CallError::LoginRejected { status: s, .. } if s == status), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Final);
        world.store.0.lock().unwrap().broken = true;
        let again = world.update().await;
        assert!(matches!(again, Err(CallError::LoginHeld { .. })), "and the store is left alone: {again:?}");
        assert_eq!(world.requests(TOKEN_PATH).await, 1);
    }
}

#[tokio::test]
async fn a_blocked_login_is_told_by_the_token_request_too() {
    let world = World::new().await;
    post(TOKEN_PATH).respond_with(refused(401, "Apilogin has been blocked.")).mount(&world.server).await;
    assert!(matches!(world.update().await, Err(CallError::LoginBlocked { .. })));
}

#[tokio::test]
async fn a_token_request_that_is_limited_or_unreadable_is_tried_later() {
    let limited = refused(429, "Too many requests").insert_header("retry-after", "30");
    let no_token = ResponseTemplate::new(200).set_body_json(json!({"token": ""}));
    let after = |seconds| Outcome::Retry { after: seconds };
    for (answer, outcome) in [
        (limited, after(Some(Duration::from_secs(30)))),
        (no_token, after(None)),
        (refused(408, ""), after(None)),
    ] {
        let world = World::new().await;
        post(TOKEN_PATH).respond_with(answer).mount(&world.server).await;
        let error = world.update().await.unwrap_err();
        assert!(matches!(error, CallError::TokenUnavailable(_)), "{error:?}");
        assert_eq!(error.outcome(), outcome);
    }
}
