//! What is asked before a call and told after it, and what becomes of calls that may not be made.

use tokio::task::JoinSet;

use super::*;
use crate::syrve::Outcome;
use crate::testing::{Log, hangs_up_after, nobody};

/// A world with a token, in which updates are answered so.
async fn answering(answer: ResponseTemplate) -> World {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.answers_updates(answer).await;
    world
}

impl World {
    /// What the gate was told since this was last asked.
    fn told(&self) -> Vec<String> {
        self.store.1.told()
    }

    async fn held_back(&self) -> Duration {
        match self.update().await {
            Err(CallError::HeldBack { after }) => after,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn every_request_takes_a_place_in_the_rate_of_its_group() {
    let mut world = World::new().await;
    world.login.rates = SyrveRates { order_status: 77, orders: 7, commands: 33, ..SyrveRates::default() };
    world.gives_token("token-1", 1).await;
    world.answers_updates(accepted()).await;
    world.update().await.unwrap();
    let _ = world.client.order_status(&world.login, &organization(), &order()).await;
    let _ = world.client.command_status(&world.login, &organization(), &CORRELATION.to_owned().into()).await;
    let passed = [
        ("authorization", Rate::spaced(12)),
        ("order_status", Rate::per_minute(77)),
        ("orders", Rate::per_minute(7)),
        ("commands", Rate::per_minute(33)),
    ];
    assert_eq!(world.store.1.passed(), passed);
}

#[tokio::test]
async fn a_replay_takes_a_place_of_its_own() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world.gives_token("token-2", 1).await;
    world.accepts("token-2").await;
    world.answers_updates(refused(401, "Token is expired")).await;
    world.update().await.unwrap();
    let groups: Vec<_> = world.store.1.passed().into_iter().map(|(group, _)| group).collect();
    assert_eq!(groups, ["order_status", "authorization", "order_status"]);
}

#[tokio::test]
async fn fifty_callers_together_make_no_more_calls_than_the_rate_allows() {
    let mut world = answering(accepted()).await;
    world.store.1.open().strict = true;
    world.login.rates.order_status = 20;
    let world = Arc::new(world);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let world = Arc::clone(&world);
        callers
            .spawn(async move { world.update_by(&world.another_process()).await.map_err(|e| e.outcome()) });
    }
    let outcomes = callers.join_all().await;
    let burst = usize::try_from(Rate::per_minute(20).burst).unwrap();
    assert_eq!(world.requests(UPDATE_PATH).await, burst);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), burst);
    let wait = Outcome::NotSent { after: Some(Duration::from_millis(3750)) };
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(wait)).count(), 50 - burst);
    world.clock.advance_seconds(4);
    world.update().await.unwrap();
    world.held_back().await;
}

#[tokio::test]
async fn a_call_that_works_writes_nothing() {
    let world = answering(accepted()).await;
    world.update().await.unwrap();
    world.update().await.unwrap();
    assert_eq!(world.told(), [""; 0]);
}

#[tokio::test]
async fn what_shows_that_syrve_fails_is_told() {
    for (answer, told) in [
        (refused(429, "Too many requests").insert_header("retry-after", "7"), "Fails { after: Some(7s) }"),
        (refused(429, "Too many requests"), "Fails { after: None }"),
        (refused(503, "busy").insert_header("retry-after", "9"), "Fails { after: Some(9s) }"),
        (refused(502, ""), "Fails { after: None }"),
        (refused(500, "oops").insert_header("retry-after", "3"), "Fails { after: Some(3s) }"),
        (refused(504, ""), "Fails { after: None }"),
    ] {
        let world = answering(answer).await;
        world.update().await.unwrap_err();
        assert_eq!(world.told(), [format!("order_status {told}")]);
    }
}

#[tokio::test]
async fn a_network_that_fails_is_told() {
    for address in
        [nobody(), hangs_up_after(""), hangs_up_after("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{")]
    {
        let mut world = World::new().await;
        world.store.put("token-1", world.clock.now());
        world.login.base_url = address;
        world.update().await.unwrap_err();
        assert_eq!(world.told(), ["order_status Fails { after: None }"]);
    }
}

#[tokio::test]
async fn an_answer_is_no_failure_whatever_it_says() {
    for answer in [
        refused(400, "Order is closed"),
        refused(404, ""),
        refused(408, "Terminal does not answer"),
        refused(500, "Terminal group is not available"),
        refused(504, "No answer from the restaurant"),
        refused(401, "Right is not allowed for this ApiLogin."),
        ResponseTemplate::new(200).set_body_string("<html>"),
    ] {
        let world = answering(answer).await;
        world.update().await.unwrap_err();
        assert_eq!(world.told(), [""; 0]);
    }
}

