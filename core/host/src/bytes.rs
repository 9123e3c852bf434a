//! Bytes of what plugins ask and are told. An outcome keeps all of them; in a request only small text stands for itself,
//! everything else is digest and size.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_model::Digest;

const INLINE: usize = 4096;

/// Bytes of an outcome: nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Bytes(#[serde(with = "slipway_plugin::bytes")] pub(crate) Vec<u8>);

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
