//! What a kustomization is made of.

use std::collections::BTreeMap;

use crate::{model::Gvk, yaml::Place};

#[derive(Debug, Default)]
pub(crate) struct Kustomization {
    /// The file it was read from.
    pub file: String,
    pub is_component: bool,
    pub name_prefix: String,
    pub name_suffix: String,
    pub namespace: String,
    pub common_labels: BTreeMap<String, String>,
    pub labels: Vec<Labels>,
    pub common_annotations: BTreeMap<String, String>,
    pub strategic_patches: Vec<Located<String>>,
    pub json_patches: Vec<Patch>,
    pub patches: Vec<Patch>,
    pub images: Vec<Image>,
    pub replacements: Vec<ReplacementSource>,
    pub replicas: Vec<Replicas>,
    pub variables: Vec<Variable>,
    pub sort_options: Option<SortOptions>,
    pub resources: Vec<Located<String>>,
    pub components: Vec<Located<String>>,
    pub crds: Vec<Located<String>>,
    pub config_maps: Vec<Generator>,
    pub secrets: Vec<Generator>,
    pub configurations: Vec<Located<String>>,
    pub build_metadata: Vec<String>,
    pub openapi: Option<OpenApi>,
}

/// Something with its place and what leads to it, for messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Located<T> {
    pub value: T,
    pub place: Place,
    pub key: String,
}

#[derive(Debug, Default)]
pub(crate) struct Labels {
    pub pairs: BTreeMap<String, String>,
    pub include_selectors: bool,
    pub include_templates: bool,
    pub fields: Vec<FieldSpecWritten>,
    pub place: Place,
    pub key: String,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct FieldSpecWritten {
    pub gvk: Gvk,
    pub path: String,
    pub create: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Patch {
    pub path: String,
    pub text: String,
    pub target: Option<Selector>,
    pub allow_name_change: bool,
    pub allow_kind_change: bool,
    pub place: Place,
    pub key: String,
}

/// Regular expressions, all of which have to match; empty ones match anything.
#[derive(Debug, Default, Clone)]
pub(crate) struct Selector {
    pub gvk: Gvk,
    pub name: String,
    pub namespace: String,
    pub labels: String,
    pub annotations: String,
}

#[derive(Debug, Default)]
pub(crate) struct Image {
    pub name: String,
    pub new_name: String,
    pub new_tag: String,
    pub tag_suffix: String,
    pub digest: String,
    pub place: Place,
    pub key: String,
}

#[derive(Debug, Default)]
pub(crate) struct Replicas {
    pub name: String,
    pub count: i64,
    pub place: Place,
    pub key: String,
}

#[derive(Debug)]
pub(crate) enum ReplacementSource {
    Inline(Box<Replacement>),
    /// In a file of its own.
    File(Located<String>),
}

#[derive(Debug, Default)]
pub(crate) struct Replacement {
    pub source: Option<Source>,
    pub source_value: Option<String>,
    pub targets: Vec<Target>,
    pub place: Place,
    pub key: String,
}

#[derive(Debug, Default)]
pub(crate) struct Source {
    pub gvk: Gvk,
    pub name: String,
    pub namespace: String,
    pub field_path: String,
    pub options: Option<FieldOptions>,
}

#[derive(Debug, Default)]
pub(crate) struct Target {
    pub select: Option<Selector>,
    pub reject: Vec<Selector>,
    pub field_paths: Vec<String>,
    pub options: Option<FieldOptions>,
}

#[derive(Debug, Default)]
pub(crate) struct FieldOptions {
    pub delimiter: String,
    pub index: i64,
    pub create: bool,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Variable {
    pub name: String,
    pub gvk: Gvk,
    pub object: String,
    pub namespace: String,
    pub field_path: String,
    pub place: Place,
    pub key: String,
}

#[derive(Debug)]
pub(crate) struct SortOptions {
    pub order: Order,
}

#[derive(Debug)]
pub(crate) enum Order {
    AsTheyCame,
    /// Without lists, as kustomize has it.
    ByKind {
        first: Option<Vec<String>>,
        last: Option<Vec<String>>,
    },
}

#[derive(Debug, Default)]
pub(crate) struct Generator {
    pub name: String,
    pub namespace: String,
    pub behavior: String,
    pub literals: Vec<String>,
    pub files: Vec<String>,
    pub envs: Vec<String>,
    /// Of a Secret.
    pub kind: String,
    pub options: GeneratorOptions,
    pub place: Place,
    pub key: String,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct GeneratorOptions {
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub disable_name_suffix_hash: bool,
    pub immutable: bool,
}

#[derive(Debug)]
pub(crate) struct OpenApi {
    pub path: Option<String>,
    pub version: Option<String>,
    pub place: Place,
}
