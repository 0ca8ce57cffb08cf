//! What happens to a login that Syrve does not accept: nobody uses it for ten minutes, and then it is tried again.

use super::*;
use crate::syrve::{Group, Outcome};
use crate::testing::Log;

const NO_SUCH: &str = "no such login";

async fn unknown_login() -> World {
    let world = World::new().await;
    post(TOKEN_PATH).respond_with(refused(401, NO_SUCH)).up_to_n_times(1).mount(&world.server).await;
    world.gives_token("token-1", 1).await;
    world.answers_updates(accepted()).await;
    world
}

/// The words and the waiting time with which a call is not made.
async fn held(world: &World, client: &Client) -> (String, u64) {
    match world.update_by(client).await {
        Err(error @ CallError::LoginHeld { .. }) => {
            let Outcome::NotSent { after: Some(after) } = error.outcome() else { panic!("{error:?}") };
            let CallError::LoginHeld { words, .. } = error else { unreachable!() };
            (words.to_string(), after.as_secs())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refused_login_is_used_by_nobody_for_ten_minutes() {
    let world = unknown_login().await;
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::LoginRejected { status: 401, .. }), "{error:?}");
    assert_eq!(world.store.1.told(), [format!("refused: {NO_SUCH}")]);
    let other = world.another_process();
    for client in [&world.client, &other] {
        assert_eq!(held(&world, client).await, (NO_SUCH.to_owned(), 600));
    }
    world.clock.advance(9);
    for client in [&world.client, &other] {
        assert_eq!(held(&world, client).await, (NO_SUCH.to_owned(), 60));
    }
    assert_eq!(world.requests(TOKEN_PATH).await, 1);
}

#[tokio::test]
async fn a_login_that_is_accepted_after_a_refusal_is_taken_off_the_record() {
    let world = unknown_login().await;
    world.update().await.unwrap_err();
    world.store.1.told();
    world.clock.advance(10);
    world.update_by(&world.another_process()).await.unwrap();
    assert_eq!(world.store.1.told(), ["accepted"]);
    world.update().await.unwrap();
    assert_eq!(world.store.1.told(), [""; 0]);
}

#[tokio::test]
async fn a_process_that_used_the_login_before_takes_a_refusal_off_the_record_too() {
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    post(TOKEN_PATH).respond_with(refused(401, NO_SUCH)).up_to_n_times(1).mount(&world.server).await;
    world.gives_token("token-2", 1).await;
    world.answers_updates(accepted()).await;
    world.update().await.unwrap();
    world.clock.advance(60);
    world.update_by(&world.another_process()).await.unwrap_err();
    held(&world, &world.client).await;
    world.store.1.told();
    world.clock.advance(10);
    world.update().await.unwrap();
    assert_eq!(world.store.1.told(), ["accepted"]);
}

#[tokio::test]
async fn a_login_that_a_person_corrected_is_used_at_once() {
    let world = unknown_login().await;
    world.update().await.unwrap_err();
    world.store.1.accept(&world.login.credentials_key()).await.unwrap();
    world.store.lease_elsewhere(world.clock.now());
    world.update_by(&world.another_process()).await.unwrap();
}

#[tokio::test]
async fn a_call_whose_words_say_that_the_login_is_blocked_stops_all_calls() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    let blocked = refused(401, "Apilogin has been blocked.");
    post(UPDATE_PATH).respond_with(blocked).up_to_n_times(1).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    assert!(matches!(world.update().await, Err(CallError::LoginBlocked { .. })));
    assert_eq!(world.store.1.told(), ["refused: Apilogin has been blocked."]);
    held(&world, &world.client).await;
    let other = world.client.order_status(&world.login, &organization(), &order()).await;
    assert!(matches!(other, Err(CallError::LoginHeld { .. })), "of every group: {other:?}");
    world.clock.advance(10);
    world.update().await.unwrap();
    assert_eq!(world.store.1.told(), ["accepted"]);
}

