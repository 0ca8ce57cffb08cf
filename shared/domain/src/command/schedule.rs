//! How long to wait. Food gets cold: a status is worth minutes of retrying, not hours.

use std::time::Duration;

/// The pauses before each question whether an accepted call was carried out, seconds. After the last one the order itself
/// is looked at.
pub const CONFIRM_DELAYS: [u64; 5] = [1, 2, 4, 8, 16];

const FIRST_RETRY: u64 = 2;
/// Longer than a gate is closed for ([`crate::gate::hold`]), and not by a little: a call that always fails would else come
/// back just when one may be tried, time and again, and be that one instead of the others.
const LONGEST_RETRY: u64 = 90;
/// From this pause on, calls that failed together come back apart.
const SPREAD_FROM: Duration = Duration::from_mins(1);
/// Over how many seconds.
const SPREAD: u32 = 15;
/// A person may open the gate at any time.
const LONGEST_HOLD: Duration = Duration::from_secs(30);
/// Who is held back for longer than this waits in a crowd.
pub(super) const A_CROWD: Duration = Duration::from_mins(1);
/// The shortest pause of those who can wait, seconds.
const PATIENCE: u32 = 120;

/// The pause before the call after `attempts` failed ones: 2 s, doubled, at most a minute and a half, never less than what
/// the other system asked for (bounded to 5 minutes, so that no answer can park an order).
pub fn retry_delay(attempts: u32, retry_after: Option<Duration>) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << attempts.saturating_sub(1).min(6)).min(LONGEST_RETRY);
    let asked = retry_after.unwrap_or_default().min(Duration::from_mins(5));
    Duration::from_secs(doubled).max(asked)
}

/// What is added to a pause before a call, so that those that failed together do not come back together. `spread` is any
/// number of the caller's own.
pub(super) fn spread_of(delay: Duration, spread: u32) -> Duration {
    let most = if delay < SPREAD_FROM { 0 } else { SPREAD };
    Duration::from_secs((spread % (most + 1)).into())
}

/// The pause of a call that may not be made for `after`, the `held`th time in a row: at least that, in whole seconds, and
/// longer the more often it was told so, up to half a minute. Who waits for a free place in a rate waits for the same one
/// as all others; `spread`, any number of the caller's own, keeps them from coming back together.
pub fn held_delay(held: u32, after: Duration, spread: u32) -> Duration {
    let most = 1 << held.min(5);
    let own = most / 2 + spread % (most / 2 + 1);
    Duration::from_secs((after.as_secs() + 1).max(own.into())).min(LONGEST_HOLD)
}

/// The same for one that has `waited` for so long: about as long again.
pub(super) fn waiting_delay(waited: Duration, after: Duration, spread: u32) -> Duration {
    let held = waited.as_secs().max(1).ilog2() + 1;
    held_delay(held, after, spread)
}

/// The pause of a call that may not be made and that nobody waits for: two to four minutes.
pub(super) fn patient_delay(spread: u32) -> Duration {
    Duration::from_secs((PATIENCE + spread % (PATIENCE + 1)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_held_back_again_and_again_comes_less_often_and_not_with_the_others() {
        let waits = |after, spread| {
            let after = Duration::from_secs(after);
            (1..=7).map(|held| held_delay(held, after, spread).as_secs()).collect::<Vec<_>>()
        };
        assert_eq!(waits(0, 0), [1, 2, 4, 8, 16, 16, 16]);
        assert_eq!(waits(0, 1), [2, 3, 5, 9, 17, 17, 17]);
        assert_eq!(waits(6, 0), [7, 7, 7, 8, 16, 16, 16]);
        assert_eq!(waits(600, 3), [30; 7]);
        let together: std::collections::BTreeSet<_> =
            (0..100).map(|spread| held_delay(5, Duration::ZERO, spread)).collect();
        assert!(together.len() >= 15, "{}", together.len());
    }

    #[test]
    fn who_has_waited_long_comes_less_often() {
        let mut waited = Duration::ZERO;
        let waits: Vec<_> = (0..7)
            .map(|_| {
                let wait = waiting_delay(waited, Duration::ZERO, 1);
                waited += wait;
                wait.as_secs()
            })
            .collect();
        assert_eq!(waits, [2, 3, 5, 9, 17, 17, 17]);
        assert_eq!(waiting_delay(Duration::from_hours(24), Duration::ZERO, 0).as_secs(), 16);
        assert_eq!(waiting_delay(Duration::ZERO, Duration::from_secs(6), 0).as_secs(), 7);
    }

    #[test]
    fn who_can_wait_comes_back_after_minutes_and_not_with_the_others() {
        let waits: std::collections::BTreeSet<_> =
            (0..1000).map(|spread| patient_delay(spread).as_secs()).collect();
        assert_eq!((waits.first(), waits.last(), waits.len()), (Some(&120), Some(&240), 121));
    }

    #[test]
    fn retries_wait_longer_and_longer_up_to_a_minute_and_a_half() {
        let waits: Vec<_> = (1..=8).map(|n| retry_delay(n, None).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 90, 90]);
        assert_eq!(retry_delay(u32::MAX, None).as_secs(), 90);
    }

    #[test]
    fn long_pauses_are_not_the_same_for_all() {
        let most = |delay| (0..100).map(|n| spread_of(Duration::from_secs(delay), n).as_secs()).max();
        assert_eq!([2, 32, 64, 90].map(most), [Some(0), Some(0), Some(15), Some(15)]);
    }

    #[test]
    fn what_the_other_system_asks_for_is_honoured_within_bounds() {
        assert_eq!(retry_delay(1, Some(Duration::from_secs(30))).as_secs(), 30);
        assert_eq!(retry_delay(1, Some(Duration::from_secs(1))).as_secs(), 2);
        assert_eq!(retry_delay(1, Some(Duration::from_hours(24))).as_secs(), 300);
    }
}
