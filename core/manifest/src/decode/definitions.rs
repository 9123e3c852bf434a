//! The parts of the JSON Schema that come out of the declarations.

use serde_json::{Map, Value, json};

/// The named parts of a JSON Schema.
#[derive(Default)]
pub(crate) struct Definitions(pub(crate) Map<String, Value>);

impl Definitions {
    /// A reference to the part, which is made when it is first asked for.
    pub(crate) fn reference(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            // Holds the place, because a part may refer to itself.
            self.0.insert(name.to_owned(), Value::Null);
            let schema = make(self);
            self.0.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}
