//! Lists: pages, cursors and parameters.

use courier_domain::account::MatchOrdersBy;
use courier_domain::ports::Versioned;
use serde_json::{Value, json};

use super::Caller;
use crate::testing::events::{captain, shift};
use crate::testing::{Bridge, account};

/// A field of all items of a list, page by page.
pub(super) async fn pages(caller: &Caller, path: &str, limit: usize, field: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    let first = if path.contains('?') { '&' } else { '?' };
    loop {
        let told = caller.get(&format!("{path}{first}limit={limit}{cursor}")).await;
        assert_eq!(told.status, 200, "{}", told.text);
        pages.push(told.body["items"].as_array().unwrap().iter().map(|item| item[field].clone()).collect());
        match told.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

fn with_accounts(ids: &[&str]) -> Caller {
    let caller = Caller::new();
    for id in ids {
        let mut account = account(MatchOrdersBy::OrderId);
        account.account_id = id.parse().unwrap();
        caller.memory.state().accounts.insert(id.parse().unwrap(), Versioned { value: account, version: 1 });
    }
    caller
}

#[tokio::test]
async fn pages_show_everything_once() {
    let caller = with_accounts(&["a", "b", "c", "d", "e"]);
    let expected = [vec![json!("a"), json!("b")], vec![json!("c"), json!("d")], vec![json!("e")]];
    assert_eq!(pages(&caller, "/accounts", 2, "account_id").await, expected);
    assert_eq!(pages(&caller, "/accounts", 5, "account_id").await.len(), 1);
    assert_eq!(caller.get("/accounts").await.body["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let caller = Caller::with_account();
    for list in ["/accounts", "/accounts/demo/orders", "/accounts/demo/drivers"] {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=many", "limit"),
            ("cursor=%", "cursor"),
            ("cursor=QQ", "cursor"),
            ("colour=red", "colour"),
        ] {
            assert_eq!(
                caller.get(&format!("{list}?{query}")).await.problem(),
                (400, field),
                "{list}?{query}"
            );
        }
        assert_eq!(caller.get(&format!("{list}?limit=&cursor=")).await.status, 200, "empty is absent");
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let caller = with_accounts(&["a", "demo"]);
    let told = caller.get("/accounts?limit=1").await;
    let cursor = told.body["next_cursor"].as_str().unwrap();
    for list in ["/accounts/demo/orders", "/accounts/demo/drivers"] {
        assert_eq!(caller.get(&format!("{list}?cursor={cursor}")).await.problem(), (400, "cursor"));
    }
}

#[tokio::test]
async fn drivers_are_listed_and_shown() {
    let bridge = Bridge::default();
    let ann = "ffc60000-0000-4000-8000-000000000017";
    let eta = json!({ "agent_partners_external_identifier": null, "agent_uuid": "7183" });
    bridge.tell_all(&[shift(1, ann, true), captain("agent_eta_updated", 2, &eta)]).await;
    let caller = Caller::on(bridge.memory.clone());
    let listed = pages(&caller, "/accounts/demo/drivers", 1, "driver_id").await;
    assert_eq!(listed, [[json!("captain:7183")], [json!(ann)]]);
    let shown = caller.get(&format!("/accounts/demo/drivers/{ann}")).await.body;
    assert_eq!((&shown["clocked_in"], &shown["active"]), (&json!(true), &json!(true)));
    assert_eq!(shown["terminal_group_id"], "a5561d5e-0000-4000-8000-000000000001");
    for id in ["captain:7183", "captain%3A7183", "captain%3a7183"] {
        let shown = caller.get(&format!("/accounts/demo/drivers/{id}")).await;
        assert_eq!((shown.status, &shown.body["clocked_in"]), (200, &json!(false)), "{id}");
    }
    assert_eq!(caller.get("/accounts/demo/drivers/captain%3").await.status, 404);
}
