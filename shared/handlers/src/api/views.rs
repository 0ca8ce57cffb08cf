//! How things are shown: `snake_case`, times in RFC 3339 UTC, money as decimal strings, no secret.

use std::collections::BTreeMap;

use courier_domain::account::{Account, AccountSecrets, FleetAccount, TokenPlace};
use courier_domain::command::Command;
use courier_domain::delivery::{Delivery, Provider};
use courier_domain::driver::Driver;
use courier_domain::gate::Refusal;
use courier_domain::order::{Order, OrderDetails};
use courier_domain::ports::{TimelineEntry, WholeDriver, WholeOrder};
use courier_domain::register::Register;
use courier_domain::sync::DriverSync;
use courier_providers::contract::fleet;
use serde_json::{Map, Value, json};

/// Fields that are kept apart from the account; a list leaves them out, since each account's would be requests more.
const APART: [&str; 7] =
    ["api_login", "app_id", "client_secret", "integration_key", "developer_key", "login_error", "key_error"];

/// What is kept of an account apart from itself.
pub(super) struct AccountState {
    pub(super) secrets: AccountSecrets,
    pub(super) sync: Option<DriverSync>,
    pub(super) syrve_refusal: Option<Refusal>,
    pub(super) captain_refusal: Option<Refusal>,
}

/// `"set"` where there is a secret.
fn set(there: bool) -> Value {
    if there { json!("set") } else { Value::Null }
}

pub(super) fn account_view(account: &Account, state: Option<&AccountState>, base_url: &str) -> Value {
    let id = &account.account_id;
    let secrets = state.map(|state| &state.secrets);
    let known =
        |there: fn(&AccountSecrets) -> bool| secrets.map_or(Value::Null, |secrets| set(there(secrets)));
    let shown = |mut view: Value| {
        if let (None, Some(fields)) = (secrets, view.as_object_mut()) {
            fields.retain(|name, _| !APART.contains(&name.as_str()));
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
            "rate_limits": syrve.rate_limits,
            "login_error": state.and_then(|state| state.syrve_refusal.as_ref()).map(refusal_view),
        }))
    });
    let captain = account.captain.as_ref().map(|captain| {
        shown(json!({
            "webhook_token": "set",
            "match_orders_by": account.fleets.get(&Provider::Captain).and_then(|f| f.match_orders_by),
            "base_url": captain.base_url,
            "integration_key": known(|s| s.captain_integration_key.is_some()),
            "developer_key": known(|s| s.captain_developer_key.is_some()),
            "account_uuid": captain.account_uuid,
            "requests_per_minute": captain.requests_per_minute,
            "key_error": state.and_then(|state| state.captain_refusal.as_ref()).map(refusal_view),
        }))
    });
    let fleets = json!({
        "captain": captain,
        "jelp": account.fleets.get(&Provider::Jelp).map(jelp_view),
        "radaro": account.fleets.get(&Provider::Radaro).map(radaro_view),
        "bringg": account.fleets.get(&Provider::Bringg).map(bringg_view),
    });
    let mut view = json!({
        "account_id": id,
        "name": account.name,
        "time_zone": account.time_zone,
        "enabled": account.enabled,
        "syrve": syrve,
        "fleets": fleets,
        "dispatch_to": account.dispatch_to,
        "match_orders_by": account.match_orders_by,
        "webhook_urls": webhook_urls(account, base_url),
        "created_at": account.created_at,
        "updated_at": account.updated_at,
    });
    if let (Some(state), Some(fields)) = (state, view.as_object_mut()) {
        let sync = state.sync.as_ref();
        fields.insert("driver_sync".into(), json!(sync.map(sync_view)));
        fields.insert("sync_error".into(), json!(sync.and_then(|sync| sync.error.as_ref())));
    }
    view
}

fn jelp_view(fleet: &FleetAccount) -> Value {
    json!({
        "webhook_token": "set",
        "token_in": fleet.token_in,
        "order_reference": fleet.order_reference,
        "match_orders_by": fleet.match_orders_by,
    })
}

fn radaro_view(fleet: &FleetAccount) -> Value {
    json!({ "webhook_token": "set", "match_orders_by": fleet.match_orders_by })
}

fn bringg_view(fleet: &FleetAccount) -> Value {
    let jwt = fleet.jwt.as_ref().map(|rules| {
        json!({
            "key": "set",
            "issuer": rules.issuer,
            "audience": rules.audience,
            "subject": rules.subject,
        })
    });
    let oauth =
        fleet.oauth.as_ref().map(|oauth| json!({ "client_id": oauth.client_id, "client_secret": "set" }));
    json!({
        "webhook_token": set(fleet.webhook_tokens.is_some()),
        "token_in": fleet.token_in,
        "jwt": jwt,
        "oauth": oauth,
        "match_orders_by": fleet.match_orders_by,
    })
}

/// The URLs to register at each sender. Where a token belongs into the query its place is shown, not the token.
fn webhook_urls(account: &Account, base_url: &str) -> Map<String, Value> {
    let id = &account.account_id;
    let mut urls = Map::new();
    if account.syrve.is_some() {
        urls.insert("syrve".into(), json!(format!("{base_url}/webhooks/syrve/{id}")));
    }
    for (provider, settings) in &account.fleets {
        let query = match &settings.token_in {
            Some(TokenPlace::Query(name)) => format!("?{name}={{webhook_token}}"),
            _ => String::new(),
        };
        let is_used = |name: &str| settings.oauth.is_some() || !name.ends_with("_oauth_token");
        for (name, rest) in fleet(*provider).urls().iter().filter(|(name, _)| is_used(name)) {
            let url = format!("{base_url}/webhooks/{}/{id}{rest}{query}", provider.as_str());
            urls.insert((*name).to_owned(), json!(url));
        }
    }
    urls
}

