//! All accounts, as the driver sync asks for them, and what goes with an account.

use aws_sdk_dynamodb::types::AttributeValue;
use courier_domain::account::Account;
use courier_domain::ids::AccountId;
use courier_domain::ports::{Directory, Orders, SyncAccounts, SyncRuns};
use courier_domain::sync::{Claim, DriverSync};

use crate::common::*;

#[tokio::test]
async fn all_accounts_come_by_id_in_as_few_requests_as_it_takes() {
    let store = Store::new().await;
    let ids: Vec<AccountId> = (0..15).map(|n| account(&format!("account-{n:02}"))).collect();
    for id in ids.iter().rev() {
        let long = Account { name: "n".repeat(100_000), ..restaurant(id.as_str()) };
        assert!(store.table.write_account(&fresh(long)).await.unwrap());
    }
    store.requests.take();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.table.accounts_after(after.as_ref()).await.unwrap();
        seen.extend(page.items.into_iter().map(|account| account.account_id));
        let Some(next) = page.next else { break };
        after = Some(account(&next));
    }
    assert_eq!((seen, store.requests.take()), (ids, 2));
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_left_out_and_stops_nothing() {
    let store = Store::new().await;
    for id in ["a", "b", "c"] {
        store.table.write_account(&fresh(restaurant(id))).await.unwrap();
    }
    let mut damaged =
        store.items().await.into_iter().find(|item| item["gsi1sk"].as_s().unwrap() == "b").unwrap();
    damaged.insert("data".into(), AttributeValue::S("?".into()));
    store.outside().put_item().table_name(TABLE).set_item(Some(damaged)).send().await.unwrap();
    let page = store.table.accounts_after(None).await.unwrap();
    let ids: Vec<_> = page.items.iter().map(|account| account.account_id.as_str()).collect();
    assert_eq!((ids, page.next), (vec!["a", "c"], None));
}

#[tokio::test]
async fn no_accounts_are_an_empty_page() {
    let page = Store::new().await.table.accounts_after(None).await.unwrap();
    assert!(page.items.is_empty() && page.next.is_none());
}

#[tokio::test]
async fn an_accounts_run_goes_with_it_and_nothing_else() {
    let store = Store::new().await;
    let Claim::Take(sync) = DriverSync::claim(None, at(0), false, at(0)) else { panic!("not taken") };
    for id in ["demo", "other"] {
        store.table.write_account(&fresh(restaurant(id))).await.unwrap();
        store.table.write_sync(&account(id), &fresh((*sync).clone())).await.unwrap();
    }
    store.table.commit_order(commit(fresh(courier_order(1, 0)), entry("one", 0))).await.unwrap();
    let mut kept = store.keys().await;
    kept.retain(|(pk, _)| pk != "ACCOUNT#demo");
    assert!(store.table.delete_account(&demo()).await.unwrap());
    assert_eq!(store.keys().await, kept);
    assert_eq!(store.table.driver_sync(&demo()).await.unwrap(), None);
    assert!(!store.table.delete_account(&demo()).await.unwrap());
}
