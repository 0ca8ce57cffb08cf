//! The line to an endpoint: how many calls are open on it, and how the last ones went. It is shared by all processes, so
//! that one endpoint that hangs holds up a few calls and not all of them.
//!
//! Failures in a row narrow it: after three one call at a time, after ten with a pause before each, ten seconds doubled up
//! to a minute. So an endpoint that is restarted in a dinner rush is not given up for the hundred events it missed. One that
//! takes its time has two calls open, and one that asks to be left alone (`Retry-After`) is. Whatever waits for the line has
//! not been tried, and is not counted as tried.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::notification::MOST_ATTEMPTS;

/// The most calls that are open at once to one endpoint.
pub const MOST_IN_FLIGHT: usize = 10;
/// The same, while calls take longer than [`SLOW`].
const MOST_IF_SLOW: usize = 2;
const SLOW: Duration = Duration::from_secs(3);
/// Failures in a row after which calls are made one at a time.
const NARROW_AFTER: u32 = 3;
/// Failures in a row after which there is a pause before each call.
const PAUSE_AFTER: u32 = 10;
const FIRST_PAUSE: i64 = 10;
const LONGEST_PAUSE: i64 = 60;
/// The longest that an endpoint is left alone because it asked for it.
const LONGEST_RESPITE: SignedDuration = SignedDuration::from_hours(1);
/// Failures in a row after which it is given up.
const MOST_FAILURES: u32 = 100;
/// The least failures after which it is given up for having failed for long: those of one event, with all its retries.
const LEAST_FAILURES: u32 = MOST_ATTEMPTS;
/// How long it must have failed for that if it never answered at all: then it may be our own network that is down.
const LEAST_SILENCE: SignedDuration = SignedDuration::from_hours(24);
/// How long it may fail before it is given up.
const LONGEST_FAILING: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Between two failures that are further apart nothing was called: that is no time of failing.
const LONGEST_GAP: SignedDuration = SignedDuration::from_hours(2 * 24);
/// How long an open call keeps its place when its process does not come back.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(25);

/// Which line: a subscription has one for each of its URLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineId {
    /// The subscription.
    pub subscription: Uuid,
    /// The URL for items, where it has one of its own.
    pub of_items: bool,
}

/// How calls to an endpoint are going.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// Open calls: what each is about, and until when it keeps its place. There is one at a time about one thing.
    pub open: BTreeMap<String, Timestamp>,
    /// Failures since the last success.
    pub failures: u32,
    /// Whether any of them was an answer.
    pub answered: bool,
    /// When the first of them was after which there was no long time without any.
    pub failing_since: Option<Timestamp>,
    /// When the last of them was.
    pub last_failed_at: Option<Timestamp>,
    /// Before this no call is made.
    pub resume_at: Option<Timestamp>,
    /// Whether the last call took long.
    pub slow: bool,
}

/// Whether a call may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Yes; it keeps its place until then.
    Taken {
        /// When its place is given to another.
        until: Timestamp,
    },
    /// Not now: a call about the same thing is open, which is over in a moment as a rule.
    Busy,
    /// Not now: as many are open as may be.
    Full,
    /// Not before a time.
    Paused(Timestamp),
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEnd {
    /// Received.
    Success {
        /// How long the call took.
        took: Duration,
    },
    /// Not received.
    Failure {
        /// How long the call took.
        took: Duration,
        /// Whether there was an answer.
        answered: bool,
        /// How long the endpoint asked to be left alone, seconds.
        retry_after: Option<u64>,
    },
    /// Not made after all.
    NotMade,
}

impl Line {
    /// Asks for a place for a call about `subject`, and takes it. Places whose time is over are given up. Replays have half
    /// of the places at most: there may be thousands of them, and what happens meanwhile is told at once.
    pub fn take(&mut self, subject: &str, is_replay: bool, now: Timestamp) -> Place {
        self.open.retain(|_, until| *until > now);
        if let Some(resume_at) = self.resume_at.filter(|at| *at > now) {
            return Place::Paused(resume_at);
        }
        if self.open.contains_key(subject) {
            return Place::Busy;
        }
        let taken = self.open.len() * if is_replay { 2 } else { 1 };
        if taken >= self.most_open() {
            return Place::Full;
        }
        let until = now + LEASE;
        self.open.insert(subject.to_owned(), until);
        Place::Taken { until }
    }

