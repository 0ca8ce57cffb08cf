//! When a notification is tried again: after 10 seconds, doubled each time up to 6 hours, a fifth more or less. With one
//! attempt and fifteen retries, as many as Captain.AI makes, that is 29 hours.

use std::time::Duration;

/// One attempt and fifteen retries.
pub const MOST_ATTEMPTS: u32 = 16;
const FIRST: u64 = 10;
const LONGEST: u64 = 6 * 60 * 60;

/// The pause after the `tries`th call has failed, whole milliseconds. What the endpoint asks for (`Retry-After`, seconds) is
/// kept to where it is longer, up to the longest pause. `spread` is any number of the caller's own; it decides where between
/// four and six fifths of the pause this one lies.
pub fn retry_delay(tries: u32, retry_after: Option<u64>, spread: u32) -> Duration {
    let doubled = FIRST.checked_shl(tries.saturating_sub(1)).filter(|_| tries < 32).unwrap_or(LONGEST);
    let pause = doubled.min(LONGEST);
    let spread = Duration::from_millis(pause * (800 + u64::from(spread % 401)));
    spread.max(Duration::from_secs(retry_after.unwrap_or_default().min(LONGEST)))
}
