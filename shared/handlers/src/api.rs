//! The operators' and integrators' API, `/v1`. One function serves all of it; a route is one line in `Api::route`.

mod account_body;
mod accounts;
mod body;
mod clock;
mod drivers;
mod fleets_body;
mod notifications;
mod orders;
mod parts;
mod query;
mod replays;
mod rules;
mod subscription_body;
mod subscription_secrets;
mod subscription_state;
mod subscription_views;
mod subscriptions;
mod tokens;
mod undelivered;
mod unmatched;
mod views;

#[cfg(test)]
mod tests;

use courier_domain::ports::Reachable;
use courier_domain::secret::TokenHash;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use serde_json::json;

pub use parts::Parts;

use crate::http::{Problem, bearer, json, path_parts};

/// The API.
#[derive(Debug)]
pub struct Api<P: Parts> {
    /// What is stored.
    pub directory: P::Store,
    /// API logins and keys, and what is sent to subscribers.
    pub vault: P::Vault,
    /// The queue of commands for Syrve.
    pub commands: P::Commands,
    /// The queue of events of fleets.
    pub events: P::Events,
    /// The queue of accounts whose drivers are to be synchronised.
    pub syncs: P::Syncs,
    /// The queue of what is sent to subscribers.
    pub notify: P::Notify,
    /// Which URLs may be called.
    pub guard: P::Guard,
    /// The time.
    pub clock: P::Clock,
    /// SHA-256 of the tokens that callers may use.
    pub tokens: Vec<TokenHash>,
    /// Scheme and host under which the webhooks are reached; `None` takes them from the request.
    pub public_url: Option<String>,
}

type Answer = Result<Response<Body>, Problem>;

/// Routes that are served, as [`Api::route`] has them: what a path takes is said when it is called with something else.
const SERVED: [(&str, &[&str]); 27] = [
    ("GET", &["health"]),
    ("GET", &["accounts"]),
    ("PUT", &["accounts", "*"]),
    ("GET", &["accounts", "*"]),
    ("DELETE", &["accounts", "*"]),
    ("POST", &["accounts", "*", "webhook_tokens", "*", "rotate"]),
    ("GET", &["accounts", "*", "orders"]),
    ("GET", &["accounts", "*", "orders", "*"]),
    ("GET", &["accounts", "*", "drivers"]),
    ("POST", &["accounts", "*", "drivers", "sync"]),
    ("GET", &["accounts", "*", "drivers", "*"]),
    ("POST", &["accounts", "*", "drivers", "*", "clock_in"]),
    ("POST", &["accounts", "*", "drivers", "*", "clock_out"]),
    ("GET", &["accounts", "*", "unmatched"]),
    ("POST", &["accounts", "*", "unmatched", "*", "join"]),
    ("POST", &["accounts", "*", "fleets", "bringg", "undelivered"]),
    ("POST", &["accounts", "*", "subscriptions"]),
    ("GET", &["accounts", "*", "subscriptions"]),
    ("GET", &["accounts", "*", "subscriptions", "*"]),
    ("PUT", &["accounts", "*", "subscriptions", "*"]),
    ("DELETE", &["accounts", "*", "subscriptions", "*"]),
    ("POST", &["accounts", "*", "subscriptions", "*", "rotate_secret"]),
    ("POST", &["accounts", "*", "subscriptions", "*", "enable"]),
    ("POST", &["accounts", "*", "subscriptions", "*", "disable"]),
    ("GET", &["accounts", "*", "subscriptions", "*", "notifications"]),
    ("GET", &["accounts", "*", "subscriptions", "*", "attempts"]),
    ("POST", &["accounts", "*", "subscriptions", "*", "replay"]),
];

/// Routes of the published API that this version does not serve.
const LATER: [(&str, &[&str]); 5] = [
    ("POST", &["accounts", "*", "orders", "*", "delivery_status"]),
    ("GET", &["accounts", "*", "commands"]),
    ("POST", &["accounts", "*", "commands", "*", "retry"]),
    ("POST", &["accounts", "*", "reports"]),
    ("GET", &["accounts", "*", "reports", "*"]),
];

