//! `POST /webhooks/{fleet}/{account}…`: the receiver of every fleet's webhooks. What is the fleet's own is in its module:
//! how a call proves that the fleet sent it, and which events it carries.

use std::sync::Arc;

use courier_domain::account::{Account, FleetAccount, WebhookKeys};
use courier_domain::clock::Clock;
use courier_domain::ids::AccountId;
use courier_domain::inbound::Sender;
use courier_domain::ports::{Accounts, EventQueue, PortError, Secrets};
use courier_providers::contract::{Call, Credentials, Fleet, Refusal, TokenAnswer};
use lambda_http::http::{HeaderValue, StatusCode, header};
use lambda_http::{Body, Request, Response};
use serde_json::Value;

use super::{NOBODY, Receipt, account_of, answer, enqueue, inbound, log, no_such_webhook};
use crate::http::{Problem, body, json, path_parts};

/// The most bytes of one text that are queued. Nobody needs more of a remark, and an event must fit into a message.
const LONGEST: usize = 16 * 1024;

/// The receiver of a fleet's webhooks.
pub struct FleetReceiver<A, K, Q, C> {
    /// Which fleet.
    pub fleet: &'static dyn Fleet,
    /// Who may call.
    pub accounts: A,
    /// The keys with which calls are checked, of fleets that need any.
    pub secrets: K,
    /// The queue of `fleet-event`.
    pub events: Q,
    /// The time.
    pub clock: C,
}

impl<A: Accounts, K: Secrets, Q: EventQueue, C: Clock> FleetReceiver<A, K, Q, C> {
    /// Answers one call.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let parts = path_parts(request);
        let account = parts.get(2).copied();
        let outcome = self.receive(request, account, parts.get(3..).unwrap_or_default()).await;
        match outcome {
            Ok(Answer::Token(token)) => token_response(&token, account),
            Ok(Answer::Receipt(receipt)) => self.logged(account, Ok(receipt)),
            Err(problem) => self.logged(account, Err(problem)),
        }
    }

    fn logged(&self, account: Option<&str>, outcome: Result<Receipt, Problem>) -> Response<Body> {
        log(Sender::Fleet(self.fleet.provider()), account, &outcome);
        answer(outcome)
    }

    async fn receive(
        &self,
        request: &Request,
        account: Option<&str>,
        rest: &[&str],
    ) -> Result<Answer, Problem> {
        let call = Call {
            rest,
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            body: body(request)?,
            received_at: self.clock.now(),
        };
        let account = account_of(&self.accounts, account).await?;
        let provider = self.fleet.provider();
        let of_fleet =
            account.as_ref().and_then(|account| account.fleets.get(&provider).map(|f| (account, f)));
        let Some((account, of_fleet)) = of_fleet else {
            // As long as for an account that exists, so that guessing names is not faster than guessing tokens.
            self.check_nobody(&call);
            return Err(no_such_webhook());
        };
        if let Some(token) = self.checked(&call, account, of_fleet).await? {
            return Ok(Answer::Token(token));
        }
        let split = self.fleet.split(&call)?;
        let received = split.events.len() + split.ignored;
        if !account.enabled {
            return Ok(Answer::Receipt(Receipt { received, queued: 0, ignored: received }));
        }
        let events: Vec<_> = split
            .events
            .into_iter()
            .map(|mut event| {
                shorten(&mut event.body);
                inbound(account, Sender::Fleet(provider), &self.clock, event)
            })
            .collect();
        enqueue(&self.events, &events, |_| "body".to_owned()).await?;
        Ok(Answer::Receipt(Receipt { received, queued: events.len(), ignored: split.ignored }))
    }

    /// Whether the fleet sent this; of a call for an access token, its answer. Keys are read only where the call is not told
    /// without them. Each process keeps them for a while, so a call that they do not fit is looked at again with those of
    /// now.
    async fn checked(
        &self,
        call: &Call<'_>,
        account: &Arc<Account>,
        of_fleet: &FleetAccount,
    ) -> Result<Option<TokenAnswer>, Problem> {
        let id = &account.account_id;
        let with = |keys| self.verdict(call, &Credentials { account_id: id, fleet: of_fleet, keys });
        let mut verdict = with(None);
        if self.fleet.needs_keys(of_fleet) && may_be_for_want_of_a_key(&verdict) {
            let known = self.keys(id).await?;
            verdict = with(Some(&known));
            if may_be_for_want_of_a_key(&verdict) {
                self.secrets.forget(id).await;
                let now = self.keys(id).await?;
                if now != known {
                    verdict = with(Some(&now));
                }
            }
        }
        verdict.map_err(|refusal| match refusal {
            Refusal::Unauthorized(reason) => Problem { reason: Some(reason), ..Problem::unauthorized() },
            Refusal::Body(error) => error.into(),
        })
    }

    fn verdict(&self, call: &Call, credentials: &Credentials) -> Result<Option<TokenAnswer>, Refusal> {
        match self.fleet.token(call, credentials) {
            Some(token) => Ok(Some(token)),
            None => self.fleet.authenticate(call, credentials).map(|()| None),
        }
    }

    async fn keys(&self, id: &AccountId) -> Result<WebhookKeys, PortError> {
        let secrets = self.secrets.secrets(id).await?;
        Ok(secrets.webhook_keys.get(&self.fleet.provider()).cloned().unwrap_or_default())
    }

    fn check_nobody(&self, call: &Call) {
        let Ok(account_id) = "nobody".parse::<AccountId>() else { return };
        let fleet = FleetAccount { webhook_tokens: Some(NOBODY.clone()), ..FleetAccount::default() };
        let credentials = Credentials { account_id: &account_id, fleet: &fleet, keys: None };
        let _ = std::hint::black_box(self.fleet.authenticate(call, &credentials));
    }
}

enum Answer {
    Receipt(Receipt),
    Token(TokenAnswer),
}

fn may_be_for_want_of_a_key(verdict: &Result<Option<TokenAnswer>, Refusal>) -> bool {
    match verdict {
        Ok(Some(token)) => token.status == StatusCode::SERVICE_UNAVAILABLE,
        Ok(None) => false,
        Err(refusal) => matches!(refusal, Refusal::Unauthorized(_)),
    }
}

fn token_response(token: &TokenAnswer, account: Option<&str>) -> Response<Body> {
    let status = StatusCode::from_u16(token.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let account = account.unwrap_or_default();
    tracing::info!(outcome = "token_asked", account, status = token.status, "access token asked for");
    let mut response = json(status, &token.body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
    }
    response
}

/// Cuts texts that are far longer than anything that is kept of them.
pub(crate) fn shorten(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > LONGEST => {
            let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
        }
        Value::Array(list) => list.iter_mut().for_each(shorten),
        Value::Object(map) => map.values_mut().for_each(shorten),
        _ => {}
    }
}

/// For fleets whose calls are told without keys.
#[derive(Debug, Clone, Copy)]
pub struct NoSecrets;

impl Secrets for NoSecrets {
    async fn secrets(
        &self,
        _id: &AccountId,
    ) -> Result<Arc<courier_domain::account::AccountSecrets>, PortError> {
        Ok(Arc::default())
    }

    async fn forget(&self, _id: &AccountId) {}
}
