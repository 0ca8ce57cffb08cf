//! Accounts: written over the version they were read at, listed by id, and read seldom.

use courier_cloud::table::CachedAccounts;
use courier_domain::ports::{Accounts, Directory, Versioned};
use futures::future::join_all;
use serde_json::json;

use crate::common::*;

#[tokio::test]
async fn an_account_is_read_as_it_was_written_and_never_with_a_token_in_it() {
    let store = Store::new().await;
    assert!(store.table.write_account(&fresh(restaurant("demo"))).await.unwrap());
    let read = store.table.read_account(&demo()).await.unwrap();
    assert_eq!(read, Some(Versioned { value: restaurant("demo"), version: 1 }));
    let text = format!("{:?}", store.items().await);
    assert!(!text.contains("\"old\"") && !text.contains("\"new\""));
    assert!(store.expiries().await.iter().all(|(_, expires)| expires.is_none()));
}

#[tokio::test]
async fn an_account_that_somebody_else_wrote_meanwhile_is_left_alone() {
    let store = Store::new().await;
    let at_version = |version| Versioned { value: restaurant("demo"), version };
    assert!(!store.table.write_account(&at_version(1)).await.unwrap());
    assert!(store.table.write_account(&at_version(0)).await.unwrap());
    assert!(!store.table.write_account(&at_version(0)).await.unwrap());
    assert!(store.table.write_account(&at_version(1)).await.unwrap());
    assert!(!store.table.write_account(&at_version(1)).await.unwrap());
}

#[tokio::test]
async fn accounts_are_listed_by_id_page_by_page() {
    let store = Store::new().await;
    for id in ["c", "a", "e", "b", "d"] {
        store.table.write_account(&fresh(restaurant(id))).await.unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.table.list_accounts(2, after.as_ref()).await.unwrap();
        seen.extend(page.items.into_iter().map(|account| account.account_id.to_string()));
        let Some(next) = page.next else { break };
        after = Some(account(&next));
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn an_account_is_deleted_once() {
    let store = Store::new().await;
    store.table.write_account(&fresh(restaurant("demo"))).await.unwrap();
    assert!(store.table.delete_account(&demo()).await.unwrap());
    assert!(!store.table.delete_account(&demo()).await.unwrap());
    assert!(store.table.read_account(&demo()).await.unwrap().is_none());
    assert!(store.table.list_accounts(10, None).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn an_account_is_read_once_for_many_callers_whether_it_exists_or_not() {
    let store = Store::new().await;
    store.table.write_account(&fresh(restaurant("demo"))).await.unwrap();
    let cached = CachedAccounts::new(store.table.clone());
    for (id, known) in [(demo(), true), (account("nobody"), false)] {
        store.requests.take();
        let answers = join_all((0..50).map(|_| cached.account(&id))).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap().is_some() == known));
        cached.account(&id).await.unwrap();
        assert_eq!(store.requests.take(), 1);
    }
}

#[tokio::test]
async fn a_failed_read_of_an_account_is_not_remembered() {
    let broken = error("ValidationException", json!({ "message": "no" }));
    let server = server(InTurn::new([broken, ok(json!({}))])).await;
    let table = courier_cloud::table::Table::new(aws(server.uri()).dynamodb(), TABLE.into());
    let cached = CachedAccounts::new(table);
    assert!(cached.account(&demo()).await.is_err());
    assert!(cached.account(&demo()).await.unwrap().is_none());
}
