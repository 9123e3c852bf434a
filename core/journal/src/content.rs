//! What an effect was asked and what it gave, without its large parts: these are kept beside the entry as bodies, each
//! once in a run, named by digest. So a fold reads what happened and not what was said, and whoever replays an effect
//! loads what it needs.
//!
//! The rule: every text longer than [`LARGE`] becomes a body of its own and leaves `null` in its place; if what is left
//! is still large, all of it becomes one, as JSON. It depends on the value alone, so equal values have equal contents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::Digest;

/// In bytes. Below it, reading a body costs more than carrying it.
pub const LARGE: usize = 4096;

/// By where they belong: a JSON pointer to the text that was taken out, or the empty one for everything.
pub type Bodies = BTreeMap<String, BodyRef>;

/// A value as it stands in an entry and in the status.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    pub value: Value,
    pub bodies: Bodies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRef {
    pub digest: Digest,
    pub size: u64,
}

/// The bytes that a [`BodyRef`] names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub digest: Digest,
    pub bytes: Vec<u8>,
}

/// A value, taken apart to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Parted {
    pub content: Content,
    pub bodies: Vec<Body>,
}

/// Why a value cannot be put together again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unjoinable {
    #[error("body {digest} is not what it was: it has {found}")]
    Differs { digest: Digest, found: Digest },
    #[error("body {0} is no text")]
    NotText(Digest),
    #[error("body {0} is no JSON")]
    NotJson(Digest),
    #[error("there is no place `{0}` for a body")]
    NoPlace(String),
}

impl From<Value> for Parted {
    fn from(mut value: Value) -> Self {
        let mut taken = Taken::default();
        let left = taken.texts(&mut value);
        if left > LARGE {
            let whole = std::mem::take(&mut value).to_string();
            taken.pointer.clear();
            taken.body(whole);
        }
        Self {
            content: Content {
                value,
                bodies: taken.refs,
            },
            bodies: taken.bodies,
        }
    }
}

impl Content {
    /// The value as it was, from bytes that `bodies` has asked for. They are verified.
    pub fn join(mut self, mut bytes_of: impl FnMut(&BodyRef) -> Vec<u8>) -> Result<Value, Unjoinable> {
        // The empty pointer comes first, so that there is something to put the others into.
        for (pointer, body) in &self.bodies {
            let bytes = bytes_of(body);
            let found = Digest::of(&bytes);
            if found != body.digest {
                let digest = body.digest;
                return Err(Unjoinable::Differs { digest, found });
            }
            if pointer.is_empty() {
                self.value = serde_json::from_slice(&bytes).map_err(|_| Unjoinable::NotJson(body.digest))?;
                continue;
            }
            let text = String::from_utf8(bytes).map_err(|_| Unjoinable::NotText(body.digest))?;
            let place = self.value.pointer_mut(pointer);
            *place.ok_or_else(|| Unjoinable::NoPlace(pointer.clone()))? = Value::String(text);
        }
        Ok(self.value)
    }
}

#[derive(Default)]
struct Taken {
    /// Of the value that is looked at.
    pointer: String,
    refs: Bodies,
    bodies: Vec<Body>,
}

impl Taken {
    /// Takes the large texts out; answers about how many bytes of JSON are left.
    fn texts(&mut self, value: &mut Value) -> usize {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 8,
            Value::String(text) if text.len() > LARGE && !self.pointer.is_empty() => {
                let text = std::mem::take(text);
                *value = Value::Null;
                self.body(text);
                4
            }
            Value::String(text) => text.len() + 2,
            Value::Array(items) => {
                let below = |(place, item): (usize, &mut Value)| self.below(&place.to_string(), item);
                2 + items.iter_mut().enumerate().map(below).sum::<usize>()
            }
            Value::Object(fields) => {
                let below = |(name, field): (&String, &mut Value)| name.len() + 4 + self.below(name, field);
                2 + fields.iter_mut().map(below).sum::<usize>()
            }
        }
    }

    fn below(&mut self, name: &str, value: &mut Value) -> usize {
        if !matches!(value, Value::String(_) | Value::Array(_) | Value::Object(_)) {
            return self.texts(value);
        }
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let left = self.texts(value);
        self.pointer.truncate(length);
        left
    }

    fn body(&mut self, text: String) {
        let bytes = text.into_bytes();
        let digest = Digest::of(&bytes);
        let size = bytes.len() as u64;
        self.refs.insert(self.pointer.clone(), BodyRef { digest, size });
        self.bodies.push(Body { digest, bytes });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bytes_of(bodies: &[Body]) -> impl Fn(&BodyRef) -> Vec<u8> {
        let bodies = bodies.to_vec();
        move |wanted| {
            let found = bodies.iter().find(|body| body.digest == wanted.digest);
            found.unwrap().bytes.clone()
        }
    }

    #[track_caller]
    fn check(value: Value, left: Value, pointers: &[&str]) {
        let Parted { content, bodies } = value.clone().into();
        assert_eq!(content.value, left);
        assert_eq!(content.bodies.keys().collect::<Vec<_>>(), pointers);
        assert_eq!(Parted::from(value.clone()).content, content);
        assert_eq!(content.join(bytes_of(&bodies)), Ok(value));
    }

    #[test]
    fn small_values_stay_whole() {
        for value in [json!(null), json!("x".repeat(4000)), json!({ "a": [1, "b", {}] })] {
            check(value.clone(), value, &[]);
        }
    }

    #[test]
    fn large_texts_are_taken_out_from_where_they_are() {
        let (one, other) = ("a".repeat(LARGE + 1), "ü".repeat(LARGE));
        check(
            json!({ "status": 200, "body": one }),
            json!({ "status": 200, "body": null }),
            &["/body"],
        );
        check(
            json!({ "a/b": [0, { "~": other }], "c": null }),
            json!({ "a/b": [0, { "~": null }], "c": null }),
            &["/a~1b/1/~0"],
        );
    }

    #[test]
    fn what_is_large_without_a_large_text_is_taken_as_a_whole() {
        let many: Vec<_> = (0..1000).map(|number| json!({ "number": number })).collect();
        check(json!(many), json!(null), &[""]);
        check(json!("x".repeat(LARGE)), json!(null), &[""]);
        check(
            json!({ "many": many, "text": "x".repeat(LARGE + 1) }),
            json!(null),
            &["", "/text"],
        );
    }

    #[test]
    fn equal_texts_are_one_body() {
        let text = "x".repeat(LARGE + 1);
        let effect = Parted::from(json!({ "status": 200, "body": text }));
        let call = Parted::from(json!({ "content": text, "end": true }));
        assert_eq!(effect.bodies, call.bodies);
    }

    #[test]
    fn other_bytes_are_refused() {
        let Parted { content, .. } = json!({ "a": "x".repeat(LARGE + 1) }).into();
        let joined = content.clone().join(|_| b"something else".to_vec());
        assert!(matches!(joined, Err(Unjoinable::Differs { .. })), "{joined:?}");
        let body = BodyRef {
            digest: Digest::of("x"),
            size: 1,
        };
        let of = |pointer: &str| Content {
            value: json!({}),
            bodies: [(pointer.to_owned(), body)].into(),
        };
        let found = of("/a").join(|_| b"x".to_vec());
        assert_eq!(found, Err(Unjoinable::NoPlace("/a".to_owned())));
        let found = of("").join(|_| b"x".to_vec());
        assert_eq!(found, Err(Unjoinable::NotJson(body.digest)));
    }
}
