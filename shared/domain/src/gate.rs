//! When a call may be made: never more often than a rate allows over all processes, and not into a system that just failed
//! again and again. The state is one small record per login, shared by all processes; the decision is made here.
//!
//! The rate is kept by the generic cell rate algorithm: one number, the time from which the next call is free. With
//! `burst` calls at once and one more every `interval`, no minute holds more than `per_minute` calls, wherever it begins.
//! No published crate keeps such a rate, or a breaker, outside one process, so both are here.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Failures in a row after which calls are held back.
pub const FAILURES: u32 = 5;
/// For how long calls are held back the first time, seconds; doubled with every failure more.
const FIRST_HOLD: i64 = 5;
/// The longest time between two tries while a system is down, seconds.
const LONGEST_HOLD: i64 = 60;
/// For how long one try keeps the others back, milliseconds: longer than any call takes.
const PROBE: i64 = 30_000;
/// How long a caller is told to wait at most while a system is down: a try may show at any time that it works again.
const LOOK_AGAIN: Duration = Duration::from_secs(20);
/// How long a caller is told to wait at most while a call is tried: most calls are over by then, and if it worked, orders
/// wait no longer for a system that works again.
const TRY_SOON: Duration = Duration::from_secs(2);
/// For how long a refused login is not used. Syrve blocks logins that go on trying.
pub const REFUSED: SignedDuration = SignedDuration::from_mins(10);

/// How often calls of one group may be made with one login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In any minute.
    pub per_minute: u32,
    /// Of these, at once.
    pub burst: u32,
}

impl Rate {
    /// A rate of which a quarter may come at once.
    pub const fn per_minute(per_minute: u32) -> Self {
        let burst = per_minute / 4;
        Self { per_minute, burst: if burst == 0 { 1 } else { burst } }
    }

    /// A rate of evenly spaced calls.
    pub const fn spaced(per_minute: u32) -> Self {
        Self { per_minute, burst: 1 }
    }

    /// The time that one call takes up once the burst is used, milliseconds, rounded up.
    pub fn interval(self) -> i64 {
        let steady = self.per_minute.saturating_sub(self.burst).saturating_add(1).max(1);
        i64::from(60_000_u32.div_ceil(steady))
    }

    /// How far ahead of its time a call may be, milliseconds.
    pub fn tolerance(self) -> i64 {
        self.interval() * i64::from(self.burst.saturating_sub(1))
    }
}

/// What is stored of a group of calls, and of its login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateState {
    /// From when on the next call is in time, milliseconds since 1970.
    pub next: Option<i64>,
    /// Failures since the last success.
    pub failures: u32,
    /// Until when calls of the group are held back, milliseconds since 1970.
    pub closed_until: Option<i64>,
    /// Until when the newest try held the group back at most. While that is what holds it back, it is under way.
    pub tried_until: Option<i64>,
    /// The login was refused.
    pub refusal: Option<Refusal>,
}

/// A login that the other system does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Since when.
    pub since: Timestamp,
    /// When it is tried again.
    pub until: Timestamp,
    /// In the other system's words.
    pub words: String,
}

/// Whether a call may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// Now. `failures` is how many came before it: if any, its outcome must be reported.
    Go {
        /// Failures since the last success.
        failures: u32,
    },
    /// Now, as the one try of a login that was refused: until it is known whether it is accepted again, or half a minute
    /// is over, nobody else uses the login. Its outcome must be reported as after `Go`.
    Try {
        /// Failures since the last success.
        failures: u32,
    },
    /// Not before so long.
    Wait(Duration),
    /// Not before so long, because the login was refused.
    Refused(Duration, String),
}

/// What is to be written before a call may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing: it may not be made.
    No(Pass),
    /// The call takes its place in the rate.
    Take {
        /// The new `next`.
        next: i64,
    },
    /// The call is the one try while others are held back.
    Probe {
        /// The new `next`.
        next: i64,
        /// The new `closed_until` and `tried_until`.
        closed_until: i64,
    },
    /// The call is the one try of a login whose refusal is over, and still on record.
    TryLogin {
        /// The new `next`.
        next: i64,
        /// The new end of the refusal.
        refused_until: i64,
    },
}