#[tokio::test]
async fn a_missing_right_or_a_refused_token_is_no_refusal_of_the_login() {
    for text in ["Right is not allowed for this ApiLogin.", "No"] {
        let world = World::new().await;
        world.gives_token("token-1", 1).await;
        world.gives_token("token-2", 1).await;
        world.answers_updates(refused(401, text)).await;
        world.update().await.unwrap_err();
        assert_eq!(world.store.1.told(), [""; 0]);
    }
}

#[tokio::test]
async fn a_call_that_works_while_another_is_refused_leaves_the_refusal_on_record() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.answers_updates(accepted().set_delay(Duration::from_millis(100))).await;
    let refused_meanwhile = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let since = world.clock.now();
        let until = since + SignedDuration::from_mins(10);
        let refusal = Refusal { since, until, words: "blocked".to_owned() };
        world.store.1.refuse(&world.login.key(), &refusal).await.unwrap();
    };
    let (updated, ()) = tokio::join!(world.update(), refused_meanwhile);
    updated.unwrap();
    assert_eq!(world.store.1.told(), ["refused: blocked"]);
    held(&world, &world.client).await;
}

#[tokio::test]
async fn a_wrong_client_secret_keeps_nobody_from_the_same_login_without_one() {
    let mut world = World::new().await;
    post("/api/v2/access_token").respond_with(refused(401, NO_SUCH)).mount(&world.server).await;
    world.gives_token("token-1", 1).await;
    world.answers_updates(accepted()).await;
    let plain = world.login.clone();
    world.login.credentials = Credentials::V2 {
        api_key: Secret::new(LOGIN),
        app_id: "app".to_owned(),
        client_secret: Secret::new("wrong"),
    };
    assert!(matches!(world.update().await, Err(CallError::LoginRejected { .. })));
    held(&world, &world.client).await;
    world.login = plain;
    world.store.lease_elsewhere(world.clock.now());
    world.update_by(&world.another_process()).await.unwrap();
}

#[tokio::test]
async fn a_token_from_before_the_refusal_does_not_keep_the_login_from_being_tried() {
    let world = World::new().await;
    world.store.put("old", world.clock.now());
    let blocked = refused(401, "Apilogin has been blocked.");
    post(UPDATE_PATH).respond_with(blocked).up_to_n_times(1).mount(&world.server).await;
    post(UPDATE_PATH)
        .and(header("authorization", "Bearer old"))
        .respond_with(refused(401, "expired"))
        .mount(&world.server)
        .await;
    world.gives_token("new", 1).await;
    world.accepts("new").await;
    world.update().await.unwrap_err();
    world.clock.advance(10);
    world.update().await.unwrap();
    world.update().await.unwrap();
}

#[tokio::test]
async fn a_call_with_a_leave_of_its_own_takes_no_other_place() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.answers_updates(accepted()).await;
    let leave = world.client.enter(&world.login, Group::OrderStatus).await.unwrap();
    assert_eq!(world.store.1.passed().len(), 1);
    let client = &world.client;
    let on_way = PosStatus::OnWay;
    client
        .update_order_delivery_status(&world.login, &organization(), &order(), on_way, None, Some(leave))
        .await
        .unwrap();
    assert_eq!(world.store.1.passed(), []);
}

#[tokio::test]
async fn no_line_of_the_log_shows_a_login_or_a_token() {
    let log = Log::start();
    let world = World::new().await;
    world.gives_token("token-1", 1).await;
    let quoting = format!("{LOGIN} with token-1 has been blocked");
    world.answers_updates(refused(401, &quoting)).await;
    world.store.1.open().unwritable = true;
    world.update().await.unwrap_err();
    let text = log.text();
    assert!(text.contains("refused login not recorded"), "{text}");
    for secret in [LOGIN, "token-1"] {
        assert!(!text.contains(secret), "{text}");
    }
}
