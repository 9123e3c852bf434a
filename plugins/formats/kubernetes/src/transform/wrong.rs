//! The words of a transformer that cannot do what it is told.

use crate::{
    kustomization::Kustomization,
    model::Resource,
    problem::{Problem, Problems},
};

/// A transformer of a kustomization meets a resource that it cannot change.
pub(super) fn wrong(from: &Kustomization, resource: &Resource, why: String) -> Problems {
    Problem::new(&*resource.file, why)
        .at(resource.root.place)
        .key(resource.described())
        .hint(format!("{} changes it", from.file))
        .into()
}
