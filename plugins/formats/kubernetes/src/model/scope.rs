//! Which kinds live in no namespace.

use std::collections::HashMap;

use crate::tables::CLUSTER_SCOPED;

/// The published kinds, and those of a schema that a kustomization brings.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    /// By `apiVersion` and kind: is it in a namespace?
    extra: HashMap<(String, String), bool>,
}

impl Scopes {
    pub(crate) fn is_cluster_scoped(&self, api_version: &str, kind: &str) -> bool {
        if CLUSTER_SCOPED.contains(&(api_version, kind)) {
            return true;
        }
        if self.extra.is_empty() {
            return false;
        }
        let key = (api_version.to_owned(), kind.to_owned());
        self.extra.get(&key).is_some_and(|namespaced| !namespaced)
    }

    /// A kind is in a namespace if any path to it is.
    pub(crate) fn add(&mut self, api_version: String, kind: String, namespaced: bool) {
        let known = self.extra.entry((api_version, kind)).or_default();
        *known |= namespaced;
    }
}
