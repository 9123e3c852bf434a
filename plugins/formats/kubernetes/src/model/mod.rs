//! Resources: who they are, how they are read, and the set of them that a build works on.

mod identity;
mod load;
mod resource;
mod scope;
mod set;

pub(crate) use identity::{Gvk, Id, NO_NAMESPACE, effective};
pub(crate) use load::{load, load_bytes};
pub(crate) use resource::{Behavior, Resource};
pub(crate) use scope::Scopes;
pub(crate) use set::Set;
