//! What Syrve means by a status. It uses 401 for three things (an old token, a missing right, a blocked login) and only
//! the words tell them apart.

use crate::answer::Refused;
use crate::error::{CallError, Outcome};
use crate::words::Words;

/// The error that an answer to a call means.
pub(super) fn of_call(refused: Refused) -> CallError {
    let Refused { status, words, .. } = &refused;
    match status {
        400 | 401 | 403 if login_is_blocked(*status, words) => {
            CallError::LoginBlocked { words: refused.words }
        }
        401 if words.say("right") && words.say("not allowed") => {
            CallError::Forbidden { words: refused.words }
        }
        401 => CallError::Unauthorized { words: refused.words },
        403 => CallError::Forbidden { words: refused.words },
        408 => CallError::TerminalSilent { words: refused.words },
        _ => refused.usually(),
    }
}

/// The error that an answer to a request for a token means: whatever is refused there for good is the login.
pub(super) fn of_token_request(refused: Refused) -> CallError {
    let status = refused.status;
    match of_call(refused) {
        CallError::Unauthorized { words }
        | CallError::Forbidden { words }
        | CallError::Rejected { words, .. } => CallError::LoginRejected { status, words },
        other => other,
    }
}

/// Whether an answer shows that the token of its call was good: Syrve looks at the token first, and what a gateway says
/// in front of it, or nobody, shows nothing.
pub(super) fn took_the_token(answer: &Result<Vec<u8>, CallError>) -> bool {
    use CallError::{Fault, Forbidden, LoginBlocked, Malformed, Rejected, TerminalSilent, Throttled};
    match answer {
        Ok(_) => true,
        Err(error) => matches!(
            error,
            Forbidden { .. }
                | LoginBlocked { .. }
                | Rejected { .. }
                | TerminalSilent { .. }
                | Fault { .. }
                | Throttled { .. }
                | Malformed { .. }
        ),
    }
}

/// A failure met while fetching a token: whatever became of that request, the call itself was not sent.
pub(super) fn without_token(error: CallError) -> CallError {
    match error.outcome() {
        Outcome::Final | Outcome::NotSent { .. } => error,
        Outcome::Retry { .. } | Outcome::Unknown => CallError::TokenUnavailable(Box::new(error)),
    }
}

/// Outside a 401, "blocked" and "inactive" may be about a guest or a terminal.
fn login_is_blocked(status: u16, words: &Words) -> bool {
    (words.say("blocked") || words.say("inactive")) && (status == 401 || words.say("apilogin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, text: &str) -> Refused {
        Refused { status, after: None, words: Words::new(text, &[]) }
    }

    #[test]
    fn only_words_about_the_login_mean_that_it_is_blocked() {
        let meant = |status, text| matches!(of_call(refused(status, text)), CallError::LoginBlocked { .. });
        assert!(meant(401, "Apilogin has been blocked."));
        assert!(meant(401, "ApiLogin is inactive"));
        assert!(meant(400, "ApiLogin is inactive"));
        assert!(!meant(400, "The guest is blocked"));
        assert!(!meant(503, "Apilogin has been blocked."));
    }

    #[test]
    fn a_token_is_good_when_syrve_says_anything_but_that_it_is_not() {
        let took = |status, text| took_the_token(&Err(of_call(refused(status, text))));
        for status in [400, 403, 404, 408, 422, 429, 500] {
            assert!(took(status, ""), "{status}");
        }
        assert!(took(401, "Right is not allowed for this ApiLogin."));
        assert!(took(401, "Apilogin has been blocked."));
        assert!(took_the_token(&Ok(Vec::new())));
        for status in [401, 502, 503] {
            assert!(!took(status, ""), "{status}");
        }
        let after = std::time::Duration::ZERO;
        assert!(!took_the_token(&Err(CallError::HeldBack { after })));
        assert!(!took_the_token(&Err(CallError::LoginHeld { after, words: Words::default() })));
    }

    #[test]
    fn a_silent_terminal_is_an_unknown_outcome() {
        assert_eq!(of_call(refused(408, "")).outcome(), Outcome::Unknown);
    }

    #[test]
    fn what_is_refused_of_a_token_request_is_the_login() {
        for status in [302, 400, 401, 403, 404, 422] {
            let error = of_token_request(refused(status, "no"));
            assert!(matches!(error, CallError::LoginRejected { status: s, .. } if s == status), "{error:?}");
        }
        let blocked = of_token_request(refused(401, "Apilogin has been blocked."));
        assert!(matches!(blocked, CallError::LoginBlocked { .. }));
        assert!(matches!(of_token_request(refused(429, "")), CallError::Throttled { .. }));
    }
}
