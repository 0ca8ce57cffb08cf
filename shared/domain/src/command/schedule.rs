//! How long to wait. Food gets cold: a status is worth minutes of retrying, not hours.

use std::time::Duration;

/// The pauses before each question whether an accepted call was carried out, seconds. After the last one the order itself
/// is looked at.
pub const CONFIRM_DELAYS: [u64; 5] = [1, 2, 4, 8, 16];

const FIRST_RETRY: u64 = 2;
const LONGEST_RETRY: u64 = 60;

/// The pause before the call after `attempts` failed ones: 2 s, doubled, at most a minute, never less than what the other
/// system asked for (bounded to 5 minutes, so that no answer can park an order).
pub fn retry_delay(attempts: u32, retry_after: Option<Duration>) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << attempts.saturating_sub(1).min(6)).min(LONGEST_RETRY);
    let asked = retry_after.unwrap_or_default().min(Duration::from_mins(5));
    Duration::from_secs(doubled).max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

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
