//! Facts about Kubernetes and kustomize, as data.

mod scopes;
mod text;

pub(crate) use scopes::CLUSTER_SCOPED;
pub(crate) use text::{FIELD_SPECS, MERGE_KEYS, NAME_REFERENCES, sections};
