//! What is asked of the [`Gate`] before a call, and told to it after. A call that worked writes nothing, unless calls
//! before it failed; and a record that cannot be written does not turn a call that was made into an error.

use std::collections::HashSet;
use std::fmt;
use std::sync::{MutexGuard, PoisonError};

use courier_domain::gate::{Pass, REFUSED, Refusal};
use courier_domain::ports::{Gate, Outcome};
use jiff::Timestamp;

use crate::caller::{Caller, Terms};
use crate::error::CallError;
use crate::words::Words;

impl Caller {
    /// Asks to make a call; says how many failures came before it.
    pub(crate) async fn enter<G: Gate>(
        &self,
        gate: &G,
        terms: &Terms<'_>,
        now: Timestamp,
    ) -> Result<u32, CallError> {
        match gate.pass(terms.login, terms.group, terms.rate, now).await.map_err(CallError::Gate)? {
            Pass::Go { failures } => Ok(failures),
            Pass::Wait(after) => Err(CallError::HeldBack { after }),
            Pass::Refused(after, words) => {
                self.doubts(terms.login);
                Err(CallError::LoginHeld { after, words: Words::new(&words, &[]) })
            }
        }
    }

    /// Tells how a call went.
    pub(crate) async fn leave<G: Gate>(
        &self,
        gate: &G,
        terms: &Terms<'_>,
        failures: u32,
        answer: &Result<Vec<u8>, CallError>,
        now: Timestamp,
    ) {
        let outcome = shown(answer);
        if failures > 0 || outcome != Outcome::Works {
            let reported = gate.report(terms.login, terms.group, outcome, failures, now).await;
            warn(&reported, terms, "outcome of a call not recorded");
        }
        match answer {
            Ok(_) => self.login_works(gate, terms, now).await,
            Err(CallError::LoginBlocked { words } | CallError::LoginRejected { words, .. }) => {
                self.doubts(terms.login);
                let until = now.saturating_add(REFUSED).unwrap_or(Timestamp::MAX);
                let refusal = Refusal { since: now, until, words: words.to_string() };
                warn(&gate.refuse(terms.login, &refusal).await, terms, "refused login not recorded");
            }
            Err(_) => {}
        }
    }

    /// There is a refusal of this login on record, to be taken off when it works again.
    pub(crate) fn doubts(&self, login: &str) {
        self.accepted().remove(login);
    }

    /// Takes a refusal off the record that is over. One that is not is newer than the call that has just worked.
    async fn login_works<G: Gate>(&self, gate: &G, terms: &Terms<'_>, now: Timestamp) {
        if self.accepted().contains(terms.login) {
            return;
        }
        let forgotten = match gate.refusal(terms.login).await {
            Ok(Some(refusal)) if refusal.until > now => return,
            Ok(Some(_)) => gate.accept(terms.login).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if warn(&forgotten, terms, "accepted login not recorded") {
            self.accepted().insert(terms.login.to_owned());
        }
    }

    fn accepted(&self) -> MutexGuard<'_, HashSet<String>> {
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an answer shows of the system: it fails when it cannot be reached, breaks or is too busy. A refusal is an answer.
fn shown(answer: &Result<Vec<u8>, CallError>) -> Outcome {
    match answer {
        Err(CallError::Unreachable(_) | CallError::NoAnswer(_)) => Outcome::Fails { after: None },
        Err(CallError::Throttled { after, .. }) => Outcome::Fails { after: *after },
        Err(CallError::Unavailable { after, words, .. } | CallError::Fault { after, words, .. })
            if !is_of_one_restaurant(words) =>
        {
            Outcome::Fails { after: *after }
        }
        _ => Outcome::Works,
    }
}

/// A login is used for many restaurants. That one of them is offline is no reason to hold back the calls for the others,
/// and such a failure is not always said as the 408 that it should be.
fn is_of_one_restaurant(words: &Words) -> bool {
    ["terminal", "restaurant", "organization"].iter().any(|word| words.say(word))
}

/// Logs what could not be recorded; says whether it was recorded.
fn warn<E: fmt::Display>(recorded: &Result<(), E>, terms: &Terms<'_>, what: &'static str) -> bool {
    if let Err(error) = recorded {
        tracing::warn!(group = terms.group, %error, "{what}");
    }
    recorded.is_ok()
}
