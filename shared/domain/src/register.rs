//! A register keeps the newest value by the sender's own clock. Offering values in any order, any number of times, ends
//! in the same value, because a [`Stamp`] orders all writes totally: by time, then by rank, then by the event's key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::EventKey;

/// When a value was true, as its sender says; what the sender cannot tell apart is told apart by rank and key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// The sender's time.
    pub at: Timestamp,
    /// The lifecycle rank, where a value has one; else 0.
    pub rank: u8,
    /// The key of the event, the last resort.
    pub key: EventKey,
}

impl Stamp {
    /// A stamp of rank 0.
    pub fn new(at: Timestamp, key: EventKey) -> Self {
        Self { at, rank: 0, key }
    }

    /// The same stamp at another rank.
    #[must_use]
    pub fn ranked(&self, rank: u8) -> Self {
        Self { rank, ..self.clone() }
    }
}

/// The newest value offered so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register<T> {
    held: Option<Held<T>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Held<T> {
    stamp: Stamp,
    value: T,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self { held: None }
    }
}

impl<T> Register<T> {
    /// Takes `value` if it is newer than what is held; says whether it did.
    pub fn offer(&mut self, stamp: &Stamp, value: T) -> bool {
        let newer = self.held.as_ref().is_none_or(|held| *stamp > held.stamp);
        if newer {
            self.held = Some(Held { stamp: stamp.clone(), value });
        }
        newer
    }

    /// Changes the value held, not its stamp: for a part of it that has a stamp of its own.
    pub(crate) fn amend(&mut self, change: impl FnOnce(&T) -> T) {
        if let Some(held) = &mut self.held {
            held.value = change(&held.value);
        }
    }

    /// The value held.
    pub fn get(&self) -> Option<&T> {
        self.held.as_ref().map(|held| &held.value)
    }

    /// The stamp of the value held.
    pub fn stamp(&self) -> Option<&Stamp> {
        self.held.as_ref().map(|held| &held.stamp)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stamp(second: i64, rank: u8, key: &str) -> Stamp {
        Stamp::new(Timestamp::from_second(second).unwrap(), key.parse().unwrap()).ranked(rank)
    }

    #[test]
    fn time_decides_before_rank_and_rank_before_the_key() {
        assert!(stamp(2, 0, "a") > stamp(1, 9, "z"));
        assert!(stamp(1, 2, "a") > stamp(1, 1, "z"));
        assert!(stamp(1, 1, "z") > stamp(1, 1, "a"));
    }

    #[test]
    fn an_equal_stamp_changes_nothing() {
        let mut register = Register::default();
        assert!(register.offer(&stamp(1, 0, "a"), "first"));
        assert!(!register.offer(&stamp(1, 0, "a"), "second"));
        assert!(!register.offer(&stamp(0, 9, "z"), "older"));
        assert_eq!((register.get(), register.stamp()), (Some(&"first"), Some(&stamp(1, 0, "a"))));
    }

    #[test]
    fn an_empty_register_holds_and_amends_nothing() {
        let mut register = Register::<u8>::default();
        register.amend(|held| held + 1);
        assert_eq!((register.get(), register.stamp()), (None, None));
    }

    #[test]
    fn amending_moves_the_value_and_not_the_stamp() {
        let mut register = Register::default();
        register.offer(&stamp(1, 0, "a"), 1);
        register.amend(|held| held + 1);
        assert_eq!((register.get(), register.stamp()), (Some(&2), Some(&stamp(1, 0, "a"))));
    }

    proptest! {
        #[test]
        fn the_newest_write_is_held_in_whatever_order_writes_come(
            writes in prop::collection::vec((0_i64..4, 0_u8..3, "[a-c]"), 1..12).prop_shuffle()
        ) {
            let stamps: Vec<_> = writes.iter().map(|(at, rank, key)| stamp(*at, *rank, key)).collect();
            let mut register = Register::default();
            for stamp in &stamps {
                register.offer(stamp, stamp.clone());
            }
            prop_assert_eq!(register.get(), stamps.iter().max());
            prop_assert_eq!(register.stamp(), stamps.iter().max());
        }
    }
}
