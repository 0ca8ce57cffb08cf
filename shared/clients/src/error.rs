//! What can go wrong with a call, and what each of it means for the caller. The types are made after that question, not
//! after HTTP: two failures are one variant when the same is to be done about them.
//!
//! The texts are read after the name of the system that was called: `Syrve` and then `could not be reached`. They do not
//! count seconds: what is said of a command again and again is written only if it is something else.

use std::time::Duration;

use courier_domain::ports::PortError;

use crate::words::Words;

/// What a caller may do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent, for a reason on our side. Try again; it is not an attempt that the other system has seen.
    NotSent {
        /// When trying again makes sense, where that is known.
        after: Option<Duration>,
    },
    /// The other system did not carry it out, and another try may help.
    Retry {
        /// How long it asked to wait.
        after: Option<Duration>,
    },
    /// Nobody knows whether it was carried out. Look before repeating; a call that only reads may just be repeated.
    Unknown,
    /// Refused, and the same call would be refused again.
    Final,
}

/// Why a call failed. No variant shows a token, a login or a header.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Calls are held back: the rate is used up, or the system failed again and again.
    #[error("is not called now: calls are held back")]
    HeldBack {
        /// When the next call may be made.
        after: Duration,
    },
    /// The login was refused before, and is not used for a while.
    #[error("is not called now: it refused the login: {words}")]
    LoginHeld {
        /// When it is tried again.
        after: Duration,
        /// The other system's words when it refused.
        words: Words,
    },
    /// The record of when calls may be made could not be read.
    #[error("was not called: nobody knows whether the rate allows it")]
    Gate(#[source] PortError),
    /// Another process is fetching a token, or has just failed to.
    #[error("was not called: a token is being fetched by another caller")]
    TokenBusy,
    /// The shared token could not be read, and there is no other.
    #[error("was not called: the token could not be read")]
    TokenStore(#[source] PortError),
    /// No HTTP client could be made.
    #[error("was not called: no HTTP client could be made")]
    NoClient(#[source] reqwest::Error),
    /// The token could not be fetched this time, so the call was not sent.
    #[error("gave no token")]
    TokenUnavailable(#[source] Box<CallError>),
    /// No connection.
    #[error("could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// 429.
    #[error("is called too often: {words}")]
    Throttled {
        /// How long to wait, if it said so.
        after: Option<Duration>,
        /// The other system's words.
        words: Words,
    },
    /// 502 or 503: a gateway that found nobody to pass the call on to.
    #[error("is unavailable (status {status}): {words}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long to wait, if it said so.
        after: Option<Duration>,
        /// The other system's words.
        words: Words,
    },
    /// Any other 5xx: it broke, or was given up waiting for, while at work.
    #[error("failed with status {status}: {words}")]
    Fault {
        /// The HTTP status.
        status: u16,
        /// How long to leave it alone, if it said so.
        after: Option<Duration>,
        /// The other system's words.
        words: Words,
    },
    /// Syrve's 408: the restaurant's terminal did not answer in time.
    #[error("got no answer from the restaurant's terminal in time: {words}")]
    TerminalSilent {
        /// The other system's words.
        words: Words,
    },
    /// The request was sent and no whole answer came: out of time, or cut off.
    #[error("did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// A success whose body is not what the contract says.
    #[error("gave an answer that cannot be read: {what}")]
    Malformed {
        /// What is wrong with it. Never the body: it may hold people's data.
        what: &'static str,
    },
    /// A success whose `error` field says that it is none.
    #[error("refused the call: {words}")]
    ErrorField {
        /// The other system's words.
        words: Words,
    },
    /// A new token was refused as well.
    #[error("refused a new token: {words}")]
    Unauthorized {
        /// The other system's words.
        words: Words,
    },
    /// The login lacks the right to this call.
    #[error("does not let the login make this call: {words}")]
    Forbidden {
        /// The other system's words.
        words: Words,
    },
    /// The login was blocked or switched off; only a person can change that.
    #[error("blocked the login: {words}")]
    LoginBlocked {
        /// The other system's words.
        words: Words,
    },
    /// These credentials are not accepted: no token is given for them, or the keys are wrong.
    #[error("refused the login with status {status}: {words}")]
    LoginRejected {
        /// The HTTP status.
        status: u16,
        /// The other system's words.
        words: Words,
    },
    /// The request was refused for what it says.
    #[error("refused the call with status {status}: {words}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// The other system's words.
        words: Words,
    },
    /// The configured base URL, or a value, cannot be made into a request.
    #[error("cannot be called: {what}")]
    Unsendable {
        /// What is wrong.
        what: &'static str,
    },
}

impl CallError {
    /// What may be done.
    ///
    /// 502 and 503 come from in front of the application and count as not carried out. 500, 504 and the rest of 5xx may
    /// come after the command was passed on, so they are unknown outcomes, as are 408 and answers that were cut off.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::HeldBack { after } | Self::LoginHeld { after, .. } => {
                Outcome::NotSent { after: Some(*after) }
            }
            Self::Gate(_) | Self::TokenBusy | Self::TokenStore(_) | Self::NoClient(_) => {
                Outcome::NotSent { after: None }
            }
            Self::TokenUnavailable(cause) => match cause.outcome() {
                Outcome::Retry { after } => Outcome::Retry { after },
                _ => Outcome::Retry { after: None },
            },
            Self::Unreachable(_) => Outcome::Retry { after: None },
            Self::Throttled { after, .. } | Self::Unavailable { after, .. } => {
                Outcome::Retry { after: *after }
            }
            Self::Fault { .. } | Self::TerminalSilent { .. } | Self::NoAnswer(_) | Self::Malformed { .. } => {
                Outcome::Unknown
            }
            Self::ErrorField { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::LoginBlocked { .. }
            | Self::LoginRejected { .. }
            | Self::Rejected { .. }
            | Self::Unsendable { .. } => Outcome::Final,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_after_the_name_of_the_system() {
        let words = Words::new("Apilogin has been blocked.", &[]);
        let held = CallError::LoginHeld { after: Duration::from_millis(599_001), words: words.clone() };
        let texts = [
            (held, "Syrve is not called now: it refused the login: Apilogin has been blocked."),
            (
                CallError::HeldBack { after: Duration::from_secs(5) },
                "Syrve is not called now: calls are held back",
            ),
            (
                CallError::LoginBlocked { words: words.clone() },
                "Syrve blocked the login: Apilogin has been blocked.",
            ),
            (
                CallError::Rejected { status: 400, words: Words::default() },
                "Syrve refused the call with status 400: (no words)",
            ),
            (
                CallError::Unsendable { what: "no terminal group" },
                "Syrve cannot be called: no terminal group",
            ),
        ];
        for (error, text) in texts {
            assert_eq!(format!("Syrve {error}"), text);
        }
    }

    #[test]
    fn a_call_that_is_held_back_was_not_sent() {
        let after = Duration::from_secs(7);
        let held = [CallError::HeldBack { after }, CallError::LoginHeld { after, words: Words::default() }];
        for error in held {
            assert_eq!(error.outcome(), Outcome::NotSent { after: Some(after) });
        }
    }
}