impl GateState {
    /// Whether a call may be made at `now`, and what that changes.
    pub fn decide(&self, rate: Rate, now: Timestamp) -> Decision {
        let now_ms = now.as_millisecond();
        if let Some(refusal) = self.refusal.as_ref().filter(|refusal| refusal.until > now) {
            let wait = millis(refusal.until.as_millisecond() - now_ms);
            return Decision::No(Pass::Refused(wait, refusal.words.clone()));
        }
        if let Some(closed_until) = self.closed_until.filter(|until| *until > now_ms) {
            let wait = millis(closed_until - now_ms);
            let most = match self.failures {
                _ if self.tried_until == Some(closed_until) => TRY_SOON,
                FAILURES.. => LOOK_AGAIN,
                _ => Duration::MAX,
            };
            return Decision::No(Pass::Wait(wait.min(most)));
        }
        let earliest = self.next.unwrap_or(now_ms);
        let early = earliest - now_ms - rate.tolerance();
        if early > 0 {
            return Decision::No(Pass::Wait(millis(early)));
        }
        let next = earliest.max(now_ms) + rate.interval();
        if self.refusal.is_some() {
            Decision::TryLogin { next, refused_until: now_ms + PROBE }
        } else if self.failures >= FAILURES {
            Decision::Probe { next, closed_until: now_ms + PROBE }
        } else {
            Decision::Take { next }
        }
    }
}

/// Whether one failure more counts, of a call that had passed after `seen` failures. Calls that were under way together
/// fail together: once they have closed the gate, only the failure of a try keeps it closed for longer.
pub fn counts(failures: u32, seen: u32) -> bool {
    failures < FAILURES || failures == seen
}

/// For how long calls are held back after so many failures in a row, if at all.
pub fn hold(failures: u32) -> Option<SignedDuration> {
    let more = failures.checked_sub(FAILURES)?.min(8);
    Some(SignedDuration::from_secs((FIRST_HOLD << more).min(LONGEST_HOLD)))
}

