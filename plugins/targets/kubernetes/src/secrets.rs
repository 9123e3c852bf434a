//! Secrets in Secrets. The host puts a secret in where its token stands, but not inside base64: a value that holds a
//! token goes as text, and the API server encodes it. Plain values go as data, which others' changes are seen in. Pure.

use serde_json::{Map, Value, json};
use slipway_kubernetes_api::Manager;

const TOKEN: &str = "${secret.";

/// A Secret's values in the field that each belongs in.
pub(crate) fn sort(body: &mut Value) {
    let Some(secret) = body.as_object_mut() else {
        return;
    };
    let (mut data, mut texts) = (take(secret, "data"), take(secret, "stringData"));
    for (key, value) in std::mem::take(&mut data) {
        let text = value
            .as_str()
            .and_then(decode)
            .and_then(|bytes| String::from_utf8(bytes).ok());
        match text.filter(|text| text.contains(TOKEN)) {
            // What is said as text wins, as it does in the API.
            Some(text) => drop(texts.entry(key).or_insert(json!(text))),
            None => drop(data.insert(key, value)),
        }
    }
    for (key, value) in std::mem::take(&mut texts) {
        match value.as_str() {
            Some(text) if !text.contains(TOKEN) => drop(data.insert(key, json!(encode(text.as_bytes())))),
            _ => drop(texts.insert(key, value)),
        }
    }
    for (name, values) in [("data", data), ("stringData", texts)] {
        if !values.is_empty() {
            secret.insert(name.to_owned(), Value::Object(values));
        }
    }
}

/// Keys that were put in as text and are no longer wanted: the API server takes away data alone.
pub(crate) fn stale(managers: &[Manager], manager: &str, body: &Value) -> Vec<String> {
    let wanted = |key: &str| {
        ["data", "stringData"]
            .iter()
            .any(|field| body[field].get(key).is_some())
    };
    let own = managers.iter().filter(|found| found.name == manager);
    own.flat_map(|found| found.keys(&["stringData"]))
        .filter(|key| !wanted(key))
        .map(str::to_owned)
        .collect()
}

fn take(secret: &mut Map<String, Value>, field: &str) -> Map<String, Value> {
    match secret.remove(field) {
        Some(Value::Object(values)) => values,
        _ => Map::new(),
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .enumerate()
            .fold(0, |group, (at, byte)| group | u32::from(*byte) << (16 - 8 * at));
        for position in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * position) & 63) as usize];
            text.push(if position > chunk.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
        .collect();
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    for chunk in digits.chunks(4) {
        let mut group = 0_u32;
        for (at, byte) in chunk.iter().enumerate() {
            let value = DIGITS.iter().position(|digit| digit == byte)?;
            group |= u32::try_from(value).ok()? << (18 - 6 * at);
        }
        bytes.extend_from_slice(&group.to_be_bytes()[1..chunk.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_there_and_back() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("ÿ~?", "w79+Pw=="),
        ] {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded).unwrap(), plain.as_bytes());
        }
        assert_eq!(decode("not base64!"), None);
    }

    #[test]
    fn tokens_go_as_text_and_the_rest_as_data() {
        let url = encode(b"postgres://u:${secret.db}@h");
        let mut body = json!({ "data": { "plain": "Zm9v", "url": url }, "stringData": { "text": "foo", "token": "${secret.db}" } });
        sort(&mut body);
        assert_eq!(
            body,
            json!({ "data": { "plain": "Zm9v", "text": "Zm9v" }, "stringData": { "url": "postgres://u:${secret.db}@h", "token": "${secret.db}" } })
        );
    }
}
