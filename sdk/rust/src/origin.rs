//! Where the values of a rendered file came from, when the file is laid out as the settings are.

use serde_json::Value;

use crate::Origin;

/// One origin for each value of `document` that `settings` holds at the same place. What the settings do not hold
/// is a default of the plugin and has none.
pub fn origins(file: &str, document: &Value, settings: &Value) -> Vec<Origin> {
    let mut found = Vec::new();
    walk(file, document, settings, String::new(), &mut found);
    found
}

fn walk(file: &str, document: &Value, settings: &Value, pointer: String, found: &mut Vec<Origin>) {
    let below = |key: &str| format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
    match (document, settings) {
        (Value::Object(document), Value::Object(settings)) if !document.is_empty() => {
            for (key, value) in document {
                if let Some(setting) = settings.get(key) {
                    walk(file, value, setting, below(key), found);
                }
            }
        }
        (Value::Array(document), Value::Array(settings)) if !document.is_empty() => {
            for (index, (value, setting)) in document.iter().zip(settings).enumerate() {
                walk(file, value, setting, below(&index.to_string()), found);
            }
        }
        _ => found.push(Origin {
            file: file.to_owned(),
            setting: pointer.clone(),
            pointer,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_value_that_was_set_has_its_origin() {
        let settings = json!({ "command": ["a", "b"], "env": { "A/B": 1 }, "unused": 1 });
        let document = json!({ "command": ["a", "b"], "env": { "A/B": "1" }, "default": true });
        let found = origins("f", &document, &settings);
        let pointers: Vec<_> = found.iter().map(|origin| origin.pointer.as_str()).collect();
        assert_eq!(pointers, ["/command/0", "/command/1", "/env/A~1B"]);
        assert!(
            found
                .iter()
                .all(|origin| origin.pointer == origin.setting && origin.file == "f")
        );
    }
}
