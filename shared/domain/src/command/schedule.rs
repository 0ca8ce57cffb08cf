//! How long to wait. Food gets cold: a status is worth minutes of retrying, not hours.

use std::time::Duration;

/// The pauses before each question whether an accepted call was carried out, seconds. After the last one the order itself
/// is looked at.
pub const CONFIRM_DELAYS: [u64; 5] = [1, 2, 4, 8, 16];

const FIRST_RETRY: u64 = 2;
const LONGEST_RETRY: u64 = 60;
/// A person may open the gate at any time.
const LONGEST_HOLD: Duration = Duration::from_secs(30);

/// The pause before the call after `attempts` failed ones: 2 s, doubled, at most a minute, never less than what the other
/// system asked for (bounded to 5 minutes, so that no answer can park an order).
pub fn retry_delay(attempts: u32, retry_after: Option<Duration>) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << attempts.saturating_sub(1).min(6)).min(LONGEST_RETRY);
    let asked = retry_after.unwrap_or_default().min(Duration::from_mins(5));
    Duration::from_secs(doubled).max(asked)
}

/// The pause of a call that may not be made for `after`, the `held`th time in a row: at least that, in whole seconds, and
/// longer the more often it was told so, up to half a minute. Who waits for a free place in a rate waits for the same one
/// as all others; `spread`, any number of the caller's own, keeps them from coming back together.
pub fn held_delay(held: u32, after: Duration, spread: u32) -> Duration {
    let most = 1 << held.min(5);
    let own = most / 2 + spread % (most / 2 + 1);
    Duration::from_secs((after.as_secs() + 1).max(own.into())).min(LONGEST_HOLD)
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
    fn retries_wait_longer_and_longer_up_to_a_minute() {
        let waits: Vec<_> = (1..=8).map(|n| retry_delay(n, None).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(retry_delay(u32::MAX, None).as_secs(), 60);
    }

    #[test]
    fn what_the_other_system_asks_for_is_honoured_within_bounds() {
        assert_eq!(retry_delay(1, Some(Duration::from_secs(30))).as_secs(), 30);
        assert_eq!(retry_delay(1, Some(Duration::from_secs(1))).as_secs(), 2);
        assert_eq!(retry_delay(1, Some(Duration::from_hours(24))).as_secs(), 300);
    }
}