impl<P: Parts> Api<P> {
    /// Answers one call.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let parts = path_parts(request);
        let path = parts.get(1..).unwrap_or_default();
        let answer = if path == ["health"] && request.method() == Method::GET {
            Ok(self.health().await)
        } else if !self.admits(request) {
            Err(Problem::unauthorized())
        } else {
            self.route(request, path).await
        };
        answer.unwrap_or_else(|problem| {
            tracing::info!(
                outcome = "refused",
                status = problem.status,
                field = problem.field,
                "api call refused"
            );
            problem.response()
        })
    }

    async fn route(&self, request: &Request, path: &[&str]) -> Answer {
        let method = request.method().as_str();
        match (method, path) {
            ("GET", ["accounts"]) => self.list_accounts(request).await,
            ("PUT", ["accounts", id]) => self.put_account(request, id).await,
            ("GET", ["accounts", id]) => self.get_account(request, id).await,
            ("DELETE", ["accounts", id]) => self.delete_account(id).await,
            ("POST", ["accounts", id, "webhook_tokens", sender, "rotate"]) => self.rotate(id, sender).await,
            ("GET", ["accounts", id, "orders"]) => self.list_orders(request, id).await,
            ("GET", ["accounts", id, "orders", order]) => self.get_order(id, order).await,
            ("GET", ["accounts", id, "drivers"]) => self.list_drivers(request, id).await,
            ("POST", ["accounts", id, "drivers", "sync"]) => self.sync_drivers(request, id).await,
            ("GET", ["accounts", id, "drivers", driver]) => self.get_driver(id, driver).await,
            ("POST", ["accounts", id, "drivers", driver, "clock_in"]) => {
                self.clock(request, id, driver, true).await
            }
            ("POST", ["accounts", id, "drivers", driver, "clock_out"]) => {
                self.clock(request, id, driver, false).await
            }
            ("GET", ["accounts", id, "unmatched"]) => self.list_unmatched(request, id).await,
            ("POST", ["accounts", id, "unmatched", item, "join"]) => self.join(request, id, item).await,
            ("POST", ["accounts", id, "fleets", "bringg", "undelivered"]) => {
                self.take_undelivered(request, id).await
            }
            ("POST", ["accounts", id, "subscriptions"]) => self.create_subscription(request, id).await,
            ("GET", ["accounts", id, "subscriptions"]) => self.list_subscriptions(request, id).await,
            ("GET", ["accounts", id, "subscriptions", one]) => self.get_subscription(id, one).await,
            ("PUT", ["accounts", id, "subscriptions", one]) => self.put_subscription(request, id, one).await,
            ("DELETE", ["accounts", id, "subscriptions", one]) => self.delete_subscription(id, one).await,
            ("POST", ["accounts", id, "subscriptions", one, "rotate_secret"]) => {
                self.rotate_secret(id, one).await
            }
            ("POST", ["accounts", id, "subscriptions", one, "enable"]) => {
                self.enable_subscription(id, one).await
            }
            ("POST", ["accounts", id, "subscriptions", one, "disable"]) => {
                self.disable_subscription(request, id, one).await
            }
            ("GET", ["accounts", id, "subscriptions", one, "notifications"]) => {
                self.list_notifications(request, id, one).await
            }
            ("GET", ["accounts", id, "subscriptions", one, "attempts"]) => {
                self.list_attempts(request, id, one).await
            }
            ("POST", ["accounts", id, "subscriptions", one, "replay"]) => self.replay(request, id, one).await,
            _ => Err(no_such_route(method, path)),
        }
    }

    /// Every hash is compared, so that the time does not tell which token was close. No token is none, even where somebody
    /// deployed the hash of an empty text.
    fn admits(&self, request: &Request) -> bool {
        let Some(token) = bearer(request) else { return false };
        self.tokens.iter().fold(false, |admitted, hash| hash.matches(token) | admitted)
    }

    async fn health(&self) -> Response<Body> {
        let (table, commands) = futures::join!(self.directory.ping(), self.commands.ping());
        let word = |reachable: bool| if reachable { "ok" } else { "unreachable" };
        let all = table.is_ok() && commands.is_ok();
        let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let checks = json!({ "table": word(table.is_ok()), "syrve_command_queue": word(commands.is_ok()) });
        json(status, &json!({ "status": if all { "ok" } else { "degraded" }, "checks": checks }))
    }
}

fn no_such_route(method: &str, path: &[&str]) -> Problem {
    let on = |routes: &[(&'static str, &[&str])]| -> Vec<&'static str> {
        routes.iter().filter(|(_, pattern)| covers(pattern, path)).map(|(verb, _)| *verb).collect()
    };
    let (served, later) = (on(&SERVED), on(&LATER));
    if later.contains(&method) {
        Problem::new(StatusCode::NOT_IMPLEMENTED, "this version does not serve this call")
    } else if served.is_empty() && later.is_empty() {
        Problem::new(StatusCode::NOT_FOUND, "no such path")
    } else {
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method");
        Problem { allow: Some([served, later].concat().join(", ")), ..problem }
    }
}

/// `*` stands for one part of a path.
fn covers(pattern: &[&str], path: &[&str]) -> bool {
    path.len() == pattern.len() && pattern.iter().zip(path).all(|(part, text)| *part == "*" || part == text)
}

fn not_found(what: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("no such {what}"))
}

/// The answer to a deletion.
fn no_content() -> Response<Body> {
    let mut response = json(StatusCode::NO_CONTENT, &());
    *response.body_mut() = Body::Empty;
    response
}
