//! What is asked before a call and told after it.

use std::sync::Arc;

use courier_domain::gate::Rate;
use tokio::task::JoinSet;

use super::*;
use crate::captain::Group;

/// Every call about a driver.
async fn drivers(world: &World) {
    let _ = world.client.upsert_driver(&world.login, &json!({}), None).await;
    world.client.clock_in_driver(&world.login, "/on-duty/{driver_uuid}", DRIVER, None).await.unwrap();
    world.client.clock_out_driver(&world.login, DRIVER, None).await.unwrap();
}

#[tokio::test]
async fn orders_and_drivers_share_the_rate_of_the_keys() {
    let mut world = World::answering(says(200, json!([]))).await;
    world.login.requests_per_minute = 77;
    world.update().await.unwrap();
    world.client.find_order(&world.login, PARTNERS_ID, None).await.unwrap();
    drivers(&world).await;
    let (orders, drivers) = (("captain", Rate::per_minute(58)), ("captain_drivers", Rate::per_minute(19)));
    assert_eq!(world.gate.passed(), [orders, orders, drivers, drivers, drivers]);
    assert_eq!(world.gate.told(), [""; 0]);
}

#[tokio::test]
async fn a_rate_too_small_to_be_shared_is_one_for_all_calls() {
    let mut world = World::answering(says(200, json!({}))).await;
    world.login.requests_per_minute = 3;
    world.update().await.unwrap();
    drivers(&world).await;
    assert_eq!(world.gate.passed(), [("captain", Rate::per_minute(3)); 4]);
}

#[tokio::test]
async fn an_order_does_not_wait_behind_drivers() {
    let world = World::answering(says(200, json!({}))).await;
    world.gate.open().strict = true;
    let mut told = 0;
    while world.client.clock_out_driver(&world.login, DRIVER, None).await.is_ok() {
        told += 1;
    }
    assert_eq!(told, Rate::per_minute(75).burst);
    world.update().await.unwrap();
}

#[tokio::test]
async fn fifty_callers_together_make_no_more_calls_than_the_rate_allows() {
    let mut world = World::answering(ResponseTemplate::new(200)).await;
    world.gate.open().strict = true;
    world.login.requests_per_minute = 20;
    let world = Arc::new(world);
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let world = Arc::clone(&world);
        callers.spawn(async move { world.update().await.map_err(|error| error.outcome()) });
    }
    let outcomes = callers.join_all().await;
    let rate = Rate::per_minute(15);
    let burst = usize::try_from(rate.burst).unwrap();
    assert_eq!(world.requests().await, burst);
    let wait = Outcome::NotSent { after: Some(Duration::from_millis(rate.interval().unsigned_abs())) };
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err(wait)).count(), 50 - burst);
}

#[tokio::test]
async fn failures_hold_calls_back_and_an_answer_lets_them_through_again() {
    let world = World::new().await;
    request("PATCH", ORDER_PATH).respond_with(unusual(500, "")).up_to_n_times(5).mount(&world.server).await;
    request("PATCH", ORDER_PATH).respond_with(unusual(404, "")).mount(&world.server).await;
    for _ in 0..5 {
        world.update().await.unwrap_err();
    }
    let held = world.update().await.unwrap_err().outcome();
    assert_eq!(held, Outcome::NotSent { after: Some(Duration::from_secs(5)) });
    assert_eq!(world.requests().await, 5);
    world.clock.advance_seconds(5);
    for _ in 0..2 {
        assert!(matches!(world.update().await, Err(CallError::Rejected { status: 404, .. })));
    }
    let failed = "captain Fails { after: None }";
    assert_eq!(world.gate.told(), [failed, failed, failed, failed, failed, "captain Works"]);
}

#[tokio::test]
async fn calls_wait_as_long_as_captain_says() {
    let world = World::answering(unusual(429, "slow down").insert_header("retry-after", "11")).await;
    world.update().await.unwrap_err();
    assert_eq!(world.gate.told(), ["captain Fails { after: Some(11s) }"]);
    let held = world.update().await.unwrap_err().outcome();
    assert_eq!(held, Outcome::NotSent { after: Some(Duration::from_secs(11)) });
    assert_eq!(world.requests().await, 1);
}

