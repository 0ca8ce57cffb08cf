//! Syrve's webhooks, orders and shifts.
#![no_main]

use std::sync::LazyLock;

use courier_fuzz::syrve::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(Target::new);

fuzz_target!(|bytes: &[u8]| TARGET.run(bytes));
