//! Restaurants that know their orders by each of the names that an account can be set to.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use jiff::Timestamp;
use serde_json::json;

/// The organization of the fixtures, whose events are accepted.
pub const ORGANIZATION: &str = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9";

/// 17:00 on the day of the fixtures: when every call is received.
pub const RECEIVED_AT: Timestamp = Timestamp::constant(1_782_666_000, 0);

/// An account for every way in which a fleet's orders can be found. Its orders are written to Captain.AI, so that what
/// follows from an order's change is as much as it can be.
pub fn accounts(provider: Provider) -> Vec<Account> {
    let references: &[&str] =
        if provider == Provider::Jelp { &["public_id", "folio", "external_id"] } else { &["public_id"] };
    let each = |by: &str| references.iter().map(|at| account(provider, by, at)).collect::<Vec<_>>();
    ["order_id", "external_number", "number"].into_iter().flat_map(each).collect()
}

fn account(provider: Provider, match_orders_by: &str, order_reference: &str) -> Account {
    let account = json!({
        "account_id": "demo", "name": "Demo", "time_zone": "Europe/Dublin", "enabled": true,
        "syrve": {
            "base_url": "https://syrve.example", "organization_id": ORGANIZATION,
            "webhook_tokens": { "current": "0".repeat(64), "previous": null }, "terminal_group_id": null,
        },
        "fleets": { provider.as_str(): { "match_orders_by": match_orders_by, "order_reference": order_reference } },
        "captain": { "base_url": null, "account_uuid": "c0000000-0000-4000-8000-000000000001" },
        "dispatch_to": "captain", "match_orders_by": match_orders_by,
        "created_at": "2026-02-25T06:13:20Z", "updated_at": "2026-02-25T06:13:20Z",
    });
    serde_json::from_value(account).expect("an account")
}
