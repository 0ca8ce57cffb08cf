//! What became of a notification in this round, and what that means for its message, which stands for all of them.

use std::time::Duration;

use courier_domain::ports::PortError;

use crate::http::chain;
use crate::queue::{Verdict, backoff};

/// What became of one notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is left to do: received, or not wanted any more.
    Done,
    /// Given up; in words.
    Failed(String),
    /// It was not its turn, or something refused what it needs: what happened after it waits as well.
    Held(Duration),
    /// It is due again then.
    Later(Duration),
}

/// What a failure of something the bridge stands on means. One that no retry can help is the end, and so is what is stored
/// and cannot be read: a dead letter waits for whoever repairs it.
pub(super) fn of_error(error: &PortError, receives: u32) -> Step {
    let words = chain(error);
    // Also what no retry can help: its message may live on for a day, for the sake of other subscriptions.
    tracing::error!(outcome = "retry", receives, error = words, "notification not handled");
    if error.is_final() || matches!(error, PortError::Unreadable { .. }) {
        return Step::Failed(words);
    }
    Step::Held(backoff(receives))
}

/// The longest that what is due is kept waiting for what is due soon after.
const LONGEST_SLACK: Duration = Duration::from_mins(20);

/// The message waits while anything of it waits; where several wait, a little longer than for the first, a sixteenth of its
/// age, so that they are tried together: a queue hands a message out a thousand times and not more. Once nothing does, it is a dead letter if anything was given up.
pub(super) fn of_message(steps: Vec<Step>, age: Duration) -> Verdict {
    let waits = |step: &Step| match step {
        Step::Held(wait) | Step::Later(wait) => Some(*wait),
        Step::Done | Step::Failed(_) => None,
    };
    let waiting: Vec<_> = steps.iter().filter_map(waits).collect();
    if let Some(first) = waiting.iter().min() {
        let slack = if waiting.len() > 1 { (age / 16).min(LONGEST_SLACK) } else { Duration::ZERO };
        return Verdict::Later(*first + slack);
    }
    let failed = |step: Step| if let Step::Failed(why) = step { Some(why) } else { None };
    let reasons: Vec<_> = steps.into_iter().filter_map(failed).collect();
    if reasons.is_empty() { Verdict::Done } else { Verdict::Dead(reasons.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Errors;

    const AGE: Duration = Duration::from_secs(48);

    fn later(seconds: u64) -> Step {
        Step::Later(Duration::from_secs(seconds))
    }

    #[test]
    fn what_no_retry_can_help_is_logged_as_well() {
        let logged = Errors::default();
        let steps = tracing::subscriber::with_default(logged.clone(), || {
            let refused = PortError::Refused { service: "dynamodb", code: "ValidationException".into() };
            let down = PortError::Unavailable { service: "dynamodb", source: "throttled".into() };
            [refused, PortError::Unreadable { what: "a line" }, down].map(|error| of_error(&error, 1))
        });
        assert!(matches!(&steps, [Step::Failed(_), Step::Failed(_), Step::Held(_)]), "{steps:?}");
        assert_eq!(logged.count(), 3);
    }

    #[test]
    fn a_message_waits_for_the_first_of_what_waits() {
        let steps = vec![Step::Done, later(60), Step::Failed("a".into()), Step::Held(Duration::from_secs(2))];
        assert_eq!(
            of_message(steps, AGE),
            Verdict::Later(Duration::from_secs(5)),
            "2 s, and 3 more for the others"
        );
        assert_eq!(of_message(vec![Step::Done, later(60)], AGE), Verdict::Later(Duration::from_mins(1)));
        let old = of_message(vec![later(60), later(70)], Duration::from_hours(24));
        assert_eq!(old, Verdict::Later(Duration::from_mins(21)));
    }

    #[test]
    fn it_is_a_dead_letter_once_nothing_waits_and_something_was_given_up() {
        let steps = vec![Step::Failed("a".into()), Step::Done, Step::Failed("b".into())];
        assert_eq!(of_message(steps, AGE), Verdict::Dead("a; b".into()));
        assert_eq!(of_message(vec![Step::Done], AGE), Verdict::Done);
        assert_eq!(of_message(Vec::new(), AGE), Verdict::Done);
    }
}
