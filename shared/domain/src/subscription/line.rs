//! The line to a subscription: how many calls are open on it, and how the last ones went. It is shared by all processes, so
//! that one endpoint that hangs holds up a few calls and not all of them.
//!
//! Failures in a row narrow it: after three one call at a time, after ten with a pause before each, ten seconds doubled up
//! to a minute. So an endpoint that is restarted in a dinner rush is not given up for the hundred events it missed, and one
//! that hangs costs one process. Whatever waits for the line has not been tried, and is not counted as tried.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The most calls that are open at once to one subscription.
pub const MOST_IN_FLIGHT: usize = 10;
/// Failures in a row after which calls are made one at a time.
const NARROW_AFTER: u32 = 3;
/// Failures in a row after which there is a pause before each call.
const PAUSE_AFTER: u32 = 10;
const FIRST_PAUSE: i64 = 10;
const LONGEST_PAUSE: i64 = 60;
/// Failures in a row after which it is disabled.
const MOST_FAILURES: u32 = 100;
/// How long it may fail before it is disabled.
const LONGEST_FAILING: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How long an open call keeps its place when its process does not come back.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(25);

/// How calls to a subscription are going.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// Open calls: what each is about, and until when it keeps its place. There is one at a time about one thing.
    pub open: BTreeMap<String, Timestamp>,
    /// Failures since the last success.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// Before this no call is made.
    pub resume_at: Option<Timestamp>,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Yes; it keeps its place until then.
    Taken {
        /// When its place is given to another.
        until: Timestamp,
    },
    /// Not now: as many are open as may be, or one about the same thing.
    Full,
    /// Not before a time.
    Paused(Timestamp),
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// Received.
    Success,
    /// Not received.
    Failure,
    /// Not made after all.
    NotMade,
}

impl Line {
    /// Asks for a place for a call about `subject`, and takes it. Places whose time is over are given up.
    pub fn take(&mut self, subject: &str, now: Timestamp) -> Place {
        self.open.retain(|_, until| *until > now);
        if let Some(resume_at) = self.resume_at.filter(|at| *at > now) {
            return Place::Paused(resume_at);
        }
        let most = if self.failures >= NARROW_AFTER { 1 } else { MOST_IN_FLIGHT };
        if self.open.len() >= most || self.open.contains_key(subject) {
            return Place::Full;
        }
        let until = now + LEASE;
        self.open.insert(subject.to_owned(), until);
        Place::Taken { until }
    }

    /// Gives the place back and remembers how the call went.
    pub fn leave(&mut self, subject: &str, end: CallEnd, now: Timestamp) {
        self.open.remove(subject);
        match end {
            CallEnd::Success => {
                (self.failures, self.failing_since, self.resume_at) = (0, None, None);
            }
            CallEnd::Failure => {
                self.failures = self.failures.saturating_add(1);
                self.failing_since.get_or_insert(now);
                let paused = self.failures.checked_sub(PAUSE_AFTER);
                let pause = |n: u32| (FIRST_PAUSE << n.min(8)).min(LONGEST_PAUSE);
                self.resume_at = paused.map(|n| now + SignedDuration::from_secs(pause(n)));
            }
            CallEnd::NotMade => {}
        }
    }

    /// Why it is not to be called any more, in words.
    pub fn given_up(&self, now: Timestamp) -> Option<String> {
        if self.failures >= MOST_FAILURES {
            return Some(format!("{MOST_FAILURES} calls in a row failed"));
        }
        let since = self.failing_since.filter(|since| now.duration_since(*since) >= LONGEST_FAILING);
        since.map(|_| "every call failed for 5 days".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn failed(times: u32) -> (Line, Timestamp) {
        let (mut line, mut now) = (Line::default(), after(0));
        for _ in 0..times {
            now = line.resume_at.unwrap_or(now);
            assert!(matches!(line.take("a", now), Place::Taken { .. }));
            line.leave("a", CallEnd::Failure, now);
        }
        (line, now)
    }

    #[test]
    fn ten_calls_are_open_at_once_and_one_about_the_same_thing() {
        let mut line = Line::default();
        for n in 0..10 {
            assert!(matches!(line.take(&n.to_string(), after(0)), Place::Taken { .. }));
            assert_eq!(line.take(&n.to_string(), after(0)), Place::Full);
        }
        assert_eq!(line.take("more", after(0)), Place::Full);
        line.leave("4", CallEnd::Success, after(1));
        assert!(matches!(line.take("more", after(1)), Place::Taken { .. }));
    }

    #[test]
    fn a_call_that_never_came_back_loses_its_place() {
        let mut line = Line::default();
        assert_eq!(line.take("a", after(0)), Place::Taken { until: after(25) });
        assert_eq!(line.take("a", after(24)), Place::Full);
        assert_eq!(line.take("a", after(25)), Place::Taken { until: after(50) });
    }

    #[test]
    fn failures_narrow_the_line_and_a_success_opens_it() {
        let (mut line, now) = failed(3);
        assert!(matches!(line.take("a", now), Place::Taken { .. }));
        assert_eq!(line.take("b", now), Place::Full);
        line.leave("a", CallEnd::Success, now);
        assert_eq!(line, Line::default());
    }

    #[test]
    fn after_ten_failures_there_are_pauses_up_to_a_minute() {
        let mut waits = Vec::new();
        for times in 9..=14 {
            let (mut line, now) = failed(times);
            waits.push(match line.take("b", now) {
                Place::Paused(until) => until.duration_since(now).as_secs(),
                _ => 0,
            });
        }
        assert_eq!(waits, [0, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_hundred_failures_or_five_days_are_the_end() {
        let (line, now) = failed(99);
        assert_eq!(line.given_up(now), None);
        let (line, now) = failed(100);
        assert_eq!(line.given_up(now).as_deref(), Some("100 calls in a row failed"));
        let (line, now) = failed(1);
        let days = |n: i64| now + SignedDuration::from_hours(24 * n);
        assert_eq!(line.given_up(days(5) - SignedDuration::from_secs(1)), None);
        assert_eq!(line.given_up(days(5)).as_deref(), Some("every call failed for 5 days"));
    }

    #[test]
    fn a_call_that_was_not_made_says_nothing() {
        let (mut line, now) = failed(2);
        line.take("a", now);
        line.leave("a", CallEnd::NotMade, now);
        assert_eq!((line.failures, line.open.len()), (2, 0));
    }
}
