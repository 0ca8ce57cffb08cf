//! What an order does with events, told as stories. [`story`] has the words; each other file is one concern.

mod commands;
mod dispatch;
mod events;
mod fleet;
mod implied;
mod items;
mod permutations;
mod status;
mod steps;
mod story;
mod syrve;
mod two_fleets;
