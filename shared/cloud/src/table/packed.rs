//! Values that are kept as JSON text in one attribute, not as a map: they come back exactly as they were, whatever their
//! numbers, depth and keys are (the table takes neither an empty key nor 33 levels). What is long is deflated: the table
//! charges by size and takes no item over 400 KB, and the positions of all drivers say the same words again and again.

use std::io::{Read, Write};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use courier_domain::ports::PortError;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::unavailable;

/// Texts above this many bytes are deflated.
const DEFLATE_ABOVE: usize = 4 * 1024;
/// No value is longer; more than this is not one of ours.
const LONGEST: u64 = 32 * 1024 * 1024;

/// The attribute for a value.
pub(super) fn pack<T: Serialize>(value: &T) -> Result<AttributeValue, PortError> {
    let text = serde_json::to_string(value).map_err(unavailable)?;
    if text.len() <= DEFLATE_ABOVE {
        return Ok(AttributeValue::S(text));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).map_err(unavailable)?;
    Ok(AttributeValue::B(Blob::new(encoder.finish().map_err(unavailable)?)))
}

/// The value of an attribute.
pub(super) fn unpack<T: DeserializeOwned>(
    packed: Option<&AttributeValue>,
    what: &'static str,
) -> Result<T, PortError> {
    let value = match packed {
        Some(AttributeValue::S(text)) => serde_json::from_str(text).ok(),
        Some(AttributeValue::B(bytes)) => {
            let mut text = Vec::new();
            let inflated = ZlibDecoder::new(bytes.as_ref()).take(LONGEST).read_to_end(&mut text);
            inflated.ok().and_then(|_| serde_json::from_slice(&text).ok())
        }
        _ => None,
    };
    value.ok_or(PortError::Unreadable { what })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn there_and_back(value: &Value) -> bool {
        unpack::<Value>(Some(&pack(value).unwrap()), "a value").unwrap() == *value
    }

    #[test]
    fn what_a_table_would_change_or_refuse_comes_back_as_it_was() {
        let deep = (0..60).fold(json!(1), |inner, _| json!({ "": inner }));
        for value in
            [deep, json!([1e-300, -0.0, 53.300_019_999_999_996, u64::MAX, "", {}, [], null]), json!("text")]
        {
            assert!(there_and_back(&value), "{value}");
        }
    }

    #[test]
    fn long_values_take_little_room() {
        let driver = |n: u32| json!({ "driver_id": n, "latitude": 53.35, "longitude": -6.26, "name": "" });
        let drivers = Value::Array((0..2000).map(driver).collect());
        let AttributeValue::B(bytes) = pack(&drivers).unwrap() else { panic!("not deflated") };
        assert!(bytes.as_ref().len() < drivers.to_string().len() / 5);
        assert!(there_and_back(&drivers));
    }

    #[test]
    fn what_is_damaged_is_said_to_be() {
        let broken =
            [AttributeValue::S("{".into()), AttributeValue::B(Blob::new("x")), AttributeValue::Null(true)];
        for attribute in broken.iter().map(Some).chain([None]) {
            assert_eq!(
                unpack::<Value>(attribute, "a value").unwrap_err().to_string(),
                "a value cannot be read"
            );
        }
    }
}
