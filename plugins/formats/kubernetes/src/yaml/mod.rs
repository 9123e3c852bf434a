//! YAML and JSON as Kubernetes tools mean it: read into a tree with places, settled into values, printed as kustomize
//! prints. Knows nothing of resources.

mod json;
mod lines;
mod merge_keys;
mod node;
mod number;
mod order;
mod print;
mod read;
mod refold;
mod resolve;
mod shape;
mod timestamp;
mod value;

pub use json::{json, json_indented};
pub use node::{Body, Entry, Map, Node, Place, Scalar, Style, Tag, Twin};
pub use print::print;
pub use read::{Malformed, documents, read};
pub use resolve::{resolve_1_1, settle};
pub use value::{Unsettled, Value};