fn millis(count: i64) -> Duration {
    Duration::from_millis(u64::try_from(count).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_772_000_000_000 + ms).unwrap()
    }

    /// The calls that pass when somebody tries at each of these times.
    fn passed(rate: Rate, tries: &[i64]) -> Vec<i64> {
        let mut state = GateState::default();
        let mut passed = Vec::new();
        for time in tries {
            if let Decision::Take { next } = state.decide(rate, at(*time)) {
                state.next = Some(next);
                passed.push(*time);
            }
        }
        passed
    }

    #[test]
    fn a_quarter_of_a_rate_comes_at_once_and_the_rest_evenly() {
        let rate = Rate::per_minute(100);
        let calls = passed(rate, &(0..120_000).step_by(10).collect::<Vec<_>>());
        assert_eq!(calls.iter().filter(|time| **time < 250).count(), 25);
        assert!(calls.len() > 160, "{}", calls.len());
    }

    #[test]
    fn one_call_a_minute_is_one_call_a_minute() {
        let calls = passed(Rate::per_minute(1), &(0..200_000).step_by(100).collect::<Vec<_>>());
        assert_eq!(calls, [0, 60_000, 120_000, 180_000]);
    }

    #[test]
    fn a_spaced_rate_never_has_two_at_once() {
        let calls = passed(Rate::spaced(12), &(0..21_000).step_by(100).collect::<Vec<_>>());
        assert_eq!(calls, [0, 5_000, 10_000, 15_000, 20_000]);
    }

    proptest! {
        #[test]
        fn no_minute_holds_more_than_the_rate_wherever_it_begins(
            per_minute in 1_u32..200, spaced: bool, gaps in prop::collection::vec(0_i64..900, 1..900)
        ) {
            let rate = if spaced { Rate::spaced(per_minute) } else { Rate::per_minute(per_minute) };
            let tries: Vec<_> = gaps.iter().scan(0, |time, gap| { *time += gap; Some(*time) }).collect();
            let calls = passed(rate, &tries);
            for (n, start) in calls.iter().enumerate() {
                let within = calls.iter().skip(n).take_while(|time| **time < start + 60_000).count();
                prop_assert!(within <= per_minute as usize, "{within} calls of {per_minute}");
            }
        }
    }

    #[test]
    fn after_five_failures_one_call_at_a_time_is_tried() {
        let rate = Rate::per_minute(1000);
        let mut state = GateState {
            failures: FAILURES,
            closed_until: Some(at(5_000).as_millisecond()),
            ..GateState::default()
        };
        assert_eq!(state.decide(rate, at(1_000)), Decision::No(Pass::Wait(Duration::from_secs(4))));
        let Decision::Probe { closed_until, .. } = state.decide(rate, at(5_000)) else { panic!("not tried") };
        (state.closed_until, state.tried_until) = (Some(closed_until), Some(closed_until));
        // The try holds the gate for half a minute, and most likely opens or closes it soon.
        let wait = |seconds| Decision::No(Pass::Wait(Duration::from_secs(seconds)));
        assert_eq!(state.decide(rate, at(5_001)), wait(2));
        assert_eq!(state.decide(rate, at(34_000)), wait(1));
        // It failed, and that the system asked to be left alone for longer counts for more than a try.
        state.closed_until = Some(at(36_000).as_millisecond());
        assert_eq!(state.decide(rate, at(6_000)), wait(20));
    }

    #[test]
    fn calls_that_fail_together_hold_the_gate_no_longer_than_one_that_fails_alone() {
        let after = |failures: u32, seen| failures + u32::from(counts(failures, seen));
        assert_eq!((0..12).fold(0, |failures, _| after(failures, 0)), FAILURES);
        assert_eq!(after(FAILURES, FAILURES), FAILURES + 1, "a try that failed");
        assert_eq!(after(FAILURES + 1, FAILURES), FAILURES + 1, "an older try that was heard of late");
    }

    #[test]
    fn calls_are_held_back_longer_and_longer_up_to_a_minute() {
        let holds: Vec<_> = (3..12).map(|failures| hold(failures).map(|hold| hold.as_secs())).collect();
        let [none, some] = [None, Some(60)];
        assert_eq!(holds, [none, none, Some(5), Some(10), Some(20), Some(40), some, some, some]);
        assert_eq!(hold(u32::MAX).map(|hold| hold.as_secs()), Some(60));
    }

    #[test]
    fn a_refused_login_is_not_used_for_a_while() {
        let refusal = Refusal { since: at(0), until: at(600_000), words: "blocked".into() };
        let state = GateState { refusal: Some(refusal), ..GateState::default() };
        let refused = Pass::Refused(Duration::from_secs(599), "blocked".into());
        assert_eq!(state.decide(Rate::per_minute(10), at(1_000)), Decision::No(refused));
    }

    #[test]
    fn a_login_that_was_refused_is_tried_by_one_at_a_time() {
        let refusal = |until| Some(Refusal { since: at(0), until: at(until), words: "blocked".into() });
        let rate = Rate::per_minute(10);
        let mut state = GateState { refusal: refusal(600_000), ..GateState::default() };
        let Decision::TryLogin { refused_until, .. } = state.decide(rate, at(600_000)) else {
            panic!("not tried")
        };
        assert_eq!(refused_until, at(630_000).as_millisecond());
        state.refusal = refusal(630_000);
        let refused = Pass::Refused(Duration::from_secs(30), "blocked".into());
        assert_eq!(state.decide(rate, at(600_000)), Decision::No(refused));
        // Whoever may not call for another reason does not take the try from others.
        state.closed_until = Some(at(631_000).as_millisecond());
        assert_eq!(state.decide(rate, at(630_000)), Decision::No(Pass::Wait(Duration::from_secs(1))));
    }
}
