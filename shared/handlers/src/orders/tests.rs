//! What becomes of events about orders, told through the functions that map and apply them.

mod applying;
mod crashes;
mod dispatching;
mod names;
mod stories;
mod waiting;
