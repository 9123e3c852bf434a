//! A text that is no YAML, or none that this reader takes.

use super::node::Place;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    pub place: Place,
    pub why: String,
}
