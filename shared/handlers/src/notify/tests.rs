//! Telling subscribers, with a clock that is set by hand: hours of retries pass in no time.

mod disabled;
mod ends;
mod items;
mod kinds;
mod order;
mod retries;
mod side_by_side;
mod world;
