//! Bringg's report of undelivered webhooks.
#![no_main]

use std::sync::LazyLock;

use courier_fuzz::bringg_csv::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(Target::new);

fuzz_target!(|bytes: &[u8]| TARGET.run(bytes));
