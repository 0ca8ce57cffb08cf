//! The text of a queued event. Large events are deflated: beyond 64 KiB a message costs more, and beyond 1 MiB it cannot
//! be sent at all.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use courier_domain::inbound::InboundEvent;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};

/// Messages above this many bytes are compressed.
const COMPRESS_ABOVE: usize = 64 * 1024;
/// The largest body, bytes: SQS takes 1 MiB with attributes, of which we leave 16 KiB.
pub const LARGEST: usize = 1024 * 1024 - 16 * 1024;
/// No event is larger than the request it came in; more than this after decompression is not one of ours.
const LARGEST_EVENT: u64 = 16 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Compressed {
    zlib: String,
}

/// The message for an event, or `None` if it does not fit even compressed.
pub fn encode(event: &InboundEvent) -> Option<String> {
    let plain = serde_json::to_string(event).ok()?;
    if plain.len() <= COMPRESS_ABOVE {
        return Some(plain);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain.as_bytes()).ok()?;
    let zlib = STANDARD.encode(encoder.finish().ok()?);
    let packed = serde_json::to_string(&Compressed { zlib }).ok()?;
    let shorter = if packed.len() < plain.len() { packed } else { plain };
    (shorter.len() <= LARGEST).then_some(shorter)
}

/// Why a message is not an event.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not the JSON we write. The parser's own words may quote what they found, which is not for a log.
    #[error("the message is not an event (line {}, column {})", .0.line(), .0.column())]
    Json(#[source] serde_json::Error),
    /// The compressed part is damaged.
    #[error("the compressed event is damaged")]
    Damaged,
}

/// The event of a message.
pub fn decode(text: &str) -> Result<InboundEvent, DecodeError> {
    if !text.starts_with("{\"zlib\"") {
        return serde_json::from_str(text).map_err(DecodeError::Json);
    }
    let packed: Compressed = serde_json::from_str(text).map_err(DecodeError::Json)?;
    let bytes = STANDARD.decode(packed.zlib).map_err(|_| DecodeError::Damaged)?;
    let mut plain = String::new();
    let mut decoder = ZlibDecoder::new(bytes.as_slice()).take(LARGEST_EVENT);
    decoder.read_to_string(&mut plain).map_err(|_| DecodeError::Damaged)?;
    serde_json::from_str(&plain).map_err(DecodeError::Json)
}

/// [`decode`] with the reason as text, as a dead letter carries it.
pub fn decode_text(text: &str) -> Result<InboundEvent, String> {
    decode(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use courier_domain::inbound::Sender;
    use serde_json::json;

    use super::*;

    fn event(note: &str) -> InboundEvent {
        InboundEvent {
            account_id: "demo".parse().unwrap(),
            sender: Sender::Syrve,
            kind: "DeliveryOrderUpdate".into(),
            key: "key".parse().unwrap(),
            subject: "order:1".into(),
            received_at: "2026-03-01T17:00:00Z".parse().unwrap(),
            body: json!({ "note": note }),
        }
    }

    /// Text that hardly compresses: letters and digits from a small generator.
    fn noise(length: usize) -> String {
        let mut state = 1_u64;
        let mut digit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from_digit((state >> 33) as u32 % 36, 36).unwrap()
        };
        (0..length).map(|_| digit()).collect()
    }

    #[test]
    fn a_small_event_is_queued_as_readable_json() {
        let text = encode(&event("hello")).unwrap();
        assert!(text.contains("\"note\":\"hello\""));
        assert_eq!(decode(&text).unwrap(), event("hello"));
    }

    #[test]
    fn an_event_of_five_megabytes_fits_when_it_compresses_and_comes_back_whole() {
        let large = event(&"pizza ".repeat(900_000));
        let text = encode(&large).unwrap();
        assert!(text.len() < LARGEST);
        assert_eq!(decode(&text).unwrap(), large);
    }

    #[test]
    fn an_event_that_does_not_fit_is_not_cut() {
        assert_eq!(encode(&event(&noise(2_500_000))), None);
    }

    #[test]
    fn a_foreign_or_damaged_message_is_an_error() {
        for text in ["", "null", "[]", "{\"zlib\":\"!\"}", "{\"zlib\":\"AAAA\"}", "{\"zlib\":5}"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
