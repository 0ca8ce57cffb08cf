//! Signatures after Standard Webhooks 1.0.0, made by its own library. While a key is being replaced, a call is signed with
//! both, so that a receiver may change over at any moment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use courier_domain::ports::SubscriberCall;
use courier_domain::secret::Secret;
use sha2::{Digest, Sha256};
use standardwebhooks::Webhook;
use uuid::Uuid;

/// How a key begins that is written down.
const PREFIX: &str = "whsec_";

/// Bytes of a key, as the standard has them.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A new key: 32 random bytes. They are a hash over more randomness than they hold, since a UUID, which has it from the
/// operating system, is not random in every bit.
pub fn new_signing_secret() -> Secret {
    let mut hash = Sha256::new();
    for _ in 0..3 {
        hash.update(Uuid::new_v4());
    }
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(hash.finalize())))
}

/// What stands in `webhook-signature`, unless a key is none, no key is given, or the body is no text.
pub(super) fn signatures(call: &SubscriberCall<'_>) -> Option<String> {
    let sign = |key: &&Secret| webhook(key)?.sign(call.webhook_id, call.at.as_second(), call.body).ok();
    let signatures = call.signing.iter().map(sign).collect::<Option<Vec<_>>>()?;
    (!signatures.is_empty()).then(|| signatures.join(" "))
}

/// The library takes a key without its prefix and of any length, even none, which would sign with what everybody knows.
fn webhook(key: &Secret) -> Option<Webhook> {
    let bytes = STANDARD.decode(key.expose().strip_prefix(PREFIX)?).ok()?;
    KEY_BYTES.contains(&bytes.len()).then_some(bytes).and_then(|bytes| Webhook::from_bytes(bytes).ok())
}
