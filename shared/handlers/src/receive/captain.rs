//! `POST /webhooks/captain/{account}` and `…/items`: all of Captain.AI's events, one in each call. The second URL exists
//! because Captain.AI can send item events elsewhere; both take every event.

use courier_domain::clock::Clock;
use courier_domain::inbound::Sender;
use courier_domain::ports::{Accounts, EventQueue};
use courier_providers::captain::webhook::{is_known, read};
use lambda_http::{Body, Request, Response};

use super::{Receipt, admit, answer, enqueue, inbound, log};
use crate::http::{Problem, body, header, path_parts};

/// The receiver of Captain.AI's webhooks.
#[derive(Debug)]
pub struct CaptainReceiver<A, Q, C> {
    /// Who may call.
    pub accounts: A,
    /// The queue of `fleet-event`.
    pub events: Q,
    /// The time.
    pub clock: C,
}

impl<A: Accounts, Q: EventQueue, C: Clock> CaptainReceiver<A, Q, C> {
    /// Answers one call.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let account = path_parts(request).get(2).copied();
        let outcome = self.receive(request, account).await;
        log(Sender::Captain, account, &outcome);
        answer(outcome)
    }

    async fn receive(&self, request: &Request, account: Option<&str>) -> Result<Receipt, Problem> {
        let token = header(request, "auth-token").map(str::trim).filter(|token| !token.is_empty());
        let account = admit(&self.accounts, &self.clock, account, token, |account| {
            account.captain.as_ref().map(|captain| &captain.webhook_tokens)
        });
        let account = account.await?;
        let event = read(body(request)?)?;
        if !account.enabled || !is_known(&event.kind) {
            return Ok(Receipt { received: 1, queued: 0, ignored: 1 });
        }
        let event = inbound(&account, Sender::Captain, &self.clock, event);
        enqueue(&self.events, &[event], |_| "body".to_owned()).await?;
        Ok(Receipt { received: 1, queued: 1, ignored: 0 })
    }
}
