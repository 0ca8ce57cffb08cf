//! What a login is known by in tables and records: a hash, so that no login is in a table's key.

use sha2::{Digest, Sha256};

/// SHA-256 over the parts that make it the same login, as hex.
pub(crate) fn of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Scheme and host without a slash at the end: it is the same address with and without.
pub(crate) fn base(url: &str) -> &str {
    url.trim().trim_end_matches('/')
}
