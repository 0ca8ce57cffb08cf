//! Deletions: the subscription first and its secrets after it, alone or with the account, which is last; finished by the next
//! call if cut off.

use uuid::Uuid;

use super::super::Caller;
use super::{ALL, add_account, body, demo};
use crate::testing::{Fault, at};

fn left(caller: &Caller) -> (usize, usize, usize) {
    let told = &caller.memory.state().told;
    (told.subscriptions.len(), told.secrets.len(), told.lines.len())
}

#[tokio::test]
async fn a_deleted_subscription_is_gone_with_its_secrets_and_its_line() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.subscribed().await;
    caller.disable(id);
    let told = caller.delete(&path).await;
    assert_eq!((told.status, told.text.as_str()), (204, ""));
    assert_eq!(left(&caller), (1, 1, 0));
    assert_eq!(caller.get(&path).await.status, 404);
    assert_eq!(caller.delete(&path).await.problem(), (404, ""));
}

#[tokio::test]
async fn a_deletion_that_failed_half_way_is_finished_by_the_next() {
    let caller = Caller::with_account();
    let (path, id) = caller.subscribed().await;
    caller.memory.state().told.subscriptions.remove(&(demo(), id));
    assert_eq!(caller.delete(&path).await.problem(), (404, ""));
    assert_eq!(left(&caller), (0, 0, 0));
}

#[tokio::test]
async fn a_deleted_account_takes_its_subscriptions_along() {
    let caller = Caller::with_account();
    add_account(&caller, "other");
    for path in [ALL, ALL, ALL, "/accounts/other/subscriptions"] {
        assert_eq!(caller.post_with(path, &body()).await.status, 201);
    }
    assert_eq!(caller.delete("/accounts/demo").await.status, 204);
    assert_eq!(left(&caller), (1, 1, 0));
    let others = caller.get("/accounts/other/subscriptions").await.body;
    assert_eq!(others["items"].as_array().unwrap().len(), 1);
    assert_eq!(caller.get(ALL).await.status, 404);
}

#[tokio::test]
async fn an_account_stays_until_the_last_of_its_subscriptions_is_deleted() {
    let caller = Caller::with_account();
    for _ in 0..3 {
        caller.subscribed().await;
    }
    caller.memory.state().faults = [None, Some(Fault::Lost)].into();
    assert_eq!(caller.delete("/accounts/demo").await.problem().0, 503);
    assert_eq!(left(&caller), (2, 2, 0));
    assert_eq!(caller.get("/accounts/demo").await.status, 200, "the next call finds it");
    assert_eq!(caller.delete("/accounts/demo").await.status, 204);
    assert_eq!(left(&caller), (0, 0, 0));
}

#[tokio::test]
async fn a_subscription_that_is_made_while_its_account_is_deleted_is_deleted_too() {
    let caller = Caller::with_account();
    let (_, id) = caller.subscribed().await;
    caller.memory.state().rival = Some(Box::new(move |state| {
        let mut late = state.told.subscriptions[&(demo(), id)].clone();
        late.value.id = Uuid::from_u128(1);
        state.told.subscriptions.insert((demo(), late.value.id), late);
    }));
    assert_eq!(caller.delete("/accounts/demo").await.status, 204);
    assert_eq!(left(&caller), (0, 0, 0));
}

/// Between the check of its account and its own record lie look-ups and writes.
#[tokio::test]
async fn a_subscription_of_an_account_that_is_deleted_meanwhile_is_not_kept() {
    for is_made_anew in [false, true] {
        let caller = Caller::with_account();
        caller.memory.state().rival = Some(Box::new(move |state| {
            let mut account = state.accounts.remove(&demo()).unwrap();
            account.value.created_at = at(1);
            if is_made_anew {
                state.accounts.insert(demo(), account);
            }
        }));
        assert_eq!(caller.post_with(ALL, &body()).await.problem(), (404, ""));
        assert_eq!(left(&caller), (0, 0, 0));
    }
}

#[tokio::test]
async fn what_is_left_of_an_account_that_is_gone_is_deleted_by_the_next_call() {
    let caller = Caller::with_account();
    caller.subscribed().await;
    caller.memory.state().accounts.clear();
    assert_eq!(caller.delete("/accounts/demo").await.problem().0, 404);
    assert_eq!(left(&caller), (0, 0, 0));
    assert!(caller.memory.state().secrets.is_empty());
}