/// Why a login or key is not used just now.
fn refusal_view(refusal: &Refusal) -> Value {
    json!({ "message": refusal.words, "since": refusal.since, "tried_again_at": refusal.until })
}

fn sync_view(sync: &DriverSync) -> Value {
    let duration = sync.finished_at.map(|end| end.duration_since(sync.started_at).as_millis());
    json!({
        "state": sync.state,
        "started_at": sync.started_at,
        "finished_at": sync.finished_at,
        "succeeded_at": sync.succeeded_at,
        "duration_ms": duration.and_then(|ms| u64::try_from(ms).ok()),
        "created": sync.counts.created,
        "updated": sync.counts.updated,
        "deactivated": sync.counts.deactivated,
        "unchanged": sync.counts.unchanged,
        "unreadable": sync.counts.unreadable,
    })
}

/// How the fleet in charge carries the order.
fn delivery_view(order: &Order) -> Value {
    let (Some(carrier), delivery) = (order.carrier(), order.delivery()) else { return Value::Null };
    if !delivery.is_known() {
        return Value::Null;
    }
    let mut view = fleet_view(delivery);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("provider".to_owned(), json!(carrier));
    }
    view
}

/// What one fleet said of an order.
fn fleet_view(delivery: &Delivery) -> Value {
    let notes = delivery.notes.iter().map(|note| json!({ "at": note.stamp.at, "text": note.text }));
    json!({
        "status": delivery.current(),
        "driver": delivery.current_driver().map(|driver| json!({
            "driver_id": driver.driver_id,
            "fleet_id": driver.fleet_id,
            "name": driver.name,
            "phone": driver.phone,
            "carrier": driver.carrier,
        })),
        "occurred_at": delivery.status_stamp().map(|stamp| stamp.at),
        "delivered_at": delivery.delivered_at(),
        "tracking_url": delivery.tracking_url.get(),
        "order_status": delivery.order_status.get(),
        "eta": delivery.eta.get(),
        "deliver_before": delivery.deliver_before.get(),
        "description": delivery.description.get(),
        "end_reason": delivery.end_reason.get(),
        "confirmation": delivery.confirmation.get(),
        "notes": notes.collect::<Vec<_>>(),
    })
}

/// What became of the order at the fleet that it is written to. The link is there as soon as the fleet has the order, long
/// before its first event.
fn dispatch_view(order: &Order) -> Value {
    json!(order.dispatch.as_ref().map(|dispatch| json!({
        "provider": dispatch.provider,
        "made": dispatch.made,
        "fleet_order_id": order.fleet_order_id(dispatch.provider),
        "kitchen_status": dispatch.kitchen.as_ref().map(|(status, _)| *status),
        "tracking_url": order.deliveries.get(&dispatch.provider).and_then(|d| d.tracking_url.get()),
    })))
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
    let fleets = order.deliveries.iter().map(|(fleet, delivery)| (fleet.as_str(), fleet_view(delivery)));
    add("deliveries", fleets.collect::<BTreeMap<_, _>>().into_iter().collect());
    add("dispatch", dispatch_view(order));
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

pub(super) fn command_view(command: &Command) -> Value {
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

/// A driver as they stand in a list. Couriers are compared with Syrve's list at every run that ends well, whether or not
/// anything was written. Others are known by their shifts, as a cook's are told of as well, or by a fleet.
pub(super) fn driver_view(driver: &Driver, sync: Option<&DriverSync>) -> Value {
    let eta = driver.eta.get();
    let synced_at = sync.and_then(|sync| sync.succeeded_at).filter(|_| driver.is_courier());
    json!({
        "driver_id": driver.driver_id,
        "name": driver.name(),
        "courier": driver.is_courier(),
        "active": driver.active(),
        "clocked_in": driver.clocked_in(),
        "terminal_group_id": driver.terminal_group(),
        "role_id": driver.role.get(),
        "position": driver.position.get(),
        "available_at": eta.and_then(|eta| eta.available_at),
        "home_at": eta.and_then(|eta| eta.home_at),
        "on_duty": flags(&driver.on_duty),
        "available": flags(&driver.available),
        "fleet_ids": driver.fleet_ids,
        "synced_at": synced_at,
    })
}

/// What fleets say of a driver, yes or no.
fn flags(of_fleets: &BTreeMap<Provider, Register<bool>>) -> BTreeMap<Provider, bool> {
    of_fleets.iter().filter_map(|(fleet, register)| Some((*fleet, *register.get()?))).collect()
}

/// A driver with the newest commands about them.
pub(super) fn whole_driver_view(whole: &WholeDriver, sync: Option<&DriverSync>) -> Value {
    let mut view = driver_view(&whole.driver.value, sync);
    if let Some(fields) = view.as_object_mut() {
        fields.insert("commands".into(), whole.commands.iter().map(command_view).collect());
    }
    view
}
