//! Tables whose keys this crate does not know: a plugin's settings, an environment's values. Data, with the places it came from.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slipway_model::Span;

/// A JSON object that remembers where in deploy.toml each of its parts stands. Serialised without the places.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings {
    pub values: Map<String, Value>,
    #[serde(skip)]
    pub(crate) places: HashMap<String, Place>,
}

/// Where one key and its value stand. An element of a list has no key: both are the element.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub key: Span,
    pub value: Span,
}

impl Settings {
    /// By JSON pointer (RFC 6901); the empty pointer is the whole table. Nothing, when it was read back from JSON.
    pub fn place(&self, pointer: &str) -> Option<Place> {
        self.places.get(pointer).copied()
    }

    /// With keys of another table, which win.
    #[must_use]
    pub(crate) fn with(&self, other: &Self) -> Self {
        let mut merged = self.clone();
        for (key, value) in &other.values {
            let below = pointer("", key);
            let within = |place: &str| place == below || place.starts_with(&format!("{below}/"));
            merged.places.retain(|place, _| !within(place));
            let places = other.places.iter().filter(|(place, _)| within(place));
            merged
                .places
                .extend(places.map(|(place, at)| (place.clone(), *at)));
            merged.values.insert(key.clone(), value.clone());
        }
        merged
    }

    /// Like [`Self::place`], but the nearest enclosing part that has one.
    pub fn nearest_place(&self, pointer: &str) -> Option<Place> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.place(pointer) {
                return Some(place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }
}

/// Where they were written does not make settings different.
impl PartialEq for Settings {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

/// One more step of a JSON pointer.
pub(crate) fn pointer(parent: &str, step: &str) -> String {
    format!("{parent}/{}", step.replace('~', "~0").replace('/', "~1"))
}
