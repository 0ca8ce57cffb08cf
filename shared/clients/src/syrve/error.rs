//! What can go wrong with a call, and what each of it means for the caller. The types are made after that question, not
//! after HTTP: two failures are one variant when the same is to be done about them.

use std::time::Duration;

use courier_domain::ports::PortError;

use super::words::Words;

/// What a caller may do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was sent, for a reason on our side. Try again soon; it is not an attempt that Syrve has seen.
    NotSent,
    /// Syrve did not carry it out, and another try may help.
    Retry {
        /// How long Syrve asked to wait.
        after: Option<Duration>,
    },
    /// Nobody knows whether Syrve carried it out. Look before repeating; a call that only reads may just be repeated.
    Unknown,
    /// Refused, and the same call would be refused again.
    Final,
}

/// Why a call failed. No variant shows a token, a login or a header.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Another process is fetching a token, or has just failed to.
    #[error("a Syrve token is being fetched by another caller")]
    TokenBusy,
    /// The shared token could not be read, and there is no other.
    #[error("the Syrve token could not be read")]
    TokenStore(#[source] PortError),
    /// No HTTP client could be made.
    #[error("no HTTP client could be made")]
    NoClient(#[source] reqwest::Error),
    /// The token could not be fetched this time, so the call was not sent.
    #[error("no Syrve token could be fetched")]
    TokenUnavailable(#[source] Box<CallError>),
    /// No connection.
    #[error("Syrve could not be reached")]
    Unreachable(#[source] reqwest::Error),
    /// 429.
    #[error("Syrve's rate limit was reached: {words}")]
    Throttled {
        /// How long to wait, if it said so.
        after: Option<Duration>,
        /// Syrve's words.
        words: Words,
    },
    /// 502 or 503: a gateway that found nobody to pass the call on to.
    #[error("Syrve is unavailable (status {status}): {words}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long to wait, if it said so.
        after: Option<Duration>,
        /// Syrve's words.
        words: Words,
    },
    /// Any other 5xx: it broke, or was given up waiting for, while at work.
    #[error("Syrve failed with status {status}: {words}")]
    Fault {
        /// The HTTP status.
        status: u16,
        /// Syrve's words.
        words: Words,
    },
    /// 408: the restaurant's terminal did not answer in time.
    #[error("the restaurant's terminal did not answer in time: {words}")]
    TerminalSilent {
        /// Syrve's words.
        words: Words,
    },
    /// The request was sent and no whole answer came: out of time, or cut off.
    #[error("Syrve did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// A success whose body is not what the contract says.
    #[error("Syrve's answer cannot be read: {what}")]
    Malformed {
        /// What is wrong with it. Never the body: it may hold people's data.
        what: &'static str,
    },
    /// A new token was refused as well.
    #[error("Syrve refused a new token: {words}")]
    Unauthorized {
        /// Syrve's words.
        words: Words,
    },
    /// The API login lacks the right to this call.
    #[error("the API login may not make this call: {words}")]
    Forbidden {
        /// Syrve's words.
        words: Words,
    },
    /// The API login was blocked or switched off; only a person can change that.
    #[error("the API login is blocked: {words}")]
    LoginBlocked {
        /// Syrve's words.
        words: Words,
    },
    /// No token is given for these credentials.
    #[error("Syrve refused the API login with status {status}: {words}")]
    LoginRejected {
        /// The HTTP status.
        status: u16,
        /// Syrve's words.
        words: Words,
    },
    /// The request was refused for what it says.
    #[error("Syrve refused the call with status {status}: {words}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Syrve's words.
        words: Words,
    },
    /// The configured base URL, or a value, cannot be made into a request.
    #[error("the request cannot be made: {what}")]
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
            Self::TokenBusy | Self::TokenStore(_) | Self::NoClient(_) => Outcome::NotSent,
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
            Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::LoginBlocked { .. }
            | Self::LoginRejected { .. }
            | Self::Rejected { .. }
            | Self::Unsendable { .. } => Outcome::Final,
        }
    }

    /// The same failure, met while fetching a token: whatever became of that request, the call itself was not sent.
    pub(super) fn of_token(self) -> Self {
        match self {
            Self::Unauthorized { words } => Self::LoginRejected { status: 401, words },
            Self::Forbidden { words } => Self::LoginRejected { status: 403, words },
            Self::Rejected { status, words } => Self::LoginRejected { status, words },
            other if matches!(other.outcome(), Outcome::Final | Outcome::NotSent) => other,
            other => Self::TokenUnavailable(Box::new(other)),
        }
    }
}
