//! Bytes as they stand in a record: text where they are text, so that a person can read it; otherwise base64. In a
//! request only small text stands for itself, everything else is digest and size.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::{Value, json};
use slipway_model::Digest;

const INLINE: usize = 4096;

/// Bytes of an outcome: nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Binary { base64: String },
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Written::Binary {
                base64: BASE64_STANDARD.encode(&self.0),
            }
            .serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self(text.into_bytes())),
            Written::Binary { base64 } => BASE64_STANDARD.decode(base64).map(Self).map_err(D::Error::custom),
        }
    }
}

/// Bytes of a request: enough to tell two requests apart.
pub(crate) fn summary(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= INLINE => Value::from(text),
        _ => json!({ "digest": Digest::of(bytes), "size": bytes.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let written = serde_json::to_string(&Bytes(bytes.to_vec())).unwrap();
        assert_eq!(written, expected);
        assert_eq!(serde_json::from_str::<Bytes>(&written).unwrap().0, bytes);
    }

    #[test]
    fn text_is_text_and_the_rest_is_base64() {
        check(b"", r#""""#);
        check("gr\u{fc}n\n".as_bytes(), r#""grün\n""#);
        check(&[0xff, 0], r#"{"base64":"/wA="}"#);
    }

    #[test]
    fn big_or_binary_requests_are_digests() {
        assert_eq!(summary(b"small"), json!("small"));
        for bytes in [vec![0xff], vec![b'a'; INLINE + 1]] {
            assert_eq!(
                summary(&bytes),
                json!({ "digest": Digest::of(&bytes), "size": bytes.len() })
            );
        }
    }
}
