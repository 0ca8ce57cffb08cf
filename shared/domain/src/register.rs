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

    /// The value held.
    pub fn get(&self) -> Option<&T> {
        self.held.as_ref().map(|held| &held.value)
    }

    /// The stamp of the value held.
    pub fn stamp(&self) -> Option<&Stamp> {
        self.held.as_ref().map(|held| &held.stamp)
    }
}
