//! A call of a fleet, all the way: whether it is let in, which events it has, what they mean, and what follows.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::{InboundEvent, Sender};
use courier_providers::RawEvent;
use courier_providers::contract::{Call, Fleet, Split, fleet};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::accounts::{RECEIVED_AT, accounts};
use crate::auth;
use crate::events::{check, check_error, check_kept, queued};
use crate::input::{Input, Secrets};
use crate::settle::settle;

/// Beside the URLs that a fleet is given: others under its path, as somebody may type them.
const OTHER_PATHS: [&str; 4] = ["", "/order_update%3Acomment", "/unheard_of", "/two/parts"];

/// What one of a fleet's readers is fuzzed with.
pub struct Target {
    fleet: &'static dyn Fleet,
    accounts: Vec<Account>,
    paths: Vec<&'static str>,
    secrets: Option<Secrets>,
}

impl Target {
    /// A fleet's, whose calls have secrets in these places.
    pub fn new(provider: Provider, secrets: Option<Secrets>) -> Self {
        let fleet = fleet(provider);
        let paths = fleet.urls().iter().map(|(_, path)| *path).chain(OTHER_PATHS).collect();
        Self { fleet, accounts: accounts(provider), paths, secrets }
    }

    /// Handles one input.
    pub fn run(&self, bytes: &[u8]) {
        let Some(input) = Input::of(bytes) else { return };
        auth::run(self.fleet, &input);
        self.handle(&input, input.body);
        if let Some(body) = input.with_person() {
            self.handle(&input, &body);
        }
        if let Some(body) = self.secrets.and_then(|secrets| input.with_secret(secrets)) {
            for event in self.split(&input, &body, RECEIVED_AT).map(|split| split.events).unwrap_or_default()
            {
                check_kept(&self.queued(&event, RECEIVED_AT));
            }
        }
    }

    fn handle(&self, input: &Input, body: &[u8]) {
        let split = match self.split(input, body, RECEIVED_AT) {
            Ok(split) => split,
            Err(error) => return check_error(&error),
        };
        assert_eq!(self.split(input, body, RECEIVED_AT).as_ref(), Ok(&split), "the same call, other events");
        self.check_sent_again(input, body, &split);
        split.events.iter().for_each(|event| self.map(event, RECEIVED_AT));
    }

    fn split(&self, input: &Input, body: &[u8], received_at: Timestamp) -> Result<Split, String> {
        let path = self.paths[usize::from(input.path) % self.paths.len()];
        let rest: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        let call = Call { rest: &rest, query: "", headers: &HeaderMap::new(), body, received_at };
        self.fleet.split(&call).map_err(|error| error.to_string())
    }

    /// A call that comes again a minute later has the same event, if it is about an order. What comes with it may differ: it
    /// may only then be clear that its time can be believed. What a driver's event without a time says may be true again.
    fn check_sent_again(&self, input: &Input, body: &[u8], split: &Split) {
        let again = self.split(input, body, RECEIVED_AT + SignedDuration::from_mins(1));
        let names = |split: &Split| {
            let of_orders = split.events.iter().filter(|event| event.subject.starts_with("order"));
            of_orders.map(|event| (event.key.clone(), event.subject.clone())).collect::<Vec<_>>()
        };
        let sent_again = again.as_ref().map(names);
        assert_eq!(sent_again, Ok(names(split)), "the same event has another name when it comes again");
    }

    /// Maps an event for each account, and applies what it means.
    pub fn map(&self, event: &RawEvent, received_at: Timestamp) {
        check(event);
        let event = self.queued(event, received_at);
        for account in &self.accounts {
            match self.fleet.map(&event, account) {
                Ok(report) => settle(&report, &event, account),
                Err(error) => check_error(&error.to_string()),
            }
        }
    }

    fn queued(&self, event: &RawEvent, received_at: Timestamp) -> InboundEvent {
        queued(Sender::Fleet(self.fleet.provider()), event, received_at)
    }
}
