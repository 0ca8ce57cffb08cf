//! Bringg's webhooks.
#![no_main]

use std::sync::LazyLock;

use courier_domain::delivery::Provider;
use courier_fuzz::fleet::Target;
use courier_fuzz::input::Secrets;
use libfuzzer_sys::fuzz_target;

const SECRETS: Secrets = Secrets::Anywhere(&[
    "access_token",
    "confirmation_code",
    "encrypted_password",
    "push_token",
    "reset_password_token",
    "salt",
    "email",
    "contacts",
]);

static TARGET: LazyLock<Target> = LazyLock::new(|| Target::new(Provider::Bringg, Some(SECRETS)));

fuzz_target!(|bytes: &[u8]| TARGET.run(bytes));
