//! Secrets in objects: tokens that the host must find.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

/// How a secret stands in what is rendered: the host puts the real one in its place on the way out.
const TOKEN: &str = "${secret.";

/// Moves what holds a secret from `data` of a Secret, where generators have put it in base64, to `stringData`, which
/// means the same: nobody could find the token in base64, and what is in it would be the token and not the secret.
pub(super) fn reveal(object: &mut Value) {
    if object["kind"] != "Secret" || object["apiVersion"] != "v1" {
        return;
    }
    let Some(object) = object.as_object_mut() else {
        return;
    };
    let Some(Value::Object(data)) = object.get_mut("data") else {
        return;
    };
    let hidden: Vec<(String, String)> = data
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), decoded(value.as_str()?)?)))
        .filter(|(_, text)| text.contains(TOKEN))
        .collect();
    for (key, _) in &hidden {
        data.remove(key);
    }
    if data.is_empty() && !hidden.is_empty() {
        object.remove("data");
    }
    if hidden.is_empty() {
        return;
    }
    let plain = object
        .entry("stringData")
        .or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(plain) = plain {
        for (key, text) in hidden {
            // What is in both places counts where it already is plain.
            plain.entry(key).or_insert(Value::String(text));
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_are_found_in_base64() {
        let hidden = BASE64_STANDARD.encode("user:${secret.db}");
        let mut secret =
            json!({ "apiVersion": "v1", "kind": "Secret", "data": { "a": hidden, "b": "Yg==" } });
        reveal(&mut secret);
        assert_eq!(
            secret,
            json!({
                "apiVersion": "v1", "kind": "Secret",
                "data": { "b": "Yg==" }, "stringData": { "a": "user:${secret.db}" }
            })
        );
    }
}
