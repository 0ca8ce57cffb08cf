//! Access tokens: one caller at a time fetches a new one.

use courier_domain::ports::{StoredToken, TokenStore};
use courier_domain::secret::Secret;
use futures::future::join_all;

use crate::common::*;

const LOGIN: &str = "login-hash";

fn token(text: &str, second: i64) -> StoredToken {
    StoredToken { token: Secret::new(text), obtained_at: at(second) }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_one_of_many_callers_gets_the_lease() {
    let store = Store::new().await;
    let asked = join_all((0..32).map(|_| store.table.lease(LOGIN, at(0), at(10)))).await;
    assert_eq!(asked.into_iter().filter(|got| *got.as_ref().unwrap()).count(), 1);
}

#[tokio::test]
async fn a_lease_that_ran_out_can_be_taken_and_not_before() {
    let store = Store::new().await;
    assert!(store.table.lease(LOGIN, at(0), at(10)).await.unwrap());
    assert!(!store.table.lease(LOGIN, at(9), at(19)).await.unwrap());
    assert!(store.table.lease(LOGIN, at(10), at(20)).await.unwrap());
    assert!(store.table.lease("another login", at(0), at(10)).await.unwrap());
}

#[tokio::test]
async fn storing_a_token_gives_the_lease_back() {
    let store = Store::new().await;
    assert!(store.table.lease(LOGIN, at(0), at(10)).await.unwrap());
    store.table.store(LOGIN, &token("first", 1)).await.unwrap();
    assert_eq!(store.table.token(LOGIN).await.unwrap(), Some(token("first", 1)));
    assert!(store.table.lease(LOGIN, at(1), at(11)).await.unwrap());
}

#[tokio::test]
async fn the_old_token_stays_readable_while_a_new_one_is_fetched() {
    let store = Store::new().await;
    assert_eq!(store.table.token(LOGIN).await.unwrap(), None);
    store.table.lease(LOGIN, at(0), at(10)).await.unwrap();
    assert_eq!(store.table.token(LOGIN).await.unwrap(), None);
    store.table.store(LOGIN, &token("first", 1)).await.unwrap();
    store.table.lease(LOGIN, at(2), at(12)).await.unwrap();
    assert_eq!(store.table.token(LOGIN).await.unwrap(), Some(token("first", 1)));
}

#[tokio::test]
async fn tokens_and_leases_alike_are_forgotten_after_two_hours() {
    let store = Store::new().await;
    store.table.lease(LOGIN, at(0), at(10)).await.unwrap();
    assert_eq!(store.expiries().await, [("TOKEN".into(), Some(at(7210).as_second()))]);
    store.table.store(LOGIN, &token("first", 20)).await.unwrap();
    assert_eq!(store.expiries().await, [("TOKEN".into(), Some(at(7220).as_second()))]);
}