    fn most_open(&self) -> usize {
        match self {
            Self { failures: NARROW_AFTER.., .. } => 1,
            Self { slow: true, .. } => MOST_IF_SLOW,
            _ => MOST_IN_FLIGHT,
        }
    }

    /// Gives the place back and remembers how the call went.
    pub fn leave(&mut self, subject: &str, end: CallEnd, now: Timestamp) {
        self.open.remove(subject);
        match end {
            CallEnd::Success { took } => {
                let open = std::mem::take(&mut self.open);
                *self = Self { open, slow: took > SLOW, ..Self::default() };
            }
            CallEnd::Failure { took, answered, retry_after } => {
                self.failures = self.failures.saturating_add(1);
                self.answered |= answered;
                let is_recent = |last: Timestamp| now.duration_since(last) <= LONGEST_GAP;
                if !self.last_failed_at.is_some_and(is_recent) {
                    self.failing_since = Some(now);
                }
                self.last_failed_at = Some(now);
                self.slow = took > SLOW;
                let paused = self.failures.checked_sub(PAUSE_AFTER);
                let pause = |n: u32| (FIRST_PAUSE << n.min(8)).min(LONGEST_PAUSE);
                let own = paused.map(|n| SignedDuration::from_secs(pause(n)));
                let asked = retry_after.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX));
                let asked = asked.map(|seconds| SignedDuration::from_secs(seconds).min(LONGEST_RESPITE));
                self.resume_at = self.resume_at.max(own.max(asked).map(|pause| now + pause));
            }
            CallEnd::NotMade => {}
        }
    }

    /// Why it is not to be called any more, in words.
    pub fn given_up(&self, now: Timestamp) -> Option<String> {
        let failing = self.failing_since.map_or(SignedDuration::ZERO, |since| now.duration_since(since));
        if self.failures >= MOST_FAILURES && (self.answered || failing >= LEAST_SILENCE) {
            return Some(format!("{MOST_FAILURES} calls in a row failed"));
        }
        let is_over = failing >= LONGEST_FAILING && self.failures >= LEAST_FAILURES;
        is_over.then(|| "every call failed for 5 days".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(50);
    const SUCCESS: CallEnd = CallEnd::Success { took: QUICK };
    const REFUSED: CallEnd = CallEnd::Failure { took: QUICK, answered: true, retry_after: None };
    const SILENT: CallEnd = CallEnd::Failure { took: QUICK, answered: false, retry_after: None };

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn failed(times: u32) -> (Line, Timestamp) {
        failed_with(REFUSED, times)
    }

    fn failed_with(end: CallEnd, times: u32) -> (Line, Timestamp) {
        let (mut line, mut now) = (Line::default(), after(0));
        for _ in 0..times {
            now = line.resume_at.unwrap_or(now);
            assert!(matches!(line.take("a", false, now), Place::Taken { .. }));
            line.leave("a", end, now);
        }
        (line, now)
    }

    #[test]
    fn ten_calls_are_open_at_once_and_one_about_the_same_thing() {
        let mut line = Line::default();
        for n in 0..10 {
            assert!(matches!(line.take(&n.to_string(), false, after(0)), Place::Taken { .. }));
            assert_eq!(line.take(&n.to_string(), false, after(0)), Place::Busy);
        }
        assert_eq!(line.take("more", false, after(0)), Place::Full);
        line.leave("4", SUCCESS, after(1));
        assert!(matches!(line.take("more", false, after(1)), Place::Taken { .. }));
    }

    #[test]
    fn a_call_that_never_came_back_loses_its_place() {
        let mut line = Line::default();
        assert_eq!(line.take("a", false, after(0)), Place::Taken { until: after(25) });
        assert_eq!(line.take("a", false, after(24)), Place::Busy);
        assert_eq!(line.take("a", false, after(25)), Place::Taken { until: after(50) });
    }

    #[test]
    fn failures_narrow_the_line_and_a_success_opens_it() {
        let (mut line, now) = failed(3);
        assert!(matches!(line.take("a", false, now), Place::Taken { .. }));
        assert_eq!(line.take("b", false, now), Place::Full);
        line.leave("a", SUCCESS, now);
        assert_eq!(line, Line::default());
    }

    #[test]
    fn after_ten_failures_there_are_pauses_up_to_a_minute() {
        let mut waits = Vec::new();
        for times in 9..=14 {
            let (mut line, now) = failed(times);
            waits.push(match line.take("b", false, now) {
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
        let (line, now) = failed(16);
        let now = line.failing_since.unwrap_or(now);
        let days = |n: i64| now + SignedDuration::from_hours(24 * n);
        assert_eq!(line.given_up(days(5) - SignedDuration::from_secs(1)), None);
        assert_eq!(line.given_up(days(5)).as_deref(), Some("every call failed for 5 days"));
    }

    #[test]
    fn one_that_is_called_once_a_week_is_not_given_up_before_an_event_had_all_its_tries() {
        let (mut line, last) = failed(16);
        let (hour, week) = (SignedDuration::from_hours(1), last + SignedDuration::from_hours(7 * 24));
        line.leave("a", REFUSED, week);
        assert_eq!((line.given_up(week), line.failing_since, line.failures), (None, Some(week), 17));
        // From here on it fails every day.
        for day in 1..5 {
            line.leave("a", REFUSED, week + hour * (24 * day));
        }
        assert_eq!(line.given_up(week + hour * (24 * 5) - hour), None);
        assert_eq!(line.given_up(week + hour * (24 * 5)).as_deref(), Some("every call failed for 5 days"));
    }

    #[test]
    fn five_days_are_not_the_end_before_there_were_as_many_failures_as_an_event_has_tries() {
        let hours = |n: i64| after(n * 3600);
        let mut line = Line::default();
        for n in 0..15 {
            line.leave("a", REFUSED, hours(n * 10));
        }
        assert_eq!(line.given_up(hours(141)), None);
        line.leave("a", REFUSED, hours(150));
        assert_eq!(line.given_up(hours(150)).as_deref(), Some("every call failed for 5 days"));
    }

    #[test]
    fn replays_leave_half_of_the_places_to_what_happens_now() {
        let mut line = Line::default();
        let places = |line: &mut Line, subjects: std::ops::Range<u32>, is_replay| {
            let mut taken = subjects.map(|n| line.take(&n.to_string(), is_replay, after(0)));
            taken.by_ref().filter(|place| matches!(place, Place::Taken { .. })).count()
        };
        assert_eq!(places(&mut line, 0..10, true), 5);
        assert_eq!(places(&mut line, 10..20, false), 5);
        let (mut narrow, now) = failed(3);
        assert!(matches!(narrow.take("a", true, now), Place::Taken { .. }), "one place is there for both");
        assert_eq!(narrow.take("b", false, now), Place::Full);
        let mut slow = Line { slow: true, ..Line::default() };
        assert_eq!((places(&mut slow, 0..2, true), places(&mut slow, 2..4, false)), (1, 1));
    }

    #[test]
    fn a_call_that_was_not_made_says_nothing() {
        let (mut line, now) = failed(2);
        line.take("a", false, now);
        line.leave("a", CallEnd::NotMade, now);
        assert_eq!((line.failures, line.open.len()), (2, 0));
    }

    #[test]
    fn a_hundred_calls_without_any_answer_may_be_our_own_fault_for_a_day() {
        let (line, now) = failed_with(SILENT, 150);
        assert_eq!(line.given_up(now), None);
        let next_day = line.failing_since.unwrap() + SignedDuration::from_hours(24);
        assert_eq!(line.given_up(next_day).as_deref(), Some("100 calls in a row failed"));
    }

    #[test]
    fn an_endpoint_that_asks_to_be_left_alone_is_up_to_an_hour() {
        for (asked, left) in [(120, 120), (1_000_000, 3600), (u64::MAX, 3600)] {
            let mut line = Line::default();
            line.take("a", false, after(0));
            line.take("b", false, after(0));
            let busy = CallEnd::Failure { took: QUICK, answered: true, retry_after: Some(asked) };
            line.leave("a", busy, after(0));
            line.leave("b", REFUSED, after(0));
            assert_eq!(line.take("c", false, after(1)), Place::Paused(after(left)));
            assert!(matches!(line.take("c", false, after(left)), Place::Taken { .. }));
        }
    }

    #[test]
    fn an_endpoint_that_takes_its_time_has_two_calls_open() {
        let mut line = Line::default();
        line.take("a", false, after(0));
        line.leave("a", CallEnd::Success { took: Duration::from_secs(4) }, after(4));
        let places = ["a", "b", "c"].map(|subject| line.take(subject, false, after(4)));
        assert_eq!(places[2], Place::Full);
        assert!(matches!(places[1], Place::Taken { .. }));
        line.leave("a", SUCCESS, after(5));
        assert!(matches!(line.take("c", false, after(5)), Place::Taken { .. }));
    }
}
