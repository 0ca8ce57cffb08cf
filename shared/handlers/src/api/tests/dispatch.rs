//! What writing orders to a fleet takes.

use serde_json::{Value, json};

use super::{Caller, whole_account};

#[tokio::test]
async fn whatever_is_missing_is_named_and_nothing_is_kept() {
    for field in ["account_uuid", "integration_key", "developer_key"] {
        let caller = Caller::new();
        let mut body = whole_account();
        body["fleets"]["captain"].as_object_mut().unwrap().remove(field);
        assert_eq!(
            caller.put("demo", &body).await.problem(),
            (400, format!("fleets.captain.{field}").as_str())
        );
        assert!(caller.memory.state().accounts.is_empty() && caller.memory.state().secrets.is_empty());
        body["dispatch_to"] = Value::Null;
        assert_eq!(caller.put("demo", &body).await.status, 201, "{field} is for dispatching only");
    }
}

#[tokio::test]
async fn orders_are_known_to_the_fleet_by_syrves_id() {
    for name in ["number", "external_number"] {
        let mut body = whole_account();
        body["match_orders_by"] = json!(name);
        assert_eq!(Caller::new().put("demo", &body).await.problem(), (400, "match_orders_by"));
        body["dispatch_to"] = Value::Null;
        assert_eq!(Caller::new().put("demo", &body).await.status, 201);
    }
}

#[tokio::test]
async fn keys_that_are_kept_need_not_be_sent_again() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let mut body = whole_account();
    for field in ["integration_key", "developer_key"] {
        body["fleets"]["captain"].as_object_mut().unwrap().remove(field);
    }
    assert_eq!(caller.put("demo", &body).await.status, 200);
    body["fleets"]["captain"]["account_uuid"] = Value::Null;
    assert_eq!(caller.put("demo", &body).await.problem(), (400, "fleets.captain.account_uuid"));
}

#[tokio::test]
async fn a_fleet_that_is_taken_out_cannot_be_written_to() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let mut body = whole_account();
    body["fleets"] = json!({});
    assert_eq!(caller.put("demo", &body).await.problem(), (400, "dispatch_to"));
    assert_eq!(caller.get("/accounts/demo").await.body["dispatch_to"], "captain");
}
