//! `POST /webhooks/syrve/{account}`: Syrve allows one URL per organization, so all its event types arrive here, several in
//! one call, and each goes to the queue of its own function.

use courier_domain::clock::Clock;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_domain::ports::{Accounts, EventQueue};
use courier_providers::syrve::webhook::{Route, split};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use super::{NOBODY, Receipt, account_of, answer, enqueue, inbound, log, no_such_webhook};
use crate::http::{Problem, bearer, body, path_parts};

/// The receiver of Syrve's webhooks.
#[derive(Debug)]
pub struct SyrveReceiver<A, Q, C> {
    /// Who may call.
    pub accounts: A,
    /// The queue of `delivery-order`.
    pub orders: Q,
    /// The queue of `personal-shift`.
    pub shifts: Q,
    /// The time.
    pub clock: C,
}

/// Events for one queue, and where in the call they stood.
#[derive(Default)]
struct Batch {
    places: Vec<usize>,
    events: Vec<InboundEvent>,
}

impl Batch {
    fn place(&self, index: usize) -> String {
        self.places.get(index).map_or_else(|| "body".to_owned(), |place| format!("[{place}]"))
    }
}

impl<A: Accounts, Q: EventQueue, C: Clock> SyrveReceiver<A, Q, C> {
    /// Answers one call: exactly 200 once every event is queued, since Syrve counts nothing else as received.
    pub async fn handle(&self, request: &Request) -> Response<Body> {
        let account = path_parts(request).get(2).copied();
        let outcome = self.receive(request, account).await;
        log(Sender::Syrve, account, &outcome);
        answer(outcome)
    }

    async fn receive(&self, request: &Request, account: Option<&str>) -> Result<Receipt, Problem> {
        let account = account_of(&self.accounts, account).await?;
        let syrve = account.as_ref().and_then(|account| account.syrve.as_ref());
        let (token, tokens) = (bearer(request), syrve.map_or(&*NOBODY, |syrve| &syrve.webhook_tokens));
        let accepted = tokens.accepts(token.unwrap_or_default(), self.clock.now()) && token.is_some();
        let (Some(account), Some(syrve)) = (&account, syrve) else { return Err(no_such_webhook()) };
        if !accepted {
            return Err(Problem::unauthorized());
        }
        let events = split(body(request)?)?;
        let foreign = |event: &courier_providers::syrve::webhook::SyrveEvent| {
            event.organization_ids().any(|id| id != syrve.organization_id)
        };
        if let Some(index) = events.iter().position(foreign) {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                "the event is of another organization than the account's",
            );
            return Err(Problem { field: Some(format!("[{index}].organizationId")), ..problem });
        }
        let received = events.len();
        if !account.enabled {
            return Ok(Receipt { received, queued: 0, ignored: received });
        }
        let (mut orders, mut shifts) = (Batch::default(), Batch::default());
        for (place, event) in events.into_iter().enumerate() {
            let batch = match event.route {
                Route::DeliveryOrder => &mut orders,
                Route::PersonalShift => &mut shifts,
                Route::Ignored => continue,
            };
            batch.places.push(place);
            batch.events.push(inbound(account, Sender::Syrve, &self.clock, event.raw));
        }
        // Orders first: only they can be too large, and then nothing is queued.
        enqueue(&self.orders, &orders.events, |index| orders.place(index)).await?;
        enqueue(&self.shifts, &shifts.events, |index| shifts.place(index)).await?;
        let queued = orders.events.len() + shifts.events.len();
        Ok(Receipt { received, queued, ignored: received - queued })
    }
}
