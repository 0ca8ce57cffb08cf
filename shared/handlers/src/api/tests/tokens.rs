//! Rotating the tokens that senders use.

use std::time::Duration;

use courier_domain::account::{Account, MatchOrdersBy};
use serde_json::{Value, json};

use super::{Caller, whole_account};
use crate::testing::{self, Fault, Memory, SYRVE_TOKEN, at, secrets};

const DAY: Duration = Duration::from_hours(24);

/// The senders whose token sets take a token now.
fn accepted(caller: &Caller, token: &str) -> Vec<&'static str> {
    let state = caller.memory.state();
    let account: &Account = &state.accounts.values().next().unwrap().value;
    let now = courier_domain::clock::Clock::now(&caller.clock);
    let of_fleets = account
        .fleets
        .iter()
        .map(|(fleet, settings)| (fleet.as_str(), settings.webhook_tokens.as_ref().unwrap()));
    let of_syrve = [("syrve", &account.syrve.as_ref().unwrap().webhook_tokens)];
    let sets = of_syrve.into_iter().chain(of_fleets);
    sets.filter(|(_, set)| set.accepts(token, now)).map(|(sender, _)| sender).collect()
}

fn with_all_fleets() -> Caller {
    Caller::on(Memory::with_account(testing::with_all_fleets(MatchOrdersBy::OrderId), secrets()))
}

#[tokio::test]
async fn a_rotated_token_is_shown_once_and_the_old_one_works_for_a_day() {
    for sender in ["syrve", "captain", "jelp", "bringg"] {
        let caller = with_all_fleets();
        let (old, only) = (format!("{sender}-webhook-token"), [sender]);
        let told = caller.post(&format!("/accounts/demo/webhook_tokens/{sender}/rotate")).await;
        assert_eq!((told.status, &told.body["previous_valid_until"]), (200, &json!(at(86_400).to_string())));
        let new = told.body["webhook_token"].as_str().unwrap();
        assert!(new.len() >= 32);
        assert_eq!((accepted(&caller, new), accepted(&caller, &old)), (only.into(), only.into()));
        caller.clock.advance(DAY);
        assert_eq!((accepted(&caller, new), accepted(&caller, &old)), (only.into(), vec![]));
        assert!(!caller.get("/accounts/demo").await.text.contains(new));
    }
}

#[tokio::test]
async fn radaros_token_is_radaros_own_and_is_only_written() {
    let caller = with_all_fleets();
    let told = caller.post("/accounts/demo/webhook_tokens/radaro/rotate").await;
    assert_eq!(told.problem(), (409, ""));
    assert_eq!(accepted(&caller, "radaro-webhook-token"), ["radaro"]);
}

#[tokio::test]
async fn no_token_comes_twice() {
    let caller = Caller::with_account();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let told = caller.post("/accounts/demo/webhook_tokens/syrve/rotate").await;
        tokens.push(told.body["webhook_token"].as_str().unwrap().to_owned());
    }
    let takes: Vec<_> = tokens.iter().map(|token| accepted(&caller, token).len()).collect();
    assert_eq!(takes, [0, 1, 1], "two at once");
}

#[tokio::test]
async fn a_token_that_is_written_overlaps_like_a_rotated_one() {
    let caller = Caller::with_account();
    caller.put("demo", &whole_account()).await;
    assert_eq!(accepted(&caller, "secret-syrve-token"), ["syrve"]);
    assert_eq!(accepted(&caller, SYRVE_TOKEN), ["syrve"]);
    caller.put("demo", &whole_account()).await;
    assert_eq!(accepted(&caller, SYRVE_TOKEN), ["syrve"], "the same token again is no rotation");
    caller.clock.advance(DAY);
    assert_eq!(accepted(&caller, SYRVE_TOKEN), [""; 0]);
}

#[tokio::test]
async fn only_a_sender_of_the_account_has_a_token_to_rotate() {
    let caller = Caller::with_account();
    caller.memory.edit_account(|account| account.fleets.clear());
    for path in ["demo/webhook_tokens/captain", "demo/webhook_tokens/jelp", "nobody/webhook_tokens/syrve"] {
        assert_eq!(caller.post(&format!("/accounts/{path}/rotate")).await.status, 404, "{path}");
    }
    caller.memory.state().faults = [Some(Fault::Conflict)].into();
    let told = caller.post("/accounts/demo/webhook_tokens/syrve/rotate").await;
    assert_eq!((told.status, told.body.get("webhook_token")), (409, None::<&Value>));
}
