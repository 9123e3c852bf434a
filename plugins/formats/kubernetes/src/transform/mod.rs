//! What a kustomization does to resources, one transformer a file. They know resources and settings, not files.

mod config;
mod configuration;
mod crds;
mod field_path;
mod field_spec;
mod hash;
mod images;
mod json_patch;
mod label_selector;
mod metadata;
mod name_references;
mod names;
mod namespace;
mod patches;
mod replacements;
mod replicas;
mod selector;
mod sort;
mod structured;
mod variables;

pub(crate) use config::Config;
pub(crate) use configuration::read_configuration;
pub(crate) use crds::references_of_definitions;
pub(crate) use field_spec::FieldSpec;
pub(crate) use hash::add_hashes;
pub(crate) use images::set as set_images;
pub(crate) use json_patch::JsonPatch;
pub(crate) use metadata::{add as add_texts, label_places};
pub(crate) use name_references::mend;
pub(crate) use names::{Side, add as add_to_names};
pub(crate) use namespace::set as set_namespace;
pub(crate) use patches::{Allowed, Parsed, Patcher};
pub(crate) use replacements::replace;
pub(crate) use replicas::set as set_replicas;
pub(crate) use sort::sort;
pub(crate) use variables::{mark as mark_variables, resolve as resolve_variables};

use crate::{
    kustomization::Kustomization,
    model::Resource,
    problem::{Problem, Problems},
};

/// A transformer of a kustomization meets a resource that it cannot change.
fn wrong(from: &Kustomization, resource: &Resource, why: String) -> Problems {
    Problem::new(&*resource.file, why)
        .at(resource.root.place)
        .key(resource.described())
        .hint(format!("{} changes it", from.file))
        .into()
}
