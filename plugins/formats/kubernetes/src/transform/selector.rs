//! Which resources a patch or a replacement is for: regular expressions for who they are, and selectors of labels and
//! annotations.

use regex_lite::Regex;

use super::label_selector::LabelSelector;
use crate::{
    kustomization::Selector,
    model::{Gvk, Resource, effective},
};

/// A selector, ready to be used on many resources.
pub(crate) struct Matcher {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: LabelSelector,
    annotations: LabelSelector,
}

impl Matcher {
    pub(crate) fn new(selector: &Selector) -> Result<Self, String> {
        Ok(Self {
            group: anchored(&selector.gvk.group)?,
            version: anchored(&selector.gvk.version)?,
            kind: anchored(&selector.gvk.kind)?,
            name: anchored(&selector.name)?,
            namespace: anchored(&selector.namespace)?,
            labels: LabelSelector::parse(&selector.labels)?,
            annotations: LabelSelector::parse(&selector.annotations)?,
        })
    }

    /// By the names that it has or had first.
    pub(crate) fn matches(&self, resource: &Resource) -> bool {
        let first = resource.previous.first();
        let name = first.map_or(resource.name(), |first| &first.name);
        let namespace = first.map_or(resource.effective_namespace(), |first| {
            effective(&first.namespace, false)
        });
        (fits(&self.namespace, namespace) || fits(&self.namespace, resource.effective_namespace()))
            && (fits(&self.name, name) || fits(&self.name, resource.name()))
            && self.fits_gvk(&resource.gvk())
            && self.fits_metadata(resource)
    }

    pub(crate) fn fits_who(&self, gvk: &Gvk, name: &str, namespace: &str) -> bool {
        self.fits_gvk(gvk) && fits(&self.name, name) && fits(&self.namespace, namespace)
    }

    pub(crate) fn fits_metadata(&self, resource: &Resource) -> bool {
        self.labels.matches(|key| text(resource, "labels", key))
            && self.annotations.matches(|key| text(resource, "annotations", key))
    }

    pub(crate) fn selects_who(&self) -> bool {
        [
            &self.group,
            &self.version,
            &self.kind,
            &self.name,
            &self.namespace,
        ]
        .into_iter()
        .any(Option::is_some)
    }

    pub(crate) fn selects_metadata(&self) -> bool {
        !(self.labels.is_empty() && self.annotations.is_empty())
    }

    fn fits_gvk(&self, gvk: &Gvk) -> bool {
        fits(&self.group, &gvk.group) && fits(&self.version, &gvk.version) && fits(&self.kind, &gvk.kind)
    }
}

fn text<'a>(resource: &'a Resource, field: &str, key: &str) -> Option<&'a str> {
    resource
        .root
        .at(&["metadata", field, key])
        .map(crate::yaml::Node::raw)
}

fn fits(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
}

fn anchored(pattern: &str) -> Result<Option<Regex>, String> {
    if pattern.is_empty() {
        return Ok(None);
    }
    Regex::new(&format!("^(?:{pattern})$"))
        .map(Some)
        .map_err(|error| format!("`{pattern}` is no regular expression: {error}"))
}
