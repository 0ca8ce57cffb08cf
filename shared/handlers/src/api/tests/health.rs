//! What is reachable.

use serde_json::json;

use super::Caller;

#[tokio::test]
async fn health_needs_no_token_and_says_what_is_reachable() {
    let caller = Caller::new();
    let told = caller.send("GET", "/health", None, b"").await;
    let checks = json!({ "table": "ok", "syrve_command_queue": "ok" });
    assert_eq!((told.status, told.body), (200, json!({ "status": "ok", "checks": checks })));
}

#[tokio::test]
async fn what_is_not_reachable_is_named() {
    let caller = Caller::new();
    caller.memory.state().reads_to_fail = 1;
    let told = caller.send("GET", "/health", None, b"").await;
    let checks = json!({ "table": "unreachable", "syrve_command_queue": "ok" });
    assert_eq!((told.status, told.body), (503, json!({ "status": "degraded", "checks": checks })));
    caller.commands.sent().to_fail = 1;
    let told = caller.send("GET", "/health", None, b"").await;
    assert_eq!(told.body["checks"], json!({ "table": "ok", "syrve_command_queue": "unreachable" }));
}
