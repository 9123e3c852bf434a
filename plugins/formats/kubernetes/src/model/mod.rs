//! Resources: who they are, how they are read, and the set of them that a build works on.

mod identity;
mod load;
mod resource;
mod scope;
mod set;

pub use identity::{Gvk, Id, NO_NAMESPACE, effective};
pub use load::{load, load_bytes};
pub use resource::{Behavior, Previous, Resource};
pub use scope::Scopes;
pub use set::Set;
