//! What is asked of the [`Gate`] before a call, and told to it after. A call that worked writes nothing, unless calls
//! before it failed; and a record that cannot be written does not turn a call that was made into an error.

use std::fmt;

use courier_domain::gate::{Pass, REFUSED, Refusal};
use courier_domain::ports::{Gate, Outcome};
use jiff::Timestamp;

use crate::caller::Share;
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

impl Passage {
    /// Asks to make a call.
    pub(crate) async fn enter<G: Gate>(
        gate: &G,
        share: Share<'_>,
        now: Timestamp,
    ) -> Result<Self, CallError> {
        let Share { login, group, rate } = share;
        match gate.pass(login, group, rate, now).await.map_err(CallError::Gate)? {
            Pass::Go { failures } => Ok(Self { failures, tries_login: false }),
            Pass::Try { failures } => Ok(Self { failures, tries_login: true }),
            Pass::Wait(after) => Err(CallError::HeldBack { after }),
            Pass::Refused(after, words) => {
                Err(CallError::LoginHeld { after, words: Words::new(&words, &[]) })
            }
        }
    }

    /// Tells how a call went.
    pub(crate) async fn leave<G: Gate>(
        &self,
        gate: &G,
        share: Share<'_>,
        answer: &Result<Vec<u8>, CallError>,
        now: Timestamp,
    ) {
        let outcome = shown(answer);
        if self.failures > 0 || outcome != Outcome::Works {
            let reported = gate.report(share.login, share.group, outcome, self.failures, now).await;
            warn(&reported, share, "outcome of a call not recorded");
        }
        match answer {
            Err(CallError::LoginBlocked { words } | CallError::LoginRejected { words, .. }) => {
                let until = now.saturating_add(REFUSED).unwrap_or(Timestamp::MAX);
                let refusal = Refusal { since: now, until, words: words.to_string() };
                warn(&gate.refuse(share.login, &refusal).await, share, "refused login not recorded");
            }
            answer if self.tries_login => tried(gate, share, answer, now).await,
            _ => {}
        }
    }
}

/// The login was tried and not refused. Where the answer shows that it is good, everybody may use it again; where only
/// the token was not accepted, the next one may try; else the next one may when the time of this try is over.
async fn tried<G: Gate>(gate: &G, share: Share<'_>, answer: &Result<Vec<u8>, CallError>, now: Timestamp) {
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

/// Logs what could not be recorded.
fn warn<E: fmt::Display>(recorded: &Result<(), E>, share: Share<'_>, what: &'static str) {
    if let Err(error) = recorded {
        tracing::warn!(group = share.group, %error, "{what}");
    }
}
