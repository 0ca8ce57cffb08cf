//! The ways in which Bringg proves itself: JSON Web Tokens and access tokens of ours.
#![no_main]

use courier_fuzz::bringg_auth::run;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| run(bytes));
