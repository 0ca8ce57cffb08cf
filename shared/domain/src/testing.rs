//! What the tests of several modules start from.

use crate::account::Account;
use crate::delivery::Provider;

/// An account whose orders are written to this fleet.
pub(crate) fn account(dispatch_to: Option<Provider>) -> Account {
    let organization = "7bc05553-4b68-44e8-b7bc-37be63c6d9e9";
    let tokens = serde_json::json!({ "current": "0".repeat(64), "previous": null });
    let account = serde_json::json!({
        "account_id": "demo", "name": "Demo", "time_zone": "Europe/Dublin", "enabled": true,
        "syrve": { "base_url": "https://syrve.test", "organization_id": organization, "webhook_tokens": tokens,
                   "terminal_group_id": null },
        "fleets": { "captain": { "webhook_tokens": tokens } },
        "captain": { "base_url": null, "account_uuid": "73f4c9af9f79" },
        "dispatch_to": dispatch_to, "match_orders_by": "order_id",
        "created_at": "2026-02-25T06:13:20Z", "updated_at": "2026-02-25T06:13:20Z",
    });
    serde_json::from_value(account).unwrap()
}
