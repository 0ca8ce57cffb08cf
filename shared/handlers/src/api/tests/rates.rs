//! How often logins and keys may be used: defaults, bounds, and what is not a group.

use courier_domain::account::{Account, SyrveRates};
use serde_json::{Value, json};

use super::{Caller, whole_account};

fn stored(caller: &Caller) -> Account {
    caller.memory.state().accounts.values().next().unwrap().value.clone()
}

fn with_rates(rates: Value) -> Value {
    let mut body = whole_account();
    body["syrve"]["rate_limits"] = rates;
    body
}

#[tokio::test]
async fn what_is_not_said_is_shown_as_it_is_by_default() {
    let caller = Caller::new();
    caller.put("demo", &whole_account()).await;
    let defaults = json!({
        "authorization": 12, "dictionaries": 1, "drivers": 1, "shifts": 100, "order_status": 100, "orders": 10,
        "commands": 60,
    });
    for shown in
        [caller.get("/accounts/demo").await.body, caller.get("/accounts").await.body["items"][0].take()]
    {
        assert_eq!(shown["syrve"]["rate_limits"], defaults);
        assert_eq!(shown["fleets"]["captain"]["requests_per_minute"], 300);
    }
    assert_eq!(stored(&caller).syrve.unwrap().rate_limits, SyrveRates::default());
}

#[tokio::test]
async fn what_is_said_is_kept_and_the_rest_stays_as_it_is_by_default() {
    let caller = Caller::new();
    let mut body = with_rates(json!({ "drivers": 4, "shifts": 6000 }));
    body["fleets"]["captain"]["requests_per_minute"] = json!(1);
    assert_eq!(caller.put("demo", &body).await.status, 201);
    let account = stored(&caller);
    let expected = SyrveRates { drivers: 4, shifts: 6000, ..SyrveRates::default() };
    assert_eq!(account.syrve.unwrap().rate_limits, expected);
    assert_eq!(account.captain.unwrap().requests_per_minute, 1);
    let shown = caller.get("/accounts/demo").await.body;
    assert_eq!(shown["syrve"]["rate_limits"]["drivers"], 4);
}

#[tokio::test]
async fn a_rate_that_is_none_is_named() {
    for group in ["authorization", "dictionaries", "drivers", "shifts", "order_status", "orders", "commands"]
    {
        for rate in
            [json!(0), json!(6001), json!(-1), json!(1.5), json!("10"), json!(null), json!(5_000_000_000_u64)]
        {
            let caller = Caller::new();
            let told = caller.put("demo", &with_rates(json!({ group: rate }))).await;
            assert_eq!(told.problem(), (400, format!("syrve.rate_limits.{group}").as_str()), "{rate}");
            assert!(caller.memory.state().accounts.is_empty());
        }
    }
    for rate in [json!(0), json!(6001), json!(-1), json!("10"), json!(null)] {
        let mut body = whole_account();
        body["fleets"]["captain"]["requests_per_minute"] = rate.clone();
        let told = Caller::new().put("demo", &body).await;
        assert_eq!(told.problem(), (400, "fleets.captain.requests_per_minute"), "{rate}");
    }
}

#[tokio::test]
async fn a_group_that_there_is_not_is_named() {
    let told = Caller::new().put("demo", &with_rates(json!({ "drivers": 4, "kitchen": 5 }))).await;
    assert_eq!(told.problem(), (400, "syrve.rate_limits.kitchen"));
    let told = Caller::new().put("demo", &with_rates(json!(60))).await;
    assert_eq!(told.problem(), (400, "syrve.rate_limits"));
}
