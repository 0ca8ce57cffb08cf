//! What an order does with events, told as stories. [`story`] has the words; each other file is one concern.

mod commands;
mod dispatch;
mod events;
mod fleet;
mod permutations;
mod story;
mod syrve;
