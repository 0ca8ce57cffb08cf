//! How things are shown: `snake_case`, times in RFC 3339 UTC, money as decimal strings, no secret.

use courier_domain::account::{Account, AccountSecrets};
use courier_domain::command::Command;
use courier_domain::driver::Driver;
use courier_domain::order::{Order, OrderDetails};
use courier_domain::ports::{TimelineEntry, WholeOrder};
use serde_json::{Value, json};

/// Fields that say which secrets are stored; a list leaves them out, since each account's would be one request more.
const OF_SECRETS: [&str; 5] = ["api_login", "app_id", "client_secret", "integration_key", "developer_key"];

/// `"set"` where there is a secret.
fn set(there: bool) -> Value {
    if there { json!("set") } else { Value::Null }
}

pub(super) fn account_view(account: &Account, secrets: Option<&AccountSecrets>, base_url: &str) -> Value {
    let id = &account.account_id;
    let known =
        |there: fn(&AccountSecrets) -> bool| secrets.map_or(Value::Null, |secrets| set(there(secrets)));
    let shown = |mut view: Value| {
        if let (None, Some(fields)) = (secrets, view.as_object_mut()) {
            fields.retain(|name, _| !OF_SECRETS.contains(&name.as_str()));
        }
        view
    };
    let syrve = account.syrve.as_ref().map(|syrve| {
        shown(json!({
            "base_url": syrve.base_url,
            "organization_id": syrve.organization_id,
            "api_login": known(|s| s.syrve_api_login.is_some()),
            "app_id": secrets.and_then(|secrets| secrets.syrve_app_id.clone()),
            "client_secret": known(|s| s.syrve_client_secret.is_some()),
            "webhook_token": "set",
            "terminal_group_id": syrve.terminal_group_id,
        }))
    });
    let captain = account.captain.as_ref().map(|captain| {
        shown(json!({
            "webhook_token": "set",
            "base_url": captain.base_url,
            "integration_key": known(|s| s.captain_integration_key.is_some()),
            "developer_key": known(|s| s.captain_developer_key.is_some()),
            "account_uuid": captain.account_uuid,
        }))
    });
    let mut urls = serde_json::Map::new();
    if syrve.is_some() {
        urls.insert("syrve".into(), json!(format!("{base_url}/webhooks/syrve/{id}")));
    }
    if captain.is_some() {
        urls.insert("captain".into(), json!(format!("{base_url}/webhooks/captain/{id}")));
        urls.insert("captain_items".into(), json!(format!("{base_url}/webhooks/captain/{id}/items")));
    }
    json!({
        "account_id": id,
        "name": account.name,
        "time_zone": account.time_zone,
        "enabled": account.enabled,
        "syrve": syrve,
        "fleets": { "captain": captain },
        "dispatch_to": account.dispatch_to,
        "match_orders_by": account.match_orders_by,
        "webhook_urls": urls,
        "created_at": account.created_at,
        "updated_at": account.updated_at,
    })
}

fn delivery_view(order: &Order) -> Value {
    let delivery = &order.delivery;
    if !delivery.is_known() {
        return Value::Null;
    }
    let driver = delivery.current_driver();
    json!({
        "provider": delivery.status.get().map(|reported| reported.provider),
        "status": delivery.current(),
        "driver": driver.map(|driver| json!({ "driver_id": driver.driver_id, "fleet_id": driver.fleet_id })),
        "occurred_at": delivery.status.stamp().map(|stamp| stamp.at),
        "delivered_at": delivery.delivered_at(),
        "tracking_url": delivery.tracking_url.get(),
        "order_status": delivery.order_status.get(),
    })
}

/// An order as it stands in a list.
pub(super) fn order_summary(order: &Order) -> Value {
    let details = order.details.get();
    json!({
        "order_id": order.order_id,
        "number": details.and_then(|d| d.number),
        "on_delivery": order.on_delivery(),
        "syrve_status": details.map(|d| d.status.as_str()),
        "syrve_timestamp": order.details.stamp().map(|stamp| stamp.at),
        "created_at": details.and_then(|d| d.created_at),
        "promised_at": details.and_then(|d| d.promised_at),
        "delivery": delivery_view(order),
        "total": details.and_then(|d| d.total),
    })
}

/// An order with everything.
pub(super) fn order_view(whole: &WholeOrder) -> Value {
    let order = &whole.order;
    let mut view = order_summary(order);
    let mut add = |name: &str, value: Value| {
        if let Some(object) = view.as_object_mut() {
            object.insert(name.to_owned(), value);
        }
    };
    if let Some(details) = order.details.get() {
        for (name, value) in detail_fields(details) {
            add(name, value);
        }
    }
    add("creation_error", json!(order.error.get()));
    let items: Vec<_> = order.items.values().filter_map(|register| register.get()).collect();
    add("kitchen_items", json!(items));
    add("timeline", whole.timeline.iter().map(timeline_view).collect());
    add("commands", whole.commands.iter().map(command_view).collect());
    view
}

fn detail_fields(details: &OrderDetails) -> [(&'static str, Value); 17] {
    [
        ("external_number", json!(details.external_number)),
        ("terminal_group_id", json!(details.terminal_group_id)),
        (
            "customer",
            json!(details.customer.as_ref().map(|c| json!({
                "name": c.name, "surname": c.surname, "phone": details.phone
            }))),
        ),
        ("address", json!(details.address)),
        ("comment", json!(details.comment)),
        ("items", json!(details.items)),
        ("payments", json!(details.payments)),
        ("to_collect", json!(details.to_collect)),
        ("cooked_at", json!(details.cooked_at)),
        ("sent_at", json!(details.sent_at)),
        ("delivered_at", json!(details.delivered_at)),
        ("closed_at", json!(details.closed_at)),
        (
            "cancelled",
            json!(details.cancelled_at.map(|at| json!({ "at": at, "reason": details.cancel_reason }))),
        ),
        ("problem", json!(details.problem)),
        ("courier_id", json!(details.courier_id)),
        ("moved_from", json!(details.moved_from)),
        ("moved_to", json!(details.moved_to)),
    ]
}

fn timeline_view(entry: &TimelineEntry) -> Value {
    json!({ "at": entry.at, "source": entry.source, "event": entry.event, "applied": entry.applied })
}

fn command_view(command: &Command) -> Value {
    json!({
        "id": command.id,
        "kind": command.kind.name(),
        "label": command.kind.label(),
        "state": command.state.as_str(),
        "attempts": command.attempts,
        "last_error": command.last_error,
        "created_at": command.created_at,
        "updated_at": command.updated_at,
    })
}

pub(super) fn driver_view(driver: &Driver) -> Value {
    let eta = driver.eta.get();
    json!({
        "driver_id": driver.driver_id,
        "name": driver.name,
        "active": driver.active,
        "clocked_in": driver.clocked_in(),
        "terminal_group_id": driver.terminal_group(),
        "role_id": driver.role.get(),
        "position": driver.position.get(),
        "available_at": eta.and_then(|eta| eta.available_at),
        "home_at": eta.and_then(|eta| eta.home_at),
        "synced_at": driver.synced_at,
    })
}
