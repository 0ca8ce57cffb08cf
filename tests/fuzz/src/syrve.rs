//! A call of Syrve: which events it has, what they mean, and what follows.

use courier_domain::account::Account;
use courier_domain::delivery::Provider;
use courier_domain::inbound::Sender;
use courier_domain::report::Report;
use courier_providers::syrve::webhook::{Route, SyrveEvent, split};
use courier_providers::syrve::{order, shift};

use crate::accounts::{RECEIVED_AT, accounts};
use crate::events::{check, check_error, queued};
use crate::input::Input;
use crate::settle::settle;

/// What the reader is fuzzed with.
#[derive(Debug)]
pub struct Target {
    accounts: Vec<Account>,
}

impl Target {
    /// With an account for each name that its fleets may know an order by.
    pub fn new() -> Self {
        Self { accounts: accounts(Provider::Captain) }
    }

    /// Handles one input.
    pub fn run(&self, bytes: &[u8]) {
        let Some(input) = Input::of(bytes) else { return };
        self.handle(input.body);
        if let Some(body) = input.with_person() {
            self.handle(&body);
        }
    }

    fn handle(&self, body: &[u8]) {
        let events = match split(body) {
            Ok(events) => events,
            Err(error) => return check_error(&error.to_string()),
        };
        assert_eq!(split(body).as_ref(), Ok(&events), "the same call, other events");
        for event in &events {
            check(&event.raw);
            self.map(event);
        }
    }

    fn map(&self, event: &SyrveEvent) {
        let inbound = queued(Sender::Syrve, &event.raw, RECEIVED_AT);
        for account in &self.accounts {
            let report = match event.route {
                Route::DeliveryOrder => {
                    order::map(&inbound, account).map(|report| Report::Order(Box::new(report)))
                }
                Route::PersonalShift => shift::map(&inbound).map(|report| Report::Drivers(vec![report])),
                Route::Ignored => return,
            };
            match report {
                Ok(report) => settle(&report, &inbound, account),
                Err(error) => check_error(&error.to_string()),
            }
        }
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::new()
    }
}
