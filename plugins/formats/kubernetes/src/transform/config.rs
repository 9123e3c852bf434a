//! Where the transformers of a kustomization change resources: the built-in places, and those that `configurations`
//! and `crds` add.

use std::{rc::Rc, sync::OnceLock};

use super::field_spec::{FieldSpec, compare, merge, parse_gvk};
use crate::{
    model::Gvk,
    tables::{FIELD_SPECS, NAME_REFERENCES, sections},
};

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Config {
    pub name_prefix: Vec<FieldSpec>,
    pub name_suffix: Vec<FieldSpec>,
    pub namespace: Vec<FieldSpec>,
    /// Of labels that selectors have too.
    pub common_labels: Vec<FieldSpec>,
    /// Of labels, beside the metadata of the resource itself.
    pub labels: Vec<FieldSpec>,
    pub template_labels: Vec<FieldSpec>,
    pub annotations: Vec<FieldSpec>,
    pub name_references: Vec<NameReferences>,
    pub variables: Vec<FieldSpec>,
    pub images: Vec<FieldSpec>,
    pub replicas: Vec<FieldSpec>,
}

/// Who names resources of a kind, and where.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NameReferences {
    pub gvk: Gvk,
    pub referrers: Vec<FieldSpec>,
}

impl Config {
    pub(crate) fn built_in() -> Self {
        static BUILT_IN: OnceLock<Config> = OnceLock::new();
        BUILT_IN.get_or_init(Self::parse_tables).clone()
    }

    /// Both; what both have is there once.
    pub(crate) fn merged(self: &Rc<Self>, other: &Rc<Self>) -> Result<Rc<Self>, String> {
        if Rc::ptr_eq(self, other) || self == other || **other == Self::default() {
            return Ok(self.clone());
        }
        if **self == Self::default() {
            return Ok(other.clone());
        }
        let mut merged = Self::clone(self);
        for (into, more) in merged.lists().into_iter().zip(Self::clone(other).lists()) {
            merge(into, more)?;
        }
        for references in &other.name_references {
            merged.add_references(references)?;
        }
        merged.sort();
        Ok(Rc::new(merged))
    }

    pub(crate) fn add_references(&mut self, references: &NameReferences) -> Result<(), String> {
        match self
            .name_references
            .iter_mut()
            .find(|known| known.gvk == references.gvk)
        {
            Some(known) => merge(&mut known.referrers, &references.referrers),
            None => {
                self.name_references.push(references.clone());
                Ok(())
            }
        }
    }

    pub(crate) fn sort(&mut self) {
        for list in self.lists() {
            list.sort_by(|a, b| compare(&a.gvk, &b.gvk));
        }
        self.name_references.sort_by(|a, b| compare(&a.gvk, &b.gvk));
    }

    fn lists(&mut self) -> [&mut Vec<FieldSpec>; 10] {
        [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.annotations,
            &mut self.variables,
            &mut self.images,
            &mut self.replicas,
        ]
    }

    fn parse_tables() -> Self {
        let mut config = Self::default();
        for (heading, lines) in sections(FIELD_SPECS) {
            let specs = lines.into_iter().filter_map(FieldSpec::parse).collect();
            match heading {
                "name-prefix" => config.name_prefix = specs,
                "name-suffix" => config.name_suffix = specs,
                "namespace" => config.namespace = specs,
                "selector-labels" => config.common_labels = specs,
                "template-labels" => config.template_labels = specs,
                "annotations" => config.annotations = specs,
                "images" => config.images = specs,
                "replicas" => config.replicas = specs,
                _ => config.variables = specs,
            }
        }
        let references = sections(NAME_REFERENCES).into_iter();
        config.name_references = references
            .map(|(heading, lines)| NameReferences {
                gvk: parse_gvk(heading),
                referrers: lines.into_iter().filter_map(FieldSpec::parse).collect(),
            })
            .collect();
        config.sort();
        config
    }
}
