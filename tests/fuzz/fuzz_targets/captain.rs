//! Captain.AI's webhooks.
#![no_main]

use std::sync::LazyLock;

use courier_domain::delivery::Provider;
use courier_fuzz::fleet::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| Target::new(Provider::Captain, None));

fuzz_target!(|bytes: &[u8]| TARGET.run(bytes));
