//! The operators' and integrators' API, `/v1`. One function serves all of it; a route is one line in `Api::route`.

mod account_body;
mod accounts;
mod body;
mod clock;
mod drivers;
mod fleets_body;
mod orders;
mod query;
mod rules;
mod tokens;
mod undelivered;
mod unmatched;
mod views;

#[cfg(test)]
mod tests;

use courier_domain::clock::Clock;
use courier_domain::ports::{CommandQueue, Directory, EventQueue, Gate, Reachable, SecretVault, SyncQueue};
use courier_domain::secret::TokenHash;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use serde_json::json;

use crate::http::{Problem, bearer, json, path_parts};

/// The API's parts.
#[derive(Debug)]
pub struct Api<D, K, Q, E, Y, C> {
    /// What is stored.
    pub directory: D,
    /// API logins and keys.
    pub vault: K,
    /// The queue of commands for Syrve.
    pub commands: Q,
    /// The queue of events of fleets.
    pub events: E,
    /// The queue of accounts whose drivers are to be synchronised.
    pub syncs: Y,
    /// The time.
    pub clock: C,
    /// SHA-256 of the tokens that callers may use.
    pub tokens: Vec<TokenHash>,
    /// Scheme and host under which the webhooks are reached; `None` takes them from the request.
    pub public_url: Option<String>,
}

type Answer = Result<Response<Body>, Problem>;

/// Routes that are served, as [`Api::route`] has them: what a path takes is said when it is called with something else.
const SERVED: [(&str, &[&str]); 16] = [
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
];

/// Routes of the published API that this version does not serve.
const LATER: [(&str, &[&str]); 7] = [
    ("POST", &["accounts", "*", "orders", "*", "delivery_status"]),
    ("GET", &["accounts", "*", "commands"]),
    ("POST", &["accounts", "*", "commands", "*", "retry"]),
    ("*", &["accounts", "*", "subscriptions"]),
    ("*", &["accounts", "*", "subscriptions", "**"]),
    ("POST", &["accounts", "*", "reports"]),
    ("GET", &["accounts", "*", "reports", "*"]),
];

impl<D, K, Q, E, Y, C> Api<D, K, Q, E, Y, C>
where
    D: Directory + Gate + Reachable,
    K: SecretVault,
    Q: CommandQueue + Reachable,
    E: EventQueue,
    Y: SyncQueue,
    C: Clock,
{
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
            _ => Err(no_such_route(method, path)),
        }
    }

    /// Every hash is compared, so that the time does not tell which token was close.
    fn admits(&self, request: &Request) -> bool {
        let token = bearer(request).unwrap_or_default();
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
    if later.iter().any(|verb| *verb == "*" || *verb == method) {
        Problem::new(StatusCode::NOT_IMPLEMENTED, "this version does not serve this call")
    } else if served.is_empty() && later.is_empty() {
        Problem::new(StatusCode::NOT_FOUND, "no such path")
    } else {
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method");
        Problem { allow: Some([served, later].concat().join(", ")), ..problem }
    }
}

/// `*` stands for one part of a path, `**` at the end for one or more.
fn covers(pattern: &[&str], path: &[&str]) -> bool {
    let same = |start: &[&str]| start.iter().zip(path).all(|(part, text)| *part == "*" || part == text);
    match pattern.strip_suffix(&["**"]) {
        Some(start) => path.len() > start.len() && same(start),
        None => path.len() == pattern.len() && same(pattern),
    }
}

fn not_found(what: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, format!("no such {what}"))
}