#[tokio::test]
async fn the_first_answer_after_failures_is_told() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    post(UPDATE_PATH).respond_with(refused(503, "")).up_to_n_times(2).mount(&world.server).await;
    world.answers_updates(refused(400, "no")).await;
    for _ in 0..4 {
        world.update().await.unwrap_err();
    }
    let failed = "order_status Fails { after: None }";
    assert_eq!(world.told(), [failed, failed, "order_status Works"]);
    assert_eq!(world.store.1.failures("order_status"), 0);
}

#[tokio::test]
async fn after_five_failures_one_call_at_a_time_is_made() {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    post(UPDATE_PATH).respond_with(refused(503, "")).up_to_n_times(6).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    for _ in 0..5 {
        assert_eq!(world.update().await.unwrap_err().outcome(), Outcome::Retry { after: None });
    }
    assert_eq!(world.held_back().await, Duration::from_secs(5));
    world.clock.advance_seconds(5);
    let (a, b) = tokio::join!(world.update(), world.update());
    assert!(matches!(a, Err(CallError::Unavailable { .. })), "{a:?}");
    assert!(matches!(b, Err(CallError::HeldBack { after }) if after == Duration::from_secs(2)), "{b:?}");
    assert_eq!(world.requests(UPDATE_PATH).await, 6);
    world.clock.advance_seconds(30);
    world.update().await.unwrap();
    world.update().await.unwrap();
}

#[tokio::test]
async fn a_group_is_left_alone_for_as_long_as_syrve_says() {
    let world = answering(refused(429, "Too many").insert_header("retry-after", "7")).await;
    assert_eq!(
        world.update().await.unwrap_err().outcome(),
        Outcome::Retry { after: Some(Duration::from_secs(7)) }
    );
    assert_eq!(world.held_back().await, Duration::from_secs(7));
    assert_eq!(world.requests(UPDATE_PATH).await, 1);
    let other = world.client.order_status(&world.login, &organization(), &order()).await;
    assert!(
        matches!(other, Err(CallError::Rejected { status: 404, .. })),
        "another group is free: {other:?}"
    );
}

#[tokio::test]
async fn a_gate_that_cannot_be_read_lets_nobody_through() {
    let world = answering(accepted()).await;
    world.store.1.open().unreadable = true;
    let error = world.update().await.unwrap_err();
    assert!(matches!(error, CallError::Gate(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent { after: None });
    assert_eq!(world.requests(UPDATE_PATH).await, 0);
}

#[tokio::test]
async fn a_gate_that_cannot_be_written_leaves_the_answer_as_it_is() {
    let log = Log::start();
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    post(UPDATE_PATH).respond_with(refused(503, "")).up_to_n_times(1).mount(&world.server).await;
    post(UPDATE_PATH).respond_with(refused(502, "")).up_to_n_times(1).mount(&world.server).await;
    world.answers_updates(accepted()).await;
    world.update().await.unwrap_err();
    world.store.1.open().unwritable = true;
    assert!(matches!(world.update().await, Err(CallError::Unavailable { status: 502, .. })));
    world.update().await.unwrap();
    assert_eq!(world.store.1.failures("order_status"), 1);
    assert_eq!(log.text().matches("outcome of a call not recorded").count(), 2);
}

#[tokio::test]
async fn a_token_that_is_asked_for_too_often_is_waited_for_and_nothing_is_sent() {
    let world = World::new().await;
    world.store.1.open().strict = true;
    world.gives_token("token-1", 1).await;
    world.gives_token("token-2", 1).await;
    world.accepts("token-2").await;
    world.answers_updates(refused(401, "Token is expired")).await;
    let error = world.update().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent { after: Some(Duration::from_secs(5)) }, "{error:?}");
    assert_eq!((world.requests(TOKEN_PATH).await, world.requests(UPDATE_PATH).await), (1, 1));
    world.clock.advance_seconds(1);
    assert_eq!(world.held_back().await, Duration::from_secs(19), "the lease");
    world.clock.advance_seconds(19);
    world.update().await.unwrap();
}

#[tokio::test]
async fn an_address_that_is_none_takes_no_place() {
    let mut world = answering(accepted()).await;
    world.login.base_url = "ftp://127.0.0.1".to_owned();
    assert!(matches!(world.update().await, Err(CallError::Unsendable { .. })));
    assert_eq!(world.store.1.passed(), []);
}