#[tokio::test]
async fn refused_keys_are_used_by_nobody_for_ten_minutes() {
    let world = World::new().await;
    request("PATCH", ORDER_PATH)
        .respond_with(unusual(401, "bad key"))
        .up_to_n_times(1)
        .mount(&world.server)
        .await;
    request("PATCH", ORDER_PATH).respond_with(ResponseTemplate::new(200)).mount(&world.server).await;
    world.update().await.unwrap_err();
    assert_eq!(world.gate.told(), ["refused: bad key"]);
    let other = world.another_process();
    for client in [&world.client, &other] {
        let error = client.update_order(&world.login, ORDER, &json!({}), None).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent { after: Some(Duration::from_mins(10)) });
        assert_eq!(error.to_string(), "is not called now: it refused the login: bad key");
    }
    assert_eq!(world.requests().await, 1);
    world.clock.advance(10);
    world.update().await.unwrap();
    world.update().await.unwrap();
    assert_eq!(world.gate.told(), ["accepted"]);
}

#[tokio::test]
async fn what_the_keys_may_not_do_is_no_refusal_of_the_keys() {
    let world = World::new().await;
    request("PATCH", ORDER_PATH)
        .respond_with(unusual(403, "not your account"))
        .up_to_n_times(1)
        .mount(&world.server)
        .await;
    request("PATCH", ORDER_PATH).respond_with(ResponseTemplate::new(200)).mount(&world.server).await;
    assert!(matches!(world.update().await, Err(CallError::Forbidden { .. })));
    assert_eq!(world.gate.told(), [""; 0]);
    world.update().await.unwrap();
}

#[tokio::test]
async fn a_gate_that_cannot_be_read_lets_nobody_through() {
    let world = World::answering(ResponseTemplate::new(200)).await;
    world.gate.open().unreadable = true;
    assert_eq!(world.update().await.unwrap_err().outcome(), Outcome::NotSent { after: None });
    assert_eq!(world.requests().await, 0);
}

#[tokio::test]
async fn keys_that_were_refused_are_tried_by_one_caller_at_a_time() {
    let world = Arc::new(World::new().await);
    let refused = unusual(401, "bad key").set_delay(Duration::from_millis(100));
    request("PATCH", ORDER_PATH).respond_with(refused).mount(&world.server).await;
    world.update().await.unwrap_err();
    for _ in 0..2 {
        world.clock.advance(10);
        let before = world.requests().await;
        let mut callers = JoinSet::new();
        for _ in 0..10 {
            let world = Arc::clone(&world);
            callers.spawn(async move {
                world.another_process().update_order(&world.login, ORDER, &Value::Null, None).await
            });
        }
        let answers = callers.join_all().await;
        assert_eq!(world.requests().await, before + 1);
        let held = answers.iter().filter(|answer| matches!(answer, Err(CallError::LoginHeld { .. })));
        assert_eq!(held.count(), 9);
    }
}

#[tokio::test]
async fn an_answer_about_the_order_shows_that_the_keys_are_good_again() {
    let world = World::new().await;
    for status in [401, 404] {
        request("PATCH", ORDER_PATH)
            .respond_with(unusual(status, "no"))
            .up_to_n_times(1)
            .mount(&world.server)
            .await;
    }
    request("PATCH", ORDER_PATH).respond_with(ResponseTemplate::new(200)).mount(&world.server).await;
    world.update().await.unwrap_err();
    world.clock.advance(10);
    world.update().await.unwrap_err();
    world.update().await.unwrap();
    assert_eq!(world.gate.told(), ["refused: no", "accepted"]);
}

#[tokio::test]
async fn a_try_that_shows_nothing_is_followed_by_another_half_a_minute_later() {
    let world = World::new().await;
    for status in [401, 500] {
        request("PATCH", ORDER_PATH)
            .respond_with(unusual(status, "no"))
            .up_to_n_times(1)
            .mount(&world.server)
            .await;
    }
    request("PATCH", ORDER_PATH).respond_with(ResponseTemplate::new(200)).mount(&world.server).await;
    world.update().await.unwrap_err();
    world.clock.advance(10);
    assert_eq!(world.update().await.unwrap_err().outcome(), Outcome::Unknown);
    let held = world.update().await.unwrap_err().outcome();
    assert_eq!(held, Outcome::NotSent { after: Some(Duration::from_secs(30)) });
    world.clock.advance_seconds(30);
    world.update().await.unwrap();
    world.update().await.unwrap();
}

#[tokio::test]
async fn a_call_with_a_passage_of_its_own_takes_no_other_place() {
    let world = World::answering(ResponseTemplate::new(200)).await;
    let passage = world.client.enter(&world.login, Group::Orders).await.unwrap();
    assert_eq!(world.gate.passed().len(), 1);
    world.client.update_order(&world.login, ORDER, &Value::Null, Some(passage)).await.unwrap();
    assert_eq!(world.gate.passed(), []);
}
