//! What happens when a token that looked good is refused.

use super::*;
use crate::syrve::Outcome;

/// A Syrve that does not know `token-1` any more.
async fn token_1_is_dead() -> World {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.gives_token("token-2", 1).await;
    world.accepts("token-2").await;
    world.accepts("token-of-the-other").await;
    world.answers_updates(refused(401, "Token is expired")).await;
    world
}

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_call_replayed_once() {
    let world = token_1_is_dead().await;
    world.update().await.unwrap();
    assert_eq!((world.requests(TOKEN_PATH).await, world.requests(UPDATE_PATH).await), (2, 2));
    let bodies = world.bodies(UPDATE_PATH).await;
    assert_eq!(bodies[0], bodies[1]);
    world.update().await.unwrap();
    assert_eq!((world.requests(TOKEN_PATH).await, world.requests(UPDATE_PATH).await), (2, 3));
}

#[tokio::test]
async fn a_second_refusal_is_final() {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.gives_token("token-2", 1).await;
    world.answers_updates(refused(401, "No")).await;
    let error = world.update().await.unwrap_err();
    assert!(matches!(&error, CallError::Unauthorized { words } if words.as_str() == "No"), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Final);
    assert_eq!((world.requests(TOKEN_PATH).await, world.requests(UPDATE_PATH).await), (2, 2));
}

#[tokio::test]
async fn a_token_that_was_accepted_and_is_refused_later_is_replaced_again() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.gives_token("token-2", 1).await;
    world.gives_token("token-3", 1).await;
    for (token, times) in [("token-2", 2), ("token-3", 9)] {
        post(UPDATE_PATH)
            .and(header("authorization", format!("Bearer {token}")))
            .respond_with(accepted())
            .up_to_n_times(times)
            .mount(&world.server)
            .await;
    }
    world.answers_updates(refused(401, "Token is expired")).await;
    for fetched in [1, 1, 2, 2] {
        world.update().await.unwrap();
        assert_eq!(world.requests(TOKEN_PATH).await, fetched);
    }
    assert_eq!(world.requests(UPDATE_PATH).await, 6);
}

/// A Syrve that refuses every token, is called once a minute, and gives as many tokens as it is asked for.
async fn no_token_helps() -> World {
    let mut world = World::new().await;
    world.store.1.open().strict = true;
    world.login.rates.order_status = 1;
    world.store.put("token-1", world.clock.now());
    for token in 2..9 {
        world.gives_token(&format!("token-{token}"), 1).await;
    }
    world
}

#[tokio::test]
async fn a_refusal_that_a_new_token_does_not_cure_is_final_when_the_next_call_meets_it() {
    let world = no_token_helps().await;
    world.answers_updates(refused(401, "No")).await;
    let replay = world.update().await;
    assert!(matches!(replay, Err(CallError::HeldBack { .. })), "{replay:?}");
    for _ in 0..70 {
        world.clock.advance_seconds(61);
        let error = world.update().await.unwrap_err();
        assert!(matches!(&error, CallError::Unauthorized { words } if words.as_str() == "No"), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Final);
        let aged = world.clock.now() >= "2026-03-01T12:50:00Z".parse().unwrap();
        assert_eq!(world.requests(TOKEN_PATH).await, 1 + usize::from(aged));
    }
}

#[tokio::test]
async fn a_replay_that_was_held_back_is_made_up_for_by_the_next_call() {
    let world = no_token_helps().await;
    post(UPDATE_PATH).respond_with(refused(401, "old")).up_to_n_times(1).mount(&world.server).await;
    post(UPDATE_PATH).respond_with(refused(400, "no")).up_to_n_times(1).mount(&world.server).await;
    post(UPDATE_PATH).respond_with(refused(401, "old")).up_to_n_times(1).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    let next = async || {
        let outcome = world.update().await.map_err(|error| error.outcome());
        world.clock.advance_seconds(61);
        (outcome.is_ok(), outcome.err() == Some(Outcome::Final), world.requests(TOKEN_PATH).await)
    };
    assert_eq!(next().await, (false, false, 1), "held back");
    assert_eq!(next().await, (false, true, 1), "refused for what it says: the token is good");
    assert_eq!(next().await, (false, false, 2), "refused again and held back");
    assert_eq!(next().await, (true, false, 2));
}

#[tokio::test]
async fn callers_whose_token_is_refused_together_fetch_one_token() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.gives_token("token-2", 1).await;
    world.accepts("token-2").await;
    world.answers_updates(refused(401, "Token is expired")).await;
    let (a, b) = tokio::join!(world.update(), world.update());
    assert!(a.is_ok() && b.is_ok());
    assert_eq!((world.requests(TOKEN_PATH).await, world.requests(UPDATE_PATH).await), (1, 4));
}

#[tokio::test]
async fn a_token_that_another_process_replaced_already_is_taken_from_the_store() {
    let world = token_1_is_dead().await;
    world.store.put("token-1", world.clock.now());
    let first = post(UPDATE_PATH).respond_with(accepted()).up_to_n_times(1).with_priority(1);
    first.mount(&world.server).await;
    world.update().await.unwrap();
    world.store.put("token-of-the-other", world.clock.now());
    world.update().await.unwrap();
    assert_eq!(world.requests(TOKEN_PATH).await, 0);
}

#[tokio::test]
async fn a_refused_token_is_not_used_while_another_process_renews_it() {
    let mut world = token_1_is_dead().await;
    world.becomes_impatient();
    world.store.put("token-1", world.clock.now());
    world.store.lease_elsewhere(world.clock.now() + SignedDuration::from_secs(20));
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::TokenBusy), "{error:?}");
    assert_eq!(world.requests(UPDATE_PATH).await, 1);
}

#[tokio::test]
async fn a_replay_that_fails_otherwise_says_so() {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    world.gives_token("token-2", 1).await;
    post(UPDATE_PATH).respond_with(refused(401, "old")).up_to_n_times(1).mount(&world.server).await;
    world.answers_updates(refused(408, "silent")).await;
    assert_eq!(world.update().await.unwrap_err().outcome(), Outcome::Unknown);
    assert_eq!(world.requests(UPDATE_PATH).await, 2);
}

#[test]
fn a_call_may_move_between_threads() {
    fn check(_: &impl Send) {}
    let store = MemoryStore::default();
    let client = client(&store, &TestClock::default());
    let login = v1("http://127.0.0.1:1");
    let (organization, order) = (organization(), order());
    check(&client.order_status(&login, &organization, &order));
}
