//! What becomes of events about orders, told through the functions that map and apply them.

mod applying;
mod by_hand;
mod crashes;
mod dispatching;
mod fleets;
mod mixed;
mod names;
mod stories;
mod waiting;
