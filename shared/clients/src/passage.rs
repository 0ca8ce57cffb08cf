//! What is asked of the [`Gate`] before a call, and told to it after. A call that worked writes nothing, unless calls
//! before it failed; and a record that cannot be written does not turn a call that was made into an error.

use std::collections::HashSet;
use std::fmt;
use std::sync::{MutexGuard, PoisonError};

use courier_domain::gate::{Pass, REFUSED, Refusal};
use courier_domain::ports::{Gate, Outcome};
use jiff::Timestamp;

use crate::caller::{Caller, Share};
use crate::error::CallError;
use crate::words::Words;

/// Leave to make one call, with its place in the rate taken. Whoever must write something before a call goes out asks for
/// it first, so that nothing is written of a call that may not be made.
#[derive(Debug)]
pub struct Passage {
    /// Failures that came before the call.
    failures: u32,
    /// The call is the one try of a login that was refused.
    tries_login: bool,
}

impl Caller {
    /// Asks to make a call.
    pub(crate) async fn enter<G: Gate>(
        &self,
        gate: &G,
        share: Share<'_>,
        now: Timestamp,
    ) -> Result<Passage, CallError> {
        let Share { login, group, rate } = share;
        match gate.pass(login, group, rate, now).await.map_err(CallError::Gate)? {
            Pass::Go { failures } => Ok(Passage { failures, tries_login: false }),
            Pass::Try { failures } => Ok(Passage { failures, tries_login: true }),
            Pass::Wait(after) => Err(CallError::HeldBack { after }),
            Pass::Refused(after, words) => {
                self.doubts(login);
                Err(CallError::LoginHeld { after, words: Words::new(&words, &[]) })
            }
        }
    }

    /// Tells how a call went.
    pub(crate) async fn leave<G: Gate>(
        &self,
        gate: &G,
        share: Share<'_>,
        passage: &Passage,
        answer: &Result<Vec<u8>, CallError>,
        now: Timestamp,
    ) {
        let outcome = shown(answer);
        if passage.failures > 0 || outcome != Outcome::Works {
            let reported = gate.report(share.login, share.group, outcome, passage.failures, now).await;
            warn(&reported, share, "outcome of a call not recorded");
        }
        match answer {
            Err(CallError::LoginBlocked { words } | CallError::LoginRejected { words, .. }) => {
                self.doubts(share.login);
                let until = now.saturating_add(REFUSED).unwrap_or(Timestamp::MAX);
                let refusal = Refusal { since: now, until, words: words.to_string() };
                warn(&gate.refuse(share.login, &refusal).await, share, "refused login not recorded");
            }
            answer if passage.tries_login => self.tried(gate, share, answer, now).await,
            Ok(_) => self.login_works(gate, share, now).await,
            Err(_) => {}
        }
    }

    /// There is a refusal of this login on record, to be taken off when it works again.
    pub(crate) fn doubts(&self, login: &str) {
        self.accepted().remove(login);
    }

    /// The login was tried and not refused. Where the answer shows that it is good, everybody may use it again; where only
    /// the token was not accepted, the next one may try; else the next one may when the time of this try is over.
    async fn tried<G: Gate>(
        &self,
        gate: &G,
        share: Share<'_>,
        answer: &Result<Vec<u8>, CallError>,
        now: Timestamp,
    ) {
        use CallError::{Forbidden, Rejected, TerminalSilent, Unauthorized};
        let told = match answer {
            Ok(_) | Err(Rejected { .. } | Forbidden { .. } | TerminalSilent { .. }) => {
                gate.accept(share.login).await
            }
            Err(Unauthorized { .. }) => match gate.refusal(share.login).await {
                Ok(Some(refusal)) => gate.refuse(share.login, &Refusal { until: now, ..refusal }).await,
                other => other.map(drop),
            },
            Err(_) => return,
        };
        warn(&told, share, "outcome of the try of a login not recorded");
    }

    /// Takes a refusal off the record that is over. One that is not is newer than the call that has just worked.
    async fn login_works<G: Gate>(&self, gate: &G, share: Share<'_>, now: Timestamp) {
        if self.accepted().contains(share.login) {
            return;
        }
        let forgotten = match gate.refusal(share.login).await {
            Ok(Some(refusal)) if refusal.until > now => return,
            Ok(Some(_)) => gate.accept(share.login).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if warn(&forgotten, share, "accepted login not recorded") {
            self.accepted().insert(share.login.to_owned());
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
fn warn<E: fmt::Display>(recorded: &Result<(), E>, share: Share<'_>, what: &'static str) -> bool {
    if let Err(error) = recorded {
        tracing::warn!(group = share.group, %error, "{what}");
    }
    recorded.is_ok()
}
