//! Bytes as they stand in a record: text where they are text, so that a person can read it and a journal keeps it like
//! any other text; otherwise base64. Nothing is lost. For `#[serde(with = "...")]`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Binary { base64: String },
}

pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serializer.serialize_str(text),
        Err(_) => Written::Binary {
            base64: BASE64_STANDARD.encode(bytes),
        }
        .serialize(serializer),
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    match Written::deserialize(deserializer)? {
        Written::Text(text) => Ok(text.into_bytes()),
        Written::Binary { base64 } => BASE64_STANDARD.decode(base64).map_err(D::Error::custom),
    }
}

#[cfg(test)]
mod tests {
    use crate::LogChunk;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let chunk = LogChunk {
            content: bytes.to_vec(),
            next: "7".to_owned(),
            end: true,
        };
        let written = serde_json::to_string(&chunk).unwrap();
        assert_eq!(
            written,
            format!(r#"{{"content":{expected},"next":"7","end":true}}"#)
        );
        assert_eq!(serde_json::from_str::<LogChunk>(&written).unwrap(), chunk);
    }

    #[test]
    fn text_is_text_and_the_rest_is_base64() {
        check(b"", r#""""#);
        check("gr\u{fc}n\n".as_bytes(), r#""grün\n""#);
        check(&[0xff, 0], r#"{"base64":"/wA="}"#);
    }
}
