//! YAML and JSON as Kubernetes tools mean it: read into a tree with places, settled into values, printed as kustomize
//! prints. Knows nothing of resources.

mod json;
mod lines;
mod malformed;
mod merge_keys;
mod node;
mod number;
mod order;
mod print;
mod read;
mod refold;
mod resolve;
mod scalar;
mod settled;
mod shape;
mod source;
mod timestamp;
mod value;

pub(crate) use json::{json, json_indented};
pub(crate) use malformed::Malformed;
pub use node::Place;
pub(crate) use node::{Body, Entry, Map, Node};
pub(crate) use print::print;
pub(crate) use read::{documents, read};
pub(crate) use resolve::{resolve_1_1, settle};
pub(crate) use scalar::{Scalar, Style, Tag, Twin};
pub use value::Value;
