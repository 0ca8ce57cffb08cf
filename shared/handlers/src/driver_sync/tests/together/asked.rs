//! Somebody asks for a sync of many restaurants of one login at once, whose rate allows a call a minute.

use std::time::Duration;

use courier_domain::sync::{SyncMessage, SyncState};

use super::Chain;
use crate::queue::Verdict;
use crate::testing::{held_back, unavailable};

const LOOK: Verdict = Verdict::Later(Duration::from_secs(15));

/// Requests for all of them, a second apart.
async fn requests(chain: &Chain, count: usize) -> Vec<SyncMessage> {
    let mut messages = Vec::new();
    for number in 0..count {
        chain.clock.advance(Duration::from_secs(1));
        messages.push(chain.ask(number).await);
    }
    messages
}

#[tokio::test]
async fn fifty_requests_are_answered_by_the_first_in_one_call() {
    let chain = Chain::of(50);
    let messages = requests(&chain, 50).await;
    for message in &messages[1..] {
        assert_eq!(chain.receive(message).await, LOOK);
    }
    assert_eq!(chain.receive(&messages[0]).await, Verdict::Done);
    assert_eq!(chain.lists.calls(), ["organizations of chain", "couriers of 50 for chain"]);
    for (number, message) in messages.iter().enumerate() {
        assert_eq!(chain.receive(message).await, Verdict::Done);
        assert_eq!((chain.counts(number), chain.error(number)), ([2, 0, 0, 0], None));
        assert_eq!(chain.stored(number).unwrap().run_at, message.run_at);
    }
    assert_eq!(chain.lists.calls(), [""; 0]);
}

#[tokio::test]
async fn requests_that_come_while_the_rate_is_used_up_are_all_answered_a_minute_later() {
    let chain = Chain::of(30);
    let first = chain.ask(0).await;
    assert_eq!(chain.receive(&first).await, Verdict::Done);
    let messages = requests(&chain, 30).await;
    chain.lists.calls();
    chain.lists.fail([Some(held_back(30))]);
    assert_eq!(chain.receive(&messages[0]).await, Verdict::Later(Duration::from_secs(31)));
    for message in &messages[1..] {
        assert_eq!(chain.receive(message).await, LOOK, "the rate is not asked for each of them");
    }
    chain.clock.advance(Duration::from_secs(31));
    for message in &messages {
        assert_eq!(chain.receive(message).await, Verdict::Done);
    }
    let calls = ["organizations of chain", "organizations of chain", "couriers of 30 for chain"];
    assert_eq!(chain.lists.calls(), calls);
    assert!((0..30).all(|number| chain.stored(number).unwrap().state == SyncState::Succeeded));
}

#[tokio::test]
async fn more_than_fifty_are_answered_fifty_at_a_time() {
    let chain = Chain::of(70);
    let messages = requests(&chain, 70).await;
    for message in &messages {
        assert_eq!(chain.receive(message).await, Verdict::Done);
    }
    let calls = chain.lists.calls();
    assert_eq!([&calls[1], &calls[3]], ["couriers of 50 for chain", "couriers of 20 for chain"]);
    assert_eq!(calls.len(), 4);
}

#[tokio::test]
async fn a_request_that_fails_is_tried_again_with_those_it_has_taken_along() {
    let chain = Chain::of(3);
    let messages = requests(&chain, 3).await;
    chain.lists.fail([Some(unavailable())]);
    let Verdict::Later(pause) = chain.receive(&messages[0]).await else { panic!("given up") };
    chain.clock.advance(pause);
    assert_eq!(chain.receive(&messages[0]).await, Verdict::Done);
    for message in &messages[1..] {
        assert_eq!(chain.receive(message).await, Verdict::Done);
    }
    assert_eq!(chain.lists.calls().len(), 3);
}

#[tokio::test]
async fn a_request_whose_function_died_keeps_the_others_for_minutes_and_not_longer() {
    let chain = Chain::of(3);
    let messages = requests(&chain, 3).await;
    chain.clock.advance(Duration::from_secs(290));
    assert_eq!(chain.receive(&messages[1]).await, LOOK);
    chain.clock.advance(Duration::from_secs(15));
    assert_eq!(chain.receive(&messages[1]).await, Verdict::Done);
    assert_eq!(chain.lists.calls()[1], "couriers of 2 for chain");
}

#[tokio::test]
async fn a_request_made_twice_is_answered_once() {
    let chain = Chain::of(1);
    let messages = [chain.ask(0).await, {
        chain.clock.advance(Duration::from_secs(1));
        chain.ask(0).await
    }];
    for message in &messages {
        assert_eq!(chain.receive(message).await, Verdict::Done);
    }
    assert_eq!((chain.lists.calls().len(), chain.stored(0).unwrap().run_at), (2, messages[1].run_at));
}

#[tokio::test]
async fn a_request_whose_record_is_lost_is_answered_by_itself() {
    let chain = Chain::of(2);
    let mut message = chain.ask(1).await;
    message.login = Some("another".into());
    assert_eq!(chain.receive(&message).await, Verdict::Done);
    assert_eq!(chain.lists.calls()[1], "couriers of 1 for chain");
}

#[tokio::test]
async fn the_schedules_own_run_answers_requests_that_were_made_before_it() {
    let chain = Chain::of(3);
    let messages = requests(&chain, 3).await;
    chain.clock.advance(Duration::from_secs(1));
    assert_eq!(chain.receive(&chain.message()).await, Verdict::Done);
    chain.lists.calls();
    for message in &messages {
        assert_eq!(chain.receive(message).await, Verdict::Done);
    }
    assert_eq!(chain.lists.calls(), [""; 0]);
}
